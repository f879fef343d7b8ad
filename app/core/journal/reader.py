"""Reads a journal, whatever its process left of it."""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.exchange import BoxRow
from app.core.journal.entries import (
    FORMAT,
    Added,
    Correction,
    Entry,
    Event,
    JournalContents,
    Removed,
)
from app.core.sources.base import reason
from model.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_LINE = 1 << 20
"""Bytes of the longest line that is read; a longer one is no line of a journal."""
_TAIL = 1 << 16
_MAX_NUMBER = 1 << 53


def read_journal(path: Path, *, repair: bool = True, salvage: bool = False) -> JournalContents:
    """Read a journal.

    A last line that was torn by the end of its process is left out; `torn` tells.

    Args:
        repair: also cut a torn last line off the file.
        salvage: on damage return what stands before it, with `damage`, instead of raising.

    Raises:
        InputError: missing or unreadable, no journal, of another version, or damaged in the middle.
    """
    entries: list[Entry] = []
    damage, end = "", 0
    try:
        with path.open("rb") as file:
            header, end = _read_header(file, path)
            try:
                for number, line in _lines(file, 2):
                    entry = _parse(line)
                    if entry is None and not line.endswith(b"\n"):
                        break
                    if not isinstance(entry, Entry):
                        raise _damaged(path, number)
                    entries.append(entry)
                    end += len(line)
            except InputError as error:
                if not salvage:
                    raise
                damage = str(error)
            size = file.seek(0, io.SEEK_END)
        if repair and not damage:
            _repair(path, end, size)
    except OSError as error:
        raise _unreadable(path, error) from error
    return JournalContents(header, entries, 0 if damage else size - end, damage)


def peek_journal(path: Path) -> tuple[dict[str, Any], Entry | None]:
    """The header and the last whole entry of a journal, without reading what is between.

    Raises:
        InputError: missing or unreadable, no journal, or of another version.
    """
    try:
        with path.open("rb") as file:
            header, begin = _read_header(file, path)
            size = file.seek(0, io.SEEK_END)
            file.seek(max(begin, size - _TAIL))
            tail = file.read().splitlines()
    except OSError as error:
        raise _unreadable(path, error) from error
    parsed = (_parse(line) for line in reversed(tail))
    return header, next((entry for entry in parsed if isinstance(entry, Entry)), None)


def _read_header(file: io.BufferedReader, path: Path) -> tuple[dict[str, Any], int]:
    """The header, and how many bytes it takes."""
    line = file.readline(MAX_LINE)
    header = _parse(line)
    if not isinstance(header, dict) or not line.endswith(b"\n"):
        raise InputError(
            "The file {path} is no journal: its first line is no header; give the folder of a "
            "session.",
            path=path,
        )
    if header.get("format") != FORMAT:
        raise InputError(
            "The journal {path} was written by another version of this program "
            "({found!r}, not {known!r}); use that version.",
            path=path,
            found=str(header.get("format"))[:40],
            known=FORMAT,
        )
    return header, len(line)


def _lines(file: io.BufferedReader, first: int) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; of one that is too long only its end, if it has one."""
    number = first
    while line := file.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
            line = line[-1:]
        yield number, line
        number += 1


def _repair(path: Path, end: int, size: int) -> None:
    """Cut the file to its whole lines; `end` is where they end."""
    with path.open("r+b") as file:
        if end < size:
            file.truncate(end)
        file.seek(end - 1)
        if file.read(1) != b"\n":
            file.write(b"\n")  # the line was whole but for its end
        file.flush()
        os.fsync(file.fileno())


@dataclass(frozen=True)
class _Line:
    """A line as it stands in the file: one of these."""

    header: dict[str, Any] | None = None
    box: BoxRow | None = None
    target: Added | None = None
    removed: Removed | None = None
    correction: Correction | None = None
    event: Event | None = None


@cache
def _shape() -> "TypeAdapter[_Line]":
    # building it takes a while, which a program that only writes should not spend
    from pydantic import TypeAdapter

    return TypeAdapter(_Line)


def _parse(line: bytes) -> Entry | dict[str, Any] | None:
    """What a line says; None if it is no line of a journal."""
    try:
        values = vars(_shape().validate_json(line, strict=True)).values()
    except ValueError:
        return None
    said = [value for value in values if value is not None]
    if len(said) != 1:
        return None
    numbers = (getattr(said[0], name, 0) for name in ("frame", "id"))
    return said[0] if all(0 <= number < _MAX_NUMBER for number in numbers) else None


def _damaged(path: Path, number: int) -> InputError:
    return InputError(
        "Line {number} of the journal {path} is damaged; `spacetime-tracker recover` saves what "
        "stands before it.",
        number=number,
        path=path,
    )


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        "The journal {path} cannot be read: {reason}.", path=path, reason=reason(error)
    )
