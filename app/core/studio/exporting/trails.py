"""Trails: where targets went within the last frames, drawn on a picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from app.core.overlay import PALETTE, contrasting, line_width
from app.core.player.document import STATES, TargetTrack
from model.images import Frame

_SHIFT = 4
"""Fractional bits of coordinates handed to OpenCV."""
_LOST = STATES.index("lost")


def draw_trails(rgb: Frame, targets: Sequence[TargetTrack], frame: int, length: int) -> Frame:
    """A copy of `rgb` `(H, W, 3)` with the way of each target over its last `length` frames.

    The line runs through the centres of the boxes and grows thinner towards the past; where a
    target was lost it has a gap.
    """
    image = rgb.copy()
    height, width = rgb.shape[:2]
    thick = line_width(width, height)
    for target in targets:
        columns = target.rows.columns()
        begin, end = np.searchsorted(columns.frame, (frame - length, frame + 1))
        boxes, numbers = columns.boxes[begin:end], columns.frame[begin:end]
        centres = boxes[:, :2] + boxes[:, 2:] / 2
        usable = np.isfinite(boxes).all(1) & (columns.state[begin:end] != _LOST)
        colour = PALETTE[target.colour % len(PALETTE)]
        for rim in (True, False):
            for k in range(1, len(centres)):
                if usable[k - 1] and usable[k]:
                    age = (frame - int(numbers[k])) / max(1, length)
                    stroke = max(1, round(thick * 1.5 * (1 - age)))
                    cv2.line(
                        image, _point(centres[k - 1]), _point(centres[k]),
                        contrasting(colour) if rim else colour, stroke + 2 * rim, cv2.LINE_AA,
                        _SHIFT,
                    )  # fmt: skip
    return image


def _point(centre: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[int, int]:
    # half a pixel: OpenCV places the centre of pixel i at i, boxes place it at i + 0.5
    bounded = np.clip(centre - 0.5, -(1 << 20), 1 << 20)
    return (round(float(bounded[0]) * 2**_SHIFT), round(float(bounded[1]) * 2**_SHIFT))
