"""What every table of boxes holds, whatever its format."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol

from app.core.sources.base import reason
from app.core.sources.folder import DEFAULT_RATE
from model.errors import InputError
from model.sentences import Sentence

MAX_FRAMES = 10_000_000
"""Frames a table may number: four days at 30 per second. Formats with a line per frame need it."""
ABSENT = "absent"
"""State of the one row that stands for a frame in which no target has a box."""
LOST = "lost"


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
    """0..1; the visible share of the target where a ground truth gives one."""
    state: str
    """`tracking`, `uncertain`, `lost` or `recovered`; the box of a lost target is its last sure."""
    reason: str


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(BoxRow))


@dataclass(frozen=True)
class TableInfo:
    """What a table may say of the video its boxes belong to; a size of 0 is not known."""

    name: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class BoxSet:
    """Boxes of any number of targets in one video: what every format is read into."""

    info: TableInfo
    times: dict[int, float]
    """Time of every frame the file speaks of, seconds; those without a row hold no target."""
    rows: Sequence[BoxRow] = field(default_factory=tuple)
    """In order of frame."""

    @property
    def ids(self) -> list[int]:
        """The targets, in order of number."""
        return sorted({row.id for row in self.rows})


class BoxTable(Protocol):
    """Takes rows in order of frame, and keeps them safe from a crash in `path.part`.

    Every method raises InputError where the file cannot be written.
    """

    path: Path

    def write(self, row: BoxRow) -> None: ...

    def empty(self, frame: int, time_s: float) -> None:
        """Say that no target has a box in a frame."""

    def close(self) -> None:
        """Complete the file and move it to `path`; doing so twice is harmless."""

    def discard(self) -> None:
        """Leave nothing behind, and `path` as it was."""


def collect(
    info: TableInfo, rows: Iterable[BoxRow], *, empty: dict[int, float] | None = None
) -> BoxSet:
    """The set of `rows`, and of the `empty` frames beside them with their times."""
    ordered = sorted(rows, key=lambda row: row.frame)
    times = {**(empty or {}), **{row.frame: row.time_s for row in ordered}}
    return BoxSet(info, dict(sorted(times.items())), tuple(ordered))


def frame_time(frame: int, rate: float | None) -> float:
    """Time of a frame in a format that counts frames only, seconds."""
    return frame / (rate or DEFAULT_RATE)


def whole(text: object) -> int:
    """The whole number that `text` is.

    Raises:
        ValueError, TypeError, OverflowError: it is none.
    """
    number = float(text)  # type: ignore[arg-type]
    if not number.is_integer():
        raise ValueError(Sentence("{text!r} is not a whole number", text=text))
    return int(number)


def check_frame(number: int) -> int:
    """Return the number of a frame.

    Raises:
        ValueError: below 0, or too large to be one.
    """
    if not 0 <= number < MAX_FRAMES:
        raise ValueError(
            Sentence("frame {number} is outside 0…{last}", number=number, last=MAX_FRAMES - 1)
        )
    return number


def finite(value: object) -> float:
    """Return `value` as a float.

    Raises:
        ValueError, TypeError, OverflowError: not a finite number.
    """
    number = float(value)  # type: ignore[arg-type]
    if not math.isfinite(number):
        raise ValueError(Sentence("{value!r} is not finite", value=value))
    return number


def read_text(path: Path) -> str:
    """The text of a table; of a `.part`, whose process was killed, up to its last whole line.

    Raises:
        InputError: missing, not readable, or not UTF-8.
    """
    try:
        # bytes: reading as text would change the ends of lines within a label
        data = path.read_bytes()
        if re.search(r"\.part\d*$", path.name):
            data = data[: data.rfind(b"\n") + 1]
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error


def unwritable(path: Path, error: OSError, *, part: Path | None = None) -> InputError:
    """The sentence for a table that cannot be written; `part` holds the rows so far."""
    if part is None:
        return InputError(
            "The table {path} cannot be written: {reason}; "
            "choose a folder that exists, may be written to and has room.",
            path=path,
            reason=reason(error),
        )
    return InputError(
        "The table {path} cannot be written: {reason}; the rows so far are in {part}; "
        "choose a folder that exists, may be written to and has room.",
        path=path,
        reason=reason(error),
        part=part.name,
    )


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> InputError:
    """The sentence for a table that cannot be read."""
    why = reason(error) if isinstance(error, OSError) else Sentence("it is not text")
    return InputError("The table {path} cannot be read: {why}.", path=path, why=why)


def bad_line(path: Path, number: int, error: Exception) -> InputError:
    """The sentence for a line that holds something else than it should."""
    return InputError(
        "In line {number} of the table {path} a value cannot be read: {error}.",
        number=number,
        path=path,
        error=error,
    )
