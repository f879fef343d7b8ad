"""Two trackers on one sequence, side by side, as pictures for a video."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.evaluation.metrics import Values, overlaps, present, success_per_frame
from model.evaluation.runner import Run
from model.evaluation.sequences import Sequence as Pictures
from model.geometry import Box
from model.images import Frame, as_rgb

RATE = 25.0
"""Frames per second of the video; benchmarks carry no times of their own."""

Colour = tuple[int, int, int]

_COLOURS: tuple[Colour, Colour] = ((86, 180, 233), (230, 159, 0))
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (150, 150, 150)
_DARK: Colour = (24, 24, 24)
_ABSENT: Colour = (90, 40, 40)

_WIDTHS = (480, 640)
"""Narrowest and widest picture of one tracker, pixels."""
_TALLEST = 720
_TITLE = 34
_STRIP = 110
_LEGEND = 200
_GAP = 4
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SHIFT = 4
"""Fractional bits of coordinates handed to OpenCV."""


@dataclass(frozen=True)
class _Side:
    """One tracker's half."""

    run: Run
    colour: Colour
    ious: Values
    auc: Values
    """Success AUC over the frames up to each."""


def side_by_side(pictures: Pictures, left: Run, right: Run) -> Iterator[Frame]:
    """Frames of a video `(H, W, 3)` uint8 RGB, H and W even, one per frame of the runs.

    Each half shows a tracker's box, the ground truth as a thin white one, and the overlap of the
    two; the strip below draws the overlap of both over time, dark red where the target is absent,
    and says the success AUC up to that frame.

    Raises:
        ValueError: the runs are not of this sequence or start in different frames.
        InputError: a picture that cannot be read.
    """
    if {left.sequence, right.sequence} != {pictures.name} or left.start != right.start:
        raise ValueError("Only runs of one sequence from one start can be set side by side.")
    sides = [_side(r, c) for r, c in zip((left, right), _COLOURS, strict=True)]
    for i in range(len(left.truth)):
        rgb = as_rgb(pictures.read(left.start + i), bgr=True)
        halves = [_half(rgb, side, i) for side in sides]
        gap = np.full((halves[0].shape[0], _GAP, 3), _DARK, np.uint8)
        top = np.hstack([halves[0], gap, halves[1]])
        yield np.vstack([top, _strip(sides, i, top.shape[1])]).astype(np.uint8, copy=False)


def _side(run: Run, colour: Colour) -> _Side:
    each = success_per_frame(run.boxes, run.truth)
    counted = np.maximum(np.cumsum(np.isfinite(each)), 1)
    return _Side(run, colour, overlaps(run.boxes, run.truth), np.nancumsum(each) / counted)


