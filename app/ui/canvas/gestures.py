"""What the mouse or the keys are doing to a box, and what comes of it. Pure; no Qt.

Points are in pixels of the frame, so that a window resized in the middle of a drag moves nothing.
"""

from dataclasses import dataclass, replace

from app.ui.canvas import editing
from app.ui.canvas.hits import Handle, Hit
from model.geometry import Box

Point = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """A box drawn anew, for a new target, or for an old one where `id` is given."""

    start: Point
    now: Point
    id: int | None = None


@dataclass(frozen=True)
class Dragging:
    """A box that is moved, or resized by a handle. Until the mouse has gone far enough to mean it,
    `is_meant` is False and the box stays."""

    id: int
    handle: Handle | None
    start: Point
    now: Point
    is_meant: bool = False


@dataclass(frozen=True)
class Nudging:
    """A box moved and resized by keys, pixels of the frame in all."""

    id: int
    dx: float = 0.0
    dy: float = 0.0
    dw: float = 0.0
    dh: float = 0.0

    def and_then(self, other: "Nudging") -> "Nudging":
        """Both, one after the other."""
        return Nudging(self.id, self.dx + other.dx, self.dy + other.dy,
                       self.dw + other.dw, self.dh + other.dh)  # fmt: skip


@dataclass(frozen=True)
class Placing:
    """A new box that keys move and resize until it is taken."""

    box: Box


Gesture = Drawing | Dragging | Nudging | Placing


def placed(centre: Point, picture: Size) -> Placing:
    """A box to begin with, a fifth of the picture's shorter side, about a point of the frame."""
    side = min(picture) / 5
    corner = (centre[0] - side / 2, centre[1] - side / 2)
    return Placing(editing.moved((0.0, 0.0, side, side), *corner, picture))


def nudged(box: Box, nudge: Nudging, picture: Size) -> Box:
    """`box` moved, then resized by its bottom right corner, inside the picture."""
    box = editing.moved(box, nudge.dx, nudge.dy, picture)
    return editing.resized(box, Handle.BOTTOM_RIGHT, nudge.dw, nudge.dh, picture)


def begun(
    hit: Hit | None, point: Point, *, draw_anywhere: bool = False, redraw: int | None = None
) -> Drawing | Dragging:
    """What a press of the left button begins.

    Args:
        hit: what lies under the mouse.
        point: where.
        draw_anywhere: draw a new box whatever lies there.
        redraw: draw the box of this target anew, whatever lies there.
    """
    if redraw is not None:
        return Drawing(point, point, redraw)
    if hit is None or draw_anywhere:
        return Drawing(point, point)
    return Dragging(hit.id, hit.handle, point, point)


def continued(gesture: Drawing | Dragging, point: Point, least_drag: float) -> Drawing | Dragging:
    """The gesture with the mouse now at `point`."""
    if isinstance(gesture, Drawing):
        return replace(gesture, now=point)
    far = max(abs(point[0] - gesture.start[0]), abs(point[1] - gesture.start[1])) >= least_drag
    return replace(gesture, now=point, is_meant=gesture.is_meant or far)


def edited(gesture: Dragging | Nudging, box: Box, picture: Size) -> Box:
    """`box` as the gesture leaves it: inside the picture, unchanged by a mere click."""
    if isinstance(gesture, Nudging):
        return nudged(box, gesture, picture)
    if not gesture.is_meant:
        return box
    dx, dy = gesture.now[0] - gesture.start[0], gesture.now[1] - gesture.start[1]
    if gesture.handle is None:
        return editing.moved(box, dx, dy, picture)
    return editing.resized(box, gesture.handle, dx, dy, picture)
