"""The frames of a live source between its reader and its user."""

from collections import deque

from app.core.sources.base import SourceFrame

HELD_FRAMES = 120
"""Frames of a live source that are kept while it is held: four seconds at 30 a second."""


class NewestFrames:
    """The newest frame alone, or while held, all that fit. Not locked: its owner does that."""

    def __init__(self) -> None:
        self.dropped = 0
        """Frames that nobody fetched in time."""
        self._frames: deque[SourceFrame] = deque()
        self._room = 1
        self._held = False
        self._taken = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: SourceFrame) -> None:
        """Add the newest frame; where there is no room, it replaces the one before it."""
        while len(self._frames) >= self._room:
            self._frames.pop()
            self.dropped += 1
        self._frames.append(frame)

    def hold(self, on: bool) -> None:
        """While held, frames are kept for later instead of dropped."""
        self._held = on
        self._room = HELD_FRAMES if on else max(1, len(self._frames))

    def take(self) -> SourceFrame:
        """Take the oldest frame kept; after a hold, make room for one less every other time.

        So what was held is caught up with in order, and however slow the tracker is, the newest
        frame alone counts again in the end.
        """
        frame = self._frames.popleft()
        if not self._held:
            self._taken += 1
            self._room = max(1, self._room - self._taken % 2) if self._frames else 1
        return frame
