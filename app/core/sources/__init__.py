"""Where frames come from: a video file, a folder of images, a camera, a network stream.

Every source opens in its constructor, so that what cannot be opened says so before anything else
starts, and yields frames as 8-bit RGB with the time they belong to.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.core.sources.base import Source, SourceFrame, SourceInfo
from app.core.sources.capture import Camera, Stream
from app.core.sources.folder import ImageFolder, image_folder
from app.core.sources.video import VideoFile

__all__ = [
    "Camera",
    "ImageFolder",
    "Source",
    "SourceFrame",
    "SourceInfo",
    "Stream",
    "VideoFile",
    "open_source",
]

STREAM_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "srt"})


def open_source(text: str, *, rate: float | None = None) -> Source:
    """Open what `text` names: a file, a folder of images, a camera's number, or a URL.

    A folder in the layout of OTB (`NAME/img`) may be named by `NAME` itself.

    Args:
        text: as a user types it.
        rate: frames per second of a folder of images, or to ask of a camera; files and streams
            keep their own times.

    Raises:
        InputError: nothing there, or nothing that can be read as video.
    """
    scheme = urlsplit(text).scheme.lower()
    if scheme in STREAM_SCHEMES and "://" in text:
        return Stream(text)
    path = Path(unquote(urlsplit(text).path) if scheme == "file" else text).expanduser()
    if path.is_dir():
        return ImageFolder(image_folder(path), rate=rate)
    if text.isdecimal() and not path.exists():
        return Camera(int(text), rate=rate)
    return VideoFile(path)
