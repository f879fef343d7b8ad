"""Where the published data sets keep pictures, boxes and labels of a sequence.

- OTB: `NAME/img/0001.jpg`, `NAME/groundtruth_rect.txt`; of two targets `groundtruth_rect.1.txt`
  and `.2.txt`, which become the sequences `NAME.1` and `NAME.2`.
- LaSOT: `CATEGORY/NAME/img/00000001.jpg`, beside `img` are `groundtruth.txt`, `full_occlusion.txt`
  and `out_of_view.txt`.
- GOT-10k: `NAME/00000001.jpg`, beside them `groundtruth.txt`, `absence.label`, `cover.label` and
  `cut_by_image.label`.
- TrackingNet: `TRAIN_0/frames/NAME/0.jpg`, `TRAIN_0/anno/NAME.txt`.

The folder given may be one sequence, a folder of them, or hold such folders one level further down
(categories of LaSOT, splits of GOT-10k and TrackingNet).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError

TRUTH_NAMES = ("groundtruth.txt", "groundtruth_rect.txt")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
COVERED = 4
"""GOT-10k's `cover` runs from 0, hidden, to 8, wholly visible; up to 4 less than 75 % is."""

_SPANS = {
    "david": (300, 770), "diving": (1, 215), "football1": (1, 74), "freeman3": (1, 460),
    "freeman4": (1, 283),
}  # fmt: skip
"""First and last picture that OTB's boxes are for, where it has more pictures than boxes."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Place:
    """The files of one sequence."""

    name: str
    folder: Path
    """What messages call the sequence; labels lie in it."""
    images: Path
    truth: Path | None

    def pictures(self, boxes: int) -> list[Path]:
        """Pictures in natural order; of OTB's longer folders those that its `boxes` are for."""
        if not self.images.is_dir():
            return []
        found = sorted(
            (p for p in self.images.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=natural
        )
        span = _SPANS.get(self.folder.name.lower())
        if span is not None and len(found) > boxes == span[1] - span[0] + 1:
            return found[span[0] - 1 : span[1]]
        return found


@dataclass(frozen=True)
class Labels:
    """What a data set says of each frame beyond the box, `(N,)` each; False without labels."""

    absent: Flags
    occluded: Flags
    """Covered by a quarter or more, or wholly."""
    out_of_view: Flags
    """Cut by the picture's border, or beyond it."""


def find_places(folder: Path) -> list[Place]:
    """Every sequence in `folder`, in natural order; none where there is none."""
    return _places(folder, depth=2)


def read_labels(place: Place, frames: int) -> Labels:
    """Labels of LaSOT and GOT-10k beside the boxes.

    Raises:
        InputError: a file of labels that is malformed or has another number of frames.
    """
    folder = place.folder
    none = np.zeros(frames, bool)
    hidden = _flags(folder / "full_occlusion.txt", frames)
    gone = _flags(folder / "out_of_view.txt", frames)
    absent = _flags(folder / "absence.label", frames)
    cover = _values(folder / "cover.label", frames)
    cut = _flags(folder / "cut_by_image.label", frames)
    covered = none if cover is None else cover <= COVERED
    return Labels(absent | hidden | gone, hidden | (covered & ~absent), gone | cut)


def natural(path: Path) -> list[tuple[int, int, str]]:
    """Order in which `9.jpg` comes before `10.jpg`."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]


def _places(folder: Path, depth: int) -> list[Place]:
    if (folder / "frames").is_dir() and (folder / "anno").is_dir():
        return _trackingnet(folder)
    if found := _sequence(folder):
        return found
    if depth == 0:
        return []
    children = sorted((p for p in folder.iterdir() if p.is_dir()), key=natural)
    return [place for child in children for place in _places(child, depth - 1)]


def _sequence(folder: Path) -> list[Place]:
    """The sequence that `folder` is, one per target; empty where it is none."""
    name = folder.resolve().name
    truths = [folder / n for n in TRUTH_NAMES if (folder / n).is_file()]
    several = [] if truths else sorted(folder.glob("groundtruth_rect.*.txt"), key=natural)
    has_img = (folder / "img").is_dir()
    if not truths and not several and not has_img:
        return []
    images = folder if not has_img and _holds_pictures(folder) else folder / "img"
    if several:
        return [Place(f"{name}.{t.name.split('.')[1]}", folder, images, t) for t in several]
    return [Place(name, folder, images, truths[0] if truths else None)]


def _trackingnet(split: Path) -> list[Place]:
    """Its boxes come in one archive and its pictures in many, of which some may be here."""
    return [
        Place(truth.stem, split / "frames" / truth.stem, split / "frames" / truth.stem, truth)
        for truth in sorted((split / "anno").glob("*.txt"), key=natural)
        if (split / "frames" / truth.stem).is_dir()
    ]


def _holds_pictures(folder: Path) -> bool:
    return any(p.suffix.lower() in IMAGE_SUFFIXES for p in folder.iterdir())


def _flags(path: Path, frames: int) -> Flags:
    values = _values(path, frames)
    return np.zeros(frames, bool) if values is None else values > 0


def _values(path: Path, frames: int) -> NDArray[np.float64] | None:
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        values = np.array([float(v) for v in re.split(r"[,\s]+", text) if v])
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as numbers ({error}).") from error
    if len(values) != frames:
        raise InputError(
            f"{path} has {len(values)} labels for {frames} pictures; there must be one per picture."
        )
    return values
