"""Boxes, square crops, and where their tokens stand: the one place that maps between them.

A box is `(x, y, w, h)` in pixels of the full frame, floats, top-left corner, x right, y down.
Pixel `i` covers the interval `[i, i + 1)`, so a box over a whole frame is `(0, 0, width, height)`.
Positions of tokens are in *units of target size, relative to the crop's centre*: the coordinate
system that frames of different size share.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images import Frame
from model.sentences import Sentence

Box = tuple[float, float, float, float]

_FRAME = Sentence("the frame")
_LARGEST = 1e9
"""Pixels of a box's side: what is cut around a larger one has no size that can be counted with."""


@dataclass(frozen=True)
class CropShape:
    """The shape of a crop: its side in pixels and in units of target size.

    `size / (grid * factor)` pixels of the resampled crop are one token over one target size; two
    shapes share a *pitch* when one token covers the same piece of the target in both.
    """

    size: int
    """Side of the resampled crop, pixels."""
    factor: float
    """Side of the crop in the frame, over `sqrt(w * h)` of the target."""
    stride: int = 16
    """Pixels of the resampled crop per token."""

    @property
    def grid(self) -> int:
        """Tokens along one side."""
        return self.size // self.stride

    @property
    def pitch(self) -> float:
        """Distance between neighbouring tokens, in units of target size."""
        return self.factor / self.grid


