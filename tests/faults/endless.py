"""A process that tracks, records and keeps a session until it is killed.

    python -m tests.faults.endless FOLDER

It writes one byte to its standard output for each frame it is done with.
"""

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from app.core.job import Outputs, Target, TrackJob
from app.core.provenance import Environment, ModelReference, SourceReference
from app.core.recorder import Content
from app.core.session import Export, Session, SessionInfo
from app.core.sources.base import Closing, SourceFrame, SourceInfo
from tests.app.recordings import RATE, shade
from tests.app.still import StillTracker

VIDEO, TABLE = "seen.mp4", "boxes.csv"
BOX = (30.0, 20.0, 24.0, 24.0)


class Shades(Closing):
    """Frames that tell their number, `frames` of them or without end."""

    def __init__(self, frames: int | None = None) -> None:
        self._frames = frames
        self.info = SourceInfo("shades", 96, 64, frames, RATE, is_live=False)

    def __iter__(self) -> Iterator[SourceFrame]:
        for index in count() if self._frames is None else range(self._frames):
            yield SourceFrame(index, index / RATE, shade(index))


def about() -> SessionInfo:
    """What the session says of itself, without a network to describe."""
    return SessionInfo(
        SourceReference("live", "shades"), 96, 64, ModelReference("nano", "0" * 64),
        Environment("cpu", "", "float32", 1, "", "", "", "", ""),
        exports=(Export("video", VIDEO), Export("table", TABLE)),
    )  # fmt: skip


def job(folder: Path, *, frames: int | None = None, elsewhere: Path | None = None) -> TrackJob:
    """Track shades into a session in `folder`, its outputs there too or in `elsewhere`."""
    place = elsewhere or folder
    outputs = Outputs(place / VIDEO, place / TABLE, content=Content.CLEAN)
    session = Session(folder, about())
    return TrackJob(Shades(frames), StillTracker(0, 0), [Target(BOX)], outputs, session=session)


if __name__ == "__main__":
    for _ in job(Path(sys.argv[1])).run():
        os.write(1, b".")
