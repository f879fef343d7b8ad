"""Tables of boxes: CSV, JSON Lines, MOT and COCO out; CSV and ground-truth text in."""

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from app.core.sources.base import Closing, reason
from model.errors import InputError


@dataclass(frozen=True)
class BoxRow:
    """One target in one frame; the fields, in order, are the columns of the CSV."""

    frame: int
    """Number of the frame in its source, from 0."""
    time_s: float
    """Time of the frame in its source, seconds."""
    id: int
    label: str
    x: float
    y: float
    w: float
    h: float
    score: float
    """0..1."""
    state: str
    """`tracking`, `uncertain`, `lost` or `recovered`; the box of a lost target is its last sure."""
    reason: str


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(BoxRow))


@dataclass(frozen=True)
class TableInfo:
    """What a table may say of the video its boxes belong to."""

    name: str
    width: int
    height: int


class BoxTable(Protocol):
    """Takes rows in order of frame; `close` completes the file, closing twice is harmless."""

    path: Path

    def write(self, row: BoxRow) -> None: ...

    def close(self) -> None: ...


class _LineTable(Closing):
    """A table whose every row is a line, flushed as it comes."""

    def __init__(self, path: Path, info: TableInfo) -> None:
        self.path = path
        self._file = _create(path)

    def _line(self, text: str) -> None:
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        try:
            self._file.close()
        except OSError as error:
            raise _unwritable(self.path, error) from error


class CsvTable(_LineTable):
    """`frame,time_s,id,label,x,y,w,h,score,state,reason`, one row per target and frame."""

    def __init__(self, path: Path, info: TableInfo) -> None:
        super().__init__(path, info)
        self._line(_csv_line(COLUMNS))

    def write(self, row: BoxRow) -> None:
        self._line(_csv_line(_rounded(row).values()))


class JsonLinesTable(_LineTable):
    """One JSON object per line, with the columns of the CSV as keys."""

    def write(self, row: BoxRow) -> None:
        self._line(json.dumps(_rounded(row), ensure_ascii=False) + "\n")


class MotTable(_LineTable):
    """MOTChallenge text: `frame,id,x,y,w,h,score,-1,-1,-1`, frames and pixels from 1.

    A lost target has no line: there, a line is a detection.
    """

    def write(self, row: BoxRow) -> None:
        if row.state != "lost":
            box = f"{row.x + 1:.2f},{row.y + 1:.2f},{row.w:.2f},{row.h:.2f}"
            self._line(f"{row.frame + 1},{row.id},{box},{row.score:.4f},-1,-1,-1\n")


