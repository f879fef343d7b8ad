"""The measures of targets as a table: CSV, one row per target and frame."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.core.exchange.rows import unwritable
from app.core.files import replace_text
from app.core.measures.series import Quantity, measure, unit_of
from app.core.player.document import Scale, TargetTrack
from app.core.player.rows import STATES

_DIGITS = 7
"""Significant digits of measured values."""


def write_measures(path: Path, targets: Iterable[TargetTrack], scale: Scale | None = None) -> None:
    """Make the file `path` the table of `measures_text`, in one step.

    Raises:
        InputError: it cannot be written; the former file is untouched.
    """
    try:
        replace_text(path, measures_text(targets, scale))
    except OSError as error:
        raise unwritable(path, error) from error


def measures_text(targets: Iterable[TargetTrack], scale: Scale | None = None) -> str:
    """The table as text, its rows in order of frame, then id.

    The header names the unit of each column, such as `speed [m/s]`. Fields are empty where a value
    is not known: place, size and speed of a target that is lost.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_header(unit_of(scale)))
    rows = [row for target in sorted(targets, key=lambda t: t.id) for row in _rows(target, scale)]
    # sorting keeps rows of one frame in order of id
    writer.writerows(row for _, row in sorted(rows, key=lambda row: row[0]))
    return text.getvalue()


def _header(length: str) -> list[str]:
    named = [(quantity.value, quantity.unit(length)) for quantity in Quantity]
    names = [f"{name} [{unit}]" if unit else name for name, unit in named]
    return ["frame", "time [s]", "id", "label", *names, "state"]


def _rows(target: TargetTrack, scale: Scale | None) -> Iterator[tuple[int, list[object]]]:
    """Number of the frame and fields of each row."""
    columns = target.rows.columns()
    series = measure(columns, scale)
    values = zip(*(series[quantity].tolist() for quantity in Quantity), strict=True)
    known = zip(
        columns.frame.tolist(), columns.time_s.tolist(), columns.state.tolist(), strict=True
    )
    for (frame, time_s, state), row in zip(known, values, strict=True):
        texts = [_number(value) for value in row]
        fields = [frame, round(time_s, 6), target.id, target.label, *texts, STATES[state]]
        yield (frame, fields)


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.{_DIGITS}g}"
