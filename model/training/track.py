"""A real target through a sequence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.images import Frame
from model.training.cutouts import Cutout


@dataclass(frozen=True)
class Track:
    """A real target through a sequence."""

    name: str
    frames: Sequence[Frame]
    """In memory, or decoded when asked for (`readers.frames.LazyFrames`)."""
    boxes: NDArray[np.float64]
    """`(N, 4)` x, y, w, h; nan where the target is absent."""
    cutouts: list[Cutout]
    """Of the target, in order of time; empty without masks."""

    @property
    def seen(self) -> NDArray[np.int64]:
        """Indices of frames that show the target."""
        return np.flatnonzero(np.isfinite(self.boxes).all(1) & (self.boxes[:, 2:] > 2).all(1))
