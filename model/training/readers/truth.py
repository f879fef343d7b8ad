"""Boxes in text files: `x,y,w,h` per line, whatever stands between the numbers."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError


def read_boxes(path: Path, pictures: int) -> NDArray[np.float64]:
    """Boxes for so many pictures: `(pictures, 4)`, nan where the target is absent.

    Raises:
        InputError: not four numbers in every line, or fewer lines than pictures.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = [[float(v) for v in re.split(r"[,;\s]+", s.strip())] for s in lines if s.strip()]
        boxes = np.array(rows, np.float64).reshape(len(rows), -1)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); give x,y,w,h per line.") from error
    if boxes.shape[1:] != (4,) or len(boxes) < pictures:
        raise InputError(
            f"{path} holds boxes of shape {boxes.shape} for {pictures} pictures; "
            "give x,y,w,h for each."
        )
    boxes = boxes[:pictures]
    boxes[~(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))] = np.nan
    return boxes
