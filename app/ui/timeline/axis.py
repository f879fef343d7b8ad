"""Where frames lie along the timeline: fit, zoom about a point, scroll. Pure; no Qt.

A frame covers the cell from `edge_of(frame)` to `edge_of(frame + 1)`, logical pixels from the left
edge of the lanes.
"""

import math
from dataclasses import dataclass, replace

_WIDEST = 48.0
"""Logical pixels that a frame may cover, unless the fit already takes more."""


@dataclass(frozen=True)
class Axis:
    """The frames from `first` on, all of them or a part, over the width of the lanes."""

    first: int = 0
    count: int = 1
    """Frames in all, at least 1."""
    width: float = 1.0
    """Room, logical pixels; below 1 it counts as 1."""
    zoom: float | None = None
    """Logical pixels per frame; None: so that all just fit."""
    begin: float = 0.0
    """Place of the left edge, in frames from number 0; only where `zoom` is given."""

    @property
    def fit_scale(self) -> float:
        """Logical pixels per frame at which all just fit."""
        return max(self.width, 1.0) / self.count

    @property
    def is_fit(self) -> bool:
        """Whether all frames are shown, whatever the width."""
        return self.zoom is None

    @property
    def is_closest(self) -> bool:
        """Whether zooming in leads no further."""
        return self.scale >= max(self.fit_scale, _WIDEST)

    @property
    def scale(self) -> float:
        """Logical pixels per frame."""
        return self.fit_scale if self.zoom is None else self.zoom

    @property
    def start(self) -> float:
        """Place of the left edge, in frames from number 0."""
        return float(self.first) if self.zoom is None else self.begin

    @property
    def end(self) -> float:
        """Place of the right edge, in frames from number 0."""
        return self.start + max(self.width, 1.0) / self.scale

    @property
    def last(self) -> int:
        """Number of the last frame."""
        return self.first + self.count - 1

    @property
    def length(self) -> float:
        """What all frames take, logical pixels."""
        return self.count * self.scale

    @property
    def offset(self) -> float:
        """How far the left edge is from the beginning, logical pixels."""
        return (self.start - self.first) * self.scale

    def edge_of(self, frame: float) -> float:
        """Where a frame begins; fractions lie within it."""
        return (frame - self.start) * self.scale

    def x_of(self, frame: int) -> float:
        """Where the middle of a frame is."""
        return self.edge_of(frame + 0.5)

    def frame_at(self, x: float) -> int:
        """The frame that covers a place; before the first and beyond the last it is that one."""
        return min(max(math.floor(self.start + x / self.scale), self.first), self.last)

    def shows(self, frame: int) -> bool:
        """Whether the middle of a frame is to be seen."""
        return self.start <= frame + 0.5 <= self.end

    def fitted(self) -> "Axis":
        """With all frames shown."""
        return replace(self, zoom=None, begin=0.0)

    def zoomed(self, factor: float, about: float) -> "Axis":
        """Scaled by `factor` within the limits; what is at `about` stays there, unless one end
        would come inside."""
        scale = min(self.scale * factor, max(self.fit_scale, _WIDEST))
        if scale <= self.fit_scale:
            return self.fitted()
        held = self.start + about / self.scale
        return replace(self, zoom=scale, begin=held - about / scale)._settled()

    def scrolled(self, pixels: float) -> "Axis":
        """With the left edge `pixels` further on, as far as there are frames."""
        return replace(self, begin=self.start + pixels / self.scale)._settled()

    def scrolled_to(self, offset: float) -> "Axis":
        """With the left edge `offset` logical pixels from the beginning."""
        return self.scrolled(offset - self.offset)

    def revealing(self, frame: int, margin: float = 0.0) -> "Axis":
        """Scrolled no further than it takes to see a frame `margin` logical pixels inside."""
        x = self.x_of(frame)
        margin = min(margin, self.width / 2)
        return self.scrolled(min(x - margin, 0.0) + max(x + margin - self.width, 0.0))

    def turned_to(self, frame: int, share: float) -> "Axis":
        """Scrolled so that a frame stands at a `share` of the width."""
        return self.scrolled(self.x_of(frame) - share * self.width)

    def resized(self, width: float) -> "Axis":
        """Over another width: at the same scale, or with all frames as before."""
        return replace(self, width=width)._settled()

    def over(self, first: int, count: int) -> "Axis":
        """With other frames; where the right end was seen it stays so."""
        at_end = self.end >= self.last + 1 - 1e-6
        moved = replace(self, first=first, count=max(count, 1))
        if at_end and not self.is_fit:
            moved = replace(moved, begin=moved.last + 1 - self.width / self.scale)
        return moved._settled()

    def _settled(self) -> "Axis":
        if self.zoom is None or self.zoom <= self.fit_scale:
            return self.fitted()
        most = self.first + self.count - max(self.width, 1.0) / self.zoom
        return replace(self, begin=min(max(self.begin, self.first), most))


def roomy(count: int, before: int = 0) -> int:
    """Frames to lay an axis out for where more come all the time: at least `count`, in steps.

    An axis that grew with every frame would never stand still. `before` is what it was last; that
    stays while it is enough and not far too much.
    """
    if count <= before <= 2 * count:
        return before
    least = 100.0
    return math.ceil(max(least, least * 1.25 ** math.ceil(math.log(max(count, 1) / least, 1.25))))
