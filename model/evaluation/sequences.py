"""Sequences on disk, pictures and boxes of one target, in any layout of `layouts`."""

import re
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from model.errors import InputError
from model.evaluation.layouts import Flags, Place, find_places, read_labels
from model.evaluation.metrics import Boxes, present
from model.images import Frame


@dataclass(frozen=True)
class Sequence:
    """Pictures of one target, and where it is in each."""

    name: str
    images: tuple[Path, ...]
    truth: Boxes
    """`(N, 4)`: x, y, w, h in pixels, 0-based; nan where the target is absent."""
    occluded: Flags
    """`(N,)`: frames labelled as such; all False where the data set has no labels."""
    out_of_view: Flags
    """`(N,)`: likewise."""

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
        try:
            image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
        except cv2.error:
            image = None  # a head that asks for more pixels than there can be
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

    def first(self, frames: int) -> "Sequence":
        """The same sequence cut after so many frames.

        Raises:
            InputError: the target is in none of them but the last.
        """
        if not present(self.truth)[: frames - 1].any():
            raise InputError(
                f"The first {frames} frames of {self.name} hold no box to start a tracker from; "
                "take more of them."
            )
        return replace(
            self, images=self.images[:frames], truth=self.truth[:frames],
            occluded=self.occluded[:frames], out_of_view=self.out_of_view[:frames],
        )  # fmt: skip


def read_sequences(folder: Path, names: SequenceOf[str] | None = None) -> list[Sequence]:
    """Every sequence below `folder`, or `folder` itself if it is one, in natural order.

    Args:
        folder: sequences in a layout of OTB, LaSOT, GOT-10k or TrackingNet, or one of them.
        names: take only these, in the order of the folder.

    Raises:
        InputError: no such folder, no sequence in it, a name that is not there or there twice, or
            a sequence whose files are missing, malformed, or disagree.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one with NAME/img and groundtruth.txt.")
    found = find_places(folder)
    if not found:
        raise InputError(
            f"{folder} holds no sequence; each is a folder NAME with pictures in NAME/img and "
            "one x,y,w,h per line in NAME/groundtruth.txt, or lies as in GOT-10k or TrackingNet."
        )
    known = [p.name for p in found]
    if names is not None:
        missing = [n for n in names if n not in known]
        if missing:
            raise InputError(
                f"{folder} holds no sequence named {', '.join(missing)}; it holds {_few(known)}."
            )
        found = [p for p in found if p.name in names]
    for place in found:
        if known.count(place.name) > 1:
            raise InputError(f"{folder} holds {place.name} twice; give a folder further down.")
    return [_read(p) for p in found]


def read_sequence(folder: Path) -> Sequence:
    """The one sequence that `folder` is.

    Raises:
        InputError: as for `read_sequences`, or it holds several.
    """
    found = read_sequences(folder)
    if len(found) > 1:
        raise InputError(f"{folder} holds {len(found)} sequences; give the folder of one.")
    return found[0]


def _read(place: Place) -> Sequence:
    if place.truth is None:
        raise InputError(
            f"{place.folder} has no groundtruth.txt; write one x,y,w,h per picture in it."
        )
    if not place.images.is_dir():
        raise InputError(f"{place.folder} has no folder img; put the sequence's pictures there.")
    truth = _read_truth(place.truth)
    images = place.pictures(len(truth))
    if not images:
        raise InputError(f"{place.images} holds no pictures; put the sequence's frames there.")
    if len(truth) != len(images):
        only_first = "; test splits publish the first box alone" if len(truth) == 1 else ""
        raise InputError(
            f"{place.truth} has {len(truth)} boxes for {len(images)} pictures in "
            f"{place.images}; there must be one line per picture{only_first}."
        )
    labels = read_labels(place, len(images))
    truth[labels.absent] = np.nan
    if not present(truth)[:-1].any():
        raise InputError(f"{place.truth} has no box to start a tracker from before its last line.")
    return Sequence(place.name, tuple(images), truth, labels.occluded, labels.out_of_view)


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


def _few(names: SequenceOf[str]) -> str:
    """Names for a message, not thousands of them."""
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return ", ".join(names[:20]) + more