class CocoTable(Closing):
    """COCO JSON with `images`, `annotations` and `categories`, written whole when closed.

    A category is a label (`object` where there is none); `track_id` of an annotation is the id of
    the target. A lost target has no annotation.
    """

    def __init__(self, path: Path, info: TableInfo) -> None:
        self.path = path
        self._info = info
        self._rows: list[BoxRow] = []
        self._open = True
        _create(_partial(path)).close()

    def write(self, row: BoxRow) -> None:
        self._rows.append(row)

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        partial = _partial(self.path)
        try:
            partial.write_text(json.dumps(self._document(), ensure_ascii=False), encoding="utf-8")
            partial.replace(self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _document(self) -> dict[str, object]:
        times = {row.frame: row.time_s for row in self._rows}
        labels = list(dict.fromkeys(row.label or "object" for row in self._rows))
        images = [
            {
                "id": frame + 1,
                "file_name": f"{self._info.name}/{frame:06d}.jpg",
                "width": self._info.width,
                "height": self._info.height,
                "frame": frame,
                "time_s": round(time_s, 6),
            }
            for frame, time_s in times.items()
        ]
        seen = [row for row in self._rows if row.state != "lost"]
        annotations = [
            {
                "id": number,
                "image_id": row.frame + 1,
                "category_id": labels.index(row.label or "object") + 1,
                "track_id": row.id,
                "bbox": [round(v, 2) for v in (row.x, row.y, row.w, row.h)],
                "area": round(row.w * row.h, 2),
                "iscrowd": 0,
                "score": round(row.score, 4),
            }
            for number, row in enumerate(seen, 1)
        ]
        categories = [{"id": i, "name": label} for i, label in enumerate(labels, 1)]
        return {"images": images, "annotations": annotations, "categories": categories}


FORMATS: dict[str, type[CsvTable] | type[JsonLinesTable] | type[MotTable] | type[CocoTable]] = {
    "csv": CsvTable,
    "jsonl": JsonLinesTable,
    "mot": MotTable,
    "coco": CocoTable,
}
_BY_SUFFIX = {".csv": "csv", ".jsonl": "jsonl", ".txt": "mot", ".json": "coco"}


def table_format(path: Path, chosen: str | None = None) -> str:
    """The format to write `path` in: `chosen`, or by its ending (.csv, .jsonl, .txt, .json).

    Raises:
        InputError: an unknown format or ending.
    """
    name = chosen.lower() if chosen else _BY_SUFFIX.get(path.suffix.lower())
    if name not in FORMATS:
        raise InputError(
            f"Boxes cannot be written as {chosen or path.name}; end the name in .csv, .jsonl, "
            ".txt (MOT) or .json (COCO), or give --format csv, jsonl, mot or coco."
        )
    return str(name)


def open_table(path: Path, info: TableInfo, *, chosen: str | None = None) -> BoxTable:
    """Create the table at `path`, replacing an existing file.

    Raises:
        InputError: unknown format, or the file cannot be written.
    """
    return FORMATS[table_format(path, chosen)](path, info)


def read_rows(path: Path) -> list[BoxRow]:
    """Read a table written by `CsvTable`.

    Raises:
        InputError: missing, other columns, or a value of another type.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames is None or set(COLUMNS) - set(reader.fieldnames):
                raise InputError(f"The table {path} lacks columns; needed are {','.join(COLUMNS)}.")
            kinds = {field.name: field.type for field in fields(BoxRow)}
            rows = []
            for raw in reader:
                try:
                    rows.append(BoxRow(**{name: kinds[name](raw[name]) for name in COLUMNS}))  # type: ignore[operator]
                except (TypeError, ValueError) as error:
                    where = f"line {reader.line_num} of the table {path}"
                    raise InputError(f"In {where} a value cannot be read: {error}.") from error
            return rows
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def read_truth(path: Path) -> NDArray[np.float64]:
    """Read ground truth in the text of OTB and GOT-10k, one `x,y,w,h` per line.

    Commas, tabs or spaces separate; `nan` or a size of zero means absent.

    Returns:
        `(frames, 4)` float64, pixels from the top-left corner; NaN in all four where absent.

    Raises:
        InputError: missing, empty, or a line that is not four numbers.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise InputError(f"The ground truth {path} is empty; it needs one x,y,w,h per frame.")
    boxes = np.array([_truth_line(line, n, path) for n, line in enumerate(lines, 1)], np.float64)
    absent = ~(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))
    boxes[absent] = np.nan
    return boxes


def _truth_line(line: str, number: int, path: Path) -> Sequence[float]:
    try:
        values = [float(part) for part in re.split(r"[,\s]+", line.strip())]
    except ValueError:
        values = []
    if len(values) != 4:
        raise InputError(
            f"Line {number} of the ground truth {path} is {line.strip()[:40]!r}; "
            "it must hold four numbers, x,y,w,h."
        )
    return values


def _csv_line(values: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _rounded(row: BoxRow) -> dict[str, object]:
    values = asdict(row)
    values["time_s"] = round(row.time_s, 6)
    values["score"] = round(row.score, 4)
    values.update({name: round(values[name], 2) for name in "xywh"})
    return values


def _create(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise _unwritable(path, error) from error


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"The table {path} cannot be written: {reason(error)}; "
        "choose a folder that exists, may be written to and has room."
    )


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> InputError:
    why = reason(error) if isinstance(error, OSError) else "it is not text"
    return InputError(f"The table {path} cannot be read: {why}.")
