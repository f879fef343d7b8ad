"""Small first pictures of videos and folders of images, for lists."""

from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from app.core.sources.container import find_video, open_file, upright
from app.core.sources.folder import image_files, image_folder, natural, read_image
from app.core.sources.stream import MAX_PIXELS
from model.errors import InputError
from model.images import Frame


def thumbnail(path: Path, width: int, height: int) -> Frame | None:
    """The first picture of the video or folder `path`, at most `width` × `height` pixels.

    Its proportions are kept and it is not enlarged. None where there is no picture to be had, for
    whatever reason, or one too large to be had quickly. `(h, w, 3)` uint8 RGB.
    """
    try:
        picture = _first_image(path) if path.is_dir() else _first_frame(path)
    except (InputError, av.error.FFmpegError, OSError, ValueError, MemoryError):
        return None
    if picture is None:
        return None
    h, w = picture.shape[:2]
    factor = min(width / w, height / h, 1.0)
    size = (max(1, round(w * factor)), max(1, round(h * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _first_image(folder: Path) -> Frame | None:
    paths = list(image_files(image_folder(folder)))
    first = min(paths, key=lambda path: natural(path.name), default=None)
    return None if first is None else read_image(first)


def _first_frame(path: Path) -> Frame | None:
    if not path.is_file():
        return None
    with open_file(path) as container:
        stream = find_video(container)
        if stream is None or stream.width * stream.height > MAX_PIXELS:
            return None
        for frame in container.decode(stream):
            if isinstance(frame, VideoFrame):
                return upright(frame)
    return None
