"""Where lanes lie one under the other, and what is hit in them. Pure; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST, MOST = 44, 88
"""Height of a lane, logical pixels."""
GRID = 4
"""Heights and scrolls are multiples of it, so that lanes begin with a whole pixel of the device
where one logical pixel takes one and a quarter or one and a half."""
PAD = 5
"""Room above the curve."""
STRIP = 6
"""Height of the strip that shows states."""
STRIP_PAD = 7
"""Room under it."""
GAP = 4
"""Room between curve and strip."""
MARGIN = 8
"""Room left and right of the frames, so that marks at the ends are seen whole; logical pixels."""
REACH = 8.0
"""How near to the middle of a diamond it is hit, logical pixels."""


@dataclass(frozen=True)
class Rows:
    """Lanes of one height, scrolled by so many logical pixels."""

    count: int = 0
    height: int = LEAST
    scroll: int = 0

    @property
    def length(self) -> int:
        """Height of all lanes."""
        return self.count * self.height

    def top_of(self, lane: int) -> int:
        """Where a lane begins."""
        return lane * self.height - self.scroll

    def at(self, y: float) -> int | None:
        """The lane at a height; None above the first and under the last."""
        lane = int((y + self.scroll) // self.height)
        return lane if 0 <= lane < self.count else None

    def between(self, top: float, bottom: float) -> range:
        """The lanes that reach into a stripe."""
        begin = max(int((top + self.scroll) // self.height), 0)
        end = min(int((bottom + self.scroll) // self.height) + 1, self.count)
        return range(begin, max(begin, end))

    def revealing(self, lane: int, room: int) -> int:
        """The scroll at which a lane is seen whole in `room`, moved no further than needed."""
        top = lane * self.height
        least = -(-(top + self.height - room) // GRID) * GRID
        return max(min(self.scroll, top), min(least, top))


def lane_height(count: int, room: int) -> int:
    """Height at which `count` lanes fill `room`, within limits."""
    return min(max(room // max(count, 1) // GRID * GRID, LEAST), MOST)


def strip_middle(height: float) -> float:
    """Height of the middle of the strip within a lane."""
    return height - STRIP_PAD - STRIP / 2


def nearest(places: Sequence[float], x: float, reach: float) -> int | None:
    """Which of several places is nearest to `x` within `reach`."""
    if not places:
        return None
    best = min(range(len(places)), key=lambda k: abs(places[k] - x))
    return best if abs(places[best] - x) <= reach else None


def thinned(places: NDArray[np.floating], least: float) -> NDArray[np.int64]:
    """Which of rising places to mark where there is no room for all: the first of each `least`.

    Counted from 0, so that it is the same ones whatever part is looked at.
    """
    if not len(places):
        return np.empty(0, np.int64)
    room = np.floor(places / least)
    return np.flatnonzero(np.append(True, room[1:] != room[:-1]))


def following(places: Sequence[int], now: int, step: int) -> int | None:
    """The next of rising numbers after `now` (`step` 1) or before it (-1); None past the last."""
    if step > 0:
        return next((place for place in places if place > now), None)
    return next((place for place in reversed(places) if place < now), None)
