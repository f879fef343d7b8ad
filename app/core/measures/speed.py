"""Speed from places that jitter.

The velocity at a row is the median, for x and y each, of three central differences over the true
time stamps: over one, two and three steps to both sides. A box that jumps for a single frame enters
at most one of the three, so it changes nothing nearby; jitter of the box counts about a third of
what it does in differences over one step alone; a target that moves steadily gets exactly its
speed, however unevenly its frames are spaced. A step is the whole number of rows nearest to 1/30 s,
at least one, so that a fast camera does not measure its noise. No difference reaches over rows
where the target is lost or over missing frames: at both ends of a run it is cut to what there is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.player.rows import TrackColumns

_STEP_S = 1 / 30
_REACHES = (1, 2, 3)
"""Half widths of the differences, steps."""
_BRIDGED_S = 0.1
"""Frames missing for no longer than this are no gap: a live source that dropped a few."""
SAMPLE = 240
"""Intervals at the beginning that tell how rows follow each other: later rows change nothing."""


@dataclass(frozen=True)
class Pace:
    """How the rows of a target follow each other, as a rule."""

    frames: float
    """From one row to the next; above 1 for a live source that drops frames to keep up."""
    step: int
    """Rows in a step."""

    @property
    def reach(self) -> int:
        """Rows to each side that the speed of a row depends on."""
        return max(_REACHES) * self.step


def pace_of(frame: NDArray[np.int64], time_s: NDArray[np.float64]) -> Pace:
    """The pace of rows `(N,)`, from the first of them."""
    frames, seconds = np.diff(frame[: SAMPLE + 1]), np.diff(time_s[: SAMPLE + 1])
    if not len(frames):
        return Pace(1.0, 1)
    usual_s = float(np.median(seconds))
    step = round(_STEP_S / usual_s) if usual_s > 0 else 1
    return Pace(float(np.median(frames)), max(step, 1))


def is_apart(
    frame: NDArray[np.int64], time_s: NDArray[np.float64], pace: Pace
) -> NDArray[np.bool_]:
    """Whether frames are missing before each row `(N,)`: over 0.1 s of them, and over twice as
    many as the pace leaves out anyway. False for the first row."""
    apart = np.zeros(len(frame), np.bool_)
    too_many = np.diff(frame) > 2 * pace.frames
    apart[1:] = too_many & (np.diff(time_s) > _BRIDGED_S)
    return apart


def speeds(
    columns: TrackColumns, is_lost: NDArray[np.bool_], pace: Pace, start: int, stop: int
) -> NDArray[np.float64]:
    """The speeds of rows `start` to before `stop`: `(stop - start,)` pixels per second.

    Args:
        columns: N rows.
        is_lost: `(N,)`.
        pace: of the rows.
        start: first row that is asked for.
        stop: row after the last one.
    """
    first, end = max(start - pace.reach, 0), min(stop + pace.reach, len(columns.frame))
    near = slice(first, end)
    boxes, time_s, lost = columns.boxes[near], columns.time_s[near], is_lost[near]
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    begins = is_apart(columns.frame[near], time_s, pace) | lost
    begins[1:] |= lost[:-1]
    low, high = _runs(begins)
    at = np.arange(start - first, stop - first)
    low, high = low[at], high[at]
    slopes = [
        _slopes(centres, time_s, np.maximum(at - n, low), np.minimum(at + n, high))
        for n in (reach * pace.step for reach in _REACHES)
    ]
    vx, vy = _middle(*slopes).T
    found = np.hypot(vx, vy)
    found[lost[at]] = np.nan
    return found


def _runs(begins: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last row of the run each row `(N,)` is in."""
    place = np.arange(len(begins))
    low = np.maximum.accumulate(np.where(begins, place, 0))
    ends = np.ones(len(begins), np.bool_)
    ends[:-1] = begins[1:]
    last = np.where(ends, place, len(begins) - 1)
    return low, np.minimum.accumulate(last[::-1])[::-1]


def _slopes(
    centres: NDArray[np.float64], time_s: NDArray[np.float64],
    low: NDArray[np.int64], high: NDArray[np.int64],
) -> NDArray[np.float64]:  # fmt: skip
    """Change per second from rows `low` to `high`: `(N, 2)`; NaN where no time passes."""
    seconds = time_s[high] - time_s[low]
    seconds = np.where(seconds > 0, seconds, np.nan)
    return (centres[high] - centres[low]) / seconds[:, None]


def _middle(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The median of three, element by element."""
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
