"""One file of one frame size, encoded and written in the thread that calls."""

import contextlib
import logging
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from app.core.recorder.atoms import trim_fragments
from app.core.recorder.formats import check_video_name, unwritable
from app.core.recorder.hold import Hold
from app.core.sources.base import Closing
from model.errors import InputError
from model.images import Frame

# libav writes its own lines to stderr; what matters of them is in the sentence raised here
logging.getLogger("libav").setLevel(logging.CRITICAL)

_ENCODER = {
    "preset": "veryfast",
    "crf": "20",
    # no look-ahead and no frames held back: a killed process loses one frame, not forty
    "tune": "zerolatency",
    # a player that seeks decodes two seconds at most
    "g": "60",
}
_BT709 = 1
"""Number of the standard's colours in FFmpeg: what players take untagged HD video for."""


class Segment(Closing):
    """Writes frames to `path`; whichever frame came before the last is on disk."""

    def __init__(
        self, path: Path, size: tuple[int, int], *, base: Fraction, rate: Fraction, step: int
    ) -> None:
        """Create `path` for frames of `size` `(width, height)`; odd sizes are padded to even ones.

        Args:
            path: an existing file is replaced.
            base: seconds per tick.
            rate: nominal frames per second, a hint to the encoder.
            step: ticks that the last frame is shown for.

        Raises:
            InputError: the name's ending is no video's, the file cannot be created, or another
                recording writes it.
        """
        self.path = path
        self.size = size
        self.frames = 0
        """Frames that were encoded."""
        self._kind = check_video_name(path)
        self._base, self._step = base, step
        self._begin = 0
        self._whole_bytes = 0
        self._open = True
        self._broken = False
        try:
            options = dict(self._kind.recording)
            self._container = av.open(str(path), "w", format=self._kind.name, options=options)
        except (av.error.FFmpegError, OSError) as error:
            raise unwritable(path, error) from error
        try:
            self._stream = self._add_stream(rate)
            # the header waits for the first frame: a file without one cannot be completed
            self._stream.codec_context.open()
            self.hold = Hold(path)
            """Of the file, to be closed by who is done with it for good."""
            path.open("wb").close()
        except (av.error.FFmpegError, OSError, ValueError) as error:
            with contextlib.suppress(av.error.FFmpegError, OSError):
                self._container.close()
            if isinstance(error, InputError):
                raise
            raise unwritable(path, error) from error

    def _add_stream(self, rate: Fraction) -> VideoStream:
        width, height = self.size
        stream: VideoStream = self._container.add_stream(
            "libx264", rate=rate, options=dict(_ENCODER)
        )
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.time_base = self._base
        context = stream.codec_context
        context.time_base = self._base
        context.colorspace = context.color_primaries = context.color_trc = _BT709
        context.color_range = ColorRange.MPEG
        return stream

    def write(self, rgb: Frame, tick: int) -> None:
        """Add a frame `(H, W, 3)` of the segment's size; the first one is shown from 0 s on.

        Raises:
            InputError: the frame cannot be written. Those before it stay playable.
        """
        width, height = self.size
        if width % 2 or height % 2:
            rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if not self.frames:
            self._begin = tick
        try:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts, frame.time_base = tick - self._begin, self._base
            frame.duration = self._step
            self._container.mux(self._stream.encode(frame))
            self._whole_bytes = self.path.stat().st_size
        except (av.error.FFmpegError, OSError, MemoryError) as error:
            self._broken = True
            raise unwritable(self.path, error) from error
        self.frames += 1

    def close(self) -> None:
        """Finish the file, or remove one without frames; closing twice is harmless.

        Raises:
            InputError: the rest cannot be written. The file up to there is whole.
        """
        if not self._open:
            return
        self._open = False
        failure: Exception | None = None
        try:
            if self.frames and not self._broken:
                self._container.mux(self._stream.encode(None))
        except (av.error.FFmpegError, OSError) as error:
            failure = error
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            failure = failure or error
        if not self.frames:
            self.path.resolve().unlink(missing_ok=True)
        elif failure is not None or self._broken:
            self._cut_off_torn_end()
        if failure is not None and not self._broken:
            raise unwritable(self.path, failure) from failure

    def _cut_off_torn_end(self) -> None:
        """Leave whole frames only; needs no room on the disk."""
        with contextlib.suppress(OSError):
            if self._kind.is_mp4:
                trim_fragments(self.path)
            elif self._broken:
                os.truncate(self.path, self._whole_bytes)
