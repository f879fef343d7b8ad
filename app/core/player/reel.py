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

    def next(self, after: int, *, hurry: bool = False) -> SourceFrame | None:
        """The first frame after number `after`; None where a live source has none yet.

        Args:
            after: number of a frame.
            hurry: pass over frames of a live source to come to its newest, after which comes None.

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
        self._at: int | None = 0
        self._count: int | None = None
        self._index: FrameIndex | None = None
        self._span = self._new_span()
        self._missing: dict[int, int] = {}
        self._cache: OrderedDict[int, SourceFrame] = OrderedDict()
        self._room, self._held = cache_bytes, 0

    @property
    def span(self) -> Span:
        """Frames that there are, as far as is known."""
        return self._span

    def frame(self, index: int) -> SourceFrame:
        """As `Frames.frame`; in place of a missing one the next."""
        index = self._missing.get(index, index)
        kept = self._cache.get(index)
        if kept is not None:
            self._cache.move_to_end(index)
            return kept
        at = self._at if self._at is not None else index
        if index < at <= index + 2 * _BACK:
            self._go_near(index)
        else:
            self._go_to(index)
        try:
            while True:
                frame = self._read()
                if frame.index >= index:
                    return frame
        except StopIteration:
            raise no_frame(index, self.info.name, self._count) from None

    def next(self, after: int, *, hurry: bool = False) -> SourceFrame | None:
        """As `Frames.next`."""
        index = self._missing.get(after + 1, after + 1)
        kept = self._cache.get(index)
        if kept is not None:
            return kept
        if index != self._at:
            if self._is_beyond(index):
                raise StopIteration
            try:
                self._go_to(index)
            except InputError:
                # trying may have told how many there are
                if self._is_beyond(index):
                    raise StopIteration from None
                raise
        return self._read()

    def use_index(self, index: FrameIndex | None) -> None:
        """Take the index that was read meanwhile; None where there is none to be had."""
        self._index = index
        if isinstance(self._source, VideoFile):
            self._source.use_index(index)
        self._span = self._new_span()

    def close(self) -> None:
        """Let go of the source."""
        self._cache.clear()
        self._source.close()

    def _go_near(self, index: int) -> None:
        """Go a little before a frame, for the steps back that may follow."""
        try:
            self._go_to(max(0, index - _BACK))
        except InputError:
            # one before it is damaged; it need not be itself
            self._go_to(index)

    def _go_to(self, index: int) -> None:
        if index == self._at:
            return
        try:
            self._source.seek(index)
        except InputError:
            self._learn_count()
            raise
        self._frames, self._at = iter(self._source), index

    def _read(self) -> SourceFrame:
        try:
            frame = next(self._frames)
        except StopIteration:
            self._end()
            raise
        except InputError:
            if isinstance(self._source, VideoFile):
                self._end()
            else:
                # one image of a folder is damaged, and others may follow
                self._at = None
            raise
        for index in range(self._at or 0, frame.index):
            self._missing[index] = frame.index
        self._at = frame.index + 1
        self._keep(frame)
        return frame

    def _end(self) -> None:
        """All frames up to here are all there are."""
        if self._index is None:
            self._count = self._at
            self._span = self._new_span()

    def _learn_count(self) -> None:
        """A source that looked for a frame may know by now how many there are."""
        if self._index is None and isinstance(self._source, VideoFile):
            self._count = self._source.count
            self.use_index(self._source.index)

    def _is_beyond(self, index: int) -> bool:
        """Whether a frame is known not to be there."""
        count = len(self._index) if self._index is not None else self._count
        if count is None and not isinstance(self._source, VideoFile):
            count = self.info.frames
        return count is not None and index >= count

    def _new_span(self) -> Span:
        if self._index is not None:
            return Span(0, len(self._index) - 1, self._index.times_s)
        count = self._count if self._count is not None else self.info.frames
        times = None
        if count is not None and self.info.rate and not isinstance(self._source, VideoFile):
            times = np.arange(count) / self.info.rate
        return Span(0, count - 1 if count else None, times)

    def _keep(self, frame: SourceFrame) -> None:
        old = self._cache.pop(frame.index, None)
        self._held += frame.rgb.nbytes - (old.rgb.nbytes if old is not None else 0)
        self._cache[frame.index] = frame
        while self._held > self._room and len(self._cache) > 1:
            _, old = self._cache.popitem(last=False)
            self._held -= old.rgb.nbytes


class IndexReader(threading.Thread):
    """Finds the times of all frames of a video in a thread of its own, from its packets."""

    def __init__(self, source: VideoFile, done: Callable[[FrameIndex | None], None]) -> None:
        """Begin.

        Args:
            source: the video that is played; another handle of the file is read.
            done: called in this thread with what was found, None where there is no index; never,
                where it was given up.
        """
        super().__init__(name="frame index", daemon=True)
        self._source, self._done = source, done
        self._cancelled = threading.Event()
        self.found: FrameIndex | None = None
        self.start()

    @property
    def was_cancelled(self) -> bool:
        """Whether it was given up."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give up."""
        self._cancelled.set()

    def run(self) -> None:
        try:
            self.found = self._source.read_index(self._cancelled.is_set)
        except InputError:
            return  # the file is gone; whoever plays it says so
        if not self._cancelled.is_set():
            self._done(self.found)
