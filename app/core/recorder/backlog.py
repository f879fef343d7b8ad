"""The frames between two threads: in order, none left out, few in memory."""

import contextlib
import threading
from collections import deque

from app.core.recorder.frames import QueuedFrame
from app.core.recorder.spill import SpilledFrame, SpillFolder

MEMORY_BYTES = 256 << 20
"""Pixels that wait in memory at most; one frame may always wait."""


class Backlog:
    """What is put in by one thread is taken by another, frame by frame.

    It holds no more than `span` ticks that a killed process would lose. Beyond that `put` waits;
    with a `spill` folder it writes to disk instead and never waits.
    """

    def __init__(self, span: int, spill: SpillFolder | None) -> None:
        self._span = span
        self._spill = spill
        self._changed = threading.Condition()
        self._waiting: deque[QueuedFrame | SpilledFrame] = deque()
        self._memory = 0
        self._busy = False
        self._safe = 0
        self._ended = False
        self._failure: Exception | None = None
        self._unsaved: deque[SpilledFrame] = deque()

    def put(self, frame: QueuedFrame) -> None:
        """Add a frame.

        Raises:
            OSError: the folder for frames on disk cannot take it; the frames before it can still
                be taken.
            Exception: what `fail` was given.
        """
        with self._changed:
            if self._spill is None:
                self._changed.wait_for(lambda: self._failure or self._has_room(frame))
            if self._failure is not None:
                raise self._failure
            fits = self._has_room(frame)
        # outside the lock, so that the other thread goes on meanwhile
        item = frame if fits or self._spill is None else self._spill.save(frame)
        with self._changed:
            if isinstance(item, QueuedFrame):
                self._memory += item.rgb.nbytes
            self._waiting.append(item)
            self._changed.notify_all()

    def take(self) -> QueuedFrame | None:
        """The oldest frame, once there is one; None after the last.

        Raises:
            OSError: a frame on disk is gone or damaged.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                return None
            item = self._waiting.popleft()
            self._busy = True
            if isinstance(item, QueuedFrame):
                self._memory -= item.rgb.nbytes
                return item
        self._unsaved.append(item)
        return item.load()

    def saved(self, tick: int) -> None:
        """Tell that the frame taken last was used, and that all up to `tick` are on disk."""
        while self._unsaved and self._unsaved[0].tick <= tick:
            self._unsaved.popleft().delete()
        with self._changed:
            self._busy = False
            self._safe = tick
            self._changed.notify_all()

    def end(self) -> None:
        """Tell that no further frame is put in."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def fail(self, failure: Exception) -> None:
        """Tell that no further frame is taken; `put` raises `failure` from now on."""
        with self._changed:
            self._failure = failure
            self._waiting.clear()
            self._memory = 0
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget every frame, also on disk."""
        with self._changed:
            self._waiting.clear()
            self._ended = True
            self._changed.notify_all()
        if self._spill is not None:
            with contextlib.suppress(OSError):
                self._spill.remove()

    @property
    def spilled(self) -> int:
        """Frames that ever waited on disk."""
        return 0 if self._spill is None else self._spill.saved

    def _has_room(self, frame: QueuedFrame) -> bool:
        if not self._waiting and not self._busy:
            return True
        if self._memory + frame.rgb.nbytes > MEMORY_BYTES:
            return False
        return frame.tick - self._safe <= self._span
