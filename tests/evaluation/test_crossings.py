"""Look-alikes that cross, of which it is known where they are."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from model import Tracker
from tools.crossings import SIZE, Shape, follow, play, read_shapes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two things on one picture, a third one that is cut by its border, and a background."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(3)
    labels = np.zeros((240, 320), np.uint8)
    cv2.circle(labels, (80, 120), 45, 1, -1)
    cv2.rectangle(labels, (180, 60), (270, 150), 2, -1)
    cv2.circle(labels, (319, 200), 35, 3, -1)
    image = rng.integers(0, 255, (12, 16, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    image[labels > 0] //= 2
    cv2.imwrite(str(folder / "one.png"), labels)
    cv2.imwrite(str(folder / "one.jpg"), image)
    cv2.imwrite(str(folder / "ground.jpg"), cv2.GaussianBlur(image, (0, 0), 9))
    return folder


@pytest.fixture(scope="module")
def shapes(folder: Path) -> list[Shape]:
    return read_shapes(folder)


def test_things_that_are_whole_are_lifted(shapes: list[Shape]) -> None:
    assert [shape.mask.shape for shape in shapes] == [(91, 91)] * 2
    assert [shape.colours.shape for shape in shapes] == [(91, 91, 3)] * 2
    round_one, square = (np.count_nonzero(shape.mask) / 91**2 for shape in shapes)
    assert round_one == pytest.approx(np.pi / 4, abs=0.02)
    assert square == 1


def test_another_light_changes_the_colours_alone(shapes: list[Shape]) -> None:
    turned = shapes[0].in_other_light(np.random.default_rng(0))
    assert turned.mask is shapes[0].mask
    assert np.abs(turned.colours.astype(int) - shapes[0].colours).mean() > 10


def test_boxes_and_shares_are_those_of_what_is_drawn(folder: Path, shapes: list[Shape]) -> None:
    for moment in islice(play(1, shapes, [folder / "ground.jpg"]), 0, 50, 7):
        assert moment.frame.shape == (SIZE[1], SIZE[0], 3)
        assert moment.seen[-1] == 1  # the nearest hides the others
        assert ((moment.seen >= 0) & (moment.seen <= 1)).all()
        assert (moment.boxes[:, 2:] > 20).all()
    again = next(play(1, shapes, [folder / "ground.jpg"]))
    assert np.array_equal(again.frame, next(play(1, shapes, [folder / "ground.jpg"])).frame)


def test_a_few_frames_are_followed_together_and_alone(folder: Path, shapes: list[Shape]) -> None:
    moments = list(islice(play(4, shapes, [folder / "ground.jpg"]), 12))
    four = [Tracker.load("nano", device="cpu") for _ in range(4)]
    for trackers in (four[:1], four):
        rows = follow(trackers, moments)
        assert rows.shape == (11, 4, 4)
        own, others, seen, _ = np.moveaxis(rows, -1, 0)
        assert own[seen > 0.8].mean() > 0.6
        assert others.min() >= 0
        assert np.array_equal(seen, np.array([moment.seen for moment in moments[1:]]))
