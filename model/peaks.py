"""From the head's maps to one box: the choice of the peak, and what speaks against it. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.apart import SAME_PLACE, overlap
from model.geometry import Box, Crop, iou
from model.presets import TrackerConfig


@dataclass(frozen=True)
class Maps:
    """The head's answer for one search region of grid side `G`, on the CPU."""

    score: NDArray[np.float32]
    """`(G, G)` in 0..1: the target's centre lies in the cell."""
    quality: NDArray[np.float32]
    """`(G, G)` in 0..1: IoU that the cell's box would have."""
    boxes: NDArray[np.float32]
    """`(G, G, 4)`: xywh in pixels of the search crop."""

    @property
    def finite(self) -> bool:
        """Whether the network gave numbers."""
        maps = (self.score, self.quality, self.boxes)
        return all(bool(np.isfinite(m).all()) for m in maps)


@dataclass(frozen=True)
class Peak:
    """The chosen cell."""

    box: Box
    """In pixels of the full frame."""
    score: float
    """Predicted IoU, 0..1."""
    height: float
    """Height of the centre map at the cell, 0..1."""
    second: float
    """Height of the highest place away from the peak over that of the peak, at most 1."""
    crop_box: Box
    """In pixels of the search crop."""
    yields: bool = False
    """Whether a place that looks more like the target is another target's."""


@lru_cache(maxsize=8)
def hann(grid: int) -> NDArray[np.float32]:
    """Two-dimensional Hann window `(grid, grid)`, 1 at the centre: motion is mostly small."""
    line = np.hanning(grid + 2)[1:-1]
    window = np.outer(line, line)
    return (window / window.max()).astype(np.float32)


def pick(maps: Maps, crop: Crop, window: float, taken: Sequence[Box] = ()) -> Peak:
    """The cell with the highest score after the window penalty.

    Args:
        crop: the search region the maps belong to.
        window: weight of the Hann window, 0..1.
        taken: places of other targets, in pixels of the frame, none of which is chosen. What is
            chosen beside one has a score that is lower by as much as it is lower in the map.
    """
    grid = len(maps.score)
    ranked = maps.score * (1 - window + window * hann(grid))
    highest = float(ranked.max())
    if taken:
        ranked[_is_taken(maps, crop, taken)] = 0
    left = float(ranked.max()) / max(highest, 1e-6)
    i, j = np.unravel_index(int(ranked.argmax()), ranked.shape)
    box = _agree(maps, int(i), int(j))
    height = float(maps.score[i, j])
    stride = crop.size / grid
    first = float(ranked[i, j])
    ranked[_within(i, box[3] / stride / 2), _within(j, box[2] / stride / 2)] = 0
    return Peak(
        crop.box_to_frame(box),
        float(maps.quality[i, j]) * (left if taken else 1.0),
        height,
        min(1.0, float(ranked.max()) / max(first, 1e-6)),
        box,
        yields=bool(taken) and left < 1,
    )


def _is_taken(maps: Maps, crop: Crop, taken: Sequence[Box]) -> NDArray[np.bool_]:
    """`(G, G)`, True where a cell's box is at the place of another target."""
    places = np.array([(*crop.to_crop(np.array(t[:2])), *t[2:]) for t in taken])
    places[:, 2:] *= crop.scale
    return np.any(overlap(maps.boxes[:, :, None], places) > SAME_PLACE, axis=-1)


def _within(centre: np.intp, reach: float) -> slice:
    """Cells that lie within half a box of the peak, or within a cell and a half."""
    reach = max(1.5, reach)
    return slice(max(0, math.ceil(centre - reach)), math.floor(centre + reach) + 1)


