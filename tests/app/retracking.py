"""What tests of tracking anew share: a video, a player on its frame 30, a gate behind it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.player import retrack
from app.core.sources import SourceFrame
from model.geometry import Box
from model.images import Frame
from model.tracker import TrackResult
from tests.app.playing import Watched, frames_of, watched
from tests.app.square import Others, PatchTracker, square_at, write_video

COUNT = 40


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("background") / "square.mp4", COUNT)


@pytest.fixture(scope="module")
def frames(video: Path) -> list[SourceFrame]:
    return frames_of(video)


def off(frame: int) -> Box:
    """A box beside the one that the tracker would find, so that a correction is another track."""
    x, y, w, h = square_at(frame)
    return (x + 1, y - 2, w, h)


class Gated(PatchTracker):
    """In the background it tracks so many frames as it is let."""

    gate = threading.Semaphore(0)
    is_open = False

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        while threading.current_thread().name == "retrack" and not Gated.is_open:
            if Gated.gate.acquire(timeout=0.01):
                break
        return super().update(rgb, time, others)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Gated]]:
    monkeypatch.setattr(retrack, "_GIVE_EVERY_S", -1.0)
    Gated.gate, Gated.is_open = threading.Semaphore(0), False
    yield Gated
    Gated.is_open = True


@pytest.fixture
def played(video: Path) -> Iterator[Watched]:
    """Paused on frame 30, with a target that was followed from frame 0."""
    with watched(video, boxes=[square_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.played_to(30)
        yield player


@pytest.fixture
def gated(video: Path, gate: type[Gated]) -> Iterator[Watched]:
    """The same, and what is tracked in the background waits for `gate`."""
    with watched(video, gate, boxes=[square_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.played_to(30)
        yield player
        gate.is_open = True
