"""What is to be shown at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.core.overlay import Mark
from app.core.player.document import DocumentState
from app.core.sources.base import Health, SourceFrame, SourceInfo
from app.core.studio.status import RecordingStatus
from model.geometry import Box
from model.images import Frame
from model.results import Attention


class Playback(StrEnum):
    """What the player is at."""

    OPENING = "opening"
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True)
class Span:
    """The frames one can go to."""

    first: int
    last: int | None
    """None where it is not known."""
    times_s: NDArray[np.float64] | None = None
    """`(last - first + 1,)` seconds; None where they are not known (yet)."""


@dataclass(frozen=True)
class SlotView:
    """One frame in a target's memory."""

    slot: int
    frame_time_s: float
    score: float
    pinned: bool
    share: float
    """Share of attention that the last step gave it, 0..1."""
    thumbnail: Frame
    """`(size, size, 3)` RGB."""


@dataclass(frozen=True)
class Response:
    """How strongly the network answers in a search region."""

    map: NDArray[np.float32]
    """`(G, G)` 0..1."""
    region: Box
    """In pixels of the frame."""


@dataclass(frozen=True)
class Work:
    """Re-tracking of one target in the background."""

    target: int
    kind: str
    """`forwards` or `backwards`."""
    done: int
    total: int
    """Frames."""
    start: int | None = None
    """Number of the frame it goes from; None where it is not told."""


@dataclass(frozen=True)
class Snapshot:
    """What is to be shown now. A box belongs to the frame it comes with."""

    playback: Playback = Playback.OPENING
    info: SourceInfo | None = None
    frame: SourceFrame | None = None
    marks: tuple[Mark, ...] = ()
    """One per target that is somewhere in this frame, in order of id."""
    tracker: str = ""
    """Preset and device, as `nano on cpu`; empty while the model loads."""
    rate: float = 0.0
    """Tracker updates within the last second."""
    dropped: int = 0
    """Frames of a live source that were left out to keep up."""
    health: Health = Health.OK
    """How the source is: of a live one, whether its pictures can be trusted."""
    edge: bool = True
    """Of a live source, whether the newest frame is shown; True of files."""
    span: Span | None = None
    """The frames one can go to; of a live source those it still remembers."""
    speed: float = 1.0
    loop: bool = False
    memory: Mapping[int, tuple[SlotView, ...]] = field(default_factory=dict)
    """Frames in the memory of each target."""
    search: Mapping[int, Box] = field(default_factory=dict)
    """Region that was searched last for each target, pixels of the frame."""
    responses: Mapping[int, Response] = field(default_factory=dict)
    """Only while asked for."""
    attention: Attention | None = None
    """What the last step looked at for the target that was asked for; else None."""
    latency_s: float = 0.0
    """From arrival (live) or due time (files) of the frame to this snapshot, seconds."""
    work: tuple[Work, ...] = ()
    """What goes on in the background."""
    recording: RecordingStatus | None = None
    document: DocumentState = field(default_factory=DocumentState)
