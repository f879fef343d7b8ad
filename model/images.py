"""Frames as the model takes them: 8-bit RGB, `(height, width, 3)`."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError

Frame = NDArray[np.uint8]


def as_rgb(image: NDArray[np.generic], *, bgr: bool = False) -> Frame:
    """Return `image` as a contiguous `(H, W, 3)` uint8 RGB array.

    Args:
        image: `(H, W)` or `(H, W, 1)` grey, `(H, W, 3)` colour, `(H, W, 4)` colour and alpha
            (alpha is dropped); uint8 in 0..255, uint16 in 0..65535, or floating in 0..1.
        bgr: whether colour channels come in OpenCV's order.

    Raises:
        InputError: not an image of these shapes and types, empty, or with values that are not
            finite.
    """
    array = np.asarray(image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise InputError(
            "A frame of shape {shape} is not an image; "
            "give height × width, optionally × 1, 3 or 4 channels.",
            shape=array.shape,
        )
    if array.size == 0:
        raise InputError(
            "A frame of shape {shape} has no pixels; give a non-empty image.", shape=array.shape
        )
    array = _as_uint8(array)
    if array.ndim == 2:
        return np.ascontiguousarray(cv2.cvtColor(array, cv2.COLOR_GRAY2RGB))
    if array.shape[2] == 4:
        array = array[:, :, :3]
    if bgr:
        return np.ascontiguousarray(cv2.cvtColor(np.ascontiguousarray(array), cv2.COLOR_BGR2RGB))
    return np.ascontiguousarray(array)


def _as_uint8(array: NDArray[np.generic]) -> Frame:
    if array.dtype == np.uint8:
        return array.astype(np.uint8, copy=False)
    if array.dtype == np.uint16:
        return (array.astype(np.uint16) >> 8).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise InputError("A frame holds values that are not finite; give numbers in 0..1.")
        return (np.clip(array.astype(np.float32), 0, 1) * 255 + 0.5).astype(np.uint8)
    raise InputError(
        "A frame of type {dtype} cannot be read; give uint8, uint16 or floats in 0..1.",
        dtype=array.dtype,
    )
