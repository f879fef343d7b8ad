"""When the frames of a file are due."""

import time

_LATE = 0.5
"""A frame is at most so much of the time between two frames late. What falls further behind goes on
at the rate that can be kept: a file can wait, and a picture that is old when it is seen is of no
use to who follows something in it."""
_LONGEST_S = 10.0
"""Longest wait between two frames, seconds."""


class Pace:
    """Keeps the time of a file's own frames, at a speed that may change."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._due_s = time.monotonic()
        self._step_s = 0.0

    def restart(self) -> None:
        """The frame that is shown was due now."""
        self._due_s = time.monotonic()

    def due_s(self, step_s: float) -> float:
        """When the frame that comes `step_s` seconds after the last is due, monotonic clock."""
        self._step_s = min(max(step_s, 0.0) / self.speed, _LONGEST_S)
        return self._in_time(self._due_s + self._step_s)

    def passed(self, due_s: float) -> float:
        """A frame that was due then is taken; return when it counts as due.

        Later than it was, if it had to wait for something else meanwhile.
        """
        self._due_s = self._in_time(due_s)
        return self._due_s

    def _in_time(self, due_s: float) -> float:
        return max(due_s, time.monotonic() - _LATE * self._step_s)
