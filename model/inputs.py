"""What users give: frames, boxes and times, checked."""

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from model.errors import InputError
from model.geometry import Box, check_box
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
    if expected is not None and expected != size:
        raise InputError(
            "The frame is {width}×{height} pixels, those before it were {before_width}×"
            "{before_height}; start again for a video of another size.",
            width=size[0],
            height=size[1],
            before_width=expected[0],
            before_height=expected[1],
        )
    return frame


def drawn_box(box: Sequence[float], frame: Frame) -> Box:
    """A box with at least a pixel each way, so that no crop is empty.

    What reaches beyond the frame is kept: it says how large a target is of which the frame shows a
    part.

    Raises:
        InputError: it is not finite, empty or outside the frame.
    """
    x, y, w, h = check_box(box, *size_of(frame))
    return (x, y, max(w, 1.0), max(h, 1.0))


def seconds(time: float) -> float:
    """A time.

    Raises:
        InputError: it is not finite.
    """
    if not math.isfinite(time):
        raise InputError("The time {time} of a frame is not finite; give seconds.", time=time)
    return float(time)
