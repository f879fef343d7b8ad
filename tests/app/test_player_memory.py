"""Pinning and forgetting a remembered frame are steps of the history like any other."""

import pytest

from app.core.player.document import Document
from app.core.player.following import Following
from app.core.player.remembering import FrameEdits
from app.core.player.snapshot import SlotView
from app.core.sources import SourceFrame
from tests.app.playing import Watched
from tests.app.retracking import Gated, frames, gate, gated, off, played, video
from tests.app.square import PatchTracker, square_at

__all__ = ["frames", "gate", "gated", "played", "video"]


def memory(watched: Watched, id: int = 1) -> list[tuple[object, ...]]:
    """What a target remembers once all has been carried out."""
    return [seen(view) for view in watched.done().memory[id]]


def seen(view: SlotView) -> tuple[object, ...]:
    return (view.slot, view.frame_time_s, view.score, view.pinned, view.share,
            view.thumbnail.tobytes())  # fmt: skip


def frames_in(watched: Watched, id: int = 1) -> dict[int, int]:
    """Numbers of the remembered frames by slot."""
    return {view.slot: round(30 * view.frame_time_s) for view in watched.done().memory[id]}


def texts(watched: Watched) -> tuple[str, str]:
    watched.done()
    document = watched.player.document
    return document.undo_text, document.redo_text


def followed(frames: list[SourceFrame]) -> tuple[Following, Document, FrameEdits]:
    """A target that is followed from the first of `frames` to the last, and an empty history."""
    following, document = Following(), Document()
    following.use(PatchTracker())
    following.begin(1, frames[0], square_at(0))
    for frame in frames[1:]:
        following.update(frame)
    return following, document, FrameEdits(document)


def test_a_frame_is_pinned_and_let_go_and_both_are_undone_and_redone(played: Watched) -> None:
    player, loose = played.player, memory(played)
    player.pin(1, 2)
    pinned = memory(played)
    assert [view[3] for view in pinned] == [True, False, True, False]
    player.pin(1, 2, False)
    assert texts(played) == ("Unpin frame", "")
    assert memory(played) == loose
    player.undo()
    assert texts(played) == ("Pin frame", "Unpin frame")
    assert memory(played) == pinned
    player.undo()
    assert texts(played) == ("Add target", "Pin frame")
    assert memory(played) == loose
    player.redo()
    assert memory(played) == pinned
    player.redo()
    assert memory(played) == loose


@pytest.mark.parametrize("pinned", [False, True])
def test_a_frame_that_was_forgotten_comes_back_as_it_was(played: Watched, pinned: bool) -> None:
    player = played.player
    player.pin(1, 2, pinned)
    before = memory(played)
    player.forget(1, 2)
    without = memory(played)
    assert [view[0] for view in without] == [0, 1, 3]
    assert texts(played)[0] == "Forget frame"
    for _ in range(2):
        player.undo()
        assert texts(played)[1] == "Forget frame"
        assert memory(played) == before
        player.redo()
        assert memory(played) == without


def test_they_keep_their_order_among_other_changes(played: Watched) -> None:
    player, before = played.player, memory(played)
    player.rename(1, "ball")
    player.forget(1, 1)
    player.recolour(1, 3)
    player.undo()
    assert texts(played) == ("Forget frame", "Change colour")
    player.undo()
    assert texts(played) == ("Rename", "Forget frame")
    assert memory(played) == before
    assert played.target(1).label == "ball"
    player.rename(1, "other")
    assert texts(played) == ("Rename", "")


def test_nothing_is_unsaved_by_them(played: Watched) -> None:
    player = played.player
    player.document.mark_saved()
    player.pin(1, 1)
    player.forget(1, 2)
    player.undo()
    played.done()
    assert not player.document.is_modified


def test_what_changes_nothing_is_no_step(played: Watched) -> None:
    player = played.player
    player.pin(1, 0)
    player.pin(1, 1, False)
    player.pin(7, 1)
    player.forget(7, 1)
    player.forget(1, 0)
    player.forget(1, 9)
    assert texts(played) == ("Add target", "")
    assert [text[:9] for text in played.notices()] == ["The first", "Target 1 "]


def test_without_room_it_comes_back_for_the_oldest_which_redo_brings_back(
    played: Watched,
) -> None:
    player = played.player
    assert frames_in(played) == {0: 0, 1: 20, 2: 25, 3: 30}
    player.forget(1, 2)
    played.played_to(36)
    player.undo()
    assert frames_in(played) == {0: 0, 1: 25, 2: 35, 3: 30}
    player.redo()
    assert frames_in(played) == {0: 0, 1: 20, 2: 35, 3: 30}


def test_a_frame_is_told_from_others_by_its_time(played: Watched) -> None:
    player = played.player
    player.pin(1, 2)
    player.forget(1, 2)
    played.played_to(36)
    player.undo()
    assert frames_in(played)[1] == 25
    assert [view[3] for view in memory(played)] == [True, True, False, False]
    player.undo()
    assert [view[3] for view in memory(played)] == [True, False, False, False]
    assert texts(played) == ("Add target", "Pin frame")