def _agree(maps: Maps, i: int, j: int) -> Box:
    """What the cells around `(i, j)` agree on: each of them learned to give the whole box.

    Centres and logarithms of sizes are averaged, weighted by score times quality, over neighbours
    that score at least 0.4 of the peak. One cell alone errs more, and its errors add up.
    """
    around = (slice(max(0, i - 1), i + 2), slice(max(0, j - 1), j + 2))
    # nine cells: plain numbers are done before NumPy has begun
    scores = maps.score[around].ravel().tolist()
    qualities = maps.quality[around].ravel().tolist()
    boxes = maps.boxes[around].reshape(-1, 4).tolist()
    peak = float(maps.score[i, j])
    total = cx = cy = log_w = log_h = 0.0
    for score, quality, (x, y, w, h) in zip(scores, qualities, boxes, strict=True):
        if score < 0.4 * peak:
            continue
        # the peak's own weight never vanishes
        weight = score * quality + (1e-9 if score == peak else 0.0)
        total += weight
        cx += weight * (x + w / 2)
        cy += weight * (y + h / 2)
        log_w += weight * math.log(w)
        log_h += weight * math.log(h)
    w, h = math.exp(log_w / total), math.exp(log_h / total)
    return (cx / total - w / 2, cy / total - h / 2, w, h)


def calibrate(given: Box, seen: Box, share: float) -> tuple[float, float]:
    """How much wider and higher the user's box is than the network's on the same frame.

    What counts as the target is a matter of convention (arms, wheels, a shadow); the first box
    tells. Only part of the difference is that; the rest is chance of one frame.

    Args:
        given, seen: the user's box and the network's, in pixels of the frame.
        share: of the difference (as logarithm) that is taken, 0..1.

    Returns:
        Factors for widths and heights; ones where the two boxes do not show the same thing.
    """
    if float(iou(np.array(given), np.array(seen))) < 0.4:
        return (1.0, 1.0)
    wide, high = (min(max(given[i] / seen[i], 0.6), 1.6) ** share for i in (2, 3))
    return (wide, high)


def resize(peak: Peak, factors: tuple[float, float]) -> Peak:
    """The peak with its box scaled around the box's centre."""

    def scaled(box: Box) -> Box:
        x, y, w, h = box
        wide, high = w * factors[0], h * factors[1]
        return (x + (w - wide) / 2, y + (h - high) / 2, wide, high)

    return replace(peak, box=scaled(peak.box), crop_box=scaled(peak.crop_box))


def limit_change(old: Box, new: Box, score: float, config: TrackerConfig) -> Box:
    """`new`, its size held near `old`'s: smoothed by the score, and limited in one step.

    A lost box that grows in every step is how trackers fill memory; here a size (square root of
    area) changes by `scale_step` at most, an aspect by `aspect_step`.
    """
    keep = config.smooth * (1 - min(max(score, 0.0), 1.0)) * 2
    keep = min(keep, 0.9)
    size = math.sqrt(new[2] * new[3]) / math.sqrt(old[2] * old[3])
    aspect = (new[2] / new[3]) / (old[2] / old[3])
    size = min(max(size, 1 / config.scale_step), config.scale_step) ** (1 - keep)
    aspect = min(max(aspect, 1 / config.aspect_step), config.aspect_step) ** (1 - keep)
    w, h = old[2] * size * math.sqrt(aspect), old[3] * size / math.sqrt(aspect)
    cx, cy = new[0] + new[2] / 2, new[1] + new[3] / 2
    return (cx - w / 2, cy - h / 2, w, h)


_SCALES = (1.0, 1.5, 1.0, 0.7)
"""Sizes of a lost target over its last, in the order in which it is looked for: most come back as
large as they left."""


def whole_frame(box: Box, width: int, height: int, factor: float, size: int) -> list[Crop]:
    """Search regions that cover the whole frame, scale after scale, each nearest to `box` first.

    Args:
        box: the last sure box, whose size the scales are relative to.
        factor: side of a search region over the size of the target.
        size: pixels of a search region.
    """
    target = math.sqrt(box[2] * box[3])
    cx, cy = box[0] + box[2] / 2, box[1] + box[3] / 2

    def cover(scale: float) -> list[Crop]:
        # neighbouring regions overlap, so that a target on a seam is whole in one of them
        side = max(target * scale * factor, max(width, height) / 8)
        step = side * 0.6
        nx, ny = max(1, math.ceil(width / step)), max(1, math.ceil(height / step))
        places = [
            ((i + 0.5) * width / nx, (j + 0.5) * height / ny) for i in range(nx) for j in range(ny)
        ]
        crops = [Crop(x, y, side, size) for x, y in places]
        return sorted(crops, key=lambda crop: math.hypot(crop.cx - cx, crop.cy - cy))

    return [crop for scale in _SCALES for crop in cover(scale)]
