"""A thousand times open and closed: no thread, descriptor or memory is left behind."""

import gc
import os
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import psutil
import pytest

from app.core.journal import Journal, read_journal
from app.core.recorder import Recorder
from app.core.sources import ImageFolder, VideoFile
from model.errors import InputError
from tests.app.clips import encode
from tests.app.recordings import shade

CYCLES = 1000
PARTS = 5
LEAK_BYTES = 1 << 20
FEW = 5
"""Growth in every part of the cycles that makes a leak; one picture kept per cycle is thrice that.

Memory may grow in some part, when allocators open another pool.
"""


def held() -> tuple[int, int, int]:
    """Threads, descriptors, and bytes of memory of this process."""
    gc.collect()
    process = psutil.Process()
    return threading.active_count(), process.num_fds(), process.memory_info().rss


def video(folder: Path) -> Callable[[], None]:
    path = encode(folder / "clip.mp4", [shade(index) for index in range(3)])

    def cycle() -> None:
        with VideoFile(path) as source:
            next(iter(source))

    return cycle


def broken_video(folder: Path) -> Callable[[], None]:
    path = encode(folder / "clip.mp4", [shade(index) for index in range(3)])
    path.write_bytes(path.read_bytes()[:300])

    def cycle() -> None:
        with pytest.raises(InputError):
            VideoFile(path)

    return cycle


def images(folder: Path) -> Callable[[], None]:
    for index in range(2):
        cv2.imwrite(str(folder / f"{index}.png"), shade(index))

    def cycle() -> None:
        with ImageFolder(folder) as source:
            next(iter(source))

    return cycle


def recording(folder: Path) -> Callable[[], None]:
    path, rgb = folder / "out.mkv", shade(1)

    def cycle() -> None:
        with Recorder(path, 96, 64, rate=25) as recorder:
            recorder.write(rgb, 0.0)

    return cycle


def journal(folder: Path) -> Callable[[], None]:
    path = folder / "journal.jsonl"

    def cycle() -> None:
        with Journal.create(path, {}) as made:
            made.event("note")
        read_journal(path)
        path.unlink()

    return cycle


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand waits for a disk tell nothing of leaks."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.mark.usefixtures("quick_disk")
@pytest.mark.parametrize("kind", [video, broken_video, images, recording, journal])
def test_a_thousand_cycles_leave_nothing_behind(
    kind: Callable[[Path], Callable[[], None]], tmp_path: Path
) -> None:
    cycle = kind(tmp_path)
    for _ in range(CYCLES // PARTS):
        cycle()
    levels = [held()]
    for _ in range(PARTS - 1):
        for _ in range(CYCLES // PARTS):
            cycle()
        levels.append(held())
    # what tests before this one left may come and go; a leak counts by the hundred
    for kept in zip(*((threads, descriptors) for threads, descriptors, _ in levels), strict=True):
        assert max(kept) - min(kept) <= FEW
    memory = [bytes_ for *_, bytes_ in levels]
    assert min(later - sooner for sooner, later in pairwise(memory)) < LEAK_BYTES
