"""Where in its source a snapshot stands. Pure; no Qt."""

from dataclasses import dataclass

from app.core.player.snapshot import Snapshot
from app.ui.transport.stamps import Stamps


@dataclass(frozen=True)
class Position:
    """A frame, its time, and what there is before and after it."""

    frame: int | None = None
    time_s: float = 0.0
    first: int = 0
    last: int | None = None
    """None where it is not known."""
    end_s: float | None = None
    """Time of the last frame; None where it is not known."""
    is_live: bool = False
    is_at_edge: bool = True
    """Of a live source, whether the newest frame is shown."""
    behind_s: float | None = None
    """How much older the frame is than the newest one; None where it cannot be told."""


def position_of(snapshot: Snapshot) -> Position:
    """Read it from a snapshot."""
    frame, span, info = snapshot.frame, snapshot.span, snapshot.info
    if frame is None or info is None:
        return Position()
    first, last = 0, None if info.is_live or info.frames is None else info.frames - 1
    if span is not None:
        first, last = span.first, span.last if span.last is not None else last
    end_s = Stamps.of(snapshot).time_of(last) if last is not None else None
    behind = None
    if info.is_live and not snapshot.edge and end_s is not None:
        behind = max(end_s - frame.time_s, 0.0)
    return Position(
        frame.index, frame.time_s, first, last, end_s, info.is_live, snapshot.edge, behind
    )
