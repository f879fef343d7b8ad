"""The series of a target that grows, at the price of what is new."""

import numpy as np
from numpy.typing import NDArray

from app.core.measures.series import Series, empty_series, fill
from app.core.measures.speed import SAMPLE, Pace, pace_of
from app.core.player.rows import TrackColumns, TrackRows

_ROOM = 256


class Meter:
    """Measures a target again and again, in pixels. For one thread."""

    def __init__(self) -> None:
        self._rows = TrackRows()
        self._pace = Pace(1.0, 1)
        self._room = empty_series(_ROOM)
        self._series = empty_series(0)

    @property
    def series(self) -> Series:
        """All rows as of the last `update`; valid until the next one."""
        return self._series

    def update(self, rows: TrackRows) -> tuple[int, int]:
        """Measure `rows`, which mostly are those of before and some more.

        Returns:
            The first row with another value than before, and the row after the last one; the same
            twice where nothing changed.
        """
        if rows is self._rows:
            return (len(rows), len(rows))
        old, new = self._rows.columns(), rows.columns()
        start, stop = _changed(old, new)
        is_longer = len(new.frame) != len(old.frame)
        if start == stop and not is_longer:
            self._rows = rows
            return (len(rows), len(rows))
        if min(start, len(old.frame)) <= SAMPLE:
            pace = pace_of(new.frame, new.time_s)
            if pace != self._pace:
                start, stop, self._pace = 0, len(rows), pace
        start = max(start - self._pace.reach, 0)
        # where rows came or went, what follows has moved
        stop = len(rows) if is_longer else min(stop + self._pace.reach, len(rows))
        self._make_room(len(rows))
        fill(self._room, new, self._pace, start, stop)
        self._rows, self._series = rows, _first(self._room, len(rows))
        return (start, stop)

    def _make_room(self, size: int) -> None:
        if size <= len(self._room):
            return
        room = empty_series(max(2 * len(self._room), size))
        for name in _ARRAYS:
            getattr(room, name)[: len(self._series)] = getattr(self._series, name)
        self._room = room


_ARRAYS = (
    "frame", "time_s", "x", "y", "width", "height", "size", "speed", "score", "is_lost", "is_apart",
)  # fmt: skip


def _first(series: Series, size: int) -> Series:
    return Series(*(getattr(series, name)[:size] for name in _ARRAYS))


def _changed(old: TrackColumns, new: TrackColumns) -> tuple[int, int]:
    """The rows of `new` outside of which both are the same, counted from their ends."""
    common = min(len(old.frame), len(new.frame))
    if old.frame.base is not None and old.frame.base is new.frame.base:
        # grown from one another: the rows they share are the same ones
        return (common, len(new.frame))
    head = _alike(old, new, slice(0, common), slice(0, common))
    start = common if head.all() else int(np.argmin(head))
    rest = common - start
    tail = _alike(old, new, slice(len(old.frame) - rest, None), slice(len(new.frame) - rest, None))[
        ::-1
    ]
    same = rest if tail.all() else int(np.argmin(tail))
    return (start, len(new.frame) - same)


def _alike(old: TrackColumns, new: TrackColumns, these: slice, those: slice) -> NDArray[np.bool_]:
    """Which rows of a part of `old` equal those of a part of `new` of the same length."""
    same = old.frame[these] == new.frame[those]
    for name in ("time_s", "score", "state"):
        same &= getattr(old, name)[these] == getattr(new, name)[those]
    return same & (old.boxes[these] == new.boxes[those]).all(axis=1)
