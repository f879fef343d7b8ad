"""Boxes drawn, moved and resized, always inside the picture. Pure; no Qt.

Boxes are `(x, y, w, h)` in pixels of the frame, pictures `(width, height)`. A box that reaches
beyond the picture, as one of the tracker may, is cut to it first.
"""

from app.ui.canvas.hits import Handle
from model.geometry import Box

Point = tuple[float, float]
Size = tuple[float, float]

LEAST = 2.0
"""Least width and height of an edited box, pixels of the frame, where the picture has them."""


def inside(box: Box, picture: Size) -> Box:
    """The part of `box` in the picture, of at least the least size."""
    x, w = _cut(box[0], box[2], picture[0])
    y, h = _cut(box[1], box[3], picture[1])
    return (x, y, w, h)


def drawn(a: Point, b: Point, picture: Size, least_drag: float) -> Box | None:
    """The box between two corners.

    Args:
        a, b: opposite corners in any order; may lie outside the picture.
        picture: size of the frame.
        least_drag: width and height, in pixels of the frame, under which it was a mere click, or
            only grazed the picture.

    Returns:
        The box, or None where it was a click or hardly touches the picture.
    """
    if abs(a[0] - b[0]) < least_drag or abs(a[1] - b[1]) < least_drag:
        return None
    x0, x1 = (min(max(x, 0.0), picture[0]) for x in sorted((a[0], b[0])))
    y0, y1 = (min(max(y, 0.0), picture[1]) for y in sorted((a[1], b[1])))
    # of a picture that is thinner on the screen than any drag, all there is will do
    if not (x1 - x0 >= min(least_drag, picture[0]) and x1 > x0):
        return None
    if not (y1 - y0 >= min(least_drag, picture[1]) and y1 > y0):
        return None
    return inside((x0, y0, x1 - x0, y1 - y0), picture)


def moved(box: Box, dx: float, dy: float, picture: Size) -> Box:
    """The box moved as far as the picture goes, in its size."""
    x, y, w, h = inside(box, picture)
    return (_shift(x, dx, w, picture[0]), _shift(y, dy, h, picture[1]), w, h)


def resized(box: Box, handle: Handle, dx: float, dy: float, picture: Size) -> Box:
    """The box with the edges of `handle` moved; the opposite edges stay.

    An edge stops at the border of the picture, and at the least size before the opposite edge.
    """
    x, y, w, h = inside(box, picture)
    x, w = _stretch(x, w, handle.value[0], dx, picture[0])
    y, h = _stretch(y, h, handle.value[1], dy, picture[1])
    return (x, y, w, h)


def _least(length: float) -> float:
    return min(LEAST, length)


def _cut(start: float, side: float, length: float) -> tuple[float, float]:
    least = _least(length)
    low = min(max(start, 0.0), length)
    high = min(max(start + side, 0.0), length)
    if high - low >= least:
        return (low, high - low)
    middle = min(max((low + high) / 2, least / 2), length - least / 2)
    return (middle - least / 2, least)


def _shift(start: float, by: float, side: float, length: float) -> float:
    return min(max(start + by, 0.0), length - side)


def _stretch(start: float, side: float, way: int, by: float, length: float) -> tuple[float, float]:
    if way == 0:
        return (start, side)
    end = start + side
    least = min(_least(length), side)
    if way < 0:
        low = min(max(start + by, 0.0), end - least)
        return (low, end - low)
    high = max(min(end + by, length), start + least)
    return (start, high - start)
