"""A video file through PyAV, with the container's own presentation times."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

from av.video.frame import VideoFrame

from app.core.sources.base import Closing, Health, SourceFrame, SourceInfo, SourceState, no_frame
from app.core.sources.container import upright
from app.core.sources.decoder import Decoder
from app.core.sources.index import FrameIndex
from app.core.sources.order import Clock
from app.core.sources.tail import is_cut_off
from model.errors import InputError
from model.sentences import Sentence

NEAR = 60
"""So many frames ahead are decoded on the way rather than looked up."""
_KEYS_BACK = (0, 1, 3, 8)
"""Keyframes before the nearest that are tried where a frame cannot be decoded from it."""


class VideoFile(Closing):
    """A video file, upright (rotation metadata applied), in order of presentation.

    Frames that the container's edit list leaves out are left out. Reading and seeking belong to
    one thread.
    """

    seekable = True

    def __init__(self, path: Path) -> None:
        """Open `path` and decode its first frame.

        Raises:
            InputError: missing, unreadable, empty, no video in it, or damaged from the start.
        """
        self._path = path
        self._decoder = Decoder(path)
        try:
            first = self._decoder.next()
            if first is None:
                fault = Sentence("The video {path} holds no frame; it may be damaged or empty.")
                if self._decoder.is_broken:
                    fault = Sentence("The video {path} is damaged: no frame of it can be decoded.")
                raise InputError(fault, path=path)
        except BaseException:
            self._decoder.close()
            raise
        self._first_pts = first[1].pts
        self._index: FrameIndex | None = None
        self._is_indexed = False
        self._ahead: tuple[int, VideoFrame] | None = first
        self._at = 0
        self._ended = False
        self._played: int | None = None
        stream = self._decoder.stream
        rate = stream.average_rate or stream.guessed_rate
        self._rate = float(rate) if rate else None
        self._clock = self._new_clock()
        self._last_s = self._end_s = -math.inf
        height, width = upright(first[1]).shape[:2]
        self.info = SourceInfo(
            path.stem, width, height, self._declared_frames(), self._rate, is_live=False
        )

    def __iter__(self) -> Iterator[SourceFrame]:
        while (found := self._take()) is not None:
            number, frame = found
            self._at = number + 1
            self._last_s = self._time(number, frame)
            self._end_s = self._last_s + _duration_s(frame)
            yield SourceFrame(number, self._last_s, upright(frame))
        self._end()
        if self._decoder.is_broken or self._ends_early() or is_cut_off(self._path):
            raise InputError(
                "The video {path} is damaged or cut off after frame {last}; "
                "everything up to there was used.",
                path=self._path,
                last=self._at - 1,
            )

    def seek(self, index: int) -> None:
        """Let the next frame be exactly number `index`; after the last frame, iterate anew.

        The first jump reads the whole file once, undecoded, for the index.

        Raises:
            InputError: no such frame, or it is damaged; the source stays where it is.
        """
        if index < 0:
            raise no_frame(index, self.info.name, self.count)
        if not 0 <= index - self._at <= NEAR:
            count = self.count
            if count is not None and index >= count:
                raise no_frame(index, self.info.name, count)
        back = self._at
        if self._go_to(index):
            return
        is_beyond = self._ended
        if not self._go_to(back):
            self._at, self._ahead = back, None
        if is_beyond:
            raise no_frame(index, self.info.name, self.count)
        raise InputError(
            "Frame {index} of {name} is damaged; go to another one.",
            index=index,
            name=self.info.name,
        )

    def state(self) -> SourceState:
        """`ended` after the last frame, else `ok`."""
        return SourceState(Health.ENDED if self._ended else Health.OK)

    @property
    def index(self) -> FrameIndex | None:
        """All frames and their times; None where the container's times are no guide to frames.

        Asking for it reads the whole file once, undecoded.
        """
        if not self._is_indexed:
            self._index = self._decoder.read_index(self._first_pts)
            self._is_indexed = True
        return self._index

    def read_index(self, give_up: Callable[[], bool]) -> FrameIndex | None:
        """Read the index, unless it is given up; may be called in a thread beside what is read."""
        return self._decoder.read_index(self._first_pts, give_up)

    def use_index(self, index: FrameIndex | None) -> None:
        """Take an index that `read_index` found, so that it is not read again."""
        self._index, self._is_indexed = index, True

    def close(self) -> None:
        self._decoder.close()

    @property
    def count(self) -> int | None:
        """Number of frames; None where only playing to the end would tell. Asks for the index."""
        return len(self.index) if self.index is not None else self._played

    def _take(self) -> tuple[int, VideoFrame] | None:
        found, self._ahead = self._ahead, None
        return found if found is not None else self._decoder.next()

    def _go_to(self, index: int) -> bool:
        """Make frame `index` the next one; False where it is not to be had."""
        if 0 <= index - self._at <= NEAR and not self._ended:
            return self._forward(index)
        if self.index is not None and index < len(self.index):
            key = int(self.index.key_of[index])
            for back in _KEYS_BACK:
                if back <= key and self._decoder.start_at(key - back, self.index):
                    self._ahead, self._ended, self._clock = None, False, self._new_clock()
                    if self._forward(index, without_gaps=True):
                        return True
        if index < self._at or self._ended or self.index is not None:
            self._decoder.restart()
            self._clock = self._new_clock()
            self._ahead, self._ended, self._at = None, False, 0
        return self._forward(index)

    def _forward(self, index: int, *, without_gaps: bool = False) -> bool:
        """Decode up to frame `index`; False where it is missing or, if asked, any on the way."""
        last: int | None = None
        while (found := self._take()) is not None:
            number, frame = found
            if number >= index:
                self._ahead = found
                self._at = number
                return number == index and (not without_gaps or last in (None, number - 1))
            if without_gaps and last is not None and number != last + 1:
                return False
            last = number
            # every frame moves the clock on
            self._time(number, frame)
            self._at = number + 1
        self._end()
        return False

    def _end(self) -> None:
        self._ended, self._played = True, self._at

    def _time(self, number: int, frame: VideoFrame) -> float:
        index = self._index
        if index is not None and number < len(index) and index.pts[number] == frame.pts:
            return float(index.times_s[number])
        return self._clock.time(frame.time if self._decoder.has_times else None)

    def _new_clock(self) -> Clock:
        return Clock(1 / self._rate if self._rate else None)

    def _ends_early(self) -> bool:
        """Whether the file promised more by a tag than came."""
        end = self._tagged_end()
        return end is not None and self._end_s < end - 0.1 - 2 / (self._rate or 10)

    def _declared_frames(self) -> int | None:
        stream = self._decoder.stream
        # a fragmented file declares its first fragment alone
        if stream.frames > 1:
            return int(stream.frames)
        end = self._tagged_end()
        if end is None or self._rate is None or stream.time_base is None:
            return None
        return round((end - float((stream.start_time or 0) * stream.time_base)) * self._rate)

    def _tagged_end(self) -> float | None:
        """When the video ends by a tag of Matroska, seconds; None where there is no such tag."""
        try:
            hours, minutes, seconds = map(
                float, self._decoder.stream.metadata["DURATION"].split(":")
            )
        except (KeyError, ValueError):
            return None
        return hours * 3600 + minutes * 60 + seconds


def _duration_s(frame: VideoFrame) -> float:
    """For how long the container says that a frame is shown; infinite where it does not."""
    if not frame.duration or not frame.time_base:
        return math.inf
    return float(frame.duration * frame.time_base)
