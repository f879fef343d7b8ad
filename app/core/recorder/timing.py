"""Time stamps of recorded frames, as whole ticks that never go back."""

import math
from enum import StrEnum
from fractions import Fraction

from app.core.recorder.formats import Container
from app.core.sources.base import check_rate
from model.errors import InputError

DEFAULT_RATE = 30.0
_JUMP_BACK_S = 1.0
"""A time this far behind the newest is a clock that was set, less is jitter."""
_LONGEST_GAP_TICKS = 2**31 - 2**20
"""MP4 holds no frame that is shown for longer: six hours and a half at 90000 ticks a second."""


class Timing(StrEnum):
    """Which times the frames of a recording get."""

    TRUE = "true"
    """Those they came with: the video runs as its source did."""
    CONSTANT = "constant"
    """Frame `i` is shown at `i / rate`, whenever it came: every program can cut such a file."""


class TimeStamps:
    """Gives each frame its tick; `base` is one tick in seconds, `step` a nominal frame in ticks."""

    def __init__(self, timing: Timing, rate: float | None, container: Container) -> None:
        """Stamps for a source of nominal `rate`, in a `container`.

        Raises:
            InputError: constant times at a rate that cannot be used.
        """
        self._timing = timing
        self.rate = _fraction(check_rate(rate) if timing is Timing.CONSTANT else rate)
        if timing is Timing.CONSTANT:
            # a tick that divides the frame exactly, also at 30000/1001
            self.base = Fraction(1, self.rate.numerator)
        else:
            self.base = Fraction(1, container.ticks_for(self.rate))
        self.step = max(1, round(1 / self.rate / self.base))
        self._last = -1
        self._newest = -math.inf
        self._begin: float | None = None

    def stamp(self, time_s: float) -> int:
        """The tick of the next frame, the first one's being 0.

        True times that do not grow are moved to just after the last. Where the source's clock was
        set back by more than a second, or forward by hours, the recording goes on one nominal
        frame later and keeps the distances from there.

        Raises:
            InputError: a time that is not finite; it counts as not given.
        """
        if not math.isfinite(time_s):
            raise InputError(
                "A frame with the time {time_s} cannot be recorded; give seconds.", time_s=time_s
            )
        if self._timing is Timing.CONSTANT:
            self._last = 0 if self._last < 0 else self._last + self.step
            return self._last
        if self._begin is None:
            self._begin = time_s
        elif not -_JUMP_BACK_S <= time_s - self._newest <= _LONGEST_GAP_TICKS * self.base:
            self._begin = time_s - float((self._last + self.step) * self.base)
            self._newest = time_s
        self._newest = max(self._newest, time_s)
        self._last = max(round((time_s - self._begin) / self.base), self._last + 1)
        return self._last


def _fraction(rate: float | None) -> Fraction:
    """`rate` as a fraction such as 30000/1001; an unusable hint counts as none."""
    usable = rate if rate is not None and 0 < rate <= 1000 else DEFAULT_RATE
    return Fraction(usable).limit_denominator(1001) or Fraction(1, 1001)
