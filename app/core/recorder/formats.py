"""The containers a recording can be in, and the names of its files."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

from model.errors import InputError
from model.sentences import Sentence


@dataclass(frozen=True)
class Container:
    """How one kind of file is written."""

    name: str
    """Name of FFmpeg's muxer."""
    ticks: int
    """Time stamps per second, where nothing asks for others."""
    recording: Mapping[str, str]
    """Options that put every frame on disk as soon as the next one comes."""
    is_mp4: bool
    """Whether it is of MP4's family: any length of tick, in fragments while it is recorded."""

    def ticks_for(self, rate: Fraction) -> int:
        """Ticks per second that hold a steady `rate` exactly and all other times finely."""
        if not self.is_mp4 or rate.numerator > 2 * self.ticks:
            return self.ticks
        return rate.numerator * math.ceil(self.ticks / rate.numerator)


_FRAGMENTS = {"movflags": "frag_every_frame+hybrid_fragmented", "flush_packets": "1"}
# clusters of Matroska are written whole, by default once in five seconds
_CLUSTERS = {"cluster_time_limit": "1", "flush_packets": "1"}

_MP4 = Container("mp4", 90_000, _FRAGMENTS, is_mp4=True)
_CONTAINERS: dict[str, Container] = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Container("mov", 90_000, _FRAGMENTS, is_mp4=True),
    ".mkv": Container("matroska", 1000, _CLUSTERS, is_mp4=False),
}
VIDEO_SUFFIXES = frozenset(_CONTAINERS)


def check_video_name(path: Path) -> Container:
    """The container that the ending of `path` asks for.

    Raises:
        InputError: no video is written under this ending.
    """
    container = _CONTAINERS.get(path.suffix.lower())
    if container is None:
        known = ", ".join(sorted(VIDEO_SUFFIXES))
        raise InputError(
            "A video cannot be written as {name}; end its name in {known}.",
            name=path.name,
            known=known,
        )
    return container


def clean_path(path: Path) -> Path:
    """Where the frames without boxes go when both are recorded: `name-clean.mp4`."""
    return path.with_stem(f"{path.stem}-clean")


def next_segment(path: Path) -> Path:
    """The first of `name-2.mp4`, `name-3.mp4`, … that does not exist yet."""
    names = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(name for name in names if not os.path.lexists(name))


def part_path(path: Path) -> Path:
    """Where the seekable file grows before it takes the place of `path`."""
    return path.with_name(f"{path.name}.part")


def spill_path(path: Path) -> Path:
    """The folder of frames that wait on disk for the encoder."""
    return path.with_name(f"{path.name}.spill")


def unwritable(path: Path, error: Exception) -> InputError:
    """The sentence for a video that the system or the encoder refuses."""
    return InputError(
        "The video {path} cannot be written: {why}; "
        "choose a folder that exists, may be written to and has room.",
        path=path,
        why=why(error),
    )


def why(error: BaseException) -> str:
    """Why a system call or FFmpeg failed, in small letters and without a full stop."""
    text = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
    return text if isinstance(text, Sentence) else text.rstrip(".").lower()
