"""The frames of a file or a folder, in any order: what is played, gone to and tracked anew."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from app.core.player.snapshot import Span
from app.core.sources.base import Source, SourceFrame, SourceInfo, no_frame
from app.core.sources.index import FrameIndex
from app.core.sources.video import VideoFile
from model.errors import InputError

_CACHE_BYTES = 192 << 20
_BACK = 12
"""Frames before one gone back to that are kept as well, for the next steps back."""


class Frames(Protocol):
    """Frames by their number. Used by one thread, but for a live source's (`LiveTape`)."""

    def frame(self, index: int) -> SourceFrame:
        """Frame number `index`.

        Raises:
            InputError: there is no such frame (any more), or it is damaged.
        """

    def next(self, after: int, timeout: float = 0.0) -> SourceFrame | None:
        """The first frame after number `after`; None where a live source has none yet.

        Raises:
            StopIteration: there is none.
            InputError: the source broke.
        """


class FileReel:
    """A source that waits, with the frames seen lately kept at hand."""

    def __init__(self, source: Source, *, cache_bytes: int = _CACHE_BYTES) -> None:
        """Take over `source`, at its beginning."""
        self.info: SourceInfo = source.info
        self._source = source
        self._frames: Iterator[SourceFrame] = iter(source)
        self._at = 0
        self._count: int | None = None
        self._index: FrameIndex | None = None
        self._cache: OrderedDict[int, SourceFrame] = OrderedDict()
        self._room, self._held = cache_bytes, 0

    @property
    def span(self) -> Span:
        """Frames that there are, as far as is known."""
        if self._index is not None:
            return Span(0, len(self._index) - 1, self._index.times_s)
        count = self._count if self._count is not None else self.info.frames
        times = None
        if count is not None and self.info.rate and not isinstance(self._source, VideoFile):
            times = np.arange(count) / self.info.rate
        return Span(0, count - 1 if count else None, times)

    def frame(self, index: int) -> SourceFrame:
        """As `Frames.frame`."""
        kept = self._cache.get(index)
        if kept is not None:
            self._cache.move_to_end(index)
            return kept
        goes_back = index < self._at <= index + 2 * _BACK
        self._go_to(max(0, index - _BACK) if goes_back else index)
        try:
            while True:
                frame = self._read()
                if frame.index >= index:
                    return frame
        except StopIteration:
            raise no_frame(index, self.info.name, self._count) from None

    def next(self, after: int, timeout: float = 0.0) -> SourceFrame | None:
        """As `Frames.next`."""
        index = after + 1
        kept = self._cache.get(index)
        if kept is not None:
            return kept
        if index != self._at:
            span = self.span
            if self._index is not None and span.last is not None and index > span.last:
                raise StopIteration
            self._go_to(index)
        return self._read()

    def use_index(self, index: FrameIndex) -> None:
        """Take the index that was read meanwhile."""
        self._index = index
        if isinstance(self._source, VideoFile):
            self._source.use_index(index)

    def close(self) -> None:
        """Let go of the source."""
        self._cache.clear()
        self._source.close()

    def _go_to(self, index: int) -> None:
        if index == self._at:
            return
        self._source.seek(index)
        self._frames, self._at = iter(self._source), index

    def _read(self) -> SourceFrame:
        try:
            frame = next(self._frames)
        except (StopIteration, InputError):
            self._count = self._at
            raise
        self._at = frame.index + 1
        self._keep(frame)
        return frame

    def _keep(self, frame: SourceFrame) -> None:
        self._cache[frame.index] = frame
        self._held += frame.rgb.nbytes
        while self._held > self._room and len(self._cache) > 1:
            _, old = self._cache.popitem(last=False)
            self._held -= old.rgb.nbytes


class IndexReader(threading.Thread):
    """Finds the times of all frames of a video in a thread of its own, from its packets."""

    def __init__(self, source: VideoFile, done: Callable[[FrameIndex], None]) -> None:
        """Begin.

        Args:
            source: the video that is played; another handle of the file is read.
            done: called in this thread with what was found; never, where there is no index.
        """
        super().__init__(name="frame index", daemon=True)
        self._source, self._done = source, done
        self._cancelled = threading.Event()
        self.start()

    def cancel(self) -> None:
        """Give up."""
        self._cancelled.set()

    def run(self) -> None:
        try:
            index = self._source.read_index(self._cancelled.is_set)
        except InputError:
            return  # the file is gone; whoever plays it says so
        if index is not None and not self._cancelled.is_set():
            self._done(index)