@dataclass(frozen=True)
class Crop:
    """A square of the frame, `side` pixels wide around `(cx, cy)`, resampled to `size` pixels."""

    cx: float
    cy: float
    side: float
    size: int

    @classmethod
    def around(cls, box: Sequence[float], shape: CropShape, *, widen: float = 1.0) -> "Crop":
        """The crop of `shape` around `box`, its side multiplied by `widen`."""
        x, y, w, h = box
        side = shape.factor * widen * math.sqrt(w * h)
        return cls(x + w / 2, y + h / 2, side, shape.size)

    def snapped(self) -> "Crop":
        """The nearest crop with its edges between pixels of the frame, which is cut much faster."""
        side = max(1, round(self.side))
        left, top = round(self.cx - side / 2), round(self.cy - side / 2)
        return Crop(left + side / 2, top + side / 2, float(side), self.size)

    @property
    def scale(self) -> float:
        """Pixels of the crop per pixel of the frame."""
        return self.size / self.side

    def to_crop(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points `(..., 2)` from the frame to the crop, pixels in both."""
        origin = np.array([self.cx, self.cy]) - self.side / 2
        return (np.asarray(points, np.float64) - origin) * self.scale

    def to_frame(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map points `(..., 2)` from the crop to the frame, pixels in both."""
        origin = np.array([self.cx, self.cy]) - self.side / 2
        return np.asarray(points, np.float64) / self.scale + origin

    def box_to_crop(self, box: Sequence[float]) -> Box:
        """Map a box from the frame to the crop."""
        (x, y), s = self.to_crop(np.array(box[:2])), self.scale
        return (float(x), float(y), box[2] * s, box[3] * s)

    def lies_in(self, width: int, height: int) -> bool:
        """Whether no part of it is outside a frame of this size."""
        left, top = self.cx - self.side / 2, self.cy - self.side / 2
        return left >= 0 and top >= 0 and left + self.side <= width and top + self.side <= height

    def box_to_frame(self, box: Sequence[float]) -> Box:
        """Map a box from the crop to the frame."""
        (x, y), s = self.to_frame(np.array(box[:2])), self.scale
        return (float(x), float(y), box[2] / s, box[3] / s)


def mean_colour(frame: Frame) -> tuple[float, float, float]:
    """Mean colour of a frame, from every eighth row and column at most."""
    step = max(1, min(8, min(frame.shape[:2]) // 16))
    r, g, b, _ = cv2.mean(np.ascontiguousarray(frame[::step, ::step]))
    return (r, g, b)


def cut_all(frame: Frame, crops: Sequence[Crop]) -> list[Frame]:
    """As `cut`, of many crops; the mean colour is found once."""
    height, width = frame.shape[:2]
    needed = not all(crop.lies_in(width, height) for crop in crops)
    border = mean_colour(frame) if needed else None
    return [cut(frame, crop, border) for crop in crops]


def cut(frame: Frame, crop: Crop, border: tuple[float, float, float] | None = None) -> Frame:
    """Resample `crop` of `frame`; outside the frame it holds the frame's mean colour.

    Args:
        frame: `(H, W, 3)` uint8.
        border: the mean colour, where it is known.

    Returns:
        `(size, size, 3)` uint8. Shrinking by more than two is done by area first, so that fine
        texture does not alias.
    """
    height, width = frame.shape[:2]
    left, top = crop.cx - crop.side / 2, crop.cy - crop.side / 2
    inside = crop.lies_in(width, height)
    border = None if inside else border or mean_colour(frame)
    snapped = inside and left == int(left) and top == int(top) and crop.side == int(crop.side)
    scale = crop.scale
    if scale < 0.5:
        # only the part of the frame under the crop is shrunk, by whole halves: each is quick
        halves = math.floor(math.log2(1 / scale))
        x0, x1 = _span(left, crop.side, width, 2**halves)
        y0, y1 = _span(top, crop.side, height, 2**halves)
        if x1 > x0 and y1 > y0:
            frame = frame[y0:y1, x0:x1]
            for _ in range(halves):
                half = (frame.shape[1] // 2, frame.shape[0] // 2)
                frame = cv2.resize(frame, half, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
            shrink = float(2**halves)
            return _warp(frame, (left - x0) / shrink, (top - y0) / shrink, scale * shrink,
                         crop.size, border)  # fmt: skip
    if snapped:
        x0, y0, side = int(left), int(top), int(crop.side)
        return _resize(frame[y0 : y0 + side, x0 : x0 + side], crop.size)
    return _warp(frame, left, top, scale, crop.size, border)


def _resize(patch: Frame, size: int) -> Frame:
    return cv2.resize(patch, (size, size), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]


def _span(start: float, side: float, length: int, whole: int) -> tuple[int, int]:
    """Pixels of a row or column under a crop: as many as are in the frame, a multiple of `whole`.

    At the end of the frame less than `whole` of them are left out, a pixel of the crop at most.
    """
    first = max(0, math.floor(start))
    count = math.ceil((start + side - first) / whole)
    return first, first + max(0, min(count, (length - first) // whole)) * whole


def _warp(
    frame: Frame, left: float, top: float, scale: float, size: int,
    border: tuple[float, float, float] | None,
) -> Frame:  # fmt: skip
    """Resample; beyond the frame is the colour of `border`, or what lies at the frame's edge."""
    # +-0.5: OpenCV places pixel i's centre at i, we place it at i + 0.5
    offset = 0.5 / scale - 0.5
    matrix = np.array([[1 / scale, 0, left + offset], [0, 1 / scale, top + offset]], np.float64)
    return cv2.warpAffine(  # type: ignore[return-value]
        frame, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE if border is None else cv2.BORDER_CONSTANT,
        borderValue=border or (),
    )  # fmt: skip


def inside_tokens(crop: Crop, grid: int, width: int, height: int) -> NDArray[np.bool_]:
    """Which tokens of a crop have their centre inside the frame: `(grid, grid)`, rows first."""
    centres = crop.to_frame(np.repeat((np.arange(grid) + 0.5)[:, None], 2, 1) * crop.size / grid)
    in_x = (centres[:, 0] >= 0) & (centres[:, 0] < width)
    in_y = (centres[:, 1] >= 0) & (centres[:, 1] < height)
    return in_y[:, None] & in_x[None, :]


def box_cover(box: Sequence[float], grid: int, stride: int) -> NDArray[np.float32]:
    """How much of each token's cell a box xywh of the crop covers: `(grid, grid)`, 0..1."""
    low = np.arange(grid) * float(stride)
    over_x, over_y = (
        np.clip(np.minimum(low + stride, start + size) - np.maximum(low, start), 0, None) / stride
        for start, size in ((box[0], box[2]), (box[1], box[3]))
    )
    return np.outer(over_y, over_x).astype(np.float32)


def token_positions(grid: int, factor: float) -> NDArray[np.float64]:
    """Positions along one side, `u = ((j + .5) / G - .5) * factor`: `(grid,)`, in target sizes."""
    return ((np.arange(grid) + 0.5) / grid - 0.5) * factor


def check_box(box: Sequence[float], width: int, height: int, *, where: str = _FRAME) -> Box:
    """Return `box` as four floats if it can be tracked.

    Raises:
        InputError: not four numbers, not finite, of no size or a senseless one, or wholly outside a
            frame of `width` by `height` pixels.
    """
    if len(box) != 4:
        raise InputError(
            "A box has four numbers, x,y,w,h; {count} were given for {where}.",
            count=len(box),
            where=where,
        )
    x, y, w, h = (float(v) for v in box)
    shown = f"({x:g}, {y:g}, {w:g}, {h:g})"
    if not all(math.isfinite(v) for v in (x, y, w, h)):
        raise InputError(
            "The box {shown} for {where} is not finite; give x,y,w,h in pixels.",
            shown=shown,
            where=where,
        )
    if w <= 0 or h <= 0:
        raise InputError(
            "The box {shown} for {where} is empty; width and height must be above 0.",
            shown=shown,
            where=where,
        )
    if max(w, h) > _LARGEST:
        raise InputError(
            "The box {shown} for {where} is too large; "
            "width and height must be {most:.0f} at most.",
            shown=shown,
            where=where,
            most=_LARGEST,
        )
    if x >= width or y >= height or x + w <= 0 or y + h <= 0:
        raise InputError(
            "The box {shown} lies outside {where} of {width}×{height} pixels; "
            "give x,y,w,h of the top-left corner and size.",
            shown=shown,
            where=where,
            width=width,
            height=height,
        )
    return (x, y, w, h)


def clip_box(box: Sequence[float], width: int, height: int, *, margin: float = 0.0) -> Box:
    """The part of `box` inside the frame, at least `margin` pixels of it in each direction."""
    x, y, w, h = box
    x0, y0 = min(max(0.0, x), width - margin), min(max(0.0, y), height - margin)
    x1, y1 = max(min(float(width), x + w), margin), max(min(float(height), y + h), margin)
    return (x0, y0, max(x1 - x0, margin), max(y1 - y0, margin))


def iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Intersection over union of boxes `(..., 4)`, broadcasting; 0 where either is not finite."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    overlap = np.prod(np.clip(high - low, 0, None), axis=-1)
    union = np.prod(a[..., 2:], axis=-1) + np.prod(b[..., 2:], axis=-1) - overlap
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(union > 0, overlap / union, 0.0)
    return np.nan_to_num(ratio, nan=0.0)
