"""Undo and redo: rows and trackers are as if the detour had not been."""

import pytest

from app.core.sources import SourceFrame
from tests.app.playing import Watched, tracked
from tests.app.retracking import Gated, frames, gate, gated, off, played, video
from tests.app.square import PatchTracker, square_at

__all__ = ["frames", "gate", "gated", "played", "video"]


def test_undo_while_it_is_tracked_restores_and_redo_finishes_it(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    before = gated.rows(1)
    gated.went(10)
    gated.player.correct(1, off(10))
    gate.gate.release(4)
    gated.until(lambda s: s.work and s.work[0].done == 4)
    gated.player.undo()
    gated.until(lambda s: not s.work)
    assert gated.rows(1) == before
    gated.player.redo()
    gated.until(lambda s: s.work)
    gate.is_open = True
    gated.done()
    marks = {0: square_at(0), 10: off(10)}
    assert gated.rows(1) == tracked(frames, marks, 30)
    gated.played_to(36)
    assert gated.rows(1) == tracked(frames, marks, 36)


@pytest.mark.parametrize("at", [30, 10])
def test_correction_undone_and_redone_goes_on_as_if_nothing_had_been(
    played: Watched, frames: list[SourceFrame], at: int
) -> None:
    played.went(at)
    played.player.correct(1, off(at))
    played.done()
    played.player.undo()
    shown = played.done()
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 30)
    assert len(shown.memory[1]) > 1
    played.player.redo()
    played.player.undo()
    played.done()
    played.played_to(33)
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 33)


@pytest.mark.parametrize("at", [30, 10])
def test_correction_undone_after_playing_on_is_tracked_up_to_there(
    played: Watched, frames: list[SourceFrame], at: int
) -> None:
    played.player.add(square_at(30))
    played.went(at)
    played.player.correct(1, off(at))
    played.done()
    played.played_to(35)
    played.player.undo()
    played.done()
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 35)
    played.player.redo()
    played.done()
    assert played.rows(1) == tracked(frames, {0: square_at(0), at: off(at)}, 35)
    played.played_to(38)
    assert played.rows(1) == tracked(frames, {0: square_at(0), at: off(at)}, 38)
    assert played.rows(2) == tracked(frames, {30: square_at(30)}, 38)


def test_a_correction_undone_with_another_tracker_is_tracked_up_to_where_it_is_shown(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.went(10)
    played.player.correct(1, off(10))
    played.done()
    played.played_to(35)
    played.player.set_tracker(PatchTracker)
    played.player.undo()
    assert played.done().document.targets[0].rows.last == 35
    assert set(played.rows(1)) == set(range(36))
    assert played.barrier().marks


def test_undo_of_a_correction_between_two_others_leaves_what_was_tracked_after_them(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.went(20)
    played.player.correct(1, off(20))
    played.done()
    played.went(10)
    played.player.correct(1, off(10))
    played.done()
    played.played_to(36)
    played.player.undo()
    assert played.done().work == ()
    assert played.rows(1) == tracked(frames, {0: square_at(0), 20: off(20)}, 36)
    played.played_to(38)
    assert played.rows(1) == tracked(frames, {0: square_at(0), 20: off(20)}, 38)


def test_removing_is_undone_as_if_it_had_not_been(
    played: Watched, frames: list[SourceFrame]
) -> None:
    played.player.add(square_at(30))
    played.played_to(32)
    played.player.remove([1])
    played.done()
    played.played_to(36)
    assert [target.id for target in played.player.document.state.targets] == [2]
    played.player.undo()
    played.done()
    # what was played meanwhile is caught up with
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 36)
    played.player.redo()
    played.player.undo()
    played.done()
    played.played_to(38)
    assert played.rows(1) == tracked(frames, {0: square_at(0)}, 38)
    assert played.rows(2) == tracked(frames, {30: square_at(30)}, 38)


def test_removing_while_it_is_tracked_anew_is_undone_and_that_goes_on(
    gated: Watched, gate: type[Gated], frames: list[SourceFrame]
) -> None:
    gated.went(10)
    gated.player.correct(1, off(10))
    gate.gate.release(2)
    gated.until(lambda s: s.work and s.work[0].done == 2)
    gated.player.remove()
    gated.until(lambda s: not s.work and not s.document.targets)
    gated.player.undo()
    gate.is_open = True
    gated.done()
    assert gated.rows(1) == tracked(frames, {0: square_at(0), 10: off(10)}, 30)


def test_adding_is_undone_and_redone(played: Watched, frames: list[SourceFrame]) -> None:
    played.player.add(square_at(30))
    played.played_to(33)
    played.player.undo()
    played.done()
    assert len(played.player.document.state.targets) == 1
    played.played_to(35)
    played.player.redo()
    played.done()
    assert played.rows(2) == tracked(frames, {30: square_at(30)}, 35)
    played.played_to(38)
    assert played.rows(2) == tracked(frames, {30: square_at(30)}, 38)
