"""Carrying a target to another moment or another tracker changes nothing of what follows."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model import InputError, State, TargetMemory, Tracker, TrackResult
from model.images import Frame
from model.presets import TrackerConfig
from model.weights import load
from tests.model.test_tracker import BOX, EASY, OTHERS, fix_score, hold_still, remembered, tracker
from tests.model.tiny import network, scene

FRAMES = [scene(i)[0] for i in range(14)]


def shown(result: TrackResult) -> tuple[object, ...]:
    """All of a result but the id."""
    return tuple(vars(result).values())[1:]


def go_on(made: Tracker, target: int, first: int) -> list[tuple[object, ...]]:
    """Results of one target from a frame on."""
    found = []
    for step in range(first, len(FRAMES)):
        results = made.update(FRAMES[step], time=float(step))
        found.append(shown(next(r for r in results if r.id == target)))
    return found


def started(made: Tracker, until: int, box: tuple[float, ...] = BOX) -> int:
    """Follow a target up to a frame, that one included."""
    target = made.add(FRAMES[0], box)
    for step in range(1, until + 1):
        made.update(FRAMES[step], time=float(step))
    return target


@pytest.mark.parametrize("until", [0, 1, 3, 8])
@pytest.mark.parametrize("box", [BOX, OTHERS[2]], ids=["inside", "over the border"])
def test_a_target_carried_to_a_fresh_tracker_goes_on_exactly(
    until: int, box: tuple[float, ...]
) -> None:
    made, fresh = tracker(), tracker()
    target = started(made, until, box)
    copied = fresh.restore(made.memory_of(target))
    assert go_on(fresh, copied, until + 1) == go_on(made, target, until + 1)


def test_trackers_that_made_different_numbers_of_updates_agree() -> None:
    made, older = tracker(replace(EASY, remember_every=3)), tracker(replace(EASY, remember_every=3))
    target = started(made, 4)
    gone = started(older, 11, OTHERS[0])
    older.remove(gone)
    copied = older.restore(made.memory_of(target))
    assert copied == gone + 1
    assert go_on(older, copied, 5) == go_on(made, target, 5)


def test_what_happens_after_copying_does_not_reach_the_copy() -> None:
    made, plain = tracker(), tracker()
    target, expected = started(made, 4), started(plain, 4)
    memory = made.memory_of(target)
    made.pin(target, 1)
    made.forget(target, 2)
    made.correct(target, FRAMES[9], OTHERS[1])
    made.update(FRAMES[10])
    made.remove(target)
    wanted = go_on(plain, expected, 5)
    # the copy serves any number of times
    for _ in range(2):
        copied = made.restore(memory)
        assert go_on(made, copied, 5) == wanted
        made.remove(copied)


def test_pins_travel_and_the_copy_in_the_same_tracker_is_another_target() -> None:
    made = tracker()
    hold_still(made)
    target = started(made, 2)
    made.pin(target, 2)
    copied = made.restore(made.memory_of(target))
    assert made.ids == [target, copied]
    made.pin(target, 2, pinned=False)
    results = [made.update(FRAMES[step], time=float(step)) for step in (3, 4)][-1]
    assert remembered(results[0]) == {0: 0.0, 1: 3.0, 2: 4.0}
    assert remembered(results[1]) == {0: 0.0, 1: 4.0, 2: 2.0}
    assert np.array_equal(made.thumbnail(copied, 0), made.thumbnail(target, 0))


def test_a_lost_target_is_searched_on_where_it_was_left() -> None:
    config = TrackerConfig(slots=3, lost_after=2, unlike_below=-1.0, recover_above=0.6)
    made, fresh = tracker(config, quality=-6.0), tracker(config, quality=-6.0)
    target = started(made, 5)
    copied = fresh.restore(made.memory_of(target))
    for each in (made, fresh):
        fix_score(each, 0.3)
    before, after = go_on(made, target, 6), go_on(fresh, copied, 6)
    assert before == after
    assert before[0][2] is State.LOST
    # the regions of the whole frame were taken up in the middle
    regions = [each.last_look(id) for each, id in ((made, target), (fresh, copied))]
    assert regions[0] is not None
    assert regions[1] is not None
    assert regions[0].region == regions[1].region


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_a_target_is_carried_among_others_in_full_size_networks(
    runtime: str, demo: list[Frame]
) -> None:
    """In ONNX Runtime and in torch, whoever else is followed with it."""
    trackers = [Tracker(load("nano")[0], TrackerConfig(remember_every=3), device="cpu",
                        runtime=runtime, threads=1) for _ in range(2)]  # fmt: skip
    made, other = trackers
    boxes = [(310.0, 164.5, 71.5, 35.5), (30.0, 30.0, 40.0, 40.0)]
    target = made.add(demo[0], boxes[0])
    made.add(demo[0], boxes[1])
    other.add(demo[2], boxes[1])
    for frame in demo[1:8]:
        made.update(frame, time=0.0)
    for frame in demo[3:6]:
        other.update(frame, time=0.0)
    copied = other.restore(made.memory_of(target))
    for frame in demo[8:14]:
        wanted = made.update(frame, time=0.0)[0]
        found = other.update(frame, time=0.0)[1]
        assert (wanted.id, found.id) == (target, copied)
        assert shown(found) == shown(wanted)


def test_memory_that_does_not_fit_is_refused_and_nothing_changes() -> None:
    made = tracker()
    memory = made.memory_of(started(made, 2))
    slots = tracker(replace(EASY, slots=2))
    shape = Tracker(network(reach=1), EASY, device="cpu", runtime="torch")
    size = tracker()
    size.add(scene(0, size=(240, 320))[0], OTHERS[0])
    for other, sentence in (
        (slots, "3 slots for frames, the tracker has 2"),
        (shape, "another shape"),
        (size, "160×120 pixels, the tracker follows in frames of 320×240"),
    ):
        before = other.ids
        with pytest.raises(InputError, match=sentence):
            other.restore(memory)
        assert other.ids == before
    with pytest.raises(InputError, match="no target 9"):
        made.memory_of(9)
    size.reset()
    size.restore(memory)
    with pytest.raises(InputError, match="those before it were 160×120"):
        size.update(scene(1, size=(240, 320))[0])


def test_memory_in_another_number_format_is_converted() -> None:
    made = tracker()
    half = Tracker(network(), EASY, device="cpu", precision="bfloat16")
    memory = made.memory_of(started(made, 3))
    copied = half.restore(memory)
    assert isinstance(memory, TargetMemory)
    assert half.update(FRAMES[4])[0].box == pytest.approx(made.update(FRAMES[4])[0].box, abs=3.0)
    assert half.memory_of(copied).kept.tensors[0].dtype is torch.bfloat16
    assert memory.kept.tensors[0].dtype is torch.float32