def test_a_frame_that_was_let_go_and_has_left_comes_back_pinned(played: Watched) -> None:
    player = played.player
    player.pin(1, 1)
    player.pin(1, 1, False)
    played.played_to(36)
    assert 20 not in frames_in(played).values()
    player.undo()
    assert frames_in(played) == {0: 0, 1: 35, 2: 20, 3: 30}
    assert [view[3] for view in memory(played)] == [True, False, True, False]


@pytest.mark.parametrize("change", ["remove", "correct here", "correct before"])
def test_a_change_of_the_target_after_it_is_undone_first(played: Watched, change: str) -> None:
    player, before = played.player, memory(played)
    player.forget(1, 2)
    without = memory(played)
    if change == "remove":
        player.remove([1])
    else:
        at = 30 if change == "correct here" else 12
        played.went(at)
        player.correct(1, off(at))
    changed = played.done().memory.get(1)
    player.undo()
    assert memory(played) == without
    player.undo()
    assert memory(played) == before
    player.redo()
    assert memory(played) == without
    player.redo()
    again = played.done().memory.get(1)
    assert (again is None) == (changed is None)
    if again is not None and changed is not None:
        assert [seen(view) for view in again] == [seen(view) for view in changed]
    assert played.notices() == []


def undo_while_tracked_anew(gated: Watched) -> None:
    """Remove target 1, take that back, and the edit before it while the target is still absent."""
    gated.done()
    gated.player.remove([1])
    gated.played_to(33)
    gated.player.undo()
    gated.until(lambda s: s.work)
    gated.player.undo()
    gated.barrier()


def test_while_the_target_is_tracked_anew_it_is_harmless(gated: Watched, gate: type[Gated]) -> None:
    player = gated.player
    player.forget(1, 2)
    undo_while_tracked_anew(gated)
    assert player.document.redo_text == "Forget frame"
    player.redo()
    gate.is_open = True
    assert 25 not in frames_in(gated).values()
    assert gated.notices() == []


def test_what_is_undone_while_the_target_is_tracked_anew_follows_when_it_is_there(
    gated: Watched, gate: type[Gated]
) -> None:
    gated.player.pin(1, 1)
    undo_while_tracked_anew(gated)
    assert gated.player.document.redo_text == "Pin frame"
    gate.is_open = True
    gated.until(lambda s: 1 in s.memory and not any(v.pinned for v in s.memory[1] if v.slot))
    gated.player.redo()
    assert any(view.pinned for view in gated.done().memory[1] if view.slot)
    assert gated.notices() == []


def test_with_another_tracker_only_they_leave_the_history(played: Watched) -> None:
    player = played.player
    player.pin(1, 1)
    player.rename(1, "ball")
    player.forget(1, 2)
    player.recolour(1, 3)
    player.forget(1, 1)
    player.undo()
    player.undo()
    assert texts(played) == ("Forget frame", "Change colour")
    player.set_tracker(PatchTracker)
    assert texts(played) == ("Rename", "Change colour")
    player.redo()
    player.undo()
    player.undo()
    assert texts(played) == ("Add target", "Rename")
    assert played.notices() == []


def test_nothing_is_turned_back_in_a_memory_that_knows_nothing_of_it(
    frames: list[SourceFrame],
) -> None:
    following, document, edits = followed(frames[:12])
    edits.pin(following, 1, 1, True)
    following.let_go(1)
    following.begin(1, frames[11], square_at(11))
    begun = [seen(view) for view in following.slots()[1]]
    for turn in (edits.undo, edits.redo):
        turn(following, *document.history)
        assert [seen(view) for view in following.slots()[1]] == begun
    following.let_go(1)
    for turn in (edits.undo, edits.redo):
        turn(following, *document.history)
    edits.catch_up(following)
    assert following.ids == []


def test_a_first_frame_of_the_same_moment_is_another_frame(frames: list[SourceFrame]) -> None:
    following, document, edits = followed(frames[:6])
    edits.forget(following, 1, 1)
    following.let_go(1)
    following.begin(1, frames[5], square_at(5))
    begun = seen(following.slots()[1][0])
    edits.undo(following, *document.history)
    assert [view.frame_time_s for view in following.slots()[1]] == [frames[5].time_s] * 2
    edits.redo(following, *document.history)
    assert [seen(view) for view in following.slots()[1]] == [begun]


def test_what_has_left_the_history_is_kept_no_longer(frames: list[SourceFrame]) -> None:
    following, document, edits = followed(frames[:6])
    for step in range(300):
        edits.pin(following, 1, 1, step % 2 == 0)
    assert len(edits) == len(document.history) == 200
    for _ in range(200):
        turned = document.undo()
        assert turned is not None
        edits.undo(following, turned.edit)
    edits.pin(following, 1, 1, True)
    assert len(edits) == 1
