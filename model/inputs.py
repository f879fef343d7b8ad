"""What users give: frames, boxes and times, checked."""

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from model.errors import InputError
from model.geometry import Box, check_box, clip_box
from model.images import Frame, as_rgb

FrameSize = tuple[int, int]
"""Width and height, pixels."""


def size_of(frame: Frame) -> FrameSize:
    """Width and height of a frame."""
    return frame.shape[1], frame.shape[0]


def frame_of_size(rgb: NDArray[Any], expected: FrameSize | None) -> Frame:
    """A frame as `as_rgb` gives it.

    Raises:
        InputError: it cannot be used, or is not of the expected size (None for any).
    """
    frame = as_rgb(rgb)
    size = size_of(frame)
    if expected not in (None, size):
        raise InputError(
            "The frame is {}×{} pixels, those before it were {}×{}; "
            "start again for a video of another size.".format(*size, *(expected or ()))
        )
    return frame


def drawn_box(box: Sequence[float], frame: Frame) -> Box:
    """The part of a box in the frame: at least a pixel each way, so that no crop is empty.

    Raises:
        InputError: it is not finite, empty or outside the frame.
    """
    size = size_of(frame)
    return clip_box(check_box(box, *size), *size, margin=1.0)


def seconds(time: float) -> float:
    """A time.

    Raises:
        InputError: it is not finite.
    """
    if not math.isfinite(time):
        raise InputError(f"The time {time} of a frame is not finite; give seconds.")
    return float(time)
