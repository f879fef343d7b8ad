"""What is known of a target frame by frame: immutable, cheap to extend, held in columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.geometry import Box
from model.states import State

STATES: tuple[str, ...] = tuple(str(state) for state in State)
"""Words of the states; `TrackColumns.state` counts them from 0."""
_ROOM = 64
_COLUMNS = ("frame", "time_s", "boxes", "score", "state")


@dataclass(frozen=True)
class TrackRow:
    """Where a target is in one frame: box `(x, y, w, h)` in pixels, score 0..1."""

    frame: int
    time_s: float
    box: Box
    score: float
    state: str
    """One of `STATES`."""
    reason: str = ""


@dataclass(frozen=True)
class Stretch:
    """Frames from number `first` on to before `stop`; without end where that is None."""

    first: int = 0
    stop: int | None = None

    def __contains__(self, frame: int) -> bool:
        return self.first <= frame and (self.stop is None or frame < self.stop)


@dataclass(frozen=True)
class TrackColumns:
    """The same for N frames, in order of frame; not to be written to."""

    frame: NDArray[np.int64]
    """`(N,)`."""
    time_s: NDArray[np.float64]
    """`(N,)` seconds."""
    boxes: NDArray[np.float64]
    """`(N, 4)` `(x, y, w, h)` in pixels."""
    score: NDArray[np.float32]
    """`(N,)` 0..1."""
    state: NDArray[np.int8]
    """`(N,)` codes: places in `STATES`."""


class _Store:
    """Columns with room at their end, shared by all `TrackRows` that grew from one another."""

    def __init__(self, room: int) -> None:
        self.size = 0
        self.frame = np.empty(room, np.int64)
        self.time_s = np.empty(room, np.float64)
        self.boxes = np.empty((room, 4), np.float64)
        self.score = np.empty(room, np.float32)
        self.state = np.empty(room, np.int8)
        self.reasons: list[str] = []

    def put(self, row: TrackRow) -> None:
        at = self.size
        self.frame[at], self.time_s[at], self.score[at] = row.frame, row.time_s, row.score
        self.boxes[at] = row.box
        self.state[at] = STATES.index(row.state)
        self.reasons.append(row.reason)
        self.size += 1

    def copy(self, size: int, room: int) -> "_Store":
        new = _Store(room)
        for name in _COLUMNS:
            getattr(new, name)[:size] = getattr(self, name)[:size]
        new.reasons = self.reasons[:size]
        new.size = size
        return new


class TrackRows:
    """Rows of one target in order of frame, at most one for each frame. Immutable.

    Any thread may read. Those that grew from one another share their memory, so that a row more
    costs the same however many there are; growing belongs to one thread at a time.
    """

    def __init__(self, store: _Store | None = None, size: int = 0) -> None:
        self._store = store if store is not None else _Store(_ROOM)
        self._size = size
        self._columns: TrackColumns | None = None

    @classmethod
    def of(cls, rows: Iterable[TrackRow]) -> "TrackRows":
        """From rows in any order; of several for one frame the last one counts."""
        kept = {row.frame: row for row in rows}
        store = _Store(max(_ROOM, len(kept)))
        for frame in sorted(kept):
            store.put(kept[frame])
        return cls(store, len(kept))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[TrackRow]:
        return (self[place] for place in range(self._size))

    def __getitem__(self, place: int) -> TrackRow:
        if not -self._size <= place < self._size:
            raise IndexError(place)
        place %= self._size
        store = self._store
        x, y, w, h = (float(value) for value in store.boxes[place])
        return TrackRow(
            int(store.frame[place]), float(store.time_s[place]), (x, y, w, h),
            float(store.score[place]), STATES[store.state[place]], store.reasons[place],
        )  # fmt: skip

    @property
    def first(self) -> int | None:
        """Number of the first frame; None where there is none."""
        return int(self._store.frame[0]) if self._size else None

    @property
    def last(self) -> int | None:
        """Number of the last frame; None where there is none."""
        return int(self._store.frame[self._size - 1]) if self._size else None

    def at(self, frame: int) -> TrackRow | None:
        """The row of a frame."""
        place = self._place(frame)
        if place < self._size and self._store.frame[place] == frame:
            return self[place]
        return None

    def before(self, frame: int) -> TrackRow | None:
        """The last row of an earlier frame."""
        place = self._place(frame)
        return self[place - 1] if place else None

    def columns(self) -> TrackColumns:
        """All rows as arrays, without copying."""
        if self._columns is None:
            store, size = self._store, self._size
            views = [
                array[:size]
                for array in (store.frame, store.time_s, store.boxes, store.score, store.state)
            ]
            for view in views:
                view.flags.writeable = False
            self._columns = TrackColumns(*views)  # type: ignore[arg-type]
        return self._columns

    def merged(self, rows: Sequence[TrackRow]) -> "TrackRows":
        """With `rows` put in, in place of those of the same frames."""
        if not rows:
            return self
        rising = all(a.frame < b.frame for a, b in pairwise(rows))
        if rising and (self.last is None or rows[0].frame > self.last):
            return self._extended(rows)
        return self._interleaved(TrackRows.of(rows))

    def until(self, frame: int) -> "TrackRows":
        """Those of frames before `frame`."""
        return TrackRows(self._store, self._place(frame))

    def copy(self) -> "TrackRows":
        """The same rows under another identity."""
        return TrackRows(self._store, self._size)

    def says_same(self, other: "TrackRows") -> bool:
        """Whether another one has the same rows."""
        if self._store is other._store or self._size != other._size:
            return self._size == other._size
        mine, theirs, size = self._store, other._store, self._size
        return mine.reasons[:size] == theirs.reasons[:size] and all(
            np.array_equal(getattr(mine, name)[:size], getattr(theirs, name)[:size])
            for name in _COLUMNS
        )

    def exchanged(self, other: "TrackRows", stretch: Stretch) -> "TrackRows":
        """Those of `other` in a stretch of frames, and these elsewhere."""
        head, first = self._place(stretch.first), other._place(stretch.first)
        if stretch.stop is None:
            if other._store is self._store and first == head:
                return other.copy()
            return _chained([(self, 0, head), (other, first, len(other))])
        last, tail = other._place(stretch.stop), self._place(stretch.stop)
        return _chained([(self, 0, head), (other, first, last), (self, tail, len(self))])

    def _extended(self, rows: Sequence[TrackRow]) -> "TrackRows":
        store, size = self._store, self._size + len(rows)
        # beyond its own size a store belongs to whoever grew it first
        if store.size != self._size or size > len(store.frame):
            store = store.copy(self._size, max(2 * self._size, size, _ROOM))
        for row in rows:
            store.put(row)
        return TrackRows(store, size)

    def _interleaved(self, new: "TrackRows") -> "TrackRows":
        """With the rows of `new` in between and in place of those of the same frames."""
        first, last = new.first, new.last
        assert first is not None
        assert last is not None
        head, tail = self._place(first), self._place(last + 1)
        both = _chained([(self, head, tail), (new, 0, len(new))])
        frames = both.columns().frame
        order = np.argsort(frames, kind="stable")
        # of two rows for a frame the later one, which is that of `new`
        order = order[np.append(np.diff(frames[order]) > 0, True)]
        middle = _picked(both, order)
        return _chained([(self, 0, head), (middle, 0, len(middle)), (self, tail, len(self))])

    def _place(self, frame: int) -> int:
        return int(np.searchsorted(self._store.frame[: self._size], frame))


def _chained(parts: Sequence[tuple[TrackRows, int, int]]) -> TrackRows:
    """Rows from place to place of some tracks, in order of frame, one after another."""
    size = sum(stop - start for _, start, stop in parts)
    store = _Store(max(_ROOM, size + size // 2))
    for name in _COLUMNS:
        pieces = [getattr(rows._store, name)[start:stop] for rows, start, stop in parts]
        getattr(store, name)[:size] = np.concatenate(pieces)
    for rows, start, stop in parts:
        store.reasons += rows._store.reasons[start:stop]
    store.size = size
    return TrackRows(store, size)


def _picked(rows: TrackRows, order: NDArray[np.intp]) -> TrackRows:
    """Some rows in another order."""
    store = _Store(max(_ROOM, len(order)))
    for name in _COLUMNS:
        getattr(store, name)[: len(order)] = getattr(rows._store, name)[order]
    store.reasons = [rows._store.reasons[place] for place in order]
    store.size = len(order)
    return TrackRows(store, len(order))
