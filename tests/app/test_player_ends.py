"""Closing a player: whatever it is at, every thread ends, soon, and nothing is left open."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.core.player.snapshot import Playback
from app.core.sources import Source, VideoFile, live, open_source
from app.core.studio.recording import RecordingFactory
from model.images import Frame
from model.tracker import TrackResult
from tests.app.camera import Camera
from tests.app.playing import Watched, eventually, threads_since, watched
from tests.app.square import Others, PatchTracker, square_at, write_video

COUNT = 40
SOON_S = 3.0
"""Far above what closing takes, far below what it would wait for if it waited for the wrong one."""


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("ends") / "square.mp4", COUNT)


@pytest.fixture
def closing() -> Iterator[Callable[[Watched], None]]:
    """Closes a player, soon, with every thread that came since."""
    before = set(threading.enumerate())

    def close(player: Watched) -> None:
        started_s = time.monotonic()
        player.player.close()
        assert time.monotonic() - started_s < SOON_S
        assert not player.player.is_alive
        assert threads_since(before) == []
        # twice is harmless, and so is asking for more
        player.player.close()
        player.player.play()
        player.player.seek(3)

    yield close
    assert threads_since(before) == []


class Noting(VideoFile):
    """Counts how often one was closed."""

    closed = 0

    def close(self) -> None:
        Noting.closed += 1
        super().close()


@pytest.fixture(autouse=True)
def none_closed() -> None:
    Noting.closed = 0


class Waiting(PatchTracker):
    """In the background it takes very long."""

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        if threading.current_thread().name == "retrack":
            threading.Event().wait(0.2)
        return super().update(rgb, time, others)


def test_while_it_opens(video: Path, closing: Callable[[Watched], None]) -> None:
    def slow() -> Source:
        time.sleep(0.2)
        return Noting(video)

    closing(Watched(slow))
    # nobody wanted it any more
    assert Noting.closed == 1


def test_while_it_hangs_in_opening(video: Path) -> None:
    gate = threading.Event()

    def hanging() -> Source:
        assert gate.wait(20)
        return Noting(video)

    before = set(threading.enumerate())
    player = Watched(hanging)
    started_s = time.monotonic()
    player.player.close()
    assert time.monotonic() - started_s < SOON_S
    assert not player.player.is_alive
    # left to itself, and tidied up when it comes back
    gate.set()
    eventually(lambda: not threads_since(before))
    assert Noting.closed == 1


def test_while_it_waits_for_the_index(video: Path, closing: Callable[[Watched], None]) -> None:
    reading = threading.Event()

    class Huge(VideoFile):
        def read_index(self, give_up: Callable[[], bool]) -> None:
            reading.set()
            while not give_up():
                time.sleep(0.005)

    player = Watched(lambda: Huge(video), paused=True)
    player.until(lambda s: s.frame is not None)
    assert reading.wait(20)
    player.player.seek(COUNT - 1)
    player.player.step(-1)
    closing(player)
    # nobody asks any more what became of that
    assert player.notices() == []


def test_while_the_model_loads(video: Path, closing: Callable[[Watched], None]) -> None:
    def slow() -> PatchTracker:
        time.sleep(0.3)
        return PatchTracker()

    player = Watched(video, slow, boxes=[square_at(0)])
    player.until(lambda s: s.frame is not None)
    player.player.set_tracker(slow)
    closing(player)
    assert player.notices() == []


def test_while_it_plays(video: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(video, boxes=[square_at(0)])
    player.until(lambda s: s.frame is not None and s.frame.index > 2)
    closing(player)


def test_while_it_plays_slowly(video: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(video)
    player.player.set_speed(0.1)
    player.until(lambda s: s.speed == 0.1)
    closing(player)


def test_while_it_is_paused(video: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(video, paused=True)
    player.until(lambda s: s.playback is Playback.PAUSED)
    closing(player)


def test_while_it_is_held(video: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(video)
    player.player.hold()
    player.until(lambda s: s.frame is not None)
    closing(player)


def test_after_the_end(video: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(video)
    player.player.set_speed(8)
    player.ended()
    closing(player)


def test_after_it_failed(tmp_path: Path, closing: Callable[[Watched], None]) -> None:
    player = Watched(tmp_path / "nothing.mp4")
    player.until(lambda s: s.playback is Playback.FAILED)
    closing(player)


@pytest.mark.parametrize("playing", [False, True])
def test_while_something_is_tracked_anew(
    video: Path, closing: Callable[[Watched], None], playing: bool
) -> None:
    player = Watched(video, Waiting, boxes=[square_at(0)], paused=True)
    player.played_to(30)
    player.went(5)
    player.player.correct(1, square_at(5))
    player.player.add(square_at(5))
    player.player.track_backwards(1)
    player.until(lambda s: len(s.work) == 2)
    if playing:
        player.player.play()
    closing(player)


def test_while_it_records(video: Path, tmp_path: Path, closing: Callable[[Watched], None]) -> None:
    recording = RecordingFactory(str(video), sessions=lambda _: tmp_path / "session")
    player = Watched(video, recording=recording, boxes=[square_at(0)])
    player.until(lambda s: s.frame is not None)
    player.player.start_recording(tmp_path / "out.mp4")
    player.until(lambda s: s.recording is not None and s.recording.frames > 3)
    closing(player)
    with VideoFile(tmp_path / "out.mp4") as written:
        assert len(list(written)) > 3


def test_live(closing: Callable[[Watched], None]) -> None:
    camera = Camera()
    player = Watched(camera.source, boxes=[(24.0, 16.0, 32.0, 32.0)])
    camera.run()
    player.until(lambda s: s.frame is not None and s.frame.index > 5)
    closing(player)
    assert camera.open == 0


def test_live_and_looking_back(closing: Callable[[Watched], None]) -> None:
    camera = Camera()
    player = Watched(camera.source, Waiting, boxes=[(24.0, 16.0, 32.0, 32.0)])
    camera.run()
    player.until(lambda s: s.frame is not None and s.frame.index > 20)
    player.player.pause()
    player.went(3)
    player.player.correct(1, (30.0, 16.0, 32.0, 32.0))
    player.until(lambda s: s.work)
    closing(player)


def test_live_source_that_hangs_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_ABANDON_S", 0.2)
    gate = threading.Event()

    class Deaf(Camera):
        def read(self, cancelled: threading.Event) -> Frame | None:
            if self.given > 3:
                gate.wait(30)
            self.give()
            return self._waiting.get()

    before = set(threading.enumerate())
    player = Watched(Deaf().source)
    player.until(lambda s: s.frame is not None and s.frame.index >= 2)
    started_s = time.monotonic()
    player.player.close()
    assert time.monotonic() - started_s < SOON_S
    assert not player.player.is_alive
    gate.set()
    eventually(lambda: not threads_since(before))


def test_stop_asks_without_waiting(video: Path) -> None:
    before = set(threading.enumerate())
    player = Watched(video, Waiting, boxes=[square_at(0)])
    player.player.stop()
    eventually(lambda: not player.player.is_alive)
    eventually(lambda: not threads_since(before))


def test_hundred_players_leave_nothing_behind(video: Path) -> None:
    process = psutil.Process()

    def open_and_close(count: int) -> tuple[int, int]:
        for k in range(count):
            with watched(video, paused=k % 2 == 0, boxes=[square_at(0)]) as player:
                player.until(lambda s: s.frame is not None)
        gc.collect()
        return process.num_fds(), threading.active_count()

    before = open_and_close(5)
    after = open_and_close(100)
    assert after[0] <= before[0] + 1
    assert after[1] == before[1]


def test_live_players_leave_nothing_behind() -> None:
    process = psutil.Process()

    def open_and_close() -> int:
        for _ in range(10):
            camera = Camera()
            with watched(camera.source) as player:
                player.until(lambda s: s.frame is not None)
            assert camera.open == 0
        return process.num_fds()

    before = open_and_close()
    assert open_and_close() <= before + 1


def test_closed_source_is_not_opened_again_for_the_background(video: Path) -> None:
    opened: list[Source] = []

    def counted() -> Source:
        opened.append(open_source(str(video)))
        return opened[-1]

    with watched(counted, boxes=[square_at(0)], paused=True) as player:
        player.played_to(10)
        assert len(opened) == 1
        player.went(5)
        player.player.correct(1, square_at(5))
        player.done()
        player.player.correct(1, square_at(5))
        player.done()
        assert len(opened) == 2


def test_trackers_and_what_they_hold_go_with_the_player(video: Path, tmp_path: Path) -> None:
    """Threads of arithmetic end with them, not when the garbage is collected."""
    made: list[weakref.ref[PatchTracker]] = []

    def load() -> PatchTracker:
        tracker = PatchTracker()
        made.append(weakref.ref(tracker))
        return tracker

    gc.collect()
    gc.disable()
    try:
        made_of = RecordingFactory(str(video), sessions=lambda _: tmp_path / "session")
        with watched(video, load, boxes=[square_at(0)], paused=True, recording=made_of) as player:
            player.until(lambda s: s.marks)
            player.player.start_recording(tmp_path / "a.mp4")
            player.played_to(20)
            player.went(8)
            player.player.correct(1, square_at(8))
            player.done()
            assert len(made) == 2
        assert [tracker() for tracker in made] == [None, None]
    finally:
        gc.enable()
