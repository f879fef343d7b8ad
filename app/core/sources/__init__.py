"""Where frames come from: a video file, a folder of images, a camera, a network stream, the screen.

Every source opens in its constructor, so that what cannot be opened says so before anything else
starts, and yields frames as 8-bit RGB with the time they belong to.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.core.files import from_home
from app.core.sources.base import Health, Source, SourceFrame, SourceInfo, SourceState, reason
from app.core.sources.camera import Camera, camera_name, list_cameras
from app.core.sources.folder import ImageFolder, image_folder
from app.core.sources.live import LiveSource
from app.core.sources.screen import Screen, parse_region
from app.core.sources.stream import STREAM_SCHEMES, Stream, open_stream
from app.core.sources.video import VideoFile
from app.core.sources.watch import Watch
from model.errors import InputError

__all__ = [
    "STREAM_SCHEMES",
    "Camera",
    "Health",
    "ImageFolder",
    "LiveSource",
    "Screen",
    "Source",
    "SourceFrame",
    "SourceInfo",
    "SourceState",
    "Stream",
    "VideoFile",
    "Watch",
    "camera_name",
    "list_cameras",
    "open_source",
    "open_stream",
    "source_path",
]


def open_source(
    text: str,
    *,
    rate: float | None = None,
    size: tuple[int, int] | None = None,
    mirror: bool = False,
) -> Source:
    """Open what `text` names: a file, a folder of images, a camera's number, a URL, the screen.

    A folder in the layout of OTB (`NAME/img`) may be named by `NAME` itself. The screen is
    `screen:`, a part of it `screen:x,y,w,h`.

    Args:
        text: as a user types it.
        rate: frames per second of a folder of images or the screen, or to ask of a camera; files
            and streams keep their own times.
        size: `(width, height)` to ask of a camera; other sources have their own.
        mirror: exchange left and right of a camera.

    Raises:
        InputError: nothing there, or nothing that can be read as video.
    """
    if text.startswith("screen:"):
        return Screen(parse_region(text), rate=rate)
    path = source_path(text)
    if path is None:
        return open_stream(text)
    try:
        folder = image_folder(path) if path.is_dir() else None
        is_there = path.exists()
    except OSError as error:
        raise InputError(
            "The source {path} cannot be read: {reason}.", path=path, reason=reason(error)
        ) from error
    if folder is not None:
        return ImageFolder(folder, rate=rate)
    if text.isdecimal() and not is_there:
        return Camera(int(text), size=size, rate=rate, mirror=mirror)
    return VideoFile(path)


def source_path(text: str) -> Path | None:
    """The path that `text` names for `open_source`; None if it is an address.

    Raises:
        InputError: an address that no server can have.
    """
    try:
        parts = urlsplit(text)
    except ValueError as error:
        if "://" not in text:
            return from_home(text)
        # not in the sentence: there may be a password in it
        raise InputError(
            "The server's name in this address cannot be; write it as rtsp://host/path, with a "
            "host of numbers and colons in brackets."
        ) from error
    scheme = parts.scheme.lower()
    if scheme in STREAM_SCHEMES and "://" in text:
        return None
    return from_home(unquote(parts.path) if scheme == "file" else text)
