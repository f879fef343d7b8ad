"""From moments to frames and back. Pure; no Qt."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.core.player.snapshot import Snapshot
from app.ui.plots.ranges import Range, union


@dataclass(frozen=True)
class Clock:
    """The frames one can go to, and when they are shown."""

    first: int = 0
    last: int | None = None
    times_s: NDArray[np.float64] | None = None
    """`(last - first + 1,)`; None where they are not known."""
    rate: float = 30.0
    """Frames per second where no time is known."""
    known: tuple[tuple[NDArray[np.int64], NDArray[np.float64]], ...] = field(default=())
    """Numbers and times of frames in which something was tracked, per target."""

    def frame_at(self, time_s: float) -> int:
        """The frame nearest to a moment, among those one can go to."""
        return self.inside(self._nearest(time_s))

    def inside(self, frame: int) -> int:
        """The nearest frame one can go to."""
        last = frame if self.last is None else self.last
        return max(min(frame, last), self.first)

    @property
    def range(self) -> Range | None:
        """From the first frame to the last, seconds; None where that is not known."""
        if self.times_s is not None and len(self.times_s):
            return (float(self.times_s[0]), float(self.times_s[-1]))
        if self.last is None or self.last <= self.first:
            return None
        return (self.first / self.rate, self.last / self.rate)

    def _nearest(self, time_s: float) -> int:
        if self.times_s is not None and len(self.times_s):
            return self.first + _place(self.times_s, time_s)
        tracked = [
            (int(frame[place]), abs(float(times[place]) - time_s))
            for frame, times in self.known
            for place in [_place(times, time_s)]
        ]
        frame, distance = min(tracked, key=lambda found: found[1], default=(0, np.inf))
        return frame if distance <= 1 / self.rate else round(time_s * self.rate)


def clock_of(
    snapshot: Snapshot, known: Iterable[tuple[NDArray[np.int64], NDArray[np.float64]]]
) -> Clock:
    """What `snapshot` tells of its frames.

    Args:
        snapshot: what the player shows.
        known: numbers and times `(N,)` of frames in which something was tracked, per target.
    """
    info, span = snapshot.info, snapshot.span
    rate = info.rate if info is not None and info.rate else 30.0
    tracked = tuple(pair for pair in known if len(pair[0]))
    if span is None:
        frames = info.frames if info is not None else None
        return Clock(0, frames - 1 if frames else None, None, rate, tracked)
    return Clock(span.first, span.last, span.times_s, rate, tracked)


def tracked_range(clock: Clock) -> Range | None:
    """From the first row of any target to the last, seconds."""
    return union((float(times[0]), float(times[-1])) for _, times in clock.known)


def _place(times_s: NDArray[np.float64], time_s: float) -> int:
    """The place of the nearest of N growing moments."""
    after = int(np.searchsorted(times_s, time_s))
    if after == 0:
        return 0
    if after == len(times_s) or time_s - times_s[after - 1] <= times_s[after] - time_s:
        return after - 1
    return after
