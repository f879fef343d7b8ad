"""Where the first boxes of a source stand on disk: ground truth in it or beside it."""

from pathlib import Path

import numpy as np

from app.core.exchange import read_truth
from app.core.files import is_file, is_folder
from app.core.job import Target
from app.core.sources import source_path
from model.errors import InputError

TRUTH_NAMES = ("groundtruth.txt", "groundtruth_rect.txt")


def find_truth(source: str) -> Path | None:
    """Ground truth of a source; None where there is none.

    Of a folder, that inside it, or beside its `img`; of a file `NAME.mp4`, the
    `NAME.groundtruth.txt` beside it.
    """
    path = source_path(source)
    if path is None:
        return None
    places = [path.with_name(f"{path.stem}.{TRUTH_NAMES[0]}")] if path.name else []
    if is_folder(path):
        above = [path.resolve().parent] if path.resolve().name == "img" else []
        places = [folder / name for folder in (path, *above) for name in TRUTH_NAMES]
    return next((place for place in places if is_file(place)), None)


def first_truth(path: Path, start: int) -> tuple[Target, int]:
    """The first box of the ground truth at frame `start` or after it, and its frame.

    Raises:
        InputError: no box from there on.
    """
    boxes = read_truth(path)
    visible = np.flatnonzero(np.isfinite(boxes).all(1))
    visible = visible[visible >= start]
    if not visible.size:
        raise InputError(f"The ground truth {path} has no box from frame {start} on; add --box.")
    x, y, w, h = (float(v) for v in boxes[visible[0]])
    return Target((x, y, w, h)), int(visible[0])
