"""DAVIS 2017: a palette picture of masks per frame, several objects per sequence.

    JPEGImages/480p/NAME/*.jpg  Annotations/480p/NAME/*.png  [ImageSets/2017/train.txt]

Every object becomes a track, with the box and cut-outs of its mask. Sequences that `train.txt` does
not name are left to validation.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.training.cutouts import Cutout
from model.training.library import Library
from model.training.readers.frames import LazyFrames, add_backgrounds, pictures_in, read_picture
from model.training.readers.own import cut_target
from model.training.track import Track

_CUT_EVERY = 4
_MOST_CUTOUTS = 20
"""Of one object: they are held in memory."""
_SMALLEST = 64
"""Pixels of a mask below which an object counts as absent."""
_VOID = (224 << 16) | (224 << 8) | 192
"""The palette's colour of what belongs to nothing for certain."""


def is_there(root: Path) -> bool:
    """Whether `root` is laid out as DAVIS."""
    return _resolution(root) is not None


def read(root: Path, library: Library, rng: np.random.Generator) -> None:
    """Add a track per object.

    Raises:
        InputError: a picture without masks of its size, or damaged.
    """
    size = _resolution(root)
    assert size is not None
    masks = root / "Annotations" / size
    listed = root / "ImageSets" / "2017" / "train.txt"
    names = (
        listed.read_text(encoding="utf-8").split()
        if listed.is_file()
        else sorted(p.name for p in masks.iterdir() if p.is_dir())
    )
    sequences = []
    for name in names:
        tracks = _read(name, root / "JPEGImages" / size / name, masks / name)
        library.tracks.extend(tracks)
        sequences += [track.frames for track in tracks[:1]]
    add_backgrounds(library, rng, sequences)


def _resolution(root: Path) -> str | None:
    for size in ("480p", "Full-Resolution", "1080p"):
        if (root / "JPEGImages" / size).is_dir() and (root / "Annotations" / size).is_dir():
            return size
    return None


def _read(name: str, pictures: Path, masks: Path) -> list[Track]:
    paths = pictures_in(pictures)
    if not paths:
        raise InputError(f"The sequence {pictures} holds no pictures; put its frames there.")
    frames = LazyFrames(pictures, [p.name for p in paths])
    boxes: dict[int, NDArray[np.float64]] = {}
    cutouts: dict[int, list[Cutout]] = {}
    for index, path in enumerate(paths):
        labels = _labels(masks / f"{path.stem}.png")
        for label in _objects(labels):
            mask = labels == label
            rows = boxes.setdefault(label, np.full((len(paths), 4), np.nan))
            rows[index] = cv2.boundingRect(mask.astype(np.uint8))
            held = cutouts.setdefault(label, [])
            if index % _CUT_EVERY == 0 and len(held) < _MOST_CUTOUTS:
                image = frames[index]
                if image.shape[:2] != mask.shape:
                    raise InputError(f"The masks of {path} have another size; fetch both again.")
                if (cutout := cut_target(image, mask)) is not None:
                    held.append(cutout)
    found = [
        Track(f"{name}#{number}", frames, boxes[label], cutouts[label])
        for number, label in enumerate(sorted(boxes), 1)
    ]
    return [track for track in found if len(track.seen) >= 2]


def _labels(path: Path) -> NDArray[np.int32]:
    """A number per pixel, the same for the same object in every frame: its colour."""
    colour = read_picture(path).astype(np.int32)
    return (colour[:, :, 0] << 16) | (colour[:, :, 1] << 8) | colour[:, :, 2]


def _objects(labels: NDArray[np.int32]) -> list[int]:
    values, counts = np.unique(labels, return_counts=True)
    return [
        int(value)
        for value, count in zip(values, counts, strict=True)
        if value not in (0, _VOID) and count >= _SMALLEST
    ]
