"""Text of OTB: one `x,y,w,h` per frame, of one target."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.exchange.lines import LineTable
from app.core.exchange.rows import (
    LOST,
    MAX_FRAMES,
    BoxRow,
    BoxSet,
    TableInfo,
    check_frame,
    collect,
    frame_time,
    read_text,
)
from model.errors import InputError


class OneTarget:
    """Refuses a second target, or a second box in a frame, where there is room for one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._id: int | None = None
        self._frame = -1

    def check(self, row: BoxRow) -> None:
        """Raises InputError for a row of another target than the first, or of a frame again."""
        if self._id is None:
            self._id = row.id
        if row.id != self._id:
            raise InputError(
                "{name} can hold one target only, in the text of OTB and GOT-10k, and "
                "{one} and {other} were given; write CSV, JSONL, MOT or COCO, or convert "
                "one with --target.",
                name=self._path.name,
                one=self._id,
                other=row.id,
            )
        if row.frame <= self._frame:
            raise InputError(
                "{name} can hold one box per frame, and frame {frame} has several; "
                "take all but one out of the table that is read.",
                name=self._path.name,
                frame=row.frame,
            )
        self._frame = row.frame


class OtbTable(LineTable):
    """Text of OTB: one `x,y,w,h` per frame from frame 0; nan where lost, absent or not tracked."""

    def __init__(self, path: Path, info: TableInfo) -> None:
        super().__init__(path, info)
        self._one = OneTarget(path)
        self._next = 0

    def write(self, row: BoxRow) -> None:
        self._one.check(row)
        box = f"{row.x:.2f},{row.y:.2f},{row.w:.2f},{row.h:.2f}"
        self._frame(row.frame, "nan,nan,nan,nan" if row.state == LOST else box)

    def empty(self, frame: int, time_s: float) -> None:
        self._frame(frame, "nan,nan,nan,nan")

    def _frame(self, frame: int, text: str) -> None:
        check_frame(frame)
        gap = "nan,nan,nan,nan\n" * max(0, frame - self._next)
        self.line(f"{gap}{text}\n")
        self._next = frame + 1


def read_otb(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read ground truth in the text of OTB as the boxes of target 1.

    Raises:
        InputError: as `read_truth`.
    """
    return truth_set(path, read_truth(path), rate)


def truth_set(path: Path, boxes: NDArray[np.float64], rate: float | None) -> BoxSet:
    """Boxes `(frames, 4)`, NaN where absent, as those of target 1."""
    times = {frame: frame_time(frame, rate) for frame in range(len(boxes))}
    rows = [
        BoxRow(frame, times[frame], 1, "", x, y, w, h, 1.0, "tracking", "")
        for frame, (x, y, w, h) in enumerate(boxes.tolist())
        if np.isfinite((x, y, w, h)).all()
    ]
    name = path.absolute().parent.name if path.stem.startswith("groundtruth") else path.stem
    return collect(TableInfo(name), rows, empty=times)


def read_truth(path: Path) -> NDArray[np.float64]:
    """Read ground truth in the text of OTB and GOT-10k, one `x,y,w,h` per line.

    Commas, tabs or spaces separate; `nan` or a size of zero means absent.

    Returns:
        `(frames, 4)` float64, pixels from the top-left corner; NaN in all four where absent.

    Raises:
        InputError: missing, empty, or a line that is not four numbers.
    """
    boxes = read_boxes_text(path)
    absent = ~(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))
    boxes[absent] = np.nan
    return boxes


def read_boxes_text(path: Path) -> NDArray[np.float64]:
    """The four numbers of every line as they stand: `(frames, 4)`.

    Raises:
        InputError: missing, empty, or a line that is not four numbers.
    """
    lines = read_text(path).splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError(
            "The ground truth {path} is empty; it needs one x,y,w,h per frame.", path=path
        )
    if len(lines) > MAX_FRAMES:
        raise InputError(
            "The ground truth {path} has more than {most} lines.",
            path=path,
            most=MAX_FRAMES,
        )
    return np.array([_numbers(line, n, path) for n, line in enumerate(lines, 1)], np.float64)


def _numbers(line: str, number: int, path: Path) -> list[float]:
    try:
        values = [float(part) for part in re.split(r"[,\s]+", line.strip())]
    except ValueError:
        values = []
    if len(values) != 4:
        raise InputError(
            "Line {number} of the ground truth {path} is {text!r}; "
            "it must hold four numbers, x,y,w,h.",
            number=number,
            path=path,
            text=line.strip()[:40],
        )
    return values
