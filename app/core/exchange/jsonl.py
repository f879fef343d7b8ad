"""JSON Lines with the columns of the CSV as keys, and tables that are built from them."""

import json
import math
from abc import abstractmethod
from pathlib import Path

from app.core.exchange.csv_table import absent_row, rounded, take_row
from app.core.exchange.lines import LineTable
from app.core.exchange.rows import (
    BoxRow,
    BoxSet,
    TableInfo,
    bad_line,
    collect,
    read_text,
    unwritable,
)
from model.sentences import Sentence


class JsonLinesTable(LineTable):
    """One JSON object per line, with the columns of the CSV as keys; null where that has nan."""

    def write(self, row: BoxRow) -> None:
        self._append(row)

    def empty(self, frame: int, time_s: float) -> None:
        self._append(absent_row(frame, time_s))

    def _append(self, row: BoxRow) -> None:
        values = rounded(row)
        values.update({name: None for name in "xywh" if math.isnan(values[name])})
        self.line(json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n")


class GatheredTable(JsonLinesTable):
    """A table that can be written only as a whole: its rows wait in `.part` as JSON Lines."""

    def __init__(self, path: Path, info: TableInfo) -> None:
        super().__init__(path, info)
        if self._part.part == self._part.path:
            self._part.file.close()
            raise unwritable(path, OSError(Sentence("this format needs a file of its own")))

    def close(self) -> None:
        part = self._part
        if part.file.closed:
            return
        try:
            part.file.close()
            gathered = read_jsonl(part.part)
            boxes = BoxSet(self.info, gathered.times, gathered.rows)
            self.finish(boxes)
            part.discard()
        except OSError as error:
            raise unwritable(self.path, error, part=part.part) from error

    @abstractmethod
    def finish(self, boxes: BoxSet) -> None:
        """Write `boxes` to `path` in one step.

        Raises:
            OSError: there is no room.
        """


def read_jsonl(path: Path, *, rate: float | None = None) -> BoxSet:
    """Read a table written by `JsonLinesTable`; further keys do no harm.

    Raises:
        InputError: missing, or a line that is not such an object.
    """
    rows: list[BoxRow] = []
    empty: dict[int, float] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            if not isinstance(raw, dict):
                raise TypeError(Sentence("a line must be an object"))
            take_row(raw, rows, empty)
        except KeyError as error:
            missing = ValueError(Sentence("{name} is missing", name=error))
            raise bad_line(path, number, missing) from error
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise bad_line(path, number, error) from error
    return collect(TableInfo(path.stem), rows, empty=empty)
