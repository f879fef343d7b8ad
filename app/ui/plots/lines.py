"""Curves made fit for the screen: fewer points, and the pieces between gaps. Pure; no Qt."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Polyline:
    """Points in order of x."""

    x: Values
    """`(N,)`."""
    y: Values
    """`(N,)`; NaN where there is none."""
    begins: NDArray[np.bool_]
    """`(N,)` whether no line leads to this point from the one before."""


def step_of(rows: int, pixels: float) -> int:
    """How many rows become one pair of points so that each pair has a pixel or more to itself: a
    power of two, so that the pairs stay the same ones while a curve grows."""
    if rows <= max(pixels, 1):
        return 1
    return 1 << math.ceil(math.log2(rows / max(pixels, 1)))


def thinned(
    x: Values, y: Values, begins: NDArray[np.bool_], start: int, stop: int, step: int
) -> Polyline:
    """The rows `start` to before `stop`, and up to `step` more at both ends, of N.

    Of every `step` rows, counted from the first of all, the least and the greatest value stay, in
    an order that follows the curve.

    Args:
        x: `(N,)`, growing.
        y: `(N,)`; NaN where there is no value.
        begins: `(N,)` whether no line leads to a row from the one before.
        start: first row that is asked for.
        stop: row after the last one.
        step: 1 keeps every row.
    """
    if step == 1:
        rows = slice(max(start - 1, 0), stop + 1)
        return Polyline(x[rows], y[rows], begins[rows])
    first, end = max(start // step - 1, 0) * step, min((-(-stop // step) + 1) * step, len(x))
    if first >= end:
        return Polyline(x[:0], y[:0], begins[:0])
    values, heads = y[first:end], np.arange(0, end - first, step)
    low, high = np.fmin.reduceat(values, heads), np.fmax.reduceat(values, heads)
    lasts = np.minimum(heads + (step - 1), end - first - 1)
    falls = values[heads] > values[lasts]
    pairs = Polyline(
        np.empty(2 * len(heads)), np.empty(2 * len(heads)), np.zeros(2 * len(heads), np.bool_)
    )
    pairs.x[::2], pairs.x[1::2] = x[first + heads], x[first + (heads + lasts) // 2]
    pairs.y[::2], pairs.y[1::2] = np.where(falls, high, low), np.where(falls, low, high)
    pairs.begins[::2] = np.logical_or.reduceat(begins[first:end], heads)
    return pairs


def pieces(line: Polyline) -> Iterator[tuple[int, int]]:
    """Where the line is not interrupted: first point, and the one after the last."""
    has = ~np.isnan(line.y)
    if has.all() and not line.begins[1:].any():
        yield from [(0, len(has))] if len(has) else []
        return
    begins = has & line.begins
    begins[1:] |= has[1:] & ~has[:-1]
    begins[:1] = has[:1]
    ends = has.copy()
    ends[:-1] &= ~has[1:] | begins[1:]
    yield from zip(
        np.flatnonzero(begins).tolist(), (np.flatnonzero(ends) + 1).tolist(), strict=True
    )


def spans(
    x: Values, inside: NDArray[np.bool_], start: int, stop: int, step: int
) -> list[tuple[float, float]]:
    """Where `inside` `(N,)` holds among the rows `start` to before `stop`, as ranges of x: each
    from its first row to the row after its last one.

    Of every `step` rows, counted from the first of all, one that holds stands for all.
    """
    first, end = start // step * step, min(-(-stop // step) * step, len(x))
    if not inside[first:end].any():
        return []
    heads = np.arange(first, end, step)
    holds = np.logical_or.reduceat(inside[first:end], heads - first)
    edges = np.diff(np.concatenate(([False], holds, [False])).astype(np.int8))
    begins, ends = np.flatnonzero(edges > 0), np.flatnonzero(edges < 0)
    after = np.minimum(first + ends * step, len(x) - 1)
    return list(zip(x[heads[begins]].tolist(), x[after].tolist(), strict=True))


def extremes(y: Values) -> tuple[float, float] | None:
    """The least and the greatest value; None where there is none."""
    if not len(y):
        return None
    low, high = float(np.fmin.reduce(y)), float(np.fmax.reduce(y))
    return None if math.isnan(low) else (low, high)
