"""Videos whose frames carry their number in their pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.stream import VideoStream

from model.images import Frame

WIDTH, HEIGHT = 128, 64
_BITS, _CELL = 10, 16
_MARKER = (0, 0)


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """A grey ramp that drifts, with `number` (0..1023) as a 5 × 2 grid of black and white cells."""
    ramp = (np.add.outer(np.arange(height), np.arange(width)) + 3 * number) % 128 + 64
    image = np.repeat(ramp[:, :, None], 3, 2).astype(np.uint8)
    for bit in range(_BITS):
        row, column = divmod(bit, 5)
        y, x = 16 + row * _CELL, 24 + column * _CELL
        image[y : y + _CELL, x : x + _CELL] = 255 if number >> bit & 1 else 0
    return image


def number_of(rgb: Frame) -> int:
    """The number a picture carries."""
    number = 0
    for bit in range(_BITS):
        row, column = divmod(bit, 5)
        y, x = 16 + row * _CELL, 24 + column * _CELL
        cell = rgb[y + 4 : y + _CELL - 4, x + 4 : x + _CELL - 4]
        number |= int(cell.mean() > 127) << bit
    return number


@dataclass(frozen=True)
class Recipe:
    """How to make one kind of video."""

    name: str
    codec: str = "libx264"
    options: dict[str, str] = field(default_factory=dict)
    container: dict[str, str] = field(default_factory=dict)
    pixels: str = "yuv420p"
    times: Sequence[float] | None = None
    """Seconds; None for 25 frames per second."""
    rotation: int = 0


def write(path: Path, recipe: Recipe, count: int) -> Path:
    """Write `count` numbered pictures as `recipe` says."""
    base = Fraction(1, 1000) if recipe.times is not None else Fraction(1, 25)
    settings: dict[str, Any] = {"options": recipe.container}
    with av.open(str(path), "w", **settings) as container:
        stream = cast(VideoStream, container.add_stream(recipe.codec, rate=25))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, recipe.pixels
        stream.codec_context.time_base = base
        stream.options = recipe.options
        if recipe.rotation:
            stream.set_display_rotation(recipe.rotation)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            time_s = recipe.times[number] if recipe.times is not None else number / 25
            frame.pts, frame.time_base = round(time_s / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
