"""Targets that were seen apart are not taken for one another."""

from itertools import combinations, islice

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.demo import clip_path, truth
from model import State, Tracker
from model.apart import SAME_PLACE, Claim, disputes, overlap, stands_apart
from model.geometry import Box
from model.images import Frame

SIDE = st.floats(1, 100)
BOXES = st.tuples(st.floats(0, 200), st.floats(0, 200), SIDE, SIDE)
CLAIMS = st.lists(st.builds(Claim, BOXES, st.floats(0, 1)), max_size=6)

FIRST, LAST = 198, 300
"""Of the clip: in between the red car passes between the camera and the blue one."""
RIVAL: Box = (330.0, 195.0, 162.0, 94.0)
"""The blue car in the first of them."""


@given(a=BOXES, b=BOXES)
def test_overlap_is_one_for_a_box_and_itself_and_the_same_both_ways(a: Box, b: Box) -> None:
    assert overlap(a, a) == pytest.approx(1)
    assert 0 <= float(overlap(a, b)) <= 1 + 1e-9
    assert overlap(a, b) == overlap(b, a)


def test_overlap_of_boxes_beside_and_within_one_another() -> None:
    half = overlap((0, 0, 10, 10), [(10, 0, 10, 10), (5, 0, 10, 10), (2, 2, 5, 10), (0, 0, 20, 20)])
    assert half == pytest.approx([0, 0.5, 5 * 8 / (100 * 50) ** 0.5, 0.5])


@given(claims=CLAIMS)
def test_no_two_claims_to_one_place_stand_and_only_weaker_ones_yield(claims: list[Claim]) -> None:
    named = dict(enumerate(claims))
    taken = disputes(named)
    standing = [claim for key, claim in named.items() if key not in taken]
    for one, other in combinations(standing, 2):
        assert overlap(one.box, other.box) <= SAME_PLACE
    for key, places in taken.items():
        assert overlap(named[key].box, places).max() > SAME_PLACE
        stronger = {claim.box for claim in standing if claim.strength >= named[key].strength}
        assert set(places) <= stronger


def test_the_likelier_the_surer_and_the_one_that_stayed_keeps_the_place() -> None:
    box = (10.0, 10.0, 20.0, 20.0)
    kept = Claim.of(box, 0.8, 0.7, stayed=0.9)
    for weaker in (
        Claim.of(box, 0.8, 0.6, stayed=0.9),
        Claim.of(box, 0.7, 0.7, stayed=0.9),
        Claim.of(box, 0.8, 0.7, stayed=0.4),
        Claim.of(box, 0.8, 0.7, stayed=None),
        Claim.of(box, 0.8, -0.7, stayed=0.9),
        Claim.elsewhere(box, 0.8),
    ):
        assert disputes({1: weaker, 2: kept}) == {1: [box]}


def test_boxes_with_little_in_common_stand_apart() -> None:
    box = (0.0, 0.0, 10.0, 10.0)
    assert stands_apart(box, [])
    assert stands_apart(box, [(8.0, 0.0, 10.0, 10.0), (0.0, 20.0, 5.0, 5.0)])
    assert not stands_apart(box, [(30.0, 0.0, 5.0, 5.0), (5.0, 0.0, 10.0, 10.0)])


@pytest.fixture(scope="module")
def passing() -> list[Frame]:
    with av.open(str(clip_path())) as video:
        frames = islice(video.decode(video=0), FIRST, LAST)
        return [frame.to_ndarray(format="rgb24") for frame in frames]


@pytest.fixture(scope="module")
def car() -> list[Box]:
    """The red car in each of them."""
    return truth()[FIRST:LAST]


def blue(frame: Frame, box: Box) -> float:
    """The share of blue pixels in a box."""
    x, y, w, h = (max(0, round(v)) for v in box)
    r, g, b = np.moveaxis(frame[y : y + h, x : x + w].astype(int), -1, 0)
    return float(((b > r + 60) & (b > g + 20)).mean())


@pytest.mark.parametrize("preset", ["nano", "small"])
def test_two_cars_that_pass_each_other_are_not_confused(
    preset: str, passing: list[Frame], car: list[Box]
) -> None:
    tracker = Tracker.load(preset, device="cpu")
    for box in (car[0], RIVAL):
        tracker.add(passing[0], box)
    hidden = shared = 0
    for frame, box in zip(passing[1:], car[1:], strict=True):
        first, second = tracker.update(frame)
        assert first.state is State.TRACKING
        assert overlap(first.box, box) > 0.7
        sure = second.state is State.TRACKING
        shared += sure and float(overlap(first.box, second.box)) > SAME_PLACE
        hidden += second.reason == "another target is there"
    assert shared < 5 < hidden
    assert second.state is State.TRACKING
    assert blue(passing[-1], second.box) > 0.2 > 0.05 > blue(passing[-1], first.box)


def test_a_target_keeps_away_from_those_that_are_followed_elsewhere(
    passing: list[Frame], car: list[Box]
) -> None:
    ends = []
    for others in ([[(box, 0.9)] for box in car], [[] for _ in car]):
        tracker = Tracker.load("nano", device="cpu")
        tracker.add(passing[0], RIVAL)
        for frame, there in zip(passing[1:], others[1:], strict=True):
            (result,) = tracker.update(frame, others=there)
        ends.append(overlap(result.box, car[-1]))
    assert ends[0] == 0
    assert ends[1] > SAME_PLACE, "the clip confuses nobody any more: take another one"


def test_two_boxes_on_one_thing_are_both_followed(passing: list[Frame], car: list[Box]) -> None:
    tracker = Tracker.load("nano", device="cpu")
    for box in (car[0], car[0]):
        tracker.add(passing[0], box)
    x, y, w, h = car[0]
    part = tracker.add(passing[0], (x, y, w, 0.7 * h))
    for frame in passing[1:40]:
        results = tracker.update(frame)
    assert {result.state for result in results} == {State.TRACKING}
    assert overlap(results[0].box, results[1].box) > 0.9
    assert overlap(results[0].box, results[part - 1].box) > SAME_PLACE


def test_a_target_that_is_carried_to_one_on_the_same_thing_is_followed_beside_it(
    passing: list[Frame], car: list[Box]
) -> None:
    trackers = [Tracker.load("nano", device="cpu") for _ in range(2)]
    for tracker in trackers:
        tracker.add(passing[0], car[0])
        tracker.update(passing[1])
    here, there = trackers
    here.restore(there.memory_of(1))
    for frame in passing[2:20]:
        first, second = here.update(frame)
        assert (first.box, first.score) == (second.box, second.score)
    assert second.state is State.TRACKING


def test_what_was_drawn_anew_on_another_target_is_left_there(
    passing: list[Frame], car: list[Box]
) -> None:
    tracker = Tracker.load("nano", device="cpu")
    for box in (car[0], RIVAL):
        tracker.add(passing[0], box)
    tracker.update(passing[1])
    tracker.correct(2, passing[1], car[1])
    for frame in passing[2:20]:
        first, second = tracker.update(frame)
    assert overlap(first.box, second.box) > 0.9
    assert second.state is State.TRACKING