def _half(rgb: Frame, side: _Side, i: int) -> Frame:
    height, width = rgb.shape[:2]
    scale = min(max(width, _WIDTHS[0]), _WIDTHS[1]) / width
    scale = min(scale, _TALLEST / height)
    # even sizes: the video's colours come one per two by two pixels
    size = (2 * max(1, round(width * scale / 2)), 2 * max(1, round(height * scale / 2)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = cv2.resize(rgb, size, interpolation=way).astype(np.uint8, copy=False)
    truth = _scaled(side.run.truth[i], size[0] / width, size[1] / height)
    box = _scaled(side.run.boxes[i], size[0] / width, size[1] / height)
    if box is not None:
        _rectangle(image, box, _DARK, 5)
        _rectangle(image, box, side.colour, 3)
    if truth is not None:
        # without a rim, which would hide a tracker's box that fits
        _rectangle(image, truth, _WHITE, 1)
    return np.vstack([_title(side, i, size[0]), image]).astype(np.uint8, copy=False)


def _title(side: _Side, i: int, width: int) -> Frame:
    image = np.full((_TITLE, width, 3), _DARK, np.uint8)
    there = np.isfinite(side.run.truth[i]).all()
    words = [f"IoU {side.ious[i]:.2f}" if there else "absent"]
    if math.isfinite(side.run.scores[i]):
        words.append(f"score {side.run.scores[i]:.2f}")
    if side.run.states[i]:
        words.append(side.run.states[i])
    facts = "   ".join(words)
    facts_width = _text_width(facts, 0.5)
    _text(image, facts, (width - facts_width - 8, 23), _WHITE, 0.5)
    # the name of a file may hold what is no text, over which OpenCV ends the process
    plain = side.run.tracker.encode("utf-8", "replace").decode()
    name = _shortened(plain, 0.65, width - facts_width - 30)
    _text(image, name, (8, 24), side.colour, 0.65)
    return image


def _strip(sides: Sequence[_Side], i: int, width: int) -> Frame:
    """Overlap over time up to frame `i`, and the success AUC up to there."""
    image = np.full((_STRIP, width, 3), _DARK, np.uint8)
    frames = len(sides[0].ious)
    left, right, top, bottom = _LEGEND, width - 12, 10, _STRIP - 14
    xs = np.linspace(left, right, frames) if frames > 1 else np.array([float(left)])
    step = (right - left) / max(1, frames - 1)
    for gone in np.flatnonzero(~present(sides[0].run.truth)):
        start, end = (round(float(xs[gone] + d * step / 2)) for d in (-1, 1))
        cv2.rectangle(image, (max(left, start), top), (min(right, end), bottom), _ABSENT, -1)
    for level in (0.0, 0.5, 1.0):
        y = round(bottom - level * (bottom - top))
        cv2.line(image, (left, y), (right, y), (70, 70, 70), 1)
        _text(image, f"{level:.1f}", (left - 28, y + 4), _GREY, 0.35)
    for row, side in enumerate(sides):
        points = np.stack([xs[: i + 1], bottom - side.ious[: i + 1] * (bottom - top)], axis=1)
        pieces = _unbroken(points, present(side.run.truth[: i + 1]))
        cv2.polylines(image, pieces, False, side.colour, 2, cv2.LINE_AA, _SHIFT)
        _text(image, f"AUC {side.auc[i]:.3f}", (10, 34 + 26 * row), side.colour, 0.65)
    now = round(float(xs[i]))
    cv2.line(image, (now, top), (now, bottom), _WHITE, 1)
    _text(image, f"{sides[0].run.start + i + 1} / {sides[0].run.start + frames}",
          (10, bottom), _GREY, 0.4)  # fmt: skip
    return image


def _unbroken(points: Values, there: NDArray[np.bool_]) -> list[NDArray[np.int32]]:
    """Lines through those `points` `(N, 2)` that are `there` `(N,)`, in OpenCV's fractions."""
    fixed = np.round(points * 2**_SHIFT).astype(np.int32)
    ends = np.flatnonzero(np.diff(there)) + 1
    parts = zip(np.split(fixed, ends), np.split(there, ends), strict=True)
    return [part for part, shown in parts if shown.all()]


def _scaled(box: Values, sx: float, sy: float) -> Box | None:
    if not np.isfinite(box).all():
        return None
    x, y, w, h = (float(v) for v in box)
    return (x * sx, y * sy, w * sx, h * sy)


def _rectangle(image: Frame, box: Box, colour: Colour, thick: int) -> None:
    height, width = image.shape[:2]
    x, y, w, h = box
    # half a pixel: OpenCV places the centre of pixel i at i, boxes place it at i + 0.5; cut to
    # just outside, for a box far away would overflow OpenCV's coordinates
    x0, x1 = (round(min(max(v - 0.5, -9), width + 9)) for v in (x, x + w))
    y0, y1 = (round(min(max(v - 0.5, -9), height + 9)) for v in (y, y + h))
    cv2.rectangle(image, (x0, y0), (x1, y1), colour, thick)


def _text(image: Frame, text: str, at: tuple[int, int], colour: Colour, size: float) -> None:
    cv2.putText(image, text, at, _FONT, size, colour, 1, cv2.LINE_AA)


def _text_width(text: str, size: float) -> int:
    return int(cv2.getTextSize(text, _FONT, size, 1)[0][0])


def _shortened(text: str, size: float, room: int) -> str:
    """`text`, its end cut off where it is wider than `room` pixels."""
    while len(text) > 1 and _text_width(text, size) > room:
        text = text[:-1]
    return text
