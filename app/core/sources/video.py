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
            last = self._time(frame, index)
            yield SourceFrame(index, last, upright(frame))
            index += 1
            frame = next(self._decoded, None)
        expected = self._tagged_end()
        if expected is not None and last < expected - 0.1 - 2 / (self._rate or 10):
            raise self._broken(index)

    def close(self) -> None:
        self._container.close()

    def _decode(self) -> Iterator[VideoFrame]:
        """Frames in order; damage in the middle is passed over, damage at the end is an error."""
        count, broken = 0, False
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError):
                broken, packet = True, None
            frames: list[VideoFrame] = []
            try:
                if packet is None:
                    frames = self._stream.decode(None) if broken else []
                elif packet.is_corrupt:
                    broken = True
                else:
                    frames = [f for f in packet.decode() if isinstance(f, VideoFrame)]
                    # an empty packet only asks the decoder for what it still holds
                    broken = broken and not packet.size
            except (av.error.FFmpegError, OSError):
                broken = True
            yield from frames
            count += len(frames)
            if packet is None:
                break
        if broken:
            raise self._broken(count)

    def _broken(self, count: int) -> InputError:
        if count == 0:
            return InputError(f"The video {self._path} is damaged: no frame of it can be decoded.")
        return InputError(
            f"The video {self._path} is damaged or cut off after frame {count - 1}; "
            "everything up to there was used."
        )

    def _time(self, frame: VideoFrame, index: int) -> float:
        time_s = frame.time
        if time_s is None:
            # raw streams carry no times
            return index / self._rate if self._rate else float(index)
        return float(time_s)

    def _declared_frames(self) -> int | None:
        stream = self._stream
        # a fragmented file declares its first fragment alone
        if stream.frames > 1:
            return int(stream.frames)
        end = self._tagged_end()
        if end is None or self._rate is None or stream.time_base is None:
            return None
        return round((end - float((stream.start_time or 0) * stream.time_base)) * self._rate)

    def _tagged_end(self) -> float | None:
        """When the video ends by a tag of Matroska, seconds; None where there is no such tag.

        Other containers show by themselves where they are cut off.
        """
        try:
            hours, minutes, seconds = map(float, self._stream.metadata["DURATION"].split(":"))
        except (KeyError, ValueError):
            return None
        return hours * 3600 + minutes * 60 + seconds


def upright(frame: VideoFrame) -> Frame:
    """Pixels of `frame` as RGB, turned as its rotation metadata asks."""
    rgb = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
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
