"""CSV with every field of a row: `frame,time_s,id,label,x,y,w,h,score,state,reason`."""

import contextlib
import csv
import io
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.core.exchange.lines import LineTable
from app.core.exchange.rows import (
    ABSENT,
    COLUMNS,
    BoxRow,
    BoxSet,
    TableInfo,
    bad_line,
    check_frame,
    collect,
    finite,
    read_text,
    whole,
)
from model.errors import InputError
from model.sentences import Sentence


class CsvTable(LineTable):
    """`frame,time_s,id,label,x,y,w,h,score,state,reason`, one row per target and frame.

    A frame in which no target has a box has one row: id 0, box nan, state `absent`.
    """

    def __init__(self, path: Path, info: TableInfo) -> None:
        super().__init__(path, info)
        try:
            self.line(_csv_line(COLUMNS))
        except BaseException:
            with contextlib.suppress(InputError):  # the first error says it
                self.discard()
            raise

    def write(self, row: BoxRow) -> None:
        self.line(_csv_line(rounded(row).values()))

    def empty(self, frame: int, time_s: float) -> None:
        self.write(absent_row(frame, time_s))


def read_csv(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read a table written by `CsvTable`; further columns do no harm.

    Raises:
        InputError: missing, other columns, or a value of another type.
    """
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    rows: list[BoxRow] = []
    empty: dict[int, float] = {}
    try:
        if reader.fieldnames is None or set(COLUMNS) - set(reader.fieldnames):
            raise InputError(
                "The table {path} lacks columns; needed are {columns}.",
                path=path,
                columns=",".join(COLUMNS),
            )
        for raw in reader:
            take_row(raw, rows, empty)
    except (TypeError, ValueError, OverflowError, csv.Error) as error:
        if isinstance(error, InputError):
            raise
        raise bad_line(path, reader.line_num, error) from error
    return collect(TableInfo(path.stem), rows, empty=empty)


def take_row(raw: Mapping[str, Any], rows: list[BoxRow], empty: dict[int, float]) -> None:
    """Sort one record into `rows`, or into `empty` where it stands for an empty frame.

    Raises:
        ValueError, TypeError, OverflowError, KeyError: a field that is missing or of another type.
    """
    frame, time_s = check_frame(whole(raw["frame"])), finite(raw["time_s"])
    if raw["state"] == ABSENT:
        empty[frame] = time_s
        return
    x, y, w, h, score = (finite(raw[name]) for name in ("x", "y", "w", "h", "score"))
    texts = [raw[name] for name in ("label", "state", "reason")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(Sentence("label, state and reason must be text"))
    label, state, why = texts
    rows.append(BoxRow(frame, time_s, whole(raw["id"]), label, x, y, w, h, score, state, why))


def absent_row(frame: int, time_s: float) -> BoxRow:
    """The row that stands for a frame in which no target has a box."""
    return BoxRow(frame, time_s, 0, "", math.nan, math.nan, math.nan, math.nan, 0.0, ABSENT, "")


def rounded(row: BoxRow) -> dict[str, Any]:
    """The fields of a row as written: a microsecond, a hundredth of a pixel, four places."""
    values = asdict(row)
    values["time_s"] = round(row.time_s, 6)
    values["score"] = round(row.score, 4)
    values.update({name: round(values[name], 2) for name in "xywh"})
    return values


def _csv_line(values: Iterable[object]) -> str:
    text = io.StringIO()
    # with this end of line, and only with it, a lone \r or \n within a field is quoted
    csv.writer(text, lineterminator="\r\n").writerow(values)
    return text.getvalue().removesuffix("\r\n") + "\n"
