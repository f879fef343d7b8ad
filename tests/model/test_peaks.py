"""From the head's maps to one box."""

import math
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.geometry import Box, Crop
from model.peaks import (
    Maps,
    Peak,
    calibrate,
    hann,
    limit_change,
    pick,
    resize,
    whole_frame,
)
from model.presets import TrackerConfig

GRID = 8
CROP = Crop(100, 60, 64, 128)
CONFIG = TrackerConfig()
SIDE = st.floats(4, 2000)
BOXES = st.tuples(st.floats(-100, 2000), st.floats(-100, 2000), SIDE, SIDE)


def maps(peaks: dict[tuple[int, int], float]) -> Maps:
    """Maps with peaks of given heights; every cell's box is 20 pixels around its centre."""
    score = np.full((GRID, GRID), 0.01, np.float32)
    for cell, height in peaks.items():
        score[cell] = height
    quality = np.arange(GRID * GRID, dtype=np.float32).reshape(GRID, GRID) / 100
    centres = (np.arange(GRID, dtype=np.float32) + 0.5) * 16
    boxes = np.full((GRID, GRID, 4), 20, np.float32)
    boxes[..., 0], boxes[..., 1] = centres[None] - 10, centres[:, None] - 10
    return Maps(score, quality, boxes)


def test_the_peak_s_box_is_given_in_the_frame() -> None:
    peak = pick(maps({(2, 5): 0.9}), CROP, 0.0)
    # cell centre (88, 40) of the crop, at two crop pixels a frame pixel, from the corner (68, 28)
    assert peak.box == pytest.approx((112 - 5, 48 - 5, 10, 10))
    assert peak.crop_box == pytest.approx((78, 30, 20, 20))
    assert peak.score == pytest.approx(0.21)
    assert peak.height == pytest.approx(0.9)
    assert peak.second == pytest.approx(0.01 / 0.9)


def test_the_window_prefers_the_middle() -> None:
    rivals = maps({(4, 4): 0.6, (0, 0): 0.7})
    assert pick(rivals, CROP, 0.0).height == pytest.approx(0.7)
    assert pick(rivals, CROP, 0.5).height == pytest.approx(0.6)
    window = hann(GRID)
    assert window.max() == 1
    assert window.min() > 0
    assert window == pytest.approx(window.T)
    assert window == pytest.approx(window[::-1])


def test_a_rival_counts_as_second_peak_and_a_neighbour_does_not() -> None:
    assert pick(maps({(4, 4): 0.8, (4, 7): 0.6}), CROP, 0.0).second == pytest.approx(0.75)
    assert pick(maps({(4, 4): 0.8, (4, 5): 0.79}), CROP, 0.0).second < 0.02
    # the window moves the choice to the lower of two; the ratio stays at most 1
    assert pick(maps({(4, 4): 0.5, (0, 0): 0.9}), CROP, 0.9).second <= 1


def test_the_place_of_another_target_is_not_chosen() -> None:
    found = maps({(2, 5): 0.8, (6, 1): 0.6})
    highest = pick(found, CROP, 0.0)
    beside = pick(found, CROP, 0.0, taken=[highest.box])
    assert beside.box == pick(maps({(6, 1): 0.6}), CROP, 0.0).box
    assert beside.yields
    # its quality says how good its box is, not that it is the target
    assert beside.score == pytest.approx(found.quality[6, 1] * 0.6 / 0.8)
    elsewhere = pick(found, CROP, 0.0, taken=[(300.0, 300.0, 10.0, 10.0), beside.box])
    assert (elsewhere.box, elsewhere.score) == (highest.box, highest.score)
    assert not elsewhere.yields


def test_where_all_places_are_taken_nothing_is_sure() -> None:
    found = maps({(2, 5): 0.8})
    everywhere = [CROP.box_to_frame(box) for box in found.boxes.reshape(-1, 4).tolist()]
    peak = pick(found, CROP, 0.3, taken=everywhere)
    assert peak.score == 0
    assert all(math.isfinite(v) for v in peak.box)


