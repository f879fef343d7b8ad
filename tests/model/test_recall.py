"""A frame that was forgotten and put back: the target is followed as if nothing had been."""

from dataclasses import replace

import numpy as np
import pytest

from model import InputError, Tracker
from model.geometry import Box
from model.images import Frame
from model.presets import TrackerConfig
from model.weights import load
from tests.model.test_target_memory import FRAMES, go_on, started
from tests.model.test_tracker import BOX, EASY, OTHERS, hold_still, tracker
from tests.model.tiny import network

ROOMY = replace(EASY, slots=5)
"""After three updates one slot is still free."""


def times(made: Tracker, target: int) -> dict[int, float]:
    """When each remembered frame was, by slot."""
    return {slot.index: slot.time for slot in made.slots(target)}


def still(config: TrackerConfig) -> Tracker:
    """A tracker that finds its target where it was, and remembers every frame."""
    made = tracker(config)
    hold_still(made)
    return made


@pytest.mark.parametrize("config", [EASY, ROOMY], ids=["full", "with room"])
@pytest.mark.parametrize("box", [BOX, OTHERS[2]], ids=["inside", "over the border"])
def test_a_frame_put_back_at_once_leaves_no_trace(
    config: TrackerConfig, box: tuple[float, ...]
) -> None:
    made, plain = tracker(config), tracker(config)
    target, expected = started(made, 3, box), started(plain, 3, box)
    before = made.slots(target)
    memory = made.copy_frame(target, 1)
    picture = made.thumbnail(target, 1)
    made.forget(target, 1)
    assert made.recall(target, memory) is None
    assert made.slots(target) == before
    assert np.array_equal(made.thumbnail(target, 1), picture)
    assert go_on(made, target, 4) == go_on(plain, expected, 4)


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_it_leaves_no_trace_in_a_full_size_network_among_others(
    runtime: str, demo: list[Frame]
) -> None:
    made, plain = (
        Tracker(load("nano")[0], replace(EASY, slots=4), device="cpu", runtime=runtime,
                threads=1) for _ in range(2)
    )  # fmt: skip
    boxes: list[Box] = [(30.0, 30.0, 40.0, 40.0), (310.0, 164.5, 71.5, 35.5)]
    for each in (made, plain):
        for box in boxes:
            each.add(demo[0], box)
        for frame in demo[1:8]:
            each.update(frame)
    memory = made.copy_frame(2, 2)
    made.forget(2, 2)
    made.recall(2, memory)
    for frame in demo[8:13]:
        assert made.update(frame) == plain.update(frame)


def test_without_the_frame_the_target_would_be_followed_otherwise() -> None:
    made, plain = tracker(), tracker()
    target, expected = started(made, 3), started(plain, 3)
    made.forget(target, 1)
    assert go_on(made, target, 4) != go_on(plain, expected, 4)


def test_its_age_is_what_it_would_be_wherever_the_target_was_carried_meanwhile() -> None:
    made, older = tracker(ROOMY), tracker(ROOMY)
    target = started(made, 3)
    older.remove(started(older, 11, OTHERS[0]))
    whole = older.restore(made.memory_of(target))
    memory = made.copy_frame(target, 1)
    made.forget(target, 1)
    copied = older.restore(made.memory_of(target))
    older.recall(copied, memory)
    results = [older.update(FRAMES[step], time=float(step)) for step in range(4, 9)]
    for one, other in results:
        assert (one.id, other.id) == (whole, copied)
        assert replace(one, id=copied) == other


def test_it_comes_back_into_its_own_slot_whichever_else_are_free() -> None:
    made, plain = tracker(ROOMY), tracker(ROOMY)
    target, expected = started(made, 4), started(plain, 4)
    memory = made.copy_frame(target, 3)
    for each in (made, plain):
        each.forget(target, 1)
    made.forget(target, 3)
    made.recall(target, memory)
    assert made.slots(target) == plain.slots(expected)
    assert go_on(made, target, 5) == go_on(plain, expected, 5)


def test_it_takes_a_free_slot_and_goes_by_its_age_again() -> None:
    made = still(ROOMY)
    target = started(made, 3)
    memory = made.copy_frame(target, 1)
    made.forget(target, 1)
    made.update(FRAMES[4], time=4.0)
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 2.0, 3: 3.0}
    assert made.recall(target, memory) is None
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 2.0, 3: 3.0, 4: 1.0}
    # no step has looked at it since
    assert made.slots(target)[4].share == 0
    made.update(FRAMES[5], time=5.0)
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 2.0, 3: 3.0, 4: 5.0}


def test_where_no_slot_is_free_the_oldest_leaves_and_can_come_back_in_turn() -> None:
    made, plain = still(EASY), still(EASY)
    target, expected = started(made, 3), started(plain, 3)
    for each in (made, plain):
        each.forget(target, 1)
        each.update(FRAMES[4], time=4.0)
    twin = still(EASY)
    memory = twin.copy_frame(started(twin, 3), 1)
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 2.0}
    left = made.recall(target, memory)
    assert left is not None
    assert (left.time, left.slot) == (2.0, 2)
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 3.0}
    made.forget(target, 2)
    assert made.recall(target, left) is None
    assert go_on(made, target, 5) == go_on(plain, expected, 5)


def test_a_pinned_frame_comes_back_pinned() -> None:
    made = still(EASY)
    target = started(made, 2)
    made.pin(target, 2)
    memory = made.copy_frame(target, 2)
    assert memory.pinned
    made.pin(target, 2, pinned=False)
    made.forget(target, 2)
    made.recall(target, memory)
    for step in (3, 4):
        made.update(FRAMES[step], time=float(step))
    assert times(made, target) == {0: 0.0, 1: 4.0, 2: 2.0}


def test_a_copy_is_not_changed_by_what_follows() -> None:
    made, plain = tracker(), tracker()
    target, expected = started(made, 3), started(plain, 3)
    memory, state = made.copy_frame(target, 1), made.memory_of(target)
    made.pin(target, 1)
    go_on(made, target, 4)
    made.remove(target)
    again = made.restore(state)
    made.forget(again, 1)
    made.recall(again, memory)
    assert go_on(made, again, 4) == go_on(plain, expected, 4)


def test_a_copy_in_another_number_format_is_converted() -> None:
    made, half = tracker(), Tracker(network(), EASY, device="cpu", precision="bfloat16")
    memory = made.copy_frame(started(made, 3), 1)
    target = started(half, 3)
    half.forget(target, 1)
    half.recall(target, memory)
    assert times(half, target)[1] == memory.time
    assert len(go_on(half, target, 4)) == len(FRAMES) - 4


def test_what_cannot_be_put_back_is_refused_and_nothing_changes() -> None:
    made = tracker()
    target = started(made, 3)
    memory = made.copy_frame(target, 1)
    for slot in (1, 2):
        made.pin(target, slot)
    other = Tracker(network(reach=1), EASY, device="cpu", runtime="torch")
    started(other, 3)
    for each, id, sentence in (
        (made, target, "pinned"), (made, 9, "no target 9"), (other, 1, "another shape"),
    ):  # fmt: skip
        before = [each.slots(k) for k in each.ids]
        with pytest.raises(InputError, match=sentence):
            each.recall(id, memory)
        assert [each.slots(k) for k in each.ids] == before
    with pytest.raises(InputError, match="no frame in slot 7"):
        made.copy_frame(target, 7)
