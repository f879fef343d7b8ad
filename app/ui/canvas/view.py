"""Where the picture lies in the widget: fit, zoom about a point, pan. Pure; no Qt.

Two coordinate systems: *frame*, pixels of the picture with its top left corner at (0, 0), and
*widget*, logical pixels of the screen. On a screen of device pixel ratio `r` a logical pixel is
`r` device pixels wide.
"""

from dataclasses import dataclass, replace
from functools import cached_property

Point = tuple[float, float]
Size = tuple[float, float]

_MOST_DEVICE = 64.0
"""Device pixels that one pixel of the frame may cover, unless the fit already takes more."""


@dataclass(frozen=True)
class View:
    """A picture in a widget. Where it is smaller than the widget, it lies in the middle; where it
    is larger, no edge of it comes inside."""

    picture: Size = (1.0, 1.0)
    """Width and height of the frame, pixels, above 0."""
    widget: Size = (1.0, 1.0)
    """Width and height of the widget, logical pixels; below 1 they count as 1."""
    ratio: float = 1.0
    """Device pixels per logical pixel."""
    zoom: float | None = None
    """Logical pixels per pixel of the frame; None: so that the whole picture just fits."""
    centre: Point | None = None
    """Point of the frame in the middle of the widget; None: the picture's own middle."""

    @cached_property
    def fit_scale(self) -> float:
        """Logical pixels per pixel of the frame at which the whole picture just fits."""
        return min(max(self.widget[0], 1.0) / self.picture[0],
                   max(self.widget[1], 1.0) / self.picture[1])  # fmt: skip

    @property
    def is_fit(self) -> bool:
        """Whether the whole picture is shown, whatever the size of the widget."""
        return self.zoom is None

    @cached_property
    def scale(self) -> float:
        """Logical pixels per pixel of the frame."""
        return self.fit_scale if self.zoom is None else self.zoom

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest scale that zooming leads to."""
        return (
            min(self.fit_scale, 1 / self.ratio),
            max(self.fit_scale, _MOST_DEVICE / self.ratio),
        )

    @cached_property
    def area(self) -> tuple[float, float, float, float]:
        """`(x, y, w, h)` of the whole picture in the widget; may reach beyond it."""
        x, y = (self._start(axis) for axis in (0, 1))
        return (x, y, self.picture[0] * self.scale, self.picture[1] * self.scale)

    def to_frame(self, point: Point) -> Point:
        """Widget to frame; the result may lie outside the frame."""
        x, y, _, _ = self.area
        return ((point[0] - x) / self.scale, (point[1] - y) / self.scale)

    def to_widget(self, point: Point) -> Point:
        """Frame to widget."""
        x, y, _, _ = self.area
        return (x + point[0] * self.scale, y + point[1] * self.scale)

    def fitted(self) -> "View":
        """The whole picture."""
        return replace(self, zoom=None, centre=None)

    def actual(self) -> "View":
        """One pixel of the frame on one pixel of the device, about the middle."""
        return self.zoomed_to(1 / self.ratio, (self.widget[0] / 2, self.widget[1] / 2))

    def zoomed(self, factor: float, about: Point) -> "View":
        """Scaled by `factor` within the limits; the point of the frame under `about` (widget)
        stays there, unless an edge of the picture would come inside."""
        least, most = self.limits
        scale = min(max(self.scale * factor, least), most)
        if scale <= self.fit_scale and least == self.fit_scale:
            return self.fitted()
        return self.zoomed_to(scale, about)

    def zoomed_to(self, scale: float, about: Point) -> "View":
        """At exactly this scale, about a point of the widget."""
        held = self.to_frame(about)
        centre = tuple(h + (s / 2 - a) / scale
                       for h, s, a in zip(held, self.widget, about, strict=True))  # fmt: skip
        return replace(self, zoom=scale, centre=(centre[0], centre[1])).settled()

    def panned(self, dx: float, dy: float) -> "View":
        """Moved by logical pixels, as far as the edges allow."""
        middle = self.to_frame((self.widget[0] / 2, self.widget[1] / 2))
        centre = (middle[0] - dx / self.scale, middle[1] - dy / self.scale)
        return replace(self, centre=centre).settled()

    def resized(self, widget: Size, ratio: float) -> "View":
        """In a widget of another size, at the same scale and about the same middle."""
        return replace(self, widget=widget, ratio=ratio).settled()

    def settled(self) -> "View":
        """With the centre where it can be, so that a pan back takes effect at once."""
        if self.centre is None:
            return self
        x, y = (self._allowed(axis) for axis in (0, 1))
        return replace(self, centre=(x, y))

    def _allowed(self, axis: int) -> float:
        assert self.centre is not None
        half = self.widget[axis] / 2 / self.scale
        length = self.picture[axis]
        if 2 * half >= length:
            return length / 2
        return min(max(self.centre[axis], half), length - half)

    def _start(self, axis: int) -> float:
        """Coordinate in the widget where the picture begins along an axis."""
        centre = self.picture[axis] / 2 if self.centre is None else self._allowed(axis)
        return self.widget[axis] / 2 - centre * self.scale
