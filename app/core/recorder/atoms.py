"""The outermost boxes of an MP4 file: enough to tell a whole file from a torn one."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class Atom:
    """One outermost box: its four letters, and where it begins and ends in the file, bytes."""

    kind: bytes
    begin: int
    end: int


def atoms(path: Path) -> Iterator[Atom]:
    """The outermost boxes that are whole, in order.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        begin = 0
        while (atom := _atom(file, begin, size)) is not None:
            yield atom
            begin = atom.end


def is_fragmented(path: Path) -> bool:
    """Whether the file is a recording that was never finished.

    Raises:
        OSError: the file cannot be read.
    """
    return any(atom.kind == b"moof" for atom in atoms(path))


def holds_no_frame(path: Path) -> bool:
    """Whether the file is a recording whose process died before its first frame was whole.

    A file that was whole once and is damaged now is none, whatever can be read of it.

    Raises:
        OSError: the file cannot be read.
    """
    kinds, end = [], 0
    for atom in atoms(path):
        kinds.append(atom.kind)
        end = atom.end
    with path.open("rb") as file:
        file.seek(end)
        torn = file.read(8)[4:]
    if not kinds:
        return not path.stat().st_size
    if kinds[0] != b"ftyp" or b"mdat" in kinds:
        return False
    return torn != b"mdat" or kinds[-1] == b"moof"


def trim_fragments(path: Path) -> None:
    """Cut off what follows the last whole fragment of a file that has fragments.

    Raises:
        OSError: the file cannot be read or cut.
    """
    whole, fragment = 0, False
    for atom in atoms(path):
        if atom.kind == b"mdat" and fragment:
            whole = atom.end
        fragment = atom.kind == b"moof"
    if 0 < whole < path.stat().st_size:
        os.truncate(path, whole)


def _atom(file: BinaryIO, begin: int, size: int) -> Atom | None:
    file.seek(begin)
    head = file.read(16)
    if len(head) < 8:
        return None
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:16], "big")
    elif length == 0:
        length = size - begin
    if length < 8 or begin + length > size:
        return None
    return Atom(head[4:8], begin, begin + length)
