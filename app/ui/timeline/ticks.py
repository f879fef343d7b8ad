"""Where a ruler has its marks, and what they say. Pure; no Qt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.ui.timeline.axis import Axis
from app.ui.transport.stamps import Stamps
from app.ui.transport.timecode import clock

_SECONDS = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
)  # fmt: skip
_TIME_ROOM = 84.0
"""Least distance between two labels of time, logical pixels."""
_FRAME_ROOM = 64.0
_MARK_ROOM = 7.0
"""Least distance between two marks."""


@dataclass(frozen=True)
class Tick:
    """A mark on the ruler."""

    x: float
    """Logical pixels from the left edge of the lanes."""
    text: str = ""
    """Empty: a small mark."""


def time_ticks(axis: Axis, stamps: Stamps) -> list[Tick]:
    """Marks at whole seconds, minutes and so on; where frames follow each other unevenly, so do
    they. None where nothing is known of times."""
    begin, end = (_time_at(axis, stamps, x) for x in (0.0, axis.width))
    if begin is None or end is None or end <= begin:
        return []
    per_second = axis.width / (end - begin)
    major = _step(_SECONDS, _TIME_ROOM / per_second)
    minor = _finer(_SECONDS, major, _MARK_ROOM / per_second)
    numbers = np.arange(math.ceil(max(begin, 0.0) / minor - 1e-9), end / minor + 1e-9)
    places = stamps.places_of(numbers * minor)
    if places is None:
        return []
    digits = max(0, math.ceil(-math.log10(major) - 1e-9))
    ratio = round(major / minor)
    taken = -math.inf
    ticks = []
    for number, place in zip(numbers.astype(int).tolist(), places.tolist(), strict=True):
        x = axis.edge_of(place + 0.5)
        # where frames are far apart in time, marks of time are close
        has_text = number % ratio == 0 and x - taken >= _TIME_ROOM * 0.75
        taken = x if has_text else taken
        ticks.append(Tick(x, clock(number * minor, digits) if has_text else ""))
    return ticks


def frame_ticks(axis: Axis) -> list[Tick]:
    """Numbers of frames, at their middles."""
    step = _step(tuple(_whole_steps()), max(1.0, _FRAME_ROOM / axis.scale))
    begin = max(math.ceil(axis.start / step), 0)
    last = min(axis.end, axis.last)
    return [
        Tick(axis.x_of(round(k * step)), str(round(k * step)))
        for k in range(begin, math.floor(last / step) + 1)
    ]


def _time_at(axis: Axis, stamps: Stamps, x: float) -> float | None:
    """Time at a place, between the stamps of the frames about it."""
    place = axis.start + x / axis.scale - 0.5
    before = math.floor(place)
    a, b = stamps.time_of(before), stamps.time_of(before + 1)
    if a is None or b is None:
        return a if b is None else b
    return a + (place - before) * (b - a)


def _whole_steps() -> Iterator[float]:
    for power in range(9):
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def _step(steps: tuple[float, ...], least: float) -> float:
    """The smallest step of at least `least`."""
    return next((step for step in steps if step >= least - 1e-12), steps[-1])


def _finer(steps: tuple[float, ...], major: float, least: float) -> float:
    """The smallest step of at least `least` that divides `major`."""
    for step in steps:
        ratio = major / step
        if step >= least and abs(ratio - round(ratio)) < 1e-6:
            return step
    return major
