"""What is believed of one target, without a network."""

import numpy as np
import pytest

from model.geometry import Box, Crop, CropShape
from model.observer import Look
from model.peaks import Maps
from model.presets import TrackerConfig
from model.states import State
from model.target import Target

CONFIG, SHAPE = TrackerConfig(), CropShape(160, 2.5)
FRAME = (640, 360)


def target_at(box: Box) -> Target:
    descriptor = np.zeros(8, np.float32)
    return Target(1, box, descriptor, sure=box, whole=box[2:])


def look_at(target: Target, box: Box, score: float) -> Look:
    """A look at the target's region in which every cell says `box`, at the box's centre best."""
    crop = target.region(SHAPE, CONFIG)
    grid = SHAPE.grid
    x, y, w, h = crop.box_to_crop(box)
    heights = np.full((grid, grid), 0.01, np.float32)
    cell = [int(np.clip(v * grid / SHAPE.size, 0, grid - 1)) for v in (y + h / 2, x + w / 2)]
    heights[cell[0], cell[1]] = 0.9
    boxes = np.tile(np.array([x, y, w, h], np.float32), (grid, grid, 1))
    maps = Maps(heights, np.full((grid, grid), score, np.float32), boxes)
    image = np.zeros((SHAPE.size, SHAPE.size, 3), np.uint8)
    return Look(crop, image, None, maps, 0.9, np.zeros((grid * grid, 2), np.float32))


def follow(target: Target, box: Box, score: float = 0.9) -> None:
    target.find([look_at(target, box, score)], CONFIG)
    target.follow(FRAME, CONFIG)


def sides(crops: list[Crop]) -> list[float]:
    return [crop.side for crop in crops]


def test_what_left_over_the_border_is_searched_for_at_its_whole_size() -> None:
    target = target_at((540.0, 150.0, 60.0, 60.0))
    for x in range(540, 636, 4):
        seen = min(60, FRAME[0] - x)
        follow(target, (float(x), 150.0, float(seen), 60.0))
    assert target.standing.state is State.TRACKING
    assert target.box[2] < 30
    for _ in range(CONFIG.lost_after):
        follow(target, target.box, 0.0)
    assert target.is_lost
    near, *others = target.scan(FRAME, SHAPE, 100)
    # where it left it may come in again as it went, elsewhere it is whole
    assert near.side == pytest.approx(2.5 * (target.box[2] * target.box[3]) ** 0.5, abs=1)
    assert max(sides(others)) == pytest.approx(2.5 * 60 * 1.5, rel=0.05)


def test_what_went_behind_something_is_searched_for_at_its_whole_size() -> None:
    target = target_at((300.0, 150.0, 80.0, 40.0))
    for seen in (70, 60, 50, 40, 30, 20):
        follow(target, (300.0, 150.0, float(seen), 40.0))
    assert target.box[2] < 30
    # one that truly went away is searched for as small as it has become
    assert 65 < target.whole[0] < 80
    for _ in range(150):
        follow(target, target.box)
    assert target.whole == pytest.approx(target.box[2:], rel=0.1)


def test_every_other_search_for_a_lost_target_looks_at_its_last_place_too() -> None:
    target = target_at((300.0, 150.0, 40.0, 40.0))
    for _ in range(CONFIG.lost_after):
        follow(target, target.box, 0.0)
    place = target.region(SHAPE, CONFIG)
    searches = [target.scan(FRAME, SHAPE, 2) for _ in range(4)]
    assert [len(crops) for crops in searches] == [2] * 4
    near = [(crops[0].cx, crops[0].cy) == (place.cx, place.cy) for crops in searches]
    assert near == [True, False, True, False]
    # found again and lost once more, it is where it was last seen that is looked at first
    look = look_at(target, (300.0, 150.0, 40.0, 40.0), 0.9)
    target.find([look], CONFIG)
    target.seek(FRAME, CONFIG)
    assert target.standing.state is State.RECOVERED
    assert target.looks_near


def test_a_target_that_grows_at_the_border_is_searched_for_as_large_as_it_was() -> None:
    target = target_at((100.0, 300.0, 40.0, 60.0))
    for _ in range(12):
        x, y, w, h = target.box
        follow(target, (x - 2, y - 5, w + 4, FRAME[1] - y + 5))
    _, _, w, h = target.box
    assert w * h > 1.5 * 40 * 60
    assert target.whole == (w, h)


def test_half_a_target_drawn_at_the_border_is_whole_once_it_has_come_in() -> None:
    target = target_at((0.0, 10.0, 15.0, 50.0))
    for x in (2.0, 5.0, 9.0, 14.0, 20.0):
        follow(target, (x, 10.0, 30.0, 50.0))
    assert target.whole == pytest.approx((30.0, 50.0), rel=0.05)
