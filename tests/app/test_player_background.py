"""Changes in the past of a file: tracked anew beside what is played, and waited for."""

import threading
from pathlib import Path

import pytest

from app.core.player.document import Document
from app.core.player.snapshot import Playback
from app.core.sources import SourceFrame
from model.errors import WeightsError
from model.geometry import Box
from model.images import Frame
from model.tracker import TrackResult
from tests.app.playing import Watched, tracked, watched
from tests.app.retracking import COUNT, Gated, frames, gate, gated, off, played, video
from tests.app.square import RATE, Others, PatchTracker, square_at

__all__ = ["frames", "gate", "gated", "played", "video"]


def test_correction_tracks_anew_up_to_the_newest_frame_and_is_followed_on(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.player.add((200.0, 20.0, 30.0, 30.0))
    played.went(12)
    played.player.correct(1, off(12))
    played.done()
    marks = {0: square_at(0), 12: off(12)}
    assert played.rows(1) == tracked(frames, marks, 30)
    played.played_to(30)
    played.played_to(38)
    assert played.rows(1) == tracked(frames, marks, 38)
    assert played.rows(2) == tracked(frames, {30: (200.0, 20.0, 30.0, 30.0)}, 38)


def test_correction_before_another_one_stops_there(
    played: Watched, frames: list[SourceFrame]
) -> None:
    for at in (20, 10):
        played.went(at)
        played.player.correct(1, off(at))
    played.done()
    marks = {0: square_at(0), 10: off(10), 20: off(20)}
    assert played.rows(1) == tracked(frames, marks, 30)
    played.went(19)
    played.player.correct(1, off(18))
    played.done()
    marks[19] = off(18)
    played.went(30)
    played.played_to(36)
    assert played.rows(1) == tracked(frames, marks, 36)


def test_correction_on_the_newest_frame_goes_on_from_there(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.player.correct(1, off(30))
    assert played.done().work == ()
    played.played_to(36)
    assert played.rows(1) == tracked(frames, {0: square_at(0), 30: off(30)}, 36)


def test_second_correction_on_the_same_frame_replaces_the_first(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    gated.went(10)
    gated.player.correct(1, off(8))
    gated.player.correct(1, off(10))
    gate.is_open = True
    gated.done()
    assert gated.rows(1) == tracked(frames, {0: square_at(0), 10: off(10)}, 30)


def test_playing_waits_for_what_is_tracked_anew(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    gated.went(10)
    gated.player.correct(1, off(10))
    shown = gated.until(lambda s: s.work)
    assert (shown.work[0].target, shown.work[0].start, shown.work[0].total) == (1, 10, 20)
    gated.player.play()
    gate.gate.release(3)
    gated.until(lambda s: s.work[0].done == 3)
    assert gated.last is not None
    assert gated.last.frame is not None
    assert gated.last.frame.index <= 13
    # commands are heard meanwhile
    gated.player.rename(1, "ball")
    gated.until(lambda s: s.document.targets[0].label == "ball")
    gate.is_open = True
    gated.ended()
    assert gated.rows(1) == tracked(frames, {0: square_at(0), 10: off(10)}, COUNT - 1)


def test_frames_are_shown_with_their_new_boxes_alone(video: Path, gate: type[Gated]) -> None:
    """A frame that waited is never shown with its old box."""
    with watched(video, gate, boxes=[square_at(0)], paused=True, speed=2) as player:
        player.played_to(30)
        old = player.rows(1)
        player.went(5)
        player.player.correct(1, (60, 50, 40, 40))
        player.player.play()
        wrong = []
        while player.until(lambda s: True).playback is not Playback.ENDED:
            shown = player.until(lambda s: s.frame is not None)
            assert shown.frame is not None
            index = shown.frame.index
            gate.gate.release()
            if 5 < index <= 30 and shown.marks and shown.marks[0].score == old[index][1]:
                wrong.append(index)
            gate.is_open = index > 20
        assert wrong == []


def test_correction_while_another_is_tracked_leaves_what_lies_before_it_to_the_first(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    gated.went(5)
    gated.player.correct(1, off(5))
    gate.gate.release(2)
    gated.until(lambda s: s.work and s.work[0].done == 2)
    gated.went(20)
    gated.player.correct(1, off(20))
    gated.until(lambda s: len(s.work) == 2)
    gate.is_open = True
    gated.done()
    marks = {0: square_at(0), 5: off(5), 20: off(20)}
    assert gated.rows(1) == tracked(frames, marks, 30)
    gated.player.undo()
    gated.done()
    del marks[20]
    assert gated.rows(1) == tracked(frames, marks, 30)
    gated.played_to(36)
    assert gated.rows(1) == tracked(frames, marks, 36)


def test_new_target_on_an_earlier_frame_is_led_up_to_the_others(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.went(8)
    played.player.add(square_at(8), "late")
    played.done()
    assert played.rows(2) == tracked(frames, {8: square_at(8)}, 30)
    played.player.play()
    played.ended()
    assert played.rows(2) == tracked(frames, {8: square_at(8)}, COUNT - 1)
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, COUNT - 1)


def test_new_target_on_an_earlier_frame_where_it_is_alone_is_followed_as_it_is_played(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.player.remove()
    played.went(8)
    played.player.add(square_at(8))
    assert played.done().work == ()
    played.played_to(20)
    assert played.rows(2) == tracked(frames, {8: square_at(8)}, 20)
    # and the first comes back where it was left
    played.player.undo()
    played.player.undo()
    played.done()
    played.player.redo()
    played.player.redo()
    played.player.undo()
    played.player.undo()
    played.done()
    played.went(30)
    played.played_to(34)
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 34)


def backwards(frames: list[SourceFrame], start: int, box: Box, stop: int) -> dict[int, Box]:
    tracker = PatchTracker()
    tracker.add(frames[start].rgb, box, frames[start].time_s)
    found = {}
    for frame in reversed(frames[stop:start]):
        found[frame.index] = tracker.update(frame.rgb, frame.time_s)[0].box
    return found


def test_tracking_backwards_fills_what_lies_before_and_is_undone(
    video: Path, frames: list[SourceFrame]
) -> None:
    with watched(video, paused=True, at=20) as player:
        player.until(lambda s: s.tracker and s.frame is not None)
        player.player.add(square_at(20))
        player.played_to(25)
        player.player.track_backwards(1)
        player.done()
        forwards = tracked(frames, {20: square_at(20)}, 25)
        found = backwards(frames, 20, square_at(20), 0)
        assert {k: row[0] for k, row in player.rows(1).items() if k < 20} == found
        assert {k: row for k, row in player.rows(1).items() if k >= 20} == forwards
        # what is followed meanwhile stays
        player.played_to(28)
        player.player.undo()
        player.done()
        assert player.rows(1) == tracked(frames, {20: square_at(20)}, 28)
        player.player.redo()
        player.done()
        player.played_to(31)
        assert sorted(player.rows(1)) == list(range(32))
        assert player.rows(1)[31] == tracked(frames, {20: square_at(20)}, 31)[31]


def test_tracking_backwards_stops_at_the_correction_before(
    played: Watched, frames: list[SourceFrame]
) -> None:
    for at in (20, 10):
        played.went(at)
        played.player.correct(1, off(at))
    played.done()
    before = played.rows(1)
    played.went(25)
    played.player.track_backwards(1)
    played.done()
    found = backwards(frames, 20, off(20), 11)
    changed = {k: row[0] for k, row in played.rows(1).items() if row != before[k]}
    assert changed == found
    played.player.undo()
    played.done()
    assert played.rows(1) == before


def test_tracking_backwards_is_undone_while_it_runs_and_redone(
    gated: Watched, gate: type[Gated]
) -> None:
    gated.player.correct(1, off(30))
    before = gated.rows(1)
    gated.player.track_backwards(1)
    gate.gate.release(3)
    shown = gated.until(lambda s: s.work and s.work[0].done == 3)
    assert shown.work[0].kind == "backwards"
    gated.player.undo()
    gated.until(lambda s: not s.work)
    assert {k: row for k, row in gated.rows(1).items() if k < 30} == {
        k: row for k, row in before.items() if k < 30
    }
    gated.player.redo()
    gate.is_open = True
    gated.done()
    again = gated.rows(1)
    assert sum(again[k] != before[k] for k in range(1, 30)) == 29


def test_another_tracker_while_something_is_tracked_anew_does_it_again(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    gated.went(10)
    gated.player.correct(1, off(10))
    gate.gate.release(2)
    gated.until(lambda s: s.work and s.work[0].done == 2)
    gated.player.set_tracker(PatchTracker)
    gated.barrier()
    gate.is_open = True
    gated.done()
    marks = {0: square_at(0), 10: off(10)}
    assert gated.rows(1) == tracked(frames, marks, 30)
    gated.played_to(34)
    assert gated.rows(1) == tracked(frames, marks, 34)


def test_model_that_the_background_cannot_load_is_told_and_playing_goes_on(video: Path) -> None:
    models = iter([PatchTracker])

    def load() -> PatchTracker:
        try:
            return next(models)()
        except StopIteration:
            raise WeightsError("No room for a second one.") from None

    with watched(video, load, boxes=[square_at(0)], paused=True) as player:
        player.played_to(20)
        player.went(5)
        player.player.correct(1, off(5))
        player.done()
        assert player.notices() == ["No room for a second one."]
        player.player.play()
        player.ended()


def test_tracker_that_breaks_in_the_background_is_told_and_the_next_time_it_works(
    video: Path, frames: list[SourceFrame]
) -> None:
    class Breaking(PatchTracker):
        broke = False

        def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
            is_worker = threading.current_thread().name == "retrack"
            if is_worker and len(self.seen) == 5 and not Breaking.broke:
                Breaking.broke = True
                raise RuntimeError("no memory")
            return super().update(rgb, time, others)

    with watched(video, Breaking, boxes=[square_at(0)], paused=True) as player:
        player.played_to(20)
        player.went(5)
        player.player.correct(1, off(5))
        player.done()
        (sentence,) = player.notices()
        assert "RuntimeError: no memory" in sentence
        # what was found stands
        marks = {0: square_at(0), 5: off(5)}
        found = tracked(frames, marks, 20)
        assert {k: player.rows(1)[k] for k in range(11)} == {k: found[k] for k in range(11)}
        player.player.correct(1, off(5))
        player.done()
        assert player.rows(1) == found


def test_what_is_tracked_anew_keeps_away_from_those_that_stood_apart_from_it(video: Path) -> None:
    seen: dict[float, Others] = {}

    class Looking(PatchTracker):
        def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
            if threading.current_thread().name == "retrack":
                seen[time] = others
            else:
                assert not others
            return super().update(rgb, time, others)

    still, within = (200.0, 20.0, 30.0, 30.0), (55.0, 65.0, 30.0, 30.0)
    boxes = [square_at(0), still, within]
    with watched(video, Looking, boxes=boxes, paused=True) as player:
        player.played_to(20)
        player.went(5)
        player.player.correct(1, off(5))
        player.done()
        rows = player.rows(2)
    assert [round(time * RATE) for time in seen] == list(range(6, 21))
    for time, others in seen.items():
        box, score, _ = rows[round(time * RATE)]
        assert others == [(box, pytest.approx(score))]


def test_gap_that_is_short_is_tracked_before_a_reopened_target_goes_on(
    video: Path, frames: list[SourceFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.player import roster

    with watched(video, boxes=[square_at(0)], paused=True) as player:
        player.played_to(5)
        state = player.player.document.state
    with watched(video, document=Document(state), paused=True) as player:
        player.went(15)
        player.player.step(1)
        player.at(16)
        assert sorted(player.rows(1)) == list(range(17))
    monkeypatch.setattr(roster, "_GAP", 5)
    with watched(video, document=Document(state), paused=True) as player:
        player.went(15)
        player.player.step(1)
        player.at(16)
        assert sorted(player.rows(1)) == [*range(6), 16]


def test_memories_for_undo_are_few() -> None:
    from app.core.player.parking import Interrupted, Interruptions, Parked

    def parked(nbytes: int) -> Interrupted:
        class Memory:
            pass

        memory = Memory()
        memory.nbytes = nbytes  # type: ignore[attr-defined]
        return Interrupted(Parked(3, memory))  # type: ignore[arg-type]

    kept = Interruptions(kept=5, kept_bytes=100)
    for edit in range(20):
        kept.keep(edit, 1, parked(1))
    assert len(kept) == 5
    assert kept.take(19, 1).parked is not None
    assert kept.take(3, 1).parked is None
    kept.keep(20, 1, parked(98))
    assert kept.take(20, 1).parked is not None
    kept.keep(21, 1, parked(1000))
    assert kept.take(21, 1).parked is None
