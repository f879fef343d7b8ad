"""Playing a file: order, completeness, going to any frame, ends; targets as they are followed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.player.document import Document, Scale
from app.core.player.snapshot import Playback
from app.core.sources import SourceFrame, open_source
from tests.app.clips import encode, noise
from tests.app.playing import Watched, frames_of, tracked, watched
from tests.app.sources.numbered import Recipe, number_of, write
from tests.app.square import PatchTracker, square_at, write_video

COUNT = 20


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("player") / "short.mp4", COUNT)


@pytest.fixture(scope="module")
def frames(short: Path) -> list[SourceFrame]:
    return frames_of(short)


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = Recipe("numbered.mp4", options={"bf": "3", "g": "24", "preset": "ultrafast"})
    return write(tmp_path_factory.mktemp("player") / recipe.name, recipe, 100)


@pytest.fixture
def paused(short: Path) -> Iterator[Watched]:
    """Paused on the first frame, with a target on the square."""
    with watched(short, boxes=[square_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        yield player


def test_file_loses_no_frame_and_each_is_tracked_once(
    short: Path, frames: list[SourceFrame]
) -> None:
    tracker = PatchTracker()
    with watched(short, lambda: tracker, boxes=[square_at(0)]) as player:
        last = player.ended()
        assert last.frame is not None
        assert last.frame.index == COUNT - 1
        assert tracker.seen == [int(frame.rgb.sum()) for frame in frames[1:]]
        assert player.rows(1) == tracked(frames, {0: square_at(0)}, COUNT - 1)
        assert last.marks[0].box == pytest.approx(square_at(COUNT - 1), abs=1.5)
        assert player.notices() == []


def test_first_box_waits_for_the_model_on_its_frame(short: Path) -> None:
    loaded = threading.Event()

    def load() -> PatchTracker:
        assert loaded.wait(20)
        return PatchTracker()

    with watched(short, load, boxes=[square_at(0)]) as player:
        shown = player.until(lambda s: s.frame is not None)
        assert shown.frame is not None
        assert (shown.frame.index, shown.tracker) == (0, "")
        loaded.set()
        last = player.ended()
        assert sorted(player.rows(1)) == list(range(COUNT))
        assert last.marks[0].box == pytest.approx(square_at(COUNT - 1), abs=1.5)


def test_tracker_that_is_loaded_while_paused_is_named(short: Path) -> None:
    loaded = threading.Event()

    def load() -> PatchTracker:
        assert loaded.wait(20)
        return PatchTracker()

    with watched(short, load, paused=True) as player:
        player.until(lambda s: s.playback is Playback.PAUSED)
        loaded.set()
        assert player.until(lambda s: s.tracker).tracker == "patch on cpu"


def test_any_frame_is_gone_to_exactly(numbered: Path) -> None:
    with watched(numbered, paused=True) as player:
        for index in (99, 0, 50, 49, 48, 13, 14, 77, 1):
            shown = player.went(index)
            assert shown.frame is not None
            assert number_of(shown.frame.rgb) == index
            assert shown.playback is Playback.PAUSED
        player.player.seek(1000)
        assert number_of(player.at(99).frame.rgb) == 99  # type: ignore[union-attr]
        player.player.seek(-3)
        assert number_of(player.at(0).frame.rgb) == 0  # type: ignore[union-attr]
        shown = player.until(lambda s: s.span is not None and s.span.times_s is not None)
        assert shown.span is not None
        assert (shown.span.first, shown.span.last) == (0, 99)
        assert player.notices() == []


def test_marks_of_frames_gone_back_to_are_those_of_the_document(
    short: Path, frames: list[SourceFrame]
) -> None:
    tracker = PatchTracker()
    with watched(short, lambda: tracker, boxes=[square_at(0)], paused=True) as player:
        player.played_to(15)
        seen = len(tracker.seen)
        for index in (3, 14, 0, 15):
            shown = player.went(index)
            row = player.target(1).rows.at(index)
            assert row is not None
            assert shown.marks[0].box == row.box
            assert shown.search == {} or index == 15
        player.went(5)
        player.player.play()
        player.ended()
        assert len(tracker.seen) == seen + COUNT - 1 - 15
        assert player.rows(1) == tracked(frames, {0: square_at(0)}, COUNT - 1)


def test_many_seeks_in_a_row_are_one(numbered: Path) -> None:
    class Counting:
        def __init__(self) -> None:
            self.source = open_source(str(numbered))
            self.info, self.sought = self.source.info, 0

        def seek(self, index: int) -> None:
            self.sought += 1
            self.source.seek(index)

        def __iter__(self) -> Iterator[SourceFrame]:
            return iter(self.source)

        def close(self) -> None:
            self.source.close()

    source = Counting()
    with watched(lambda: source, paused=True) as player:  # type: ignore[arg-type]
        player.done()
        gate = threading.Event()
        player.player._do(gate.wait)
        for index in range(99, 30, -1):
            player.player.seek(index)
        gate.set()
        shown = player.at(31)
        assert number_of(shown.frame.rgb) == 31  # type: ignore[union-attr]
        assert source.sought <= 1


def test_what_is_asked_for_between_two_seeks_happens_between_them(short: Path) -> None:
    with watched(short, paused=True) as player:
        player.until(lambda s: s.tracker and s.frame is not None)
        player.player.seek(4)
        player.player.add(square_at(4))
        player.player.seek(9)
        player.at(9)
        assert player.target(1).corrections == {4: square_at(4)}


def test_steps_go_back_and_forth(numbered: Path) -> None:
    with watched(numbered, paused=True) as player:
        player.at(0)
        for frames, lands in ((1, 1), (5, 6), (-1, 5), (-2, 3), (40, 43), (-50, 0), (3, 3)):
            player.player.step(frames)
            shown = player.at(lands)
            assert number_of(shown.frame.rgb) == lands  # type: ignore[union-attr]
        player.player.step(3)
        player.player.step(-2)
        player.player.step(1)
        player.done()
        player.at(5)
        player.player.step(90)
        player.player.seek(50)
        player.done()
        assert player.at(50).playback is Playback.PAUSED


def test_step_while_playing_stays_there(numbered: Path) -> None:
    with watched(numbered, speed=1) as player:
        player.until(lambda s: s.frame is not None and s.frame.index >= 2)
        player.player.step(-1)
        paused = player.until(lambda s: s.playback is Playback.PAUSED)
        player.done()
        assert player.last is not None
        assert player.last.frame is paused.frame or player.last.frame is not None
        at = player.last.frame.index  # type: ignore[union-attr]
        player.player.step(1)
        player.at(at + 1)


def test_pause_stays_and_play_goes_on_with_the_next_frame(
    short: Path, frames: list[SourceFrame]
) -> None:
    with watched(short, boxes=[square_at(0)], speed=1) as player:
        player.until(lambda s: s.frame is not None and s.frame.index >= 3)
        player.player.pause()
        at = player.until(lambda s: s.playback is Playback.PAUSED).frame
        player.done()
        assert player.last is not None
        assert player.last.frame is at
        assert player.until(lambda s: s.rate == 0)
        player.player.toggle()
        player.ended()
        assert player.rows(1) == tracked(frames, {0: square_at(0)}, COUNT - 1)
        # pausing at the end changes nothing: playing begins anew
        player.player.pause()
        player.player.toggle()
        again = player.until(lambda s: s.playback is Playback.PLAYING)
        assert again.frame is not None
        assert again.frame.index < COUNT - 1


def test_speed_is_kept(numbered: Path) -> None:
    times: list[float] = []

    class Noting(PatchTracker):
        def update(self, rgb, time=0.0, others=()):  # type: ignore[no-untyped-def]
            import time as clock

            times.append(clock.monotonic())
            return super().update(rgb, time, others)

    with watched(numbered, Noting, boxes=[(24, 16, 32, 32)], speed=1) as player:
        player.until(lambda s: s.playback is Playback.PLAYING)
        player.player.set_speed(0.1)
        player.until(lambda s: s.speed == 0.1)
        slow = len(times)
        player.player.set_speed(100)
        assert player.until(lambda s: s.speed != 0.1).speed == 8
        player.ended()
    # a frame before its time would be a fault; one after it may be the machine's
    assert times[slow + 60] - times[slow + 10] >= 50 / 25 / 8 * 0.9


def test_loop_with_a_range_plays_between_its_ends(numbered: Path) -> None:
    shown: set[int] = set()
    with watched(numbered, paused=True, loop=True) as player:
        player.until(lambda s: s.playback is Playback.PAUSED)
        player.player.set_range(40, 30)
        player.went(35)
        player.player.play()

        def rounds() -> Iterator[int]:
            before = 35
            while True:
                shown_now = player.until(lambda s, old=before: s.frame.index != old)
                now = shown_now.frame.index  # type: ignore[union-attr]
                shown.add(now)
                if now < before:
                    yield now
                before = now

        assert [lap for lap, _ in zip(rounds(), range(3), strict=False)]
        assert shown <= set(range(30, 41))
        player.player.set_loop(False)
        assert player.ended().frame.index == 40  # type: ignore[union-attr]
        player.player.play()
        assert player.until(lambda s: s.playback is Playback.PLAYING).frame.index < 40  # type: ignore
        player.ended()
        # stepping goes beyond it
        player.player.step(1)
        assert player.at(41).playback is Playback.PAUSED


def test_loop_follows_each_frame_once(short: Path, frames: list[SourceFrame]) -> None:
    tracker = PatchTracker()
    with watched(short, lambda: tracker, boxes=[square_at(0)], loop=True) as player:
        for _ in range(2):
            player.until(lambda s: s.frame is not None and s.frame.index > COUNT / 2)
            player.until(lambda s: s.frame is not None and s.frame.index < COUNT / 2)
        assert tracker.seen == [int(frame.rgb.sum()) for frame in frames[1:]]
        assert player.rows(1) == tracked(frames, {0: square_at(0)}, COUNT - 1)
        assert len(player.player.document.state.targets) == 1


def test_single_frame_in_a_loop_comes_to_an_end(tmp_path: Path) -> None:
    path = encode(tmp_path / "one.mp4", noise(1))
    with watched(path, loop=True) as player:
        player.ended()


def test_begins_on_a_frame_that_is_asked_for(numbered: Path) -> None:
    with watched(numbered, paused=True, at=60) as player:
        assert number_of(player.at(60).frame.rgb) == 60  # type: ignore[union-attr]
    with watched(numbered, paused=True, at=1000) as player:
        player.at(99)


def test_targets_are_named_coloured_hidden_and_undone(paused: Watched) -> None:
    player = paused.player
    player.rename(1, "ball")
    player.recolour(1, 5)
    player.show(1, False)
    player.set_scale(Scale((0, 0), (10, 0), 2.0))
    player.set_range(2, 9)
    shown = paused.done()
    target = shown.document.targets[0]
    assert (target.label, target.colour, target.visible) == ("ball", 5, False)
    assert shown.document.in_frame == 2
    assert shown.marks[0].label == "ball"
    paused.played_to(6)
    for _ in range(5):
        player.undo()
    shown = paused.done()
    target = shown.document.targets[0]
    assert (target.label, target.colour, target.visible) == ("", 0, True)
    assert (shown.document.scale, shown.document.in_frame) == (None, None)
    # what was tracked meanwhile stays
    assert len(target.rows) == 7
    paused.played_to(8)
    for _ in range(5):
        player.redo()
    target = paused.done().document.targets[0]
    assert (target.label, target.colour, target.visible) == ("ball", 5, False)
    assert len(target.rows) == 9


def test_memory_can_be_pinned_and_forgotten(paused: Watched) -> None:
    shown = paused.played_to(6)
    assert [slot.slot for slot in shown.memory[1]] == [0, 1]
    paused.player.pin(1, 1)
    assert paused.until(lambda s: s.memory[1][1].pinned)
    paused.player.forget(1, 1)
    assert paused.until(lambda s: len(s.memory[1]) == 1)
    paused.player.forget(1, 0)
    paused.player.forget(1, 3)
    paused.player.pin(7, 0)
    paused.done()
    assert paused.notices() == [
        "The first template cannot be forgotten; remove the target instead.",
        "Target 1 remembers no frame in slot 3.",
    ]


def test_responses_and_attention_are_there_only_while_asked_for(short: Path) -> None:
    looks: list[int] = []

    class Looking(PatchTracker):
        def attention(self, id):  # type: ignore[no-untyped-def]
            looks.append(id)
            return super().attention(id)

    with watched(short, Looking, boxes=[square_at(0)], paused=True) as player:
        shown = player.played_to(2)
        assert (shown.responses, shown.attention, looks) == ({}, None, [])
        player.player.want_responses(True)
        player.player.look_into(1)
        shown = player.until(lambda s: s.attention is not None)
        assert shown.responses[1].map.shape == (4, 4)
        assert player.played_to(4).attention is not shown.attention
        player.player.pause()
        player.done()
        # the same step is looked at once
        assert len(looks) == 3
        player.player.want_responses(False)
        player.player.look_into(None)
        assert player.until(lambda s: s.attention is None and not s.responses)
        player.player.look_into(5)
        assert player.done().attention is None
        assert len(looks) == 3


def test_document_that_is_opened_again_goes_on_from_its_last_rows(short: Path) -> None:
    with watched(short, boxes=[square_at(0)], paused=True) as player:
        player.played_to(6)
        state = player.player.document.state
    with watched(short, document=Document(state), paused=True, at=4) as player:
        shown = player.at(4)
        assert shown.marks[0].box == pytest.approx(square_at(4), abs=1.5)
        player.played_to(12)
        assert sorted(player.rows(1)) == list(range(13))
        assert player.rows(1)[12][0] == pytest.approx(square_at(12), abs=1.5)
        player.player.add(square_at(12))
        player.done()
        assert [target.id for target in player.player.document.state.targets] == [1, 2]


def test_hold_freezes_the_picture(numbered: Path) -> None:
    with watched(numbered, speed=1) as player:
        player.until(lambda s: s.frame is not None and s.frame.index > 1)
        player.player.hold()
        held = player.done().frame
        player.player.rename(1, "x")
        assert player.done().frame is held
        player.player.release()
        player.until(lambda s: s.frame is not None and s.frame.index > held.index + 2)  # type: ignore


@pytest.mark.parametrize("index", [0, 1])
def test_frames_are_shown_before_the_model_is_there(short: Path, index: int) -> None:
    loaded = threading.Event()

    def load() -> PatchTracker:
        assert loaded.wait(20)
        return PatchTracker()

    with watched(short, load, paused=True) as player:
        player.at(0)
        player.player.step(index)
        assert player.at(index).tracker == ""
        loaded.set()
