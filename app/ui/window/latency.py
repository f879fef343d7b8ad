"""How long it takes from the arrival of a frame to its being painted."""

import time
from collections import deque
from collections.abc import Callable

from PyQt6.QtGui import QPainter

from app.core.player.snapshot import Snapshot
from app.ui.canvas import Canvas

_KEPT = 60
"""Frames whose mean is told."""


class TimedCanvas(Canvas):
    """Notes when it was painted last."""

    painted_at = 0.0
    """End of the last painting, by `time.monotonic`."""

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        self.painted_at = time.monotonic()


class LatencyMeter:
    """Mean over the last frames that were painted."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_KEPT)
        self._waiting: tuple[float, float] | None = None
        self.heard: Callable[[float], object] | None = None
        """Is told the seconds of each frame."""

    @property
    def mean_s(self) -> float | None:
        """Seconds from arrival (live) or due time (files) to the end of painting; None before the
        first frame."""
        return sum(self._seconds) / len(self._seconds) if self._seconds else None

    def clear(self) -> None:
        """Forget what was measured."""
        self._seconds.clear()
        self._waiting = None

    def fetched(self, snapshot: Snapshot, left_at: float) -> None:
        """A new frame is about to be painted; the player left it at `left_at`, monotonic."""
        self._waiting = (snapshot.latency_s, left_at)

    def painted(self, at: float) -> None:
        """The canvas was painted last at `at`, monotonic."""
        if self._waiting is not None and at > self._waiting[1]:
            latency_s, left_at = self._waiting
            self._waiting = None
            self._seconds.append(latency_s + at - left_at)
            if self.heard is not None:
                self.heard(self._seconds[-1])
