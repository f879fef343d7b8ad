"""Frames for a pipeline: files give every frame, live sources the newest one."""

from collections.abc import Iterator
from typing import Protocol

from app.core.sources.base import Source, SourceFrame, SourceInfo, SourceState
from app.core.sources.live import LiveSource


class Feed(Protocol):
    """Hands over the frames of one source and closes it."""

    @property
    def info(self) -> SourceInfo: ...

    def state(self) -> SourceState:
        """How the source is, and how many frames came too fast to be used."""

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
    return source if isinstance(source, LiveSource) else FileFeed(source)


class FileFeed:
    """Every frame of a source that waits."""

    def __init__(self, source: Source) -> None:
        self.info = source.info
        self._source = source
        self._frames: Iterator[SourceFrame] = iter(source)

    def state(self) -> SourceState:
        return self._source.state()

    def next(self, timeout: float) -> SourceFrame | None:
        return next(self._frames)

    def hold(self, on: bool) -> None:
        """A source that waits loses nothing."""

    def close(self) -> None:
        self._source.close()
