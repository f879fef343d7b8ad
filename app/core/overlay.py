"""Boxes and labels drawn on a copy of a frame. Pure functions: no state, no window."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2

from model.geometry import Box
from model.images import Frame

Colour = tuple[int, int, int]
Point = tuple[float, float]

PALETTE: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66),
    (204, 121, 167), (213, 94, 0), (0, 114, 178), (255, 255, 255),
)  # fmt: skip
"""Colours of targets by id, RGB: those of Okabe and Ito, told apart by colour-blind eyes."""

FADED = 0.4
"""Opacity of a lost target."""
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SHIFT = 4
"""Fractional bits of coordinates handed to OpenCV."""


@dataclass(frozen=True)
class Mark:
    """What to draw for one target: box in pixels of the frame, score 0..1, state as its word."""

    id: int
    box: Box
    label: str
    score: float
    state: str
    colour: int | None = None
    """Place in `PALETTE`; None goes by the id."""


def colour_of(target: int) -> Colour:
    """Colour of the target with this id (from 1), RGB."""
    return PALETTE[(target - 1) % len(PALETTE)]


def colour_for(mark: Mark) -> Colour:
    """Colour of a mark, RGB."""
    return colour_of(mark.id) if mark.colour is None else PALETTE[mark.colour % len(PALETTE)]


def line_width(width: int, height: int) -> int:
    """Width of lines for a frame of this size, pixels."""
    return max(1, round(min(width, height) / 240))


def draw(rgb: Frame, marks: Iterable[Mark]) -> Frame:
    """A copy of `rgb` `(H, W, 3)` with every mark on it.

    Solid box: tracking or recovered; dashed: uncertain; dashed and faded: lost. Lines have a dark
    or light rim, texts a filled ground, so that both show on any background.
    """
    image = rgb.copy()
    for mark in marks:
        if not all(math.isfinite(v) for v in mark.box):
            continue
        if mark.state == "lost":
            layer = image.copy()
            _draw_one(layer, mark)
            cv2.addWeighted(layer, FADED, image, 1 - FADED, 0, dst=image)
        else:
            _draw_one(image, mark)
    return image


def caption(mark: Mark) -> str:
    """The text beside a box: `#1 car 0.87`, and the state where it is not plain tracking."""
    words = [f"#{mark.id}", mark.label, f"{mark.score:.2f}"]
    if mark.state != "tracking":
        words.append(mark.state)
    text = " ".join(word for word in words if word)
    # a name from outside may hold what is no text, over which OpenCV ends the process
    return text.encode("utf-8", "replace").decode()


def contrasting(colour: Colour) -> Colour:
    """Black or white, whichever reads better on `colour`."""
    luminance = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    return (0, 0, 0) if luminance > 128 else (255, 255, 255)


def _draw_one(image: Frame, mark: Mark) -> None:
    height, width = image.shape[:2]
    thick = line_width(width, height)
    colour = colour_for(mark)
    corners = _corners(mark.box, width, height, margin=4 * thick)
    dashed = mark.state in ("uncertain", "lost")
    strokes = list(_dashes(corners, 6.0 * thick + 4) if dashed else _edges(corners))
    _strokes(image, strokes, contrasting(colour), thick + 2)
    _strokes(image, strokes, colour, thick)
    _text(image, caption(mark), corners[0], corners[3], colour)


def _corners(box: Box, width: int, height: int, *, margin: int) -> list[Point]:
    """Corners of the box clockwise from the top left, cut to just outside the frame."""
    x, y, w, h = box
    # half a pixel: OpenCV places the centre of pixel i at i, boxes place it at i + 0.5
    x0, x1 = (min(max(v - 0.5, -margin), width + margin) for v in (x, x + w))
    y0, y1 = (min(max(v - 0.5, -margin), height + margin) for v in (y, y + h))
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _edges(corners: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return zip(corners, [*corners[1:], corners[0]], strict=True)


def _dashes(corners: Sequence[Point], dash: float) -> Iterable[tuple[Point, Point]]:
    """Each edge as dashes with gaps of equal length, a dash at both of its ends."""
    for (ax, ay), (bx, by) in _edges(corners):
        pieces = 2 * round(math.hypot(bx - ax, by - ay) / dash / 2) + 1
        for piece in range(0, pieces, 2):
            s, t = piece / pieces, (piece + 1) / pieces
            yield (
                (ax + (bx - ax) * s, ay + (by - ay) * s),
                (ax + (bx - ax) * t, ay + (by - ay) * t),
            )


def _strokes(
    image: Frame, strokes: Iterable[tuple[Point, Point]], colour: Colour, thick: int
) -> None:
    for a, b in strokes:
        cv2.line(image, _fixed(a), _fixed(b), colour, thick, cv2.LINE_AA, _SHIFT)


def _fixed(point: Point) -> tuple[int, int]:
    return (round(point[0] * 2**_SHIFT), round(point[1] * 2**_SHIFT))


def _text(image: Frame, text: str, above: Point, below: Point, colour: Colour) -> None:
    """Text on a filled ground over the corner `above`, or under `below` where there is no room."""
    height, width = image.shape[:2]
    scale = max(0.35, min(width, height) / 960)
    thick = max(1, round(scale * 1.5))
    (w, h), base = cv2.getTextSize(text, _FONT, scale, thick)
    pad = max(2, round(h * 0.35))
    full_w, full_h = w + 2 * pad, h + base + pad
    x = round(min(max(above[0], 0), max(0, width - full_w)))
    top = above[1] - full_h - line_width(width, height)
    if top < 0:
        top = below[1] + line_width(width, height)
    y = round(min(max(top, 0), max(0, height - full_h)))
    cv2.rectangle(image, (x, y), (x + full_w, y + full_h), colour, cv2.FILLED)
    origin = (x + pad, y + h + pad // 2 + 1)
    cv2.putText(image, text, origin, _FONT, scale, contrasting(colour), thick, cv2.LINE_AA)
