"""A line between two points of the picture as it is drawn by mouse or keys. Pure; no widgets."""

import math
from dataclasses import dataclass, replace

from app.core.player.document import Point

LEAST_PIXELS = 1.0
"""A line shorter than this, pixels of the frame, is no line."""


@dataclass(frozen=True)
class Measuring:
    """Where the line begins, and where the next point would be set; pixels of the frame."""

    size: tuple[float, float]
    """Width and height of the frame; both points stay inside."""
    cursor: Point
    begin: Point | None = None
    """None until the first point is set."""

    @property
    def length(self) -> float:
        """Of the line so far, pixels."""
        return 0.0 if self.begin is None else math.dist(self.begin, self.cursor)

    @property
    def is_line(self) -> bool:
        """Whether both ends are apart."""
        return self.length >= LEAST_PIXELS

    def at(self, point: Point, *, straight: bool = False) -> "Measuring":
        """With the cursor at a point, or the nearest one inside the frame.

        Args:
            point: pixels of the frame.
            straight: make the line level or upright, whichever is nearer.
        """
        x, y = (min(max(v, 0.0), limit) for v, limit in zip(point, self.size, strict=True))
        if straight and self.begin is not None:
            dx, dy = x - self.begin[0], y - self.begin[1]
            x, y = (x, self.begin[1]) if abs(dx) >= abs(dy) else (self.begin[0], y)
        return replace(self, cursor=(x, y))

    def moved(self, dx: float, dy: float) -> "Measuring":
        """With the cursor moved by pixels of the frame."""
        return self.at((self.cursor[0] + dx, self.cursor[1] + dy))

    def begun(self) -> "Measuring":
        """With the first point at the cursor."""
        return replace(self, begin=self.cursor)


def measuring(size: tuple[float, float]) -> Measuring:
    """Nothing set yet, the cursor in the middle of a frame of width and height `size`."""
    return Measuring(size, (size[0] / 2, size[1] / 2))
