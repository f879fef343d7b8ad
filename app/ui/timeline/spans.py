"""Spans of frames in which a target is in one state, kept up while rows come. Pure; no Qt."""

import bisect

import numpy as np

from app.core.player.document import STATES, TrackColumns

_FEW = 64
"""Up to so many new rows are looked at one by one."""


class Spans:
    """Half-open spans of frames in a state, in rising order; a gap of more than `bridge` frames
    between two rows ends one."""

    def __init__(self, state: str, bridge: int) -> None:
        self._code, self._bridge = STATES.index(state), bridge
        self._last: int | None = None
        self.firsts: list[int] = []
        """First frame of each."""
        self.ends: list[int] = []
        """One after the last frame of each."""

    def show(self, columns: TrackColumns, begin: int) -> None:
        """Take over rows of which those before place `begin` are as they were."""
        count = len(columns.frame)
        known = columns.frame[begin - 1] if begin else None
        if count - begin > _FEW or known != self._last:
            self._read(columns)
        else:
            for place in range(begin, count):
                self._add(int(columns.frame[place]), is_it=int(columns.state[place]) == self._code)
        self._last = int(columns.frame[-1]) if count else None

    def near(self, first: int, last: int, least: float = 0.0) -> list[tuple[int, int]]:
        """The spans of at least `least` frames that reach into those from `first` to `last`."""
        begin = bisect.bisect_right(self.ends, first)
        end = bisect.bisect_right(self.firsts, last)
        spans = zip(self.firsts[begin:end], self.ends[begin:end], strict=True)
        return [(a, b) for a, b in spans if b - a >= least]

    def _add(self, frame: int, *, is_it: bool) -> None:
        before, self._last = self._last, frame
        if not is_it:
            return
        goes_on = bool(self.ends) and before is not None and self.ends[-1] == before + 1
        if goes_on and frame - self.ends[-1] < self._bridge:
            self.ends[-1] = frame + 1
        else:
            self.firsts.append(frame)
            self.ends.append(frame + 1)

    def _read(self, columns: TrackColumns) -> None:
        frames = columns.frame
        self.firsts, self.ends = [], []
        if not len(frames):
            return
        is_it = columns.state == self._code
        breaks = np.flatnonzero((is_it[1:] != is_it[:-1]) | (np.diff(frames) > self._bridge)) + 1
        firsts, lasts = np.append(0, breaks), np.append(breaks, len(frames)) - 1
        kept = is_it[firsts]
        self.firsts = frames[firsts[kept]].tolist()
        self.ends = (frames[lasts[kept]] + 1).tolist()
