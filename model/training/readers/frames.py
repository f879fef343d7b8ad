"""Pictures on disk: one at a time, and sequences of them that are decoded when asked for."""

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import overload

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images import Frame
from model.training.library import Library

PICTURES = {".jpg", ".jpeg", ".png"}
_CACHED = 16
"""Decoded pictures each process keeps: neighbours in a clip are often the same picture."""
_MOST_BACKGROUNDS = 600
"""Pictures of lazy sequences kept in memory to stand behind synthetic targets, all sets in all."""
_BACKGROUND_EVERY = 12
_WIDEST = 640


def read_picture(path: Path) -> Frame:
    """A picture as RGB.

    Raises:
        InputError: missing or damaged.
    """
    image = decode(path, cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise InputError(f"The picture {path} cannot be read; replace or remove it.")
    return image  # type: ignore[return-value]


def decode(path: Path, flags: int) -> NDArray[np.integer | np.floating] | None:
    """A picture as `cv2.imread` gives it with `flags`; None where it is missing or damaged."""
    try:
        # not cv2.imread: on Windows it cannot open paths with characters beyond the code page
        data = np.frombuffer(path.read_bytes(), np.uint8)
        return cv2.imdecode(data, flags) if data.size else None
    except (OSError, cv2.error):  # the latter of a head that asks for more pixels than can be
        return None


def pictures_in(folder: Path) -> list[Path]:
    """Pictures of a folder, in order of name."""
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in PICTURES)


class LazyFrames(Sequence[Frame]):
    """Pictures of a folder, decoded when asked for; a few are kept. They are not to be changed.

    Args:
        folder: where they lie.
        names: their names, in order.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self.folder = folder
        # one array of bytes: large sets have a million names, and forked workers share it
        self._names: NDArray[np.bytes_] = np.array([os.fsencode(name) for name in names], np.bytes_)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Frame: ...
    @overload
    def __getitem__(self, index: slice) -> "LazyFrames": ...
    def __getitem__(self, index: int | slice) -> "Frame | LazyFrames":
        """A picture, or a part of the sequence.

        Raises:
            InputError: the picture is missing or damaged.
        """
        if isinstance(index, slice):
            part = LazyFrames(self.folder, ())
            part._names = self._names[index]
            return part
        return _decoded(str(self.folder / os.fsdecode(self._names[index])))


@lru_cache(maxsize=_CACHED)
def _decoded(path: str) -> Frame:
    image = read_picture(Path(path))
    image.flags.writeable = False
    return image


def at_most_wide(image: Frame, width: int = _WIDEST) -> Frame:
    """The picture, made smaller where its longer side exceeds `width` pixels."""
    k = width / max(image.shape[:2])
    if k >= 1:
        return image
    size = (max(1, round(image.shape[1] * k)), max(1, round(image.shape[0] * k)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def add_backgrounds(
    library: Library, rng: np.random.Generator, sequences: Sequence[Sequence[Frame]]
) -> None:
    """Let some pictures of sequences stand behind synthetic targets, spread over all of them."""
    places = [(s, i) for s in sequences for i in range(0, len(s), _BACKGROUND_EVERY)]
    room = max(0, _MOST_BACKGROUNDS - len(library.backgrounds))
    for pick in sorted(rng.permutation(len(places))[:room]):
        sequence, index = places[pick]
        library.add_background(at_most_wide(sequence[index]))
