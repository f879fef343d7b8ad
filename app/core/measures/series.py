"""The quantities of a track, one value for each of its rows."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from app.core.measures.speed import Pace, is_apart, pace_of, speeds
from app.core.player.document import Scale
from app.core.player.rows import STATES, TrackColumns

Values = NDArray[np.float64]

PIXELS = "px"
"""The unit of lengths where there is no scale."""
_LOST = STATES.index("lost")


class Quantity(StrEnum):
    """What is measured; each is the name of a field of `Series`."""

    X = "x"
    Y = "y"
    WIDTH = "width"
    HEIGHT = "height"
    SIZE = "size"
    SPEED = "speed"
    SCORE = "score"

    def unit(self, length: str) -> str:
        """The unit of this quantity where lengths are in `length`; empty for a plain number."""
        if self is Quantity.SCORE:
            return ""
        return f"{length}/s" if self is Quantity.SPEED else length


@dataclass(frozen=True)
class Series:
    """The measures of one target over N rows, in order of frame.

    NaN stands where the target is lost, but for the score; the speed is also NaN where a row stands
    alone between gaps.
    """

    frame: NDArray[np.int64]
    """`(N,)`."""
    time_s: Values
    """`(N,)` seconds."""
    x: Values
    """`(N,)` centre of the box from the left edge of the frame, to the right."""
    y: Values
    """`(N,)` centre of the box from the upper edge of the frame, downwards."""
    width: Values
    height: Values
    size: Values
    """`(N,)` square root of the area of the box."""
    speed: Values
    """`(N,)` of the centre, per second, 0 or more; see `app.core.measures.speed`."""
    score: Values
    """`(N,)` 0..1."""
    is_lost: NDArray[np.bool_]
    """`(N,)`."""
    is_apart: NDArray[np.bool_]
    """`(N,)` whether frames are missing between the row before and this one."""
    unit: str = PIXELS
    """Of lengths."""

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, quantity: Quantity) -> Values:
        values: Values = getattr(self, quantity.value)
        return values

    def scaled(self, scale: Scale | None) -> "Series":
        """Of a series in pixels, the same in the unit of `scale`; itself where there is none."""
        if scale is None or not scale.per_pixel:
            return self
        lengths = [q for q in Quantity if q is not Quantity.SCORE]
        values = {quantity.value: self[quantity] * scale.per_pixel for quantity in lengths}
        return replace(self, unit=scale.unit, **values)  # type: ignore[arg-type]


def factor_of(quantity: Quantity, scale: Scale | None) -> float:
    """What a value in pixels is multiplied with to be in the unit of `scale`."""
    if scale is None or not scale.per_pixel or quantity is Quantity.SCORE:
        return 1.0
    return scale.per_pixel


def unit_of(scale: Scale | None) -> str:
    """The unit of lengths under `scale`."""
    return PIXELS if scale is None or not scale.per_pixel else scale.unit


def measure(columns: TrackColumns, scale: Scale | None = None) -> Series:
    """Measure all rows of a target.

    Args:
        columns: N rows.
        scale: what a pixel is; without it lengths are in pixels.
    """
    series = empty_series(len(columns.frame))
    fill(series, columns, pace_of(columns.frame, columns.time_s), 0, len(series))
    return series.scaled(scale)


def empty_series(size: int) -> Series:
    """Room for `size` rows."""
    time_s, x, y, width, height, area_side, speed, score = (np.empty(size) for _ in range(8))
    return Series(
        np.empty(size, np.int64), time_s, x, y, width, height, area_side, speed, score,
        np.empty(size, np.bool_), np.empty(size, np.bool_),
    )  # fmt: skip


def fill(series: Series, columns: TrackColumns, pace: Pace, start: int, stop: int) -> None:
    """Measure the rows `start` to before `stop` of `columns` into `series`, in pixels."""
    rows = slice(start, stop)
    lost = columns.state[rows] == _LOST
    series.frame[rows], series.time_s[rows] = columns.frame[rows], columns.time_s[rows]
    series.is_lost[rows], series.score[rows] = lost, columns.score[rows]
    x, y, width, height = columns.boxes[rows].T
    series.x[rows], series.y[rows] = x + width / 2, y + height / 2
    series.width[rows], series.height[rows] = width, height
    series.size[rows] = np.sqrt(np.maximum(width, 0) * np.maximum(height, 0))
    before = max(start - 1, 0)
    apart = is_apart(columns.frame[before:stop], columns.time_s[before:stop], pace)
    series.is_apart[rows] = apart[start - before :]
    series.speed[rows] = speeds(columns, columns.state == _LOST, pace, start, stop)
    for quantity in (Quantity.X, Quantity.Y, Quantity.WIDTH, Quantity.HEIGHT, Quantity.SIZE):
        series[quantity][rows][lost] = np.nan
