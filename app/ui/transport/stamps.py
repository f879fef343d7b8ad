"""When frames are shown: by the container's own stamps where they are known. Pure; no Qt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.player.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Stamps:
    """Seconds of frames by number."""

    first: int = 0
    """Number of the frame of the first stamp."""
    times_s: NDArray[np.float64] | None = None
    """`(N,)` rising; None where only the rate is known."""
    rate: float | None = None
    """Frames per second, for frames without a stamp; None where it is not known."""

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Stamps":
        """What a snapshot tells."""
        span, info = snapshot.span, snapshot.info
        rate = info.rate if info is not None else None
        times = span.times_s if span is not None else None
        if span is None or times is None or not len(times):
            return cls(rate=rate or None)
        return cls(span.first, times, rate or None)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of when frames are shown."""
        return self.times_s is not None or self.rate is not None

    def is_same(self, other: "Stamps") -> bool:
        """Whether both say the same, as far as that is to be seen without reading them."""
        return (
            self.times_s is other.times_s and self.first == other.first and self.rate == other.rate
        )

    def time_of(self, frame: int) -> float | None:
        """Seconds of a frame; beyond the stamps by the rate; None where it cannot be told."""
        if self.times_s is not None:
            place = frame - self.first
            inside = min(max(place, 0), len(self.times_s) - 1)
            beyond = place - inside
            if beyond and self._step is None:
                return None
            return float(self.times_s[inside]) + beyond * (self._step or 0.0)
        return frame / self.rate if self.rate is not None else None

    def places_of(self, times_s: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The frames of times, with fractions between two; None where they cannot be told."""
        times, step = self.times_s, self._step
        if times is None:
            return times_s * self.rate if self.rate is not None else None
        if len(times) < 2 or step is None:
            return None
        before = np.clip(times.searchsorted(times_s, side="right") - 1, 0, len(times) - 2)
        length = times[before + 1] - times[before]
        # beyond the stamps by the rate
        outside = (times_s < times[0]) | (times_s > times[-1])
        origin = np.where(times_s > times[-1], len(times) - 1, before)
        share = (times_s - times[origin]) / np.where(outside, step, length)
        return self.first + origin + share

    @property
    def _step(self) -> float | None:
        """Seconds from frame to frame beyond the stamps."""
        if self.rate is not None:
            return 1 / self.rate
        times = self.times_s
        if times is None or len(times) < 2:
            return None
        return float(times[-1] - times[0]) / (len(times) - 1)