def test_maps_that_hold_no_number_are_known() -> None:
    good = maps({})
    assert good.finite
    for name in ("score", "quality", "boxes"):
        bad = maps({})
        getattr(bad, name).flat[3] = math.nan
        assert not bad.finite


@given(old=BOXES, new=BOXES, score=st.floats(-1, 2))
def test_a_step_changes_size_and_aspect_little(old: Box, new: Box, score: float) -> None:
    x, y, w, h = limit_change(old, new, score, CONFIG)
    size = math.sqrt(w * h) / math.sqrt(old[2] * old[3])
    aspect = (w / h) / (old[2] / old[3])
    assert 1 / CONFIG.scale_step - 1e-9 <= size <= CONFIG.scale_step + 1e-9
    assert 1 / CONFIG.aspect_step - 1e-9 <= aspect <= CONFIG.aspect_step + 1e-9
    assert (x + w / 2, y + h / 2) == pytest.approx((new[0] + new[2] / 2, new[1] + new[3] / 2))


def test_a_surer_box_is_smoothed_less() -> None:
    old, new = (0.0, 0.0, 40.0, 40.0), (0.0, 0.0, 44.0, 44.0)
    widths = [limit_change(old, new, score, CONFIG)[2] for score in (0.2, 0.5, 0.8, 1.0)]
    assert widths == sorted(widths)
    assert 40 < widths[0] < widths[-1]
    assert widths[-1] == pytest.approx(44)


@given(
    size=st.tuples(st.integers(32, 1920), st.integers(32, 1080)),
    target=st.floats(2, 300),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_target_anywhere_in_the_frame_is_whole_in_a_region(
    size: tuple[int, int], target: float, at: tuple[float, float]
) -> None:
    width, height = size
    target = min(target, width, height)
    every = whole_frame((0.0, 0.0, target, target), width, height, 4.0, 256)
    passes = [list(each) for _, each in groupby(every, key=lambda crop: crop.side)]
    # the first pass is at the target's own size, and covers the frame alone
    crops = passes[0]
    x, y = at[0] * (width - target), at[1] * (height - target)
    assert any(
        crop.cx - crop.side / 2 <= x + 1e-6 and x + target <= crop.cx + crop.side / 2 + 1e-6
        and crop.cy - crop.side / 2 <= y + 1e-6 and y + target <= crop.cy + crop.side / 2 + 1e-6
        for crop in crops
    )  # fmt: skip
    distances = [math.hypot(c.cx - target / 2, c.cy - target / 2) for c in crops]
    if len(passes) > 1:
        assert distances == sorted(distances)
        assert {each[0].side for each in passes} > {crops[0].side}
    assert len(every) <= 4 * 14 * 14


def test_calibration_takes_a_share_of_what_the_user_drew_differently() -> None:
    given, seen = (10.0, 20.0, 40.0, 80.0), (6.0, 22.0, 50.0, 72.0)
    assert calibrate(given, seen, 0.0) == (1.0, 1.0)
    assert calibrate(given, seen, 1.0) == pytest.approx((40 / 50, 80 / 72))
    assert calibrate(given, seen, 0.5) == pytest.approx(((40 / 50) ** 0.5, (80 / 72) ** 0.5))


def test_calibration_is_left_out_where_the_network_sees_something_else() -> None:
    assert calibrate((10.0, 20.0, 40.0, 80.0), (60.0, 20.0, 50.0, 72.0), 1.0) == (1.0, 1.0)


def test_a_resized_peak_keeps_its_centre() -> None:
    peak = Peak((10.0, 20.0, 40.0, 80.0), 0.7, 0.9, 0.1, (1.0, 2.0, 4.0, 8.0))
    assert resize(peak, (0.5, 2.0)).box == (20.0, -20.0, 20.0, 160.0)
    assert resize(peak, (0.5, 2.0)).crop_box == (2.0, -2.0, 2.0, 16.0)
