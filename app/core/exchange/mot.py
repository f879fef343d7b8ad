"""MOTChallenge text: results with ten columns, ground truth with nine; all counted from 1."""

import configparser
import re
from pathlib import Path

from app.core.exchange.lines import LineTable
from app.core.exchange.rows import (
    LOST,
    BoxRow,
    BoxSet,
    TableInfo,
    bad_line,
    check_frame,
    collect,
    finite,
    frame_time,
    read_text,
    whole,
)
from model.sentences import Sentence

_TRUTH_COLUMNS = 9


class MotTable(LineTable):
    """MOTChallenge text: `frame,id,x,y,w,h,score,-1,-1,-1`, frames and pixels from 1.

    A lost target has no line: there, a line is a detection.
    """

    def write(self, row: BoxRow) -> None:
        if row.state != LOST:
            self.line(f"{_place(row)},{row.score:.4f},-1,-1,-1\n")


class MotTruthTable(LineTable):
    """Ground truth of MOTChallenge: `frame,id,x,y,w,h,counts,class,visible`, from 1.

    A lost target is not to count (0) and not visible; else the score is the visible share. Every
    target is of class 1, the one that is evaluated.
    """

    def write(self, row: BoxRow) -> None:
        seen = row.state != LOST
        self.line(f"{_place(row)},{int(seen)},1,{row.score if seen else 0:.4f}\n")


def _place(row: BoxRow) -> str:
    box = f"{row.x + 1:.2f},{row.y + 1:.2f},{row.w:.2f},{row.h:.2f}"
    return f"{row.frame + 1},{row.id},{box}"


def read_mot(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read results or ground truth of MOTChallenge.

    Frame rate, size and number of frames come from `seqinfo.ini` where there is one beside the
    file or a folder above it, as in `NAME/gt/gt.txt`.

    Args:
        path: lines of `frame,id,x,y,w,h[,confidence…]`; nine columns are ground truth.
        rate: frames per second, over that of `seqinfo.ini`.

    Raises:
        InputError: missing, or a line that is not such a row.
    """
    name, size, frames, own_rate = _sequence(path)
    rate = rate or own_rate
    rows: list[BoxRow] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            try:
                rows.append(_row(re.split(r"[,\s]+", line.strip().rstrip(",")), rate))
            except (ValueError, OverflowError) as error:
                raise bad_line(path, number, error) from error
    empty = {frame: frame_time(frame, rate) for frame in range(frames)}
    return collect(TableInfo(name, *size), rows, empty=empty)


def _row(values: list[str], rate: float | None) -> BoxRow:
    if len(values) < 6:
        raise ValueError(Sentence("a line needs frame,id,x,y,w,h at least"))
    frame, number = check_frame(whole(values[0]) - 1), whole(values[1])
    if number < 0:
        raise ValueError(
            Sentence("{number} is a detection that belongs to no target", number=number)
        )
    x, y, w, h = (finite(value) for value in values[2:6])
    counts = finite(values[6]) if len(values) > 6 else -1.0
    score, state = min(counts, 1.0) if counts >= 0 else 1.0, "tracking"
    if len(values) == _TRUTH_COLUMNS:
        score = min(max(finite(values[8]), 0.0), 1.0)
        state = "tracking" if counts else LOST
    return BoxRow(frame, frame_time(frame, rate), number, "", x - 1, y - 1, w, h, score, state, "")


def _sequence(path: Path) -> tuple[str, tuple[int, int], int, float | None]:
    """Name, size, number of frames and rate by `seqinfo.ini`; nothing known without one."""
    for folder in (path.absolute().parent, path.absolute().parent.parent):
        ini = configparser.ConfigParser(interpolation=None)
        try:
            ini.read(folder / "seqinfo.ini", encoding="utf-8-sig")
            known = ini["Sequence"]
            size = (known.getint("imWidth", 0), known.getint("imHeight", 0))
            frames = max(0, known.getint("seqLength", 0))
            if frames:
                check_frame(frames - 1)
            rate = known.getfloat("frameRate", 0.0)
            return known.get("name", folder.name), size, frames, rate if rate > 0 else None
        except (configparser.Error, KeyError, ValueError, OSError):
            continue  # a convenience: a table is as good without it
    return path.stem, (0, 0), 0, None
