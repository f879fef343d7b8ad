"""Annotated video as H.264 that stays playable whatever happens to the process."""

import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from app.core.sources.base import Closing
from model.errors import InputError
from model.images import Frame

logging.getLogger("libav").setLevel(logging.CRITICAL)

TIME_BASE = Fraction(1, 90_000)
"""Unit of the time stamps written; holds those of the common rates exactly."""

_MP4 = {"movflags": "frag_every_frame+hybrid_fragmented", "flush_packets": "1"}
_CONTAINERS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("mp4", _MP4),
    ".m4v": ("mp4", _MP4),
    ".mov": ("mov", _MP4),
    ".mkv": ("matroska", {"flush_packets": "1"}),
}
VIDEO_SUFFIXES = frozenset(_CONTAINERS)


class VideoWriter(Closing):
    """Writes frames with their own times. Each frame is on disk before the next is encoded."""

    def __init__(self, path: Path, width: int, height: int, *, rate: float | None = None) -> None:
        """Create `path` for frames of `width` × `height`; odd sizes are padded to even ones.

        Args:
            path: ends in .mp4, .m4v, .mov or .mkv; an existing file is replaced.
            rate: nominal frames per second, a hint to the encoder; times come with the frames.

        Raises:
            InputError: another ending, or the file cannot be created.
        """
        self.path = path
        self._size = (width, height)
        self._begin: float | None = None
        self._last_pts = -1
        kind = _CONTAINERS.get(path.suffix.lower())
        if kind is None:
            known = ", ".join(sorted(VIDEO_SUFFIXES))
            raise InputError(f"A video cannot be written as {path.name}; end its name in {known}.")
        try:
            self._container = av.open(str(path), "w", format=kind[0], options=kind[1])
        except (av.error.FFmpegError, OSError) as error:
            raise _unwritable(path, error) from error
        try:
            nominal = Fraction(rate or 30).limit_denominator(1001)
            # no look-ahead and no frames held back: a killed process loses one frame, not forty
            options = {"preset": "veryfast", "crf": "20", "tune": "zerolatency"}
            stream = self._container.add_stream("libx264", rate=nominal, options=options)
            stream.width, stream.height = width + width % 2, height + height % 2
            stream.pix_fmt = "yuv420p"
            stream.time_base = TIME_BASE
            stream.codec_context.time_base = TIME_BASE
            self._stream = stream
            self._container.start_encoding()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self._container.close()
            raise _unwritable(path, error) from error
        self._open = True

    def write(self, rgb: Frame, time_s: float) -> None:
        """Add a frame `(H, W, 3)` shown from `time_s` seconds on.

        The video begins with its first frame, so that no player waits for it; from there on frames
        are as far apart as their times. A time that does not grow is moved to just after the last.

        Raises:
            InputError: the frame has another size than the file, or the disk is full.
        """
        height, width = rgb.shape[:2]
        if (width, height) != self._size:
            raise InputError(
                f"The frame at {time_s:.3f} s is {width}×{height} pixels, those before it "
                f"{self._size[0]}×{self._size[1]}; a video holds one size."
            )
        if width % 2 or height % 2:
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if self._begin is None:
            self._begin = time_s
        pts = max(round((time_s - self._begin) / TIME_BASE), self._last_pts + 1)
        self._last_pts = pts
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
        frame.pts, frame.time_base = pts, TIME_BASE
        self._mux(frame)

    def close(self) -> None:
        """Finish the file.

        Raises:
            InputError: the rest cannot be written. The file up to there stays playable.
        """
        if not self._open:
            return
        self._open = False
        try:
            for packet in self._stream.encode(None):
                self._container.mux(packet)
        except (av.error.FFmpegError, OSError) as error:
            raise _unwritable(self.path, error) from error
        finally:
            self._finish()

    def _mux(self, frame: av.VideoFrame) -> None:
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except (av.error.FFmpegError, OSError) as error:
            raise _unwritable(self.path, error) from error

    def _finish(self) -> None:
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            raise _unwritable(self.path, error) from error


def _unwritable(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"The video {path} cannot be written: {reason.rstrip('.').lower()}; "
        "choose a folder that exists, may be written to and has room."
    )
