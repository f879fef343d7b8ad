"""Every kind of picture becomes 8-bit RGB, or one sentence."""

import numpy as np
import pytest

from model.errors import InputError
from model.images import as_rgb

COLOUR = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


def test_colour_stays_and_bgr_turns() -> None:
    assert (as_rgb(COLOUR) == COLOUR).all()
    assert (as_rgb(COLOUR, bgr=True) == COLOUR[:, :, ::-1]).all()


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1)])
def test_grey_is_repeated(shape: tuple[int, ...]) -> None:
    grey = np.arange(20, dtype=np.uint8).reshape(shape)
    for bgr in (False, True):
        out = as_rgb(grey, bgr=bgr)
        assert out.shape == (4, 5, 3)
        assert (out == grey.reshape(4, 5, 1)).all()


def test_alpha_is_dropped() -> None:
    rgba = np.dstack([COLOUR, np.full((4, 5), 7, np.uint8)])
    assert (as_rgb(rgba) == COLOUR).all()
    assert (as_rgb(rgba, bgr=True) == COLOUR[:, :, ::-1]).all()


def test_16_bit_and_floats_are_scaled() -> None:
    assert (as_rgb(COLOUR.astype(np.uint16) * 257) == COLOUR).all()
    for kind in (np.float16, np.float32, np.float64):
        assert np.abs(as_rgb((COLOUR / 255).astype(kind)).astype(int) - COLOUR).max() <= 1
    bright = np.full((2, 2, 3), 1.7, np.float32)
    bright[0] = -3
    assert as_rgb(bright)[:, 0, 0].tolist() == [0, 255]


def test_the_result_is_contiguous_whatever_the_layout() -> None:
    for image in (COLOUR[::2, ::-1], COLOUR.transpose(1, 0, 2), COLOUR[:, :, ::-1]):
        out = as_rgb(image)
        assert out.flags.c_contiguous
        assert (out == image).all()


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((2, 3, 4, 5), np.uint8), "not an image"),
        (np.zeros(7, np.uint8), "not an image"),
        (np.zeros((4, 5, 2), np.uint8), "not an image"),
        (np.zeros((0, 5, 3), np.uint8), "no pixels"),
        (np.zeros((4, 5, 3), np.int32), "int32"),
        (np.zeros((4, 5, 3), bool), "bool"),
        (np.full((4, 5, 3), np.nan, np.float32), "not finite"),
        (np.full((4, 5), np.inf), "not finite"),
        (None, "not an image"),
    ],
)
def test_what_is_no_picture_is_told_in_one_sentence(image: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        as_rgb(image)
    assert "\n" not in str(caught.value)
