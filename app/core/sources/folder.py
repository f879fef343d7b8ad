"""Images in a folder as a source of frames."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.core.sources.base import (
    Closing,
    Health,
    SourceFrame,
    SourceInfo,
    SourceState,
    check_rate,
    no_frame,
    reason,
)
from model.errors import InputError
from model.images import Frame, as_rgb
from model.sentences import Sentence

# OpenCV writes its own lines to stderr; what matters of them is in the sentences raised here
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
_EXIF_ORIENTATION = 0x0112
DEFAULT_RATE = 30.0
"""Frames per second of a folder of images, which has no clock of its own."""


class ImageFolder(Closing):
    """A folder of images in natural order (`2.jpg` before `10.jpg`).

    Images may differ in size; `info.notice` says so.
    """

    seekable = True

    def __init__(self, folder: Path, *, rate: float | None = None) -> None:
        """Open `folder`; frame `i` has the time `i / rate` (30 frames a second by default).

        Raises:
            InputError: no folder, no images in it, or its first image cannot be read.
        """
        self._rate = check_rate(rate) or DEFAULT_RATE
        try:
            self._paths = sorted(image_files(folder), key=lambda path: natural(path.name))
        except OSError as error:
            raise InputError(
                "The folder {folder} cannot be read: {reason}.", folder=folder, reason=reason(error)
            ) from error
        if not self._paths:
            kinds = ", ".join(sorted(suffix[1:] for suffix in IMAGE_SUFFIXES))
            raise InputError(
                "The folder {folder} holds no images; put {kinds} files into it.",
                folder=folder,
                kinds=kinds,
            )
        height, width = read_image(self._paths[0]).shape[:2]
        name = _folder_name(folder)
        notice = _mixed_sizes(name, self._paths)
        self._next = 0
        self.info = SourceInfo(
            name, width, height, len(self._paths), self._rate, is_live=False, notice=notice
        )

    def __iter__(self) -> Iterator[SourceFrame]:
        while self._next < len(self._paths):
            index = self._next
            self._next += 1
            yield SourceFrame(index, index / self._rate, read_image(self._paths[index]))

    def seek(self, index: int) -> None:
        """Let the next frame be image number `index`.

        Raises:
            InputError: there are not as many.
        """
        if not 0 <= index < len(self._paths):
            raise no_frame(index, self.info.name, len(self._paths))
        self._next = index

    def state(self) -> SourceState:
        """`ended` after the last image, else `ok`."""
        return SourceState(Health.ENDED if self._next >= len(self._paths) else Health.OK)


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
        raise InputError(
            "The image {path} cannot be read: {reason}.", path=path, reason=reason(error)
        ) from error
    flags = cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH
    try:
        image = cv2.imdecode(data, flags) if data.size else None
    except cv2.error:
        image = None  # a head that asks for more pixels than there can be
    if image is None:
        raise InputError(
            "The image {path} is damaged or not an image; replace or remove it.", path=path
        )
    try:
        return as_rgb(image, bgr=True)
    except InputError as error:
        raise InputError(
            "The image {path} cannot be used: {error}", path=path, error=error
        ) from error


def _mixed_sizes(name: str, paths: list[Path]) -> str:
    """A sentence where images differ in size; empty where they do not. Reads their heads alone."""
    sizes = Counter(size for size in map(_upright_size, paths) if size is not None)
    if len(sizes) < 2:
        return ""
    (width, height), count = sizes.most_common(1)[0]
    return Sentence(
        "The images in {name} have {sizes} sizes, most often {width}×{height} "
        "({count} of {total}); tracking ends where the size changes.",
        name=name,
        sizes=len(sizes),
        width=width,
        height=height,
        count=count,
        total=sizes.total(),
    )


def _upright_size(path: Path) -> tuple[int, int] | None:
    """Width and height as shown; None where the head of the file does not tell."""
    try:
        with Image.open(path) as image:
            is_turned = image.getexif().get(_EXIF_ORIENTATION, 1) >= 5
            width, height = image.size
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError):
        return None
    return (height, width) if is_turned else (width, height)


def natural(name: str) -> tuple[list[tuple[bool, int, str]], str]:
    """Key of the natural order of names: `2.jpg` before `10.jpg`."""
    parts = re.findall(r"\d+|\D+", name.lower())
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts], name


def _folder_name(folder: Path) -> str:
    folder = folder.resolve()
    return folder.parent.name if folder.name == "img" and folder.parent.name else folder.name
