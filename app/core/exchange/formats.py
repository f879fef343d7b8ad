"""The formats of a table of boxes, and which of them a file is in."""

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.core.exchange.coco import CocoTable, read_coco
from app.core.exchange.csv_table import CsvTable, read_csv
from app.core.exchange.got10k import Got10kTable, label_paths, read_got10k
from app.core.exchange.jsonl import JsonLinesTable, read_jsonl
from app.core.exchange.mot import MotTable, MotTruthTable, read_mot
from app.core.exchange.otb import OtbTable, read_otb
from app.core.exchange.rows import COLUMNS, BoxRow, BoxSet, BoxTable, TableInfo, read_text
from model.errors import InputError


class _Reader(Protocol):
    def __call__(self, path: Path, *, rate: float | None = None) -> BoxSet: ...


@dataclass(frozen=True)
class Format:
    """How a table is written and read."""

    table: Callable[[Path, TableInfo], BoxTable]
    read: _Reader


FORMATS: dict[str, Format] = {
    "csv": Format(CsvTable, read_csv),
    "jsonl": Format(JsonLinesTable, read_jsonl),
    "mot": Format(MotTable, read_mot),
    "mot-gt": Format(MotTruthTable, read_mot),
    "coco": Format(CocoTable, read_coco),
    "otb": Format(OtbTable, read_otb),
    "got10k": Format(Got10kTable, read_got10k),
}
_BY_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".txt": "mot", ".json": "coco"}
SUFFIXES: dict[str, str] = {
    name: next((suffix for suffix, of in _BY_SUFFIX.items() if of == name), ".txt")
    for name in FORMATS
}
"""Ending of a file's name in each format."""
ONE_TARGET = frozenset({"otb", "got10k"})
"""Formats with room for one target."""


def table_format(path: Path, chosen: str | None = None) -> str:
    """The format to write `path` in: `chosen`, or by its ending (.csv, .jsonl, .txt, .json).

    Raises:
        InputError: an unknown format or ending.
    """
    name = chosen.lower() if chosen else _BY_SUFFIX.get(path.suffix.lower())
    if name not in FORMATS:
        raise InputError(
            "Boxes cannot be written as {name}; end the name in .csv, .jsonl, "
            ".txt (MOT) or .json (COCO), or give --format {known}.",
            name=chosen or path.name,
            known=_known(),
        )
    return str(name)


def open_table(path: Path, info: TableInfo, *, chosen: str | None = None) -> BoxTable:
    """Begin a table that will stand at `path` once closed, in place of an existing file.

    Raises:
        InputError: unknown format, or the file cannot be written.
    """
    return FORMATS[table_format(path, chosen)].table(path, info)


def write_boxes(path: Path, boxes: BoxSet, *, chosen: str | None = None) -> None:
    """Write `boxes` to `path` in one step.

    Raises:
        InputError: unknown format, several targets in one that has room for one, or the file
            cannot be written; a former file is untouched then.
    """
    table = open_table(path, boxes.info, chosen=chosen)
    by_frame: dict[int, list[BoxRow]] = {frame: [] for frame in boxes.times}
    for row in boxes.rows:
        by_frame[row.frame].append(row)
    try:
        for frame, rows in by_frame.items():
            if not rows:
                table.empty(frame, boxes.times[frame])
            for row in rows:
                table.write(row)
        table.close()
    except BaseException:
        with contextlib.suppress(InputError):  # the first error says it
            table.discard()
        raise


def read_boxes(path: Path, *, chosen: str | None = None, rate: float | None = None) -> BoxSet:
    """Read a table in any of the formats.

    Args:
        path: the table.
        chosen: its format; None looks into the file.
        rate: frames per second, for formats that have no times.

    Raises:
        InputError: unknown format, or a file that cannot be read in it.
    """
    name = chosen.lower() if chosen else detect_format(path)
    if name not in FORMATS:
        raise InputError(
            "Boxes cannot be read as {chosen}; known are {known}.", chosen=chosen, known=_known()
        )
    return FORMATS[name].read(path, rate=rate)


def read_rows(path: Path) -> list[BoxRow]:
    """The rows of a CSV or JSONL table that tracking has written.

    Raises:
        InputError: missing, other columns, or a value of another type.
    """
    read = read_jsonl if path.suffix.lower() == ".jsonl" else read_csv
    return list(read(path).rows)


def detect_format(path: Path) -> str:
    """The format `path` is in, by its first line.

    Raises:
        InputError: missing, or none of the known ones.
    """
    text = read_text(path)
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    if first.startswith("{"):
        return "jsonl" if _is_row(first) else "coco"
    if set(COLUMNS) <= set(first.split(",")):
        return "csv"
    columns = _columns(first)
    if columns == 4:
        return "got10k" if label_paths(path)[0].is_file() else "otb"
    if columns >= 6:
        return "mot-gt" if columns == 9 else "mot"
    raise InputError(
        "{path} is no table of boxes in a known format; known are {known}, and --from names it.",
        path=path,
        known=_known(),
    )


def _is_row(line: str) -> bool:
    try:
        return "frame" in json.loads(line)
    except (ValueError, RecursionError):
        return False


def _columns(line: str) -> int:
    """How many numbers a line has; 0 where something else stands in it."""
    parts = re.split(r"[,\s]+", line.rstrip(","))
    try:
        return len([float(part) for part in parts])
    except ValueError:
        return 0


def _known() -> str:
    *names, last = FORMATS
    return f"{', '.join(names)} or {last}"
