"""Frames for a pipeline: files give every frame, live sources the newest one."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from app.core.sources.base import Source, SourceFrame, SourceInfo

HELD_FRAMES = 120
"""Frames of a live source that are kept while it is held: four seconds at 30 a second."""
_ABANDON_S = 2.0


class Feed(Protocol):
    """Hands over the frames of one source and closes it."""

    info: SourceInfo
    dropped: int
    """Frames of a live source that came too fast to be used."""

    def next(self, timeout: float) -> SourceFrame | None:
        """The next frame, or None where a live source gave none within `timeout` seconds.

        Raises:
            StopIteration: the source has ended.
            InputError: the source broke.
        """

    def hold(self, on: bool) -> None:
        """While held, frames of a live source are kept for later instead of dropped."""

    def close(self) -> None:
        """Let go of the source; a live one that hangs is abandoned."""


def open_feed(source: Source) -> Feed:
    """The feed that suits the source."""
    return LiveFeed(source) if source.info.is_live else FileFeed(source)


class FileFeed:
    """Every frame of a source that waits."""

    def __init__(self, source: Source) -> None:
        self.info = source.info
        self.dropped = 0
        self._source = source
        self._frames: Iterator[SourceFrame] = iter(source)

    def next(self, timeout: float) -> SourceFrame | None:
        return next(self._frames)

    def hold(self, on: bool) -> None:
        """A source that waits loses nothing."""

    def close(self) -> None:
        self._source.close()


class LiveFeed:
    """The newest frame of a source that does not wait, read by a thread of its own."""

    def __init__(self, source: Source) -> None:
        self.info = source.info
        self.dropped = 0
        self._source = source
        self._frames: deque[SourceFrame] = deque()
        self._changed = threading.Condition()
        self._room = 1
        self._held = False
        self._taken = 0
        self._closing = False
        self._ended = False
        self._error: Exception | None = None
        self._reader = threading.Thread(target=self._read, name="live source", daemon=True)
        self._reader.start()

    def next(self, timeout: float) -> SourceFrame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._ended, timeout)
            if self._frames:
                return self._oldest()
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._ended:
                raise StopIteration
        return None

    def hold(self, on: bool) -> None:
        with self._changed:
            self._held = on
            self._room = HELD_FRAMES if on else max(1, len(self._frames))

    def _oldest(self) -> SourceFrame:
        """Take the oldest frame kept; after a hold, make room for one less every other time.

        So what was held is caught up with in order, and however slow the tracker is, the newest
        frame alone counts again in the end.
        """
        frame = self._frames.popleft()
        if not self._held:
            self._taken += 1
            self._room = max(1, self._room - self._taken % 2) if self._frames else 1
        return frame

    def close(self) -> None:
        with self._changed:
            self._closing = True
        self._reader.join(_ABANDON_S)

    def _read(self) -> None:
        try:
            for frame in self._source:
                with self._changed:
                    if self._closing:
                        break
                    while len(self._frames) >= self._room:
                        self._frames.pop()
                        self.dropped += 1
                    self._frames.append(frame)
                    self._changed.notify_all()
        except Exception as error:
            self._error = error
        finally:
            self._source.close()
            with self._changed:
                self._ended = True
                self._changed.notify_all()
