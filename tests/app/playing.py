"""Helpers for tests of the player: waiting for what it shows, and what its tracks must be."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from app.core.player.document import TargetTrack
from app.core.player.player import Player
from app.core.player.snapshot import Playback, Snapshot
from app.core.sources import Source, SourceFrame, open_source
from model.geometry import Box
from tests.app.square import PatchTracker

PATIENCE_S = 20.0

Row = tuple[Box, float, str]
"""Box, score and state of a row."""


class Watched:
    """A player, and what it showed last."""

    def __init__(self, source: Path | Callable[[], Source], load: Any = PatchTracker, **how: Any):
        opened = (lambda: open_source(str(source))) if isinstance(source, Path) else source
        self.player = Player(opened, load, **how)
        self.last: Snapshot | None = None
        self.told: list[str] = []

    def until(self, wanted: Callable[[Snapshot], object]) -> Snapshot:
        """The first snapshot that is as wanted."""
        end = time.monotonic() + PATIENCE_S
        while True:
            self.last = self.player.mailbox.take() or self.last
            if self.last is not None and wanted(self.last):
                return self.last
            if time.monotonic() > end:
                raise AssertionError(f"never came; last was {self._in_short()}")
            time.sleep(0.002)

    def _in_short(self) -> str:
        s = self.last
        if s is None:
            return "nothing"
        index = s.frame.index if s.frame is not None else None
        tracks = [(t.id, t.rows.first, t.rows.last, len(t.rows)) for t in s.document.targets]
        return f"{s.playback} at {index}, {tracks}, {s.work}, told {self.notices()}"

    def done(self) -> Snapshot:
        """When all commands have been carried out and nothing is tracked anew."""
        while (shown := self.barrier()).work:
            time.sleep(0.002)
        return shown

    def barrier(self) -> Snapshot:
        """When all commands have been carried out."""
        carried_out: list[float] = []
        # commands keep their order
        self.player._do(partial(_note_time, carried_out))
        self.until(lambda _: carried_out and self.player.mailbox.left_at > carried_out[0])
        self.last = self.player.mailbox.take() or self.last
        assert self.last is not None
        return self.last

    def at(self, frame: int) -> Snapshot:
        """When a frame is shown."""
        return self.until(lambda s: s.frame is not None and s.frame.index == frame)

    def went(self, frame: int) -> Snapshot:
        """After going to a frame."""
        self.player.seek(frame)
        return self.at(frame)

    def ended(self) -> Snapshot:
        """When the last frame was played."""
        return self.until(lambda s: s.playback is Playback.ENDED)

    def played_to(self, frame: int) -> Snapshot:
        """After stepping on to a frame, without regard to time."""
        shown = self.until(lambda s: s.frame is not None and s.playback is not Playback.OPENING)
        assert shown.frame is not None
        self.player.step(frame - shown.frame.index)
        return self.at(frame)

    def target(self, id: int) -> TargetTrack:
        """A target of the document."""
        target = self.player.document.state.target(id)
        assert target is not None
        return target

    def rows(self, id: int) -> dict[int, Row]:
        """Rows of a target by frame."""
        return rows_of(self.target(id))

    def notices(self) -> list[str]:
        """All sentences so far."""
        while True:
            try:
                self.told.append(self.player.notices.get_nowait())
            except queue.Empty:
                return self.told


def eventually(wanted: Callable[[], object]) -> None:
    """Wait for something."""
    end = time.monotonic() + PATIENCE_S
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.002)


@contextmanager
def watched(
    source: Path | Callable[[], Source], load: Any = PatchTracker, *, speed: float = 8, **how: Any
) -> Iterator[Watched]:
    """A player that is closed at the end, and left no thread."""
    before = set(threading.enumerate())
    made = Watched(source, load, **how)
    made.player.set_speed(speed)
    try:
        yield made
    finally:
        made.player.close()
        assert not made.player.is_alive
    left = threads_since(before)
    assert left == [], left


def _note_time(times: list[float]) -> None:
    times.append(time.monotonic())


def threads_since(before: set[threading.Thread]) -> list[str]:
    """Names of threads that were not there before, but for those that go with a tracker."""
    new = [thread.name for thread in threading.enumerate() if thread not in before]
    return [name for name in new if not name.startswith("regions")]


def rows_of(target: TargetTrack) -> dict[int, Row]:
    return {row.frame: (row.box, round(row.score, 6), row.state) for row in target.rows}


def frames_of(path: Path) -> list[SourceFrame]:
    """All frames of a source."""
    with open_source(str(path)) as source:
        return list(source)


def tracked(frames: list[SourceFrame], corrections: Mapping[int, Box], last: int) -> dict[int, Row]:
    """What a target's rows must be, followed from each box to before the next, without a detour."""
    rows: dict[int, Row] = {}
    marks = sorted(corrections)
    for start, stop in zip(marks, [*marks[1:], last + 1], strict=True):
        tracker = PatchTracker()
        tracker.add(frames[start].rgb, corrections[start], frames[start].time_s)
        rows[start] = (corrections[start], 1.0, "tracking")
        for frame in frames[start + 1 : stop]:
            (result,) = tracker.update(frame.rgb, frame.time_s)
            rows[frame.index] = (result.box, round(result.score, 6), str(result.state))
    return rows
