"""A video file through PyAV, with the container's own presentation times."""

import logging
import math
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.core.sources.base import Closing, SourceFrame, SourceInfo
from model.errors import InputError
from model.images import Frame

# libav writes its own lines to stderr; what matters of them is in the sentence raised here
logging.getLogger("libav").setLevel(logging.CRITICAL)


class VideoFile(Closing):
    """A video file, upright (rotation metadata applied), in order of presentation."""

    def __init__(self, path: Path) -> None:
        """Open `path` and decode its first frame.

        Raises:
            InputError: missing, unreadable, empty, no video in it, or damaged from the start.
        """
        self._path = path
        self._container = _open(path)
        try:
            self._stream = _video_stream(self._container, path)
            self._decoded = self._decode()
            self._first = next(self._decoded, None)
            if self._first is None:
                raise InputError(f"The video {path} holds no frame; it may be damaged or empty.")
        except BaseException:
            self._container.close()
            raise
        height, width = upright(self._first).shape[:2]
        rate = self._stream.average_rate or self._stream.guessed_rate
        self._rate = float(rate) if rate else None
        self.info = SourceInfo(
            path.stem, width, height, self._declared_frames(), self._rate, is_live=False
        )

    def __iter__(self) -> Iterator[SourceFrame]:
        last = -math.inf
        index = 0
        frame = self._first
        while frame is not None:
            last = self._time(frame, index, last)
            yield SourceFrame(index, last, upright(frame))
            index += 1
            frame = next(self._decoded, None)
        expected = self._declared_end()
        if expected is not None and last < expected - max(0.5, 0.05 * expected):
            raise self._broken(index)

    def close(self) -> None:
        self._container.close()

    def _decode(self) -> Iterator[VideoFrame]:
        count = 0
        try:
            for packet in self._container.demux(self._stream):
                if packet.is_corrupt:
                    raise self._broken(count)
                for frame in packet.decode():
                    if isinstance(frame, VideoFrame):
                        yield frame
                        count += 1
        except (av.error.FFmpegError, OSError) as error:
            raise self._broken(count) from error

    def _broken(self, count: int) -> InputError:
        if count == 0:
            return InputError(f"The video {self._path} is damaged: no frame of it can be decoded.")
        return InputError(
            f"The video {self._path} is damaged or cut off after frame {count - 1}; "
            "everything up to there was used."
        )

    def _time(self, frame: VideoFrame, index: int, last: float) -> float:
        time_s = frame.time
        if time_s is None:
            # raw streams carry no times
            return index / self._rate if self._rate else float(index)
        return float(time_s)

    def _declared_frames(self) -> int | None:
        if self._stream.frames:
            return int(self._stream.frames)
        end = self._declared_end()
        start = float((self._stream.start_time or 0) * (self._stream.time_base or 0))
        return round((end - start) * self._rate) if end is not None and self._rate else None

    def _declared_end(self) -> float | None:
        """When the video stream ends by its header, seconds; None where the header is silent."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
        # Matroska keeps the duration of a stream as a tag
        tag = stream.metadata.get("DURATION", "")
        parts = tag.split(":")
        try:
            hours, minutes, seconds = (float(part) for part in parts)
        except ValueError:
            return None
        return hours * 3600 + minutes * 60 + seconds


def upright(frame: VideoFrame) -> Frame:
    """Pixels of `frame` as RGB, turned as its rotation metadata asks."""
    rgb = frame.to_ndarray(format="rgb24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb


def _open(path: Path) -> InputContainer:
    if not path.exists():
        raise InputError(f"There is no file {path}; check the name and the folder.")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"The file {path} is empty.")
    try:
        return av.open(str(path), "r")
    except PermissionError as error:
        raise InputError(f"The file {path} cannot be read: permission denied.") from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            f"The file {path} cannot be read as a video; it is damaged, cut off or of another kind."
        ) from error


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    streams = [s for s in container.streams.video if not is_cover(s)]
    if not streams:
        raise InputError(f"The file {path} holds no video, only sound or data.")
    stream = streams[0]
    stream.thread_type = "AUTO"
    return stream


def is_cover(stream: VideoStream) -> bool:
    """Whether a stream is the cover picture of a sound file rather than a video."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
