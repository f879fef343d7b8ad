"""Parts of a picture made unrecognisable: targets, or all but them. Pure functions."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from app.core.player.document import TargetTrack
from app.core.studio.exporting.request import Manner
from model.geometry import Box
from model.images import Frame

_CELLS = 6
"""Cells along the longer side that are left of a hidden target."""
_GROUND_CELLS = 40
"""Cells along the shorter side that are left of hidden surroundings."""
_MARGIN = 0.1
"""How far what is hidden reaches beyond its box on each side, in sides of the box."""

Region = tuple[int, int, int, int]
"""`(x0, y0, x1, y1)`, whole pixels within the frame."""


def hide_boxes(rgb: Frame, boxes: Sequence[Box], manner: Manner) -> Frame:
    """A copy of `rgb` `(H, W, 3)` in which nothing within `boxes` can be recognised.

    A little more than each box is hidden, for a tracker's box cuts corners off its target.
    """
    image = rgb.copy()
    for box in boxes:
        region = region_of(box, rgb, _MARGIN)
        if region is None:
            continue
        x0, y0, x1, y1 = region
        # cells by the size of the box, also where the frame cuts it
        cell = max(1.0, max(box[2], box[3]) / _CELLS)
        image[y0:y1, x0:x1] = coarse(rgb[y0:y1, x0:x1], cell, manner)
    return image


def hide_surroundings(rgb: Frame, boxes: Sequence[Box], manner: Manner) -> Frame:
    """A copy of `rgb` `(H, W, 3)` in which only what is within `boxes` can be recognised."""
    height, width = rgb.shape[:2]
    image = coarse(rgb, max(1.0, min(height, width) / _GROUND_CELLS), manner)
    for box in boxes:
        region = region_of(box, rgb, 0.0)
        if region is not None:
            x0, y0, x1, y1 = region
            image[y0:y1, x0:x1] = rgb[y0:y1, x0:x1]
    return image


def coarse(rgb: Frame, cell: float, manner: Manner) -> Frame:
    """`rgb` with nothing finer than `cell` pixels left, as squares or smoothly.

    Both are made from the same few means, so neither can be undone.
    """
    height, width = rgb.shape[:2]
    size = (max(1, round(width / cell)), max(1, round(height / cell)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    back = cv2.INTER_NEAREST if manner is Manner.PIXELATE else cv2.INTER_CUBIC
    if manner is Manner.BLUR:
        small = cv2.GaussianBlur(small, (0, 0), 0.6)
    return np.asarray(cv2.resize(small, (width, height), interpolation=back), np.uint8)


def region_of(box: Box, rgb: Frame, margin: float) -> Region | None:
    """The pixels that `box`, wider by `margin` of its sides, touches; None where there are none."""
    if not all(map(math.isfinite, box)):
        return None
    height, width = rgb.shape[:2]
    x, y, w, h = box
    x0, x1 = (min(max(v, 0), width) for v in (x - margin * w, x + w + margin * w))
    y0, y1 = (min(max(v, 0), height) for v in (y - margin * h, y + h + margin * h))
    region = (math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))
    return region if region[0] < region[2] and region[1] < region[3] else None


def places(targets: Sequence[TargetTrack], frame: int, *, sure: bool) -> list[Box]:
    """Where the targets are in a frame.

    Args:
        targets: the targets.
        frame: number of the frame.
        sure: leave out what is lost or was not tracked there. Else a lost target counts at its
            last place, and between two tracked frames everything that spans both places.
    """
    found: list[Box] = []
    for target in targets:
        row = target.rows.at(frame)
        if row is not None:
            if not sure or row.state != "lost":
                found.append(row.box)
        elif not sure and (box := _between(target, frame)) is not None:
            found.append(box)
    return found


def _between(target: TargetTrack, frame: int) -> Box | None:
    """The box around both places of a target that was tracked before and after `frame`."""
    numbers = target.rows.columns().frame
    after = int(np.searchsorted(numbers, frame))
    if not 0 < after < len(numbers):
        return None
    boxes = target.rows.columns().boxes[after - 1 : after + 1]
    x0, y0 = boxes[:, :2].min(0)
    x1, y1 = (boxes[:, :2] + boxes[:, 2:]).max(0)
    return (float(x0), float(y0), float(x1 - x0), float(y1 - y0))
