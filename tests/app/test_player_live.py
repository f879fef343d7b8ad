"""Playing a live source: the newest frame, holding, looking back, catching up, its faults."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from app.core.player import deck
from app.core.player.snapshot import Playback, Snapshot
from app.core.player.tape import LiveTape
from app.core.sources import Health
from model.geometry import Box
from model.images import Frame
from model.tracker import TrackResult
from tests.app.camera import PATIENT, Camera
from tests.app.playing import PATIENCE_S, Watched, eventually, tracked, watched
from tests.app.sources.numbered import number_of
from tests.app.square import Others, PatchTracker

BOX: Box = (24.0, 16.0, 32.0, 32.0)
OTHER: Box = (60.0, 20.0, 30.0, 30.0)


class Noting(PatchTracker):
    """Notes the numbers of the frames it was updated with."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        self.numbers.append(number_of(rgb))
        return super().update(rgb, time, others)


class Slow(Noting):
    """Slower than a camera that gives a hundred pictures a second."""

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        threading.Event().wait(0.025)
        return super().update(rgb, time, others)


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def live(camera: Camera) -> Iterator[Watched]:
    """A camera with a target on its first frame."""
    with watched(camera.source, Noting, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        yield player
    assert camera.open == 0


def index_of(shown: Snapshot) -> int:
    assert shown.frame is not None
    return shown.frame.index


def numbers(player: Watched) -> list[int]:
    tracker = player.player._stage.tracking.tracker
    assert isinstance(tracker, Noting)
    return tracker.numbers


def given_one_by_one(player: Watched, camera: Camera, count: int) -> None:
    """Give pictures, each after the one before was shown."""
    for _ in range(count):
        camera.give()
        player.at(camera.given - 1)


def test_newest_frame_is_shown_and_what_is_left_out_is_counted(camera: Camera) -> None:
    with watched(camera.source, Slow, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        camera.run()
        player.until(lambda s: s.dropped > 10)
        camera.rest()
        shown = player.until(lambda s: index_of(s) == camera.given - 1)
        assert shown.edge
        assert number_of(shown.frame.rgb) == index_of(shown)  # type: ignore[union-attr]
        seen = numbers(player)
        assert np.all(np.diff(seen) > 0)
        # all that were not left out were tracked; the first one was drawn on
        assert shown.dropped == camera.given - 1 - len(seen)
        assert sorted(player.rows(1)) == [0, *seen]


def test_no_frame_of_a_hold_is_lost(live: Watched, camera: Camera) -> None:
    given_one_by_one(live, camera, 3)
    live.player.hold()
    held = live.barrier()
    camera.give(40)
    live.until(lambda s: s.span is not None and s.span.last == 43)
    live.player.add(OTHER)
    assert index_of(live.barrier()) == index_of(held) == 3
    live.player.release()
    shown = live.at(43)
    assert live.until(lambda s: s.edge).dropped == 0
    assert numbers(live) == list(range(1, 44))
    assert live.rows(1) == tracked(camera.frames(), {0: BOX}, 43)
    assert live.rows(2) == tracked(camera.frames(), {3: OTHER}, 43)
    assert len(shown.marks) == 2


def test_first_box_is_followed_from_its_frame_however_long_the_model_takes(camera: Camera) -> None:
    loaded = threading.Event()

    def load() -> Noting:
        assert loaded.wait(PATIENCE_S)
        return Noting()

    with watched(camera.source, load, boxes=[BOX]) as player:
        player.until(lambda s: s.frame is not None)
        camera.give(30)
        deck = player.player._stage._deck
        assert deck is not None
        eventually(lambda: deck.span.last == 30)
        loaded.set()
        player.at(30)
        assert player.rows(1) == tracked(camera.frames(), {0: BOX}, 30)


def test_one_can_look_back_while_the_tape_rolls_on(live: Watched, camera: Camera) -> None:
    given_one_by_one(live, camera, 20)
    live.player.pause()
    live.barrier()
    camera.give(10)
    shown = live.until(lambda s: s.span is not None and s.span.last == 30)
    assert (index_of(shown), shown.edge, shown.playback) == (20, False, Playback.PAUSED)
    assert shown.span is not None
    assert shown.span.times_s is not None
    assert shown.span.times_s.shape == (31,)
    for back in (5, 19, 0):
        shown = live.went(back)
        assert number_of(shown.frame.rgb) == back  # type: ignore[union-attr]
        row = live.target(1).rows.at(back)
        assert row is not None
        assert shown.marks[0].box == row.box
    live.player.step(2)
    live.at(2)
    assert numbers(live) == list(range(1, 21))
    # frames that came meanwhile are tracked as they are stepped to
    live.went(20)
    live.player.step(4)
    live.at(24)
    assert live.rows(1) == tracked(camera.frames(), {0: BOX}, 24)


def test_playing_from_the_past_keeps_its_own_time_and_tracks_what_is_new(
    live: Watched, camera: Camera
) -> None:
    camera.run()
    live.until(lambda s: index_of(s) > 30)
    live.player.seek(5)
    shown = live.until(lambda s: not s.edge)
    behind = live.barrier()
    started_s, first = time.monotonic(), index_of(behind)
    assert first < 25
    assert shown.frame is not None
    later = live.until(lambda s: index_of(s) >= first + 20)
    passed_s = time.monotonic() - started_s
    assert later.frame is not None
    assert behind.frame is not None
    # a frame before its time would be a fault; one after it may be the machine's
    assert passed_s >= (later.frame.time_s - behind.frame.time_s) * 0.8
    assert not later.edge
    live.player.go_live()
    live.until(lambda s: s.edge)
    camera.rest()
    shown = live.until(lambda s: index_of(s) == camera.given - 1)
    assert shown.playback is Playback.PLAYING
    seen = numbers(live)
    assert len(set(seen)) == len(seen)
    assert np.all(np.diff(seen) > 0)


def test_after_a_long_pause_playing_goes_on_at_once(
    camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deck, "LiveTape", partial(LiveTape, keep_s=0.2))
    with watched(camera.source, Noting) as player:
        camera.run()
        player.until(lambda s: index_of(s) > 10)
        player.player.pause()
        at = index_of(player.until(lambda s: s.playback is Playback.PAUSED))
        shown = player.until(lambda s: s.span is not None and s.span.first > at + 150)
        assert index_of(shown) == at
        began_s = time.monotonic()
        player.player.play()
        shown = player.until(lambda s: index_of(s) > at)
        # what is gone lasted longer than a second
        assert time.monotonic() - began_s < 0.8
        assert shown.playback is Playback.PLAYING
        camera.rest()


def test_slow_tracker_catches_up_in_the_end(camera: Camera) -> None:
    with watched(camera.source, Slow, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.player.hold()
        player.barrier()
        camera.give(12)
        camera.run()
        player.until(lambda s: s.span is not None and (s.span.last or 0) > 16)
        player.player.release()
        player.until(lambda s: not s.edge)
        player.until(lambda s: s.edge)
        camera.rest()
        player.until(lambda s: index_of(s) == camera.given - 1)
        steps = np.diff(numbers(player))
        assert np.all(steps > 0)
        # never a leap: as many at a time as come meanwhile, and a few more
        assert np.median(steps) < 12


def test_going_to_the_newest_frame_while_playing_is_going_live(
    live: Watched, camera: Camera
) -> None:
    camera.run()
    live.until(lambda s: index_of(s) > 20)
    live.player.seek(3)
    live.until(lambda s: not s.edge)
    live.player.seek(10_000)
    live.until(lambda s: s.edge)


def test_correction_in_the_past_joins_the_present(live: Watched, camera: Camera) -> None:
    given_one_by_one(live, camera, 30)
    # or it plays on from there, through pictures that came fast
    live.player.pause()
    live.went(10)
    live.player.correct(1, OTHER)
    live.done()
    marks = {0: BOX, 10: OTHER}
    assert live.rows(1) == tracked(camera.frames(), marks, 30)
    live.player.go_live()
    given_one_by_one(live, camera, 6)
    assert live.rows(1) == tracked(camera.frames(), marks, 36)
    live.player.undo()
    live.done()
    assert sorted(live.rows(1)) == list(range(31))
    # followed again from what was known at frame 30
    given_one_by_one(live, camera, 2)
    assert sorted(live.rows(1)) == [*range(31), 37, 38]
    live.player.redo()
    live.done()
    given_one_by_one(live, camera, 1)
    found = live.rows(1)
    assert {k: found[k] for k in range(37)} == tracked(camera.frames(), marks, 36)
    assert 39 in found
    assert live.notices() == []


def test_correction_joins_a_present_that_moves_on(camera: Camera) -> None:
    with watched(camera.source, Slow, boxes=[BOX, OTHER]) as player:
        player.until(lambda s: len(s.marks) == 2)
        camera.run()
        player.until(lambda s: index_of(s) > 20)
        drawn_on = player.barrier()
        player.player.pause()
        player.went(5)
        player.player.correct(1, OTHER)
        player.player.go_live()
        player.until(lambda s: not s.work and s.edge and 1 in s.memory and len(s.marks) == 2)
        later = index_of(player.until(lambda s: index_of(s) > index_of(drawn_on)))
        player.until(lambda s: index_of(s) > later and len(s.marks) == 2)
        marks = player.target(1).corrections
        assert dict(marks) == {0: BOX, 5: OTHER}
        assert player.notices() == []


def test_new_target_in_the_past_joins_the_present(live: Watched, camera: Camera) -> None:
    given_one_by_one(live, camera, 20)
    live.player.pause()
    live.went(8)
    live.player.add(OTHER)
    live.done()
    live.player.go_live()
    given_one_by_one(live, camera, 3)
    assert live.rows(2) == tracked(camera.frames(), {8: OTHER}, 23)
    assert live.rows(1) == tracked(camera.frames(), {0: BOX}, 23)


def test_another_tracker_follows_the_targets_of_a_live_source_on(
    live: Watched, camera: Camera
) -> None:
    class Other(Noting):
        preset = "other"

    given_one_by_one(live, camera, 5)
    live.player.set_tracker(Other)
    live.until(lambda s: s.tracker == "other on cpu")
    given_one_by_one(live, camera, 5)
    assert sorted(live.rows(1)) == list(range(11))
    assert live.notices() == []


def test_tracker_that_breaks_on_a_live_source_gives_way_to_the_fallback(camera: Camera) -> None:
    class Breaking(Noting):
        def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
            if number_of(rgb) == 6:
                raise RuntimeError("CUDA error")
            return super().update(rgb, time, others)

    class Fallback(Noting):
        preset = "fallback"

    with watched(camera.source, Breaking, fallback=Fallback, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        given_one_by_one(player, camera, 6)
        player.until(lambda s: s.tracker == "fallback on cpu")
        given_one_by_one(player, camera, 4)
        assert sorted(player.rows(1)) == [k for k in range(11) if k != 6]


def test_source_that_stalls_and_comes_back_is_told() -> None:
    camera = Camera(watch=replace(PATIENT, stalled_s=0.1))
    with watched(camera.source, Noting, boxes=[BOX]) as player:
        camera.run()
        player.until(lambda s: index_of(s) > 5 and s.health is Health.OK)
        camera.rest()
        player.until(lambda s: s.health is Health.STALLED)
        assert player.until(lambda s: True).playback is Playback.PLAYING
        camera.run()
        at = camera.given
        player.until(lambda s: s.health is Health.OK and index_of(s) > at)
        assert any("no picture" in sentence for sentence in player.notices())


def test_source_that_ends_is_opened_anew_and_followed_on() -> None:
    camera = Camera()
    with watched(camera.source, Noting, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        given_one_by_one(player, camera, 3)
        camera.end(for_good=False)
        player.until(lambda s: s.health is Health.ENDED)
        given_one_by_one(player, camera, 3)
        assert player.until(lambda s: s.health is Health.OK)
        assert player.rows(1) == tracked(camera.frames(), {0: BOX}, 6)


def test_source_that_is_gone_ends_with_a_sentence_and_can_be_looked_back_at() -> None:
    camera = Camera(watch=replace(PATIENT, give_up_s=0.1))
    with watched(camera.source, Noting, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        given_one_by_one(player, camera, 12)
        camera.end()
        player.ended()
        assert sum("plug it in" in sentence for sentence in player.notices()) == 1
        shown = player.went(4)
        assert shown.marks[0].box == player.rows(1)[4][0]
        player.player.play()
        assert index_of(player.ended()) == 12
        player.player.go_live()
        player.ended()
