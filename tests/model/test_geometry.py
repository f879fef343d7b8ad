"""Boxes, crops and the pixels they hold."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.geometry import (
    Box,
    Crop,
    CropShape,
    check_box,
    clip_box,
    cut,
    inside_tokens,
    iou,
    mean_colour,
    token_positions,
)

PLACE, SIDE = st.floats(-5000, 5000), st.floats(0.5, 4000)
BOXES = st.tuples(PLACE, PLACE, SIDE, SIDE)
SHAPES = st.sampled_from([CropShape(128, 2.0), CropShape(256, 4.0), CropShape(288, 4.5)])


@given(box=BOXES, shape=SHAPES, width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_a_crop_lies_in_the_frame_where_its_corners_do(
    box: Box, shape: CropShape, width: int, height: int
) -> None:
    crop = Crop.around(box, shape)
    corners = crop.to_frame(np.array([[0, 0], [shape.size, shape.size]]))
    depth = min(*corners[0], width - corners[1, 0], height - corners[1, 1])
    assume(abs(depth) > 1e-6)  # on the border rounding decides
    assert crop.lies_in(width, height) == (depth > 0)
    if depth > 0:
        assert inside_tokens(crop, shape.grid, width, height).all()


@given(box=BOXES, other=BOXES, shape=SHAPES, widen=st.floats(1, 2))
def test_a_box_goes_to_the_crop_and_back(
    box: Box, other: Box, shape: CropShape, widen: float
) -> None:
    crop = Crop.around(box, shape, widen=widen)
    assert crop.box_to_frame(crop.box_to_crop(other)) == pytest.approx(other, abs=1e-3)
    points = np.array([other[:2], other[2:]])
    assert crop.to_frame(crop.to_crop(points)) == pytest.approx(points, abs=1e-3)


@given(box=BOXES, shape=SHAPES)
def test_the_target_lies_in_the_middle_of_its_crop(box: Box, shape: CropShape) -> None:
    x, y, w, h = Crop.around(box, shape).box_to_crop(box)
    assert (x + w / 2, y + h / 2) == pytest.approx((shape.size / 2,) * 2, abs=1e-3)
    assert math.sqrt(w * h) == pytest.approx(shape.size / shape.factor, rel=1e-6)


def test_the_presets_crops_share_a_pitch() -> None:
    template, search, question = CropShape(128, 2.0), CropShape(256, 4.0), CropShape(288, 4.5)
    assert (template.grid, search.grid, question.grid) == (8, 16, 18)
    assert template.pitch == search.pitch == question.pitch == 0.25
    # the template's tokens stand on the central cells, at offsets 4 and 5
    assert token_positions(16, 4.0)[4:12] == pytest.approx(token_positions(8, 2.0))
    assert token_positions(18, 4.5)[5:13] == pytest.approx(token_positions(8, 2.0))
    assert token_positions(2, 4.0) == pytest.approx([-1, 1])


@settings(max_examples=50)
@pytest.mark.parametrize("snap", [False, True])
@given(
    spot=st.tuples(st.floats(60, 580), st.floats(60, 420)),
    aside=st.tuples(st.floats(-0.35, 0.35), st.floats(-0.35, 0.35)),
    side=st.floats(20, 700),
)
def test_a_spot_is_cut_to_where_the_crop_says(
    snap: bool, spot: tuple[float, float], aside: tuple[float, float], side: float
) -> None:
    # sides over 128 shrink the frame more than twice, those under 64 enlarge it
    crop = Crop(spot[0] + aside[0] * side, spot[1] + aside[1] * side, side, 64)
    crop = crop.snapped() if snap else crop
    spread = max(2.0, 2 / crop.scale)
    rows, columns = np.ogrid[:480, :640]
    distance = (columns + 0.5 - spot[0]) ** 2 + (rows + 0.5 - spot[1]) ** 2
    bright = 255 * np.exp(-distance / (2 * spread**2))
    frame = np.repeat(bright[:, :, None], 3, 2).astype(np.uint8)
    light = np.clip(cut(frame, crop)[:, :, 1].astype(float) - 40, 0, None)
    expected = crop.to_crop(np.array(spot))
    reach = 3 * spread * crop.scale
    assume((expected > reach).all() and (expected < 64 - reach).all())  # the whole spot is in it
    centres = np.arange(64) + 0.5
    found = [(light.sum(axis) * centres).sum() / light.sum() for axis in (0, 1)]
    assert found == pytest.approx(expected, abs=0.2)


@given(cx=st.floats(-50, 700), cy=st.floats(-50, 500), side=st.floats(0.1, 900))
def test_a_snapped_crop_lies_between_pixels_near_the_crop(
    cx: float, cy: float, side: float
) -> None:
    crop, snapped = Crop(cx, cy, side, 64), Crop(cx, cy, side, 64).snapped()
    for middle in (snapped.cx, snapped.cy):
        assert (middle - snapped.side / 2).is_integer()
    assert snapped.side == max(1, round(side))
    assert (snapped.cx, snapped.cy) == pytest.approx((crop.cx, crop.cy), abs=0.5 + 1e-9)
    assert snapped.snapped() == snapped


@pytest.mark.parametrize("side", [50, 64, 129, 300])
def test_a_crop_between_pixels_shows_what_one_beside_it_shows(side: int) -> None:
    frame = np.random.default_rng(0).integers(0, 255, (400, 400, 3), np.uint8)
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 3), np.uint8)
    left, top = 31.0, 17.0
    exact = cut(frame, Crop(left + side / 2, top + side / 2, side, 64))
    beside = cut(frame, Crop(left + side / 2 + 1e-6, top + side / 2, side, 64))
    # away from the edges, where only the latter sees the pixels beyond
    difference = exact[1:-1, 1:-1].astype(int) - beside[1:-1, 1:-1]
    assert np.abs(difference).max() <= 2


@pytest.mark.parametrize("side", [40, 64, 300])
def test_outside_the_frame_a_crop_holds_the_mean_colour(side: float) -> None:
    frame = np.zeros((96, 96, 3), np.uint8)
    frame[:, :48] = (200, 100, 40)
    out = cut(frame, Crop(0, 48, side, 64))
    assert out.shape == (64, 64, 3)
    assert out.dtype == np.uint8
    assert out[32, 2] == pytest.approx(np.array(mean_colour(frame)), abs=1.5)
    assert out[32, 34] == pytest.approx(np.array([200, 100, 40]), abs=1)
    assert mean_colour(frame) == pytest.approx((100, 50, 20), abs=1)


@given(
    width=st.integers(20, 700),
    height=st.integers(20, 700),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    part=st.floats(0.1, 1),
    snaps=st.booleans(),
)
def test_a_crop_in_the_frame_shows_nothing_but_the_frame(
    width: int, height: int, at: tuple[float, float], part: float, snaps: bool
) -> None:
    side = part * min(width, height)
    cx, cy = (side / 2 + a * (length - side) for a, length in zip(at, (width, height), strict=True))
    crop = Crop(cx, cy, side, 64)
    crop = crop.snapped() if snaps else crop
    assume(crop.lies_in(width, height))
    assert (cut(np.full((height, width, 3), 250, np.uint8), crop) == 250).all()


def test_a_crop_wholly_outside_is_plain() -> None:
    frame = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    for side in (20.0, 400.0):
        out = cut(frame, Crop(-1000, 5000, side, 32))
        assert (out == out[0, 0]).all()


def test_shrinking_does_not_alias() -> None:
    # stripes one pixel wide become grey, whatever the phase they are sampled in
    frame = np.zeros((512, 512, 3), np.uint8)
    frame[:, ::2] = 255
    out = cut(frame, Crop(256, 256, 480, 60))
    assert np.abs(out.astype(int) - 127).max() <= 2


@given(cx=st.floats(-50, 150), cy=st.floats(-50, 150), side=st.floats(10, 300))
def test_tokens_outside_the_frame_are_padding(cx: float, cy: float, side: float) -> None:
    crop, width, height = Crop(cx, cy, side, 128), 100, 60
    inside = inside_tokens(crop, 8, width, height)
    for i in range(8):
        for j in range(8):
            x, y = crop.to_frame(np.array([j + 0.5, i + 0.5]) * 16)
            assert inside[i, j] == (0 <= x < width and 0 <= y < height)


@given(a=BOXES, b=BOXES)
def test_overlap_is_symmetric_and_between_0_and_1(a: Box, b: Box) -> None:
    one, two = np.array(a), np.array(b)
    assert 0 <= iou(one, two) <= 1 + 1e-9
    assert iou(one, two) == iou(two, one)
    assert iou(one, one) == pytest.approx(1)
    moved = np.array([100.0, -50.0, 0.0, 0.0])
    assert iou(one + moved, two + moved) == pytest.approx(iou(one, two), abs=1e-6)


def test_overlap_by_hand() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 10, 10], [10, 0, 10, 10], [0, 0, 5, 5]], float)
    assert iou(boxes, boxes[0]) == pytest.approx([1, 1 / 3, 0, 0.25])
    assert iou(boxes[:, None], boxes).shape == (4, 4)
    assert iou(np.array([np.nan, 0, 1, 1]), boxes[0]) == 0
    assert iou(np.zeros(4), np.zeros(4)) == 0


@given(box=st.tuples(st.floats(-500, 500), st.floats(-500, 500), SIDE, SIDE))
def test_a_clipped_box_lies_in_the_frame(box: Box) -> None:
    x, y, w, h = clip_box(box, 320, 240, margin=1.0)
    assert w >= 1
    assert h >= 1
    assert x >= 0
    assert y >= 0
    assert x + w <= 320 + 1e-9
    assert y + h <= 240 + 1e-9


def test_a_good_box_comes_back_as_floats() -> None:
    assert check_box([1, 2, 3, 4], 100, 100) == (1.0, 2.0, 3.0, 4.0)
    assert check_box((-5, -5, 10, 10), 100, 100) == (-5.0, -5.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ((1, 2, 3), "four numbers"),
        ((1, 2, 3, math.nan), "not finite"),
        ((math.inf, 2, 3, 4), "not finite"),
        ((1, 2, 0, 4), "empty"),
        ((1, 2, 3, -4), "empty"),
        ((100, 2, 3, 4), "outside"),
        ((1, -9, 3, 9), "outside"),
    ],
)
def test_a_bad_box_is_told_in_one_sentence(box: tuple[float, ...], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        check_box(box, 100, 80, where="frame 7")
    assert "frame 7" in str(caught.value)
    assert "\n" not in str(caught.value)
