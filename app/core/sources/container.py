"""Opening containers with PyAV, and the picture of a decoded frame."""

import logging
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from model.errors import InputError
from model.images import Frame

# libav writes its own lines to stderr; what matters of them is in the sentences raised here
logging.getLogger("libav").setLevel(logging.CRITICAL)


def open_file(path: Path) -> InputContainer:
    """Open the video file `path`.

    Raises:
        InputError: missing, empty, unreadable, or no container of a kind that is known.
    """
    if not path.exists():
        raise InputError("There is no file {path}; check the name and the folder.", path=path)
    if path.is_file() and path.stat().st_size == 0:
        raise InputError("The file {path} is empty.", path=path)
    try:
        return av.open(str(path), "r")
    except PermissionError as error:
        raise InputError("The file {path} cannot be read: permission denied.", path=path) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(
            "The file {path} cannot be read as a video; it is damaged, cut off or of another kind.",
            path=path,
        ) from error


def find_video(container: InputContainer) -> VideoStream | None:
    """The first video stream that is more than a cover picture; None where there is none."""
    streams = (s for s in container.streams.video if not is_cover(s))
    return next(streams, None)


def is_cover(stream: VideoStream) -> bool:
    """Whether a stream is the cover picture of a sound file rather than a video."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def upright(frame: VideoFrame) -> Frame:
    """Pixels of `frame` as RGB, turned as its rotation metadata asks."""
    rgb = frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb
