"""Sequences on disk in the layout of OTB: `NAME/img/*.jpg` and `NAME/groundtruth.txt`."""

import re
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from model.errors import InputError
from model.evaluation.metrics import Boxes, present
from model.images import Frame

TRUTH_NAMES = ("groundtruth.txt", "groundtruth_rect.txt")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


@dataclass(frozen=True)
class Sequence:
    """Pictures of one target, and where it is in each."""

    name: str
    images: tuple[Path, ...]
    truth: Boxes
    """`(N, 4)`: x, y, w, h in pixels, 0-based; nan where the target is absent."""

    def __len__(self) -> int:
        return len(self.images)

    def read(self, index: int) -> Frame:
        """Picture `index` as `(H, W, 3)` uint8 BGR.

        Raises:
            InputError: the file is not a readable picture.
        """
        path = self.images[index]
        try:
            # not cv2.imread: on Windows it cannot open paths with characters beyond the code page
            data = np.frombuffer(path.read_bytes(), np.uint8)
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}).") from error
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        if image is None:
            raise InputError(f"{path} is not a readable picture; fetch the sequence again.")
        return image.astype(np.uint8, copy=False)

    def starts(self, count: int) -> list[int]:
        """Frames to start a tracker at: `count` places evenly spread, each moved on to the next
        frame where the target is there. Places that fall together, or that leave nothing to
        track, are dropped, so there may be fewer than `count`.

        Raises:
            InputError: `count` below 1.
        """
        if count < 1:
            raise InputError(f"{count} starts cannot be run; give 1 or more.")
        usable = np.flatnonzero(present(self.truth)[:-1])
        places: list[int] = []
        for i in range(count):
            later = usable[usable >= i * len(self) // count]
            if len(later) and int(later[0]) not in places:
                places.append(int(later[0]))
        return places


def read_sequences(folder: Path, names: SequenceOf[str] | None = None) -> list[Sequence]:
    """Every sequence below `folder`, or `folder` itself if it is one, in natural order.

    Args:
        folder: holds `NAME/img/` and `NAME/groundtruth.txt` per sequence, or is one such `NAME`.
        names: take only these, in the order of the folder.

    Raises:
        InputError: no such folder, no sequence in it, a name that is not there, or a sequence
            whose files are missing, malformed, or disagree.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one with NAME/img and groundtruth.txt.")
    if _is_sequence(folder):
        found = [folder]
    else:
        found = sorted((p for p in folder.iterdir() if _is_sequence(p)), key=_natural)
    if not found:
        raise InputError(
            f"{folder} holds no sequence; each is a folder NAME with pictures in NAME/img and "
            "one x,y,w,h per line in NAME/groundtruth.txt."
        )
    if names is not None:
        known = {_name(p) for p in found}
        missing = [n for n in names if n not in known]
        if missing:
            raise InputError(
                f"{folder} holds no sequence named {', '.join(missing)}; "
                f"it holds {', '.join(_name(p) for p in found)}."
            )
        found = [p for p in found if _name(p) in names]
    return [read_sequence(p) for p in found]


def read_sequence(folder: Path) -> Sequence:
    """One sequence: pictures of `folder/img` in natural order, and its ground truth.

    Raises:
        InputError: as for `read_sequences`.
    """
    truth_path = next((folder / n for n in TRUTH_NAMES if (folder / n).is_file()), None)
    if truth_path is None:
        raise InputError(f"{folder} has no groundtruth.txt; write one x,y,w,h per picture in it.")
    if not (folder / "img").is_dir():
        raise InputError(f"{folder} has no folder img; put the sequence's pictures there.")
    images = sorted(
        (p for p in (folder / "img").iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=_natural
    )
    if not images:
        raise InputError(f"{folder / 'img'} holds no pictures; put the sequence's frames there.")
    truth = _read_truth(truth_path)
    if len(truth) != len(images):
        raise InputError(
            f"{truth_path} has {len(truth)} boxes for {len(images)} pictures in "
            f"{folder / 'img'}; there must be one line per picture."
        )
    if not present(truth)[:-1].any():
        raise InputError(f"{truth_path} has no box to start a tracker from before its last line.")
    return Sequence(_name(folder), tuple(images), truth)


def _read_truth(path: Path) -> Boxes:
    try:
        lines = path.read_text(encoding="utf-8").strip().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text ({error}).") from error
    rows = np.empty((len(lines), 4), np.float64)
    for i, line in enumerate(lines):
        try:
            rows[i] = _numbers(line)
        except ValueError:
            raise InputError(
                f"{path}, line {i + 1}: {line.strip()!r} is not four numbers x,y,w,h "
                "(nan,nan,nan,nan where the target is absent)."
            ) from None
    rows[~present(rows)] = np.nan
    return rows


def _numbers(line: str) -> list[float]:
    values = [float(part) for part in re.split(r"[,;\s]+", line.strip()) if part]
    if len(values) != 4:
        raise ValueError(line)
    return values


def _is_sequence(folder: Path) -> bool:
    return folder.is_dir() and (
        (folder / "img").is_dir() or any((folder / n).is_file() for n in TRUTH_NAMES)
    )


def _name(folder: Path) -> str:
    return folder.resolve().name


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Order in which `9.jpg` comes before `10.jpg`."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]
