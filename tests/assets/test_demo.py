"""The embedded clip is what its script renders, and its boxes are on the car."""

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from assets.demo import clip_path, truth
from assets.demo.render import HEIGHT, WIDTH, render, truth_box
from assets.demo.scene import FRAMES, Scene


@pytest.fixture(scope="module")
def clip() -> NDArray[np.uint8]:
    with av.open(str(clip_path())) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def test_clip_is_small_and_starts_at_once() -> None:
    data = clip_path().read_bytes()
    assert len(data) < 2_000_000
    assert data.index(b"moov") < data.index(b"mdat")


def test_truth_has_a_box_for_every_frame(clip: NDArray[np.uint8]) -> None:
    assert clip.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert truth().shape == (FRAMES, 4)


def test_truth_lies_inside_the_picture() -> None:
    x, y, w, h = truth()[np.isfinite(truth()).all(axis=1)].T
    assert (x >= 0).all()
    assert (y >= 0).all()
    assert (w > 0).all()
    assert (h > 0).all()
    assert (x + w <= WIDTH).all()
    assert (y + h <= HEIGHT).all()


def test_target_starts_in_sight_hides_once_and_comes_back_larger() -> None:
    hidden = np.isnan(truth()).all(axis=1)
    assert not hidden[0]
    assert not hidden[-1]
    assert 10 <= hidden.sum() <= 24, "about half a second"
    first, last = np.flatnonzero(hidden)[[0, -1]]
    assert hidden[first : last + 1].all()
    side = np.sqrt(truth()[:, 2] * truth()[:, 3])
    assert np.nanmax(side) >= 2 * np.nanmin(side)


def test_target_is_red_where_the_truth_says(clip: NDArray[np.uint8]) -> None:
    def redness(frame: int) -> tuple[float, float]:
        r, g, b = np.moveaxis(clip[frame].astype(int), -1, 0)
        red = (r > 90) & (r > 2 * g) & (r > 2 * b)
        x, y, w, h = truth()[frame].round().astype(int)
        inside = np.zeros_like(red)
        inside[y : y + h, x : x + w] = True
        return float(red[inside].mean()), float((red & inside).sum() / max(1, red.sum()))

    for frame in (0, 150, 225, 270, FRAMES - 1):
        share, caught = redness(frame)
        assert share > 0.1
        assert caught > 0.9


def test_script_renders_the_committed_frame(clip: NDArray[np.uint8], scene: Scene) -> None:
    difference = render(scene, 150).astype(int) - clip[150].astype(int)
    assert np.abs(difference).mean() < 5


@pytest.mark.parametrize("frame", [0, 240])
def test_script_computes_the_committed_boxes(frame: int, scene: Scene) -> None:
    np.testing.assert_allclose(truth_box(scene, frame), truth()[frame], atol=1.0)
