"""Scores and states of a target, frame by frame, brought down to columns of pixels. Pure; no Qt.

Columns are counted from frame 0: frame `f` covers the pixels from `f * scale` to `(f + 1) * scale`,
and column `k` those from `k` to `k + 1`. No row is lost however many fall into one column: its
lowest and highest score and its worst state are kept.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.core.player.document import STATES, TrackColumns

NONE = -1
TRACKING, RECOVERED, UNCERTAIN, LOST = range(4)
"""Ranks of states: of several in one column the highest shows."""
RANKS = {"tracking": TRACKING, "recovered": RECOVERED, "uncertain": UNCERTAIN, "lost": LOST}
_RANKS = np.array([RANKS[state] for state in STATES], np.int8)
"""Ranks of codes of states."""

_Floats = NDArray[np.floating]
_Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Decimated:
    """A track in C columns."""

    low: _Floats
    """`(C,)` lowest score in each; NaN where there is none."""
    high: _Floats
    """`(C,)` highest."""
    ranks: NDArray[np.int8]
    """`(C,)` of the worst state; `NONE` where there is none."""


def decimate(
    track: TrackColumns, *, scale: float, left: int, columns: int, bridge: int = 1
) -> Decimated:
    """Bring a track down to `columns` columns from number `left` on.

    From one row to the next the score goes in a straight line, and the state of the first holds,
    where they are at most `bridge` frames apart; the first and the last row of a piece reach to the
    edges of their frames.

    Args:
        track: rows.
        scale: pixels per frame.
        left: number of the first column.
        columns: how many.
        bridge: frames.
    """
    begin, end = _near(track.frame, scale, left, columns, bridge)
    if begin >= end:
        nothing = np.full(columns, np.nan)
        return Decimated(nothing, nothing, np.full(columns, NONE, np.int8))
    frames, scores = track.frame[begin:end], track.score[begin:end].astype(np.float64)
    ranks = _RANKS[track.state[begin:end]]
    # all places are counted from frame 0: rounded the same whatever columns are asked for
    places = (frames + 0.5) * scale
    edges = left + np.arange(columns + 1, dtype=np.float64)
    is_whole = bool(frames[-1] - frames[0] == len(frames) - 1)
    low, high = _lines(edges, places, scores, frames, scale, bridge, is_whole)
    shown = _covering(frames, ranks, scale, left, bridge, columns, is_whole)
    # rows whose middles lie in the columns
    first, stop = places.searchsorted((left, left + columns)).tolist()
    if first < stop:
        which, starts = _groups(np.floor(places[first:stop]).astype(np.int64) - left)
        scores, ranks = scores[first:stop], ranks[first:stop]
        low[which] = np.fmin(low[which], np.minimum.reduceat(scores, starts))
        high[which] = np.fmax(high[which], np.maximum.reduceat(scores, starts))
        shown[which] = np.maximum(shown[which], np.maximum.reduceat(ranks, starts))
    return Decimated(low, high, shown)


def _near(frames: _Ints, scale: float, left: int, columns: int, bridge: int) -> tuple[int, int]:
    """The rows that columns depend on, with those next to them on both sides."""
    # whole numbers, or all frames would be made fractions first
    begin = frames.searchsorted(math.floor(left / scale - bridge - 1)) - 1
    end = frames.searchsorted(math.ceil((left + columns) / scale + bridge + 1)) + 1
    return max(int(begin), 0), min(int(end), len(frames))


def _lines(
    edges: _Floats,
    places: _Floats,
    scores: _Floats,
    frames: _Ints,
    scale: float,
    bridge: int,
    is_whole: bool,
) -> tuple[_Floats, _Floats]:
    """The lower and the higher of what the curve is at the two edges of each column."""
    if is_whole:
        begin, end = frames[0] * scale, (frames[-1] + 1) * scale
        xs = np.concatenate(([begin], places, [end]))
        ys = np.concatenate((scores[:1], scores, scores[-1:]))
        heights = np.interp(edges, xs, ys, np.nan, np.nan)
        # a curve that ends on an edge is seen on one side of it
        at_left = np.where(edges[:-1] < end, heights[:-1], np.nan)
        at_right = np.where(edges[1:] > begin, heights[1:], np.nan)
    else:
        line = _pieces(places, scores, frames, scale, bridge)
        at_left = _on_pieces(edges[:-1], *line, "right")
        at_right = _on_pieces(edges[1:], *line, "left")
    return np.fmin(at_left, at_right), np.fmax(at_left, at_right)


def _pieces(
    places: _Floats, values: _Floats, frames: _Ints, scale: float, bridge: int
) -> tuple[_Floats, _Floats, NDArray[np.bool_]]:
    """Corners of the curve, and for each whether a line leads from it to the next."""
    breaks = np.flatnonzero(np.diff(frames) > bridge) + 1
    firsts, lasts = np.append(0, breaks), np.append(breaks, len(frames)) - 1
    at = np.concatenate((lasts + 1, firsts))
    ends = np.concatenate(((frames[lasts] + 1) * scale, frames[firsts] * scale))
    xs = np.insert(places, at, ends)
    ys = np.insert(values, at, np.concatenate((values[lasts], values[firsts])))
    leads = np.insert(np.ones(len(places), bool), at, np.arange(len(at)) >= len(lasts))
    return xs, ys, leads


def _on_pieces(
    edges: _Floats,
    xs: _Floats,
    ys: _Floats,
    leads: NDArray[np.bool_],
    side: Literal["left", "right"],
) -> _Floats:
    """Height of the line that comes to each edge from the left, or leaves it to the right; NaN
    where there is none."""
    corner = np.searchsorted(xs, edges, side=side) - 1
    on_line = (corner >= 0) & (corner < len(xs) - 1)
    on_line &= leads[corner]
    corner = np.where(on_line, corner, 0)
    share = (edges - xs[corner]) / (xs[corner + 1] - xs[corner])
    return np.where(on_line, ys[corner] + share * (ys[corner + 1] - ys[corner]), np.nan)


def _covering(
    frames: _Ints,
    ranks: NDArray[np.int8],
    scale: float,
    left: int,
    bridge: int,
    columns: int,
    is_whole: bool,
) -> NDArray[np.int8]:
    """Rank of the row that holds at the middle of each column; `NONE` where there is none."""
    place = np.arange(left + 0.5, left + columns) / scale
    if is_whole:
        row = np.floor(place).astype(np.int64) - int(frames[0])
        covered = (row >= 0) & (row < len(frames))
    else:
        row = np.searchsorted(frames, place, side="right") - 1
        ends = frames + 1
        near = np.diff(frames) <= bridge
        ends[:-1][near] = frames[1:][near]
        covered = (row >= 0) & (place < ends[row])
    return np.where(covered, ranks[np.where(covered, row, 0)], np.int8(NONE))


def _groups(rising: _Ints) -> tuple[_Ints, _Ints]:
    """The different numbers of a rising array, and where each begins."""
    is_start = np.empty(len(rising), bool)
    is_start[0] = True
    np.not_equal(rising[1:], rising[:-1], out=is_start[1:])
    starts = is_start.nonzero()[0]
    return rising[starts], starts
