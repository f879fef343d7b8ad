import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.evaluation.attributes import ATTRIBUTES, attributes, attributes_of_boxes, speeds
from model.evaluation.sequences import read_sequence
from tests.evaluation.scenes import draw_sequence

NOWHERE = [math.nan] * 4
BOX = [100.0, 100.0, 40.0, 40.0]
"""16 times as much is 25,600 of 640 × 480 px: neither small nor of low resolution."""


def of(*boxes: list[float], width: int = 320, height: int = 240, **labels) -> tuple[str, ...]:
    none = np.zeros(len(boxes), bool)
    labels = {"occluded": none, "out_of_view": none, **labels}
    return attributes_of_boxes(np.array(boxes, float), width, height, **labels)


def test_a_target_that_stays_has_none() -> None:
    assert of(BOX, BOX, BOX) == ()


@pytest.mark.parametrize(
    ("boxes", "name"),
    [
        ([BOX, [121, 100, 40, 40]], "fast motion"),  # 21 px, over half of 40
        ([BOX, [100, 100, 40, 19]], "scale change"),
        ([BOX, [100, 100, 57, 57]], "scale change"),
        ([BOX, [100, 100, 60, 29]], "aspect change"),
        ([BOX, NOWHERE, BOX], "absent"),
        ([BOX, [1, 100, 40, 40], BOX], "out of view"),
        ([BOX, [279, 100, 40, 40], BOX], "out of view"),
        ([BOX, [100, 205, 40, 40], BOX], "out of view"),
        ([[100, 100, 30, 33]] * 3, "low resolution"),
        ([BOX] * 1000, "long"),
    ],
)
def test_one_frame_past_the_threshold_is_enough(boxes: list, name: str) -> None:
    assert name in of(*boxes)


@pytest.mark.parametrize(
    ("boxes", "name"),
    [
        ([BOX, [120, 100, 40, 40]], "fast motion"),
        ([BOX, NOWHERE, [200, 100, 40, 40]], "fast motion"),  # not from one frame to the next
        ([BOX, [100, 100, 40, 20]], "scale change"),
        ([BOX, [100, 100, 60, 30]], "aspect change"),
        ([BOX, [1.5, 100, 40, 40]], "out of view"),
        ([[100, 100, 40, 25]] * 3, "low resolution"),
        ([BOX] * 999, "long"),
    ],
)
def test_up_to_the_threshold_is_not(boxes: list, name: str) -> None:
    assert name not in of(*boxes)


def test_small_is_the_median_over_the_picture() -> None:
    small, large = [100.0, 100.0, 27.0, 27.0], [100.0, 100.0, 35.0, 35.0]
    assert "small target" in of(small, small, large)
    assert "small target" not in of(small, large, large)
    assert "small target" not in of(small, small, small, width=200, height=150)


def test_labels_of_the_data_set_count() -> None:
    marked = np.array([False, True])
    assert of(BOX, BOX, occluded=marked) == ("occluded",)
    assert of(BOX, BOX, out_of_view=marked) == ("out of view",)


@given(st.lists(st.tuples(*[st.floats(2, 300)] * 4), min_size=2, max_size=12), st.floats(0.5, 4))
def test_speed_does_not_depend_on_the_picture_size(rows: list, scale: float) -> None:
    truth = np.array(rows)
    np.testing.assert_allclose(speeds(truth * scale), speeds(truth), rtol=1e-9, atol=1e-9)
    assert len(speeds(truth)) == len(truth) - 1


def test_the_size_comes_from_the_pictures(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=8, absent=range(4, 6))
    # 24 × 24 px of 128 × 96, from x = 30 on, 2 px a frame
    assert attributes(read_sequence(tmp_path / "s")) == ("low resolution", "absent")


def test_every_attribute_that_can_be_met_is_defined() -> None:
    marked = np.ones(1000, bool)
    boxes = [[100, 100, 20, 20], [130, 100, 20, 60], *[[100, 100, 20, 20]] * 997, NOWHERE]
    assert of(*boxes, occluded=marked, out_of_view=marked) == tuple(ATTRIBUTES)
