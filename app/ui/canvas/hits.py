"""What lies under a point: a handle of the selected box, or a box. Pure; no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from model.geometry import Box

Point = tuple[float, float]

_INWARDS = 0.25
"""Part of a side that a handle may take on the inside: a small box can still be moved."""


class Handle(Enum):
    """Corners and middles of edges: which way each lies from the middle of the box."""

    TOP_LEFT = (-1, -1)
    TOP = (0, -1)
    TOP_RIGHT = (1, -1)
    RIGHT = (1, 0)
    BOTTOM_RIGHT = (1, 1)
    BOTTOM = (0, 1)
    BOTTOM_LEFT = (-1, 1)
    LEFT = (-1, 0)

    @property
    def is_corner(self) -> bool:
        """Whether it moves two edges."""
        return 0 not in self.value


@dataclass(frozen=True)
class Hit:
    """A box, and the handle of it where one was hit."""

    id: int
    handle: Handle | None = None


def place_of(box: Box, handle: Handle) -> Point:
    """Where a handle of `box` stands."""
    x, y, w, h = box
    across, down = handle.value
    return (x + w * (1 + across) / 2, y + h * (1 + down) / 2)


def handles_of(box: Box, reach: float) -> tuple[Handle, ...]:
    """The handles there is room for: corners always, middles on edges of five reaches."""
    _, _, w, h = box
    room = {0: w >= 5 * reach, 1: h >= 5 * reach}
    return tuple(
        handle for handle in Handle
        if handle.is_corner or room[0 if handle.value[0] == 0 else 1]
    )  # fmt: skip


def handle_at(box: Box, point: Point, reach: float) -> Handle | None:
    """The handle of `box` within `reach` of the point, the nearest of several; one unit for all."""
    near: list[tuple[float, Handle]] = []
    for handle in handles_of(box, reach):
        place = place_of(box, handle)
        offset = (point[0] - place[0], point[1] - place[1])
        if all(_within(offset[k], handle.value[k], box[2 + k], reach) for k in (0, 1)):
            near.append((max(abs(offset[0]), abs(offset[1])), handle))
    return min(near, key=lambda pair: pair[0])[1] if near else None


def box_at(boxes: Mapping[int, Box], point: Point, slack: float = 0.0) -> int | None:
    """Id of the smallest box under the point; a box is hit up to `slack` beyond its edges."""
    under = [
        number for number, (x, y, w, h) in boxes.items()
        if x - slack <= point[0] <= x + w + slack and y - slack <= point[1] <= y + h + slack
    ]  # fmt: skip
    return min(under, key=lambda number: boxes[number][2] * boxes[number][3], default=None)


def hit(
    boxes: Mapping[int, Box], point: Point, *, selected: int | None, reach: float, slack: float
) -> Hit | None:
    """What a press at the point takes hold of: a handle of the selected box comes first."""
    if selected is not None and selected in boxes:
        handle = handle_at(boxes[selected], point, reach)
        if handle is not None:
            return Hit(selected, handle)
    number = box_at(boxes, point, slack)
    return Hit(number) if number is not None else None


def following(ids: list[int], current: int | None, step: int) -> int | None:
    """The id `step` (+1 or -1) after the current one, from the end it enters by where there is no
    current one; None past the last."""
    if current not in ids:
        if not ids:
            return None
        return ids[0] if step > 0 else ids[-1]
    place = ids.index(current) + step
    return ids[place] if 0 <= place < len(ids) else None


def _within(offset: float, way: int, side: float, reach: float) -> bool:
    inwards = min(reach, _INWARDS * side)
    if way == 0:
        return abs(offset) <= inwards
    return -inwards <= offset * way <= reach
