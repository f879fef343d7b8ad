"""Images in a folder as a source of frames."""

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from app.core.sources.base import Closing, SourceFrame, SourceInfo, check_rate, reason
from model.errors import InputError
from model.images import Frame, as_rgb

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
DEFAULT_RATE = 30.0
"""Frames per second of a folder of images, which has no clock of its own."""


class ImageFolder(Closing):
    """A folder of images in natural order (`2.jpg` before `10.jpg`)."""

    def __init__(self, folder: Path, *, rate: float | None = None) -> None:
        """Open `folder`; frame `i` has the time `i / rate` (30 frames a second by default).

        Raises:
            InputError: no folder, no images in it, or its first image cannot be read.
        """
        self._rate = check_rate(rate) or DEFAULT_RATE
        try:
            self._paths = sorted(image_files(folder), key=lambda path: _natural(path.name))
        except OSError as error:
            raise InputError(f"The folder {folder} cannot be read: {reason(error)}.") from error
        if not self._paths:
            kinds = ", ".join(sorted(suffix[1:] for suffix in IMAGE_SUFFIXES))
            raise InputError(f"The folder {folder} holds no images; put {kinds} files into it.")
        height, width = read_image(self._paths[0]).shape[:2]
        self.info = SourceInfo(
            _folder_name(folder), width, height, len(self._paths), self._rate, is_live=False
        )

    def __iter__(self) -> Iterator[SourceFrame]:
        for index, path in enumerate(self._paths):
            yield SourceFrame(index, index / self._rate, read_image(path))


def image_folder(folder: Path) -> Path:
    """The folder that holds the images: `folder`, or its `img` where only that has any."""
    inner = folder / "img"
    return inner if inner.is_dir() and not any(image_files(folder)) else folder


def image_files(folder: Path) -> Iterator[Path]:
    """The images in `folder`, in no order; hidden files are left out."""
    for path in folder.iterdir():
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith("."):
            yield path


def read_image(path: Path) -> Frame:
    """Read one image as RGB: grey, alpha and 16 bits are reduced, EXIF orientation is honoured.

    Raises:
        InputError: the file cannot be read as an image.
    """
    try:
        # decoded from memory, for OpenCV on Windows opens no path beyond the code page
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(f"The image {path} cannot be read: {reason(error)}.") from error
    flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
    image = cv2.imdecode(data, flags) if data.size else None
    if image is None:
        raise InputError(f"The image {path} is damaged or not an image; replace or remove it.")
    try:
        return as_rgb(image, bgr=True)
    except InputError as error:
        raise InputError(f"The image {path} cannot be used: {error}") from error


def _natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    parts = re.findall(r"\d+|\D+", name.lower())
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts], name


def _folder_name(folder: Path) -> str:
    folder = folder.resolve()
    return folder.parent.name if folder.name == "img" and folder.parent.name else folder.name
