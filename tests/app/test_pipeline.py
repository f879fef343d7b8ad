"""The pipeline without a window: order, completeness, targets, ends."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.core.loader import LiveTracker
from app.core.pipeline import Pipeline, Playback, Snapshot
from app.core.sources import LiveSource, open_source
from model.errors import InputError, WeightsError
from model.images import Frame
from tests.app.square import PatchTracker, square_at, write_video


def wait_for(pipeline: Pipeline, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    end = time.monotonic() + 10
    last = None
    while time.monotonic() < end:
        last = pipeline.mailbox.take() or last
        if last is not None and wanted(last):
            return last
        time.sleep(0.005)
    raise AssertionError(f"never came; last was {last}")


@pytest.fixture
def short(tmp_path: Path) -> Path:
    return write_video(tmp_path / "short.mp4", 20)


class Clockwork:
    """What a live source reads: a hundred pictures a second that wait for nobody."""

    rate: float | None = 100.0

    def __init__(self, short: Path) -> None:
        self.closed = threading.Event()
        self.given = 0
        self._frame = next(iter(open_source(str(short)))).rgb
        self._frame[0] = 0

    def read(self, cancelled: threading.Event) -> Frame | None:
        """A picture whose sum is one more than that of the one before."""
        cancelled.wait(0.01)
        self.given += 1
        picture = self._frame.copy()
        picture.reshape(-1)[: self.given % picture[0].size] = 1
        return picture

    def close(self) -> None:
        self.closed.set()

    def source(self) -> LiveSource:
        return LiveSource("clockwork", lambda: self, hint="wind it up")


def test_file_loses_no_frame(short: Path) -> None:
    tracker = PatchTracker()
    pipeline = Pipeline(lambda: open_source(str(short)), lambda: tracker, boxes=[square_at(0)])
    wait_for(pipeline, lambda s: s.playback is Playback.ENDED)
    pipeline.close()
    assert tracker.seen == [int(f.rgb.sum()) for f in open_source(str(short))][1:]


def test_box_waits_for_the_model_on_its_frame(short: Path) -> None:
    loaded = threading.Event()

    def load() -> LiveTracker:
        loaded.wait(10)
        return PatchTracker()

    pipeline = Pipeline(lambda: open_source(str(short)), load, boxes=[square_at(0)])
    shown = wait_for(pipeline, lambda s: s.frame is not None)
    assert shown.frame is not None
    assert shown.frame.index == 0
    loaded.set()
    last = wait_for(pipeline, lambda s: s.playback is Playback.ENDED)
    pipeline.close()
    assert last.marks[0].box == pytest.approx(square_at(19), abs=1.5)


def test_loop_begins_anew_with_its_targets(short: Path) -> None:
    pipeline = Pipeline(
        lambda: open_source(str(short)), PatchTracker, boxes=[square_at(0)], loop=True
    )
    second = wait_for(pipeline, lambda s: bool(s.marks) and s.marks[0].id == 2)
    pipeline.close()
    assert len(second.marks) == 1


def test_box_that_cannot_be_followed_is_told_and_playing_goes_on(short: Path) -> None:
    pipeline = Pipeline(lambda: open_source(str(short)), PatchTracker, boxes=[(900, 900, 10, 10)])
    last = wait_for(pipeline, lambda s: s.playback is Playback.ENDED)
    pipeline.close()
    assert last.frame is not None
    assert last.frame.index == 19
    assert "outside" in pipeline.notices.get_nowait()


def test_model_that_cannot_be_loaded_is_told_and_the_video_plays(short: Path) -> None:
    def load() -> LiveTracker:
        raise WeightsError("The weights are damaged; install the program anew.")

    pipeline = Pipeline(lambda: open_source(str(short)), load)
    wait_for(pipeline, lambda s: s.playback is Playback.ENDED)
    pipeline.close()
    assert pipeline.notices.get_nowait() == "The weights are damaged; install the program anew."


def test_source_that_cannot_be_opened_fails_with_its_sentence() -> None:
    def fail() -> LiveSource:
        raise InputError("There is nothing there.")

    pipeline = Pipeline(fail, PatchTracker)
    wait_for(pipeline, lambda s: s.playback is Playback.FAILED)
    pipeline.close()
    assert pipeline.notices.get_nowait() == "There is nothing there."


def test_live_source_drops_what_it_cannot_use_and_says_how_many(short: Path) -> None:
    class Slow(PatchTracker):
        def update(self, rgb, time=0.0):  # type: ignore[no-untyped-def]
            threading.Event().wait(0.08)
            return super().update(rgb, time)

    source = Clockwork(short)
    pipeline = Pipeline(source.source, Slow, boxes=[(10, 10, 40, 40)])
    shown = wait_for(pipeline, lambda s: s.dropped > 10)
    later = wait_for(pipeline, lambda s: s.frame is not shown.frame)
    pipeline.close()
    assert later.frame is not None
    assert later.frame.index > 10
    assert source.closed.wait(10)


def test_live_source_keeps_the_frames_of_a_hold(short: Path) -> None:
    tracker = PatchTracker()
    source = Clockwork(short)
    pipeline = Pipeline(source.source, lambda: tracker)
    wait_for(pipeline, lambda s: s.frame is not None and bool(s.tracker))
    pipeline.hold()
    pipeline.add((10, 10, 40, 40))
    wait_for(pipeline, lambda s: len(s.marks) == 1)
    enough = source.given + 30
    while source.given < enough:
        time.sleep(0.01)
    pipeline.release()
    wait_for(pipeline, lambda s: len(tracker.times) > 20)
    pipeline.close()
    assert np.all(np.diff(tracker.seen[:20]) == 1)
    assert np.all(np.diff(tracker.times[:20]) > 0)
