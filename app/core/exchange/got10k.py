"""Text of GOT-10k: `x,y,w,h` per frame of one target, and files that say where it is seen.

`absence.label` has 1 where the target is absent, `cover.label` its visible share in eighths, one
line per frame in both. Beside a `groundtruth.txt` they have these names; beside another table,
`boxes.txt` say, they are `boxes.absence.label` and `boxes.cover.label`, so that many can stand in
one folder.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.core.exchange.jsonl import GatheredTable
from app.core.exchange.otb import OneTarget, read_boxes_text, truth_set
from app.core.exchange.rows import LOST, BoxRow, BoxSet, TableInfo, check_frame, read_text
from app.core.files import replace_text
from model.errors import InputError

_EIGHTHS = 8


class Got10kTable(GatheredTable):
    """Text of GOT-10k with its labels, from frame 0.

    A lost target is absent, with its last sure box; a frame without a box has zeros. Cover is the
    score in eighths, at least one while the target is seen.
    """

    def __init__(self, path: Path, info: TableInfo) -> None:
        super().__init__(path, info)
        self._one = OneTarget(path)

    def write(self, row: BoxRow) -> None:
        self._one.check(row)
        check_frame(row.frame)
        super().write(row)

    def finish(self, boxes: BoxSet) -> None:
        count = max(boxes.times, default=-1) + 1
        places, absences, covers = ["0.00,0.00,0.00,0.00"] * count, ["1"] * count, ["0"] * count
        for row in boxes.rows:
            places[row.frame] = f"{row.x:.2f},{row.y:.2f},{row.w:.2f},{row.h:.2f}"
            if row.state != LOST:
                absences[row.frame] = "0"
                covers[row.frame] = str(min(max(round(row.score * _EIGHTHS), 1), _EIGHTHS))
        absence, cover = label_paths(self.path)
        # the labels first: boxes without them would read as all present
        replace_text(absence, "".join(f"{value}\n" for value in absences))
        replace_text(cover, "".join(f"{value}\n" for value in covers))
        replace_text(self.path, "".join(f"{value}\n" for value in places))


def label_paths(path: Path) -> tuple[Path, Path]:
    """Where the labels of absence and of cover stand for the boxes at `path`."""
    stem = "" if path.name == "groundtruth.txt" else f"{path.stem}."
    return path.with_name(f"{stem}absence.label"), path.with_name(f"{stem}cover.label")


def read_got10k(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read ground truth of GOT-10k as the boxes of target 1; labels that are missing say nothing.

    A target that is absent is lost where it has a box; the score is the visible share.

    Raises:
        InputError: missing, malformed, or labels for another number of frames.
    """
    boxes = read_boxes_text(path)
    boxes[~(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))] = np.nan
    absence, cover = label_paths(path)
    absent = _labels(absence, len(boxes), 1) if absence.is_file() else [0] * len(boxes)
    covers = _labels(cover, len(boxes), _EIGHTHS) if cover.is_file() else [_EIGHTHS] * len(boxes)
    found = truth_set(path, boxes, rate)
    rows = [_labelled(row, absent[row.frame], covers[row.frame]) for row in found.rows]
    return BoxSet(found.info, found.times, rows)


def _labelled(row: BoxRow, absent: int, cover: int) -> BoxRow:
    if absent:
        return replace(row, score=0.0, state=LOST, reason="absent")
    return replace(row, score=cover / _EIGHTHS)


def _labels(path: Path, count: int, largest: int) -> list[int]:
    known = {str(value): value for value in range(largest + 1)}
    words = read_text(path).split()
    if len(words) != count or not set(words) <= known.keys():
        raise InputError(
            "{path} must hold {count} whole numbers from 0 to {largest}, one per frame.",
            path=path,
            count=count,
            largest=largest,
        )
    return [known[word] for word in words]
