"""Tells a file that was cut off by the sizes its container declares; nothing is decoded.

Decoders and demuxers take the end of a file for the end of the video, so a recording that lost its
tail looks like a shorter one.
"""

from pathlib import Path
from typing import BinaryIO

_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_SYNC = 0x47
_PACKET_SIZES = (188, 192, 204)
_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide"})


def is_cut_off(path: Path) -> bool:
    """Whether the file ends inside an element, box, chunk or packet that says it is longer.

    Knows Matroska and WebM, MP4 and MOV, MPEG-TS and AVI; of others, and of what is not a file,
    nothing is said. A cut exactly between two elements leaves no trace.
    """
    try:
        if not path.is_file():
            return False
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4 * max(_PACKET_SIZES))
            if head.startswith(_EBML):
                return _matroska(file, size)
            if head[4:8] in _BOXES:
                return _boxes(file, size)
            if head.startswith(b"RIFF"):
                return _riff(file, size)
            return _transport(head, size)
    except OSError:
        return False


def _transport(head: bytes, size: int) -> bool:
    """MPEG-TS has packets of one size; a capture may begin inside one."""
    for length in _PACKET_SIZES:
        for start in range(min(length, len(head))):
            marks = head[start::length]
            if len(marks) >= 3 and all(mark == _SYNC for mark in marks):
                # packets of 192 bytes begin with four bytes of time
                return (size - start + (4 if length == 192 else 0)) % length != 0
    return False


def _boxes(file: BinaryIO, size: int) -> bool:
    place = 0
    while place < size:
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            return True
        length = int.from_bytes(head[:4])
        if length == 1:
            length = int.from_bytes(head[8:16])
        if length == 0:
            return False  # to the end of the file, whatever that is
        if length < 8:
            return False  # no box: padding or rubbish after the last one
        place += length
    return place > size


def _riff(file: BinaryIO, size: int) -> bool:
    """AVI: one RIFF chunk, and more of them beyond a gigabyte."""
    place = 0
    while place < size:
        file.seek(place)
        head = file.read(8)
        if head[:4] != b"RIFF":
            return False
        length = int.from_bytes(head[4:8], "little")
        if length == 0:
            return True  # never finished: the size is written last
        place += 8 + length + length % 2
    return place > size + 1


def _matroska(file: BinaryIO, size: int) -> bool:
    """Follow the segment; where its size was never written, its clusters and their blocks."""
    place = 0
    while place < size:
        file.seek(place)
        found = _element(file)
        if found is None:
            return True
        name, length = found
        if length is None:
            if name not in (_SEGMENT, _CLUSTER):
                return False
            place = file.tell()  # of unknown size: its children follow
            continue
        place = file.tell() + length
    return place > size


def _element(file: BinaryIO) -> tuple[int, int | None] | None:
    """Name and size (None: unknown) of the EBML element here; None where its head is cut."""
    name = _number(file, keep_mark=True)
    length = _number(file, keep_mark=False)
    if name is None or length is None:
        return None
    value, count = length
    return name[0], None if value == (1 << 7 * count) - 1 else value


def _number(file: BinaryIO, *, keep_mark: bool) -> tuple[int, int] | None:
    """A number of variable length and the count of its bytes."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    count = 9 - first[0].bit_length()
    rest = file.read(count - 1)
    if len(rest) < count - 1:
        return None
    lead = first[0] if keep_mark else first[0] & (1 << 8 - count) - 1
    return int.from_bytes(bytes([lead]) + rest), count
