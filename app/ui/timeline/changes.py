"""What differs between two moments of a track. Pure; no Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.player.document import TrackColumns, TrackRows


@dataclass(frozen=True)
class Change:
    """Rows that differ."""

    begin: int
    """Place of the first one; all before it are the same."""
    first: int
    """First frame whose curve may look different: lines lead to it from the row before."""
    last: int


def change_of(old: TrackRows, new: TrackRows) -> Change | None:
    """What differs; None where nothing does."""
    if old is new:
        return None
    a, b = old.columns(), new.columns()
    begin = _common_start(a, b)
    if begin == max(len(old), len(new)):
        return None
    tail = _common_end(a, b, begin)
    bounds = [
        frame for columns in (a, b) for frame in _bounds(columns, begin, len(columns.frame) - tail)
    ]
    return Change(begin, min(bounds), max(bounds))


def _bounds(columns: TrackColumns, begin: int, end: int) -> tuple[int, ...]:
    """Frames of the rows just outside of `begin` to `end`, or of the outermost ones there are."""
    count = len(columns.frame)
    if not count:
        return ()
    first, last = min(max(begin - 1, 0), count - 1), min(end, count - 1)
    return int(columns.frame[first]), int(columns.frame[last])


def _common_start(a: TrackColumns, b: TrackColumns) -> int:
    """How many rows are the same from the first on."""
    count = min(len(a.frame), len(b.frame))
    # rows that grew from one another share their memory
    if a.frame.base is b.frame.base and a.frame.base is not None:
        return count
    differ = _differ(a, b, slice(0, count), slice(0, count))
    return int(differ.argmax()) if differ.any() else count


def _common_end(a: TrackColumns, b: TrackColumns, begin: int) -> int:
    """How many rows are the same from the last on, leaving out the first `begin`."""
    sizes = len(a.frame), len(b.frame)
    count = min(sizes) - begin
    if not count:
        return 0
    ends = [slice(size - count, size) for size in sizes]
    differ = _differ(a, b, *ends)[::-1]
    return int(differ.argmax()) if differ.any() else count


def _differ(a: TrackColumns, b: TrackColumns, of_a: slice, of_b: slice) -> NDArray[np.bool_]:
    """For each pair of rows whether a lane shows them differently."""
    return (
        (a.frame[of_a] != b.frame[of_b])
        | (a.state[of_a] != b.state[of_b])
        | (a.score[of_a] != b.score[of_b])
    )
