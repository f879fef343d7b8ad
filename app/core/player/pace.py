"""When the frames of a file are due."""

import time

_LATE_S = 0.1
"""A video that fell behind its own rate by more does not hurry afterwards."""
_LONGEST_S = 10.0
"""Longest wait between two frames, seconds."""


class Pace:
    """Keeps the time of a file's own frames, at a speed that may change."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._due_s = time.monotonic()

    def restart(self) -> None:
        """The frame that is shown was due now."""
        self._due_s = time.monotonic()

    def due_s(self, step_s: float) -> float:
        """When the frame that comes `step_s` seconds after the last is due, monotonic clock."""
        step_s = min(max(step_s, 0.0) / self.speed, _LONGEST_S)
        return max(self._due_s + step_s, time.monotonic() - _LATE_S)

    def passed(self, due_s: float) -> None:
        """A frame that was due then is shown."""
        self._due_s = due_s
