"""What travels from the thread that tracks to the thread that encodes."""

from dataclasses import dataclass

from app.core.overlay import Mark
from model.images import Frame


@dataclass(frozen=True)
class QueuedFrame:
    """A frame on its way to the file."""

    tick: int
    """When it is shown, ticks of the recording from its first frame on."""
    rgb: Frame
    """`(H, W, 3)` uint8, without boxes."""
    marks: tuple[Mark, ...] = ()
    """What to draw on it."""
