"""One plot of the stack: a quantity over time, with its axes and its title."""

import pyqtgraph as pg
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QFont, QPainter, QPalette
from PyQt6.QtWidgets import QGraphicsSimpleTextItem, QStyleOptionGraphicsItem, QWidget

from app.core.measures import Quantity
from app.ui.plots.curves import CurvesItem
from app.ui.plots.lines import extremes
from app.ui.plots.ranges import Range, tick_spacing, time_text, union, value_range
from app.ui.plots.scene import Curve
from app.ui.tints import mix

AXIS_WIDTH = 58
_TIME_HEIGHT = 24
_TICK_WIDTH = 80.0
"""Room that a moment takes on the axis, pixels."""
_GRID = 0.86
"""How much of the grid's colour is that of the ground."""
_LEAST = {Quantity.SCORE: 1.0, Quantity.SPEED: 10.0}
"""Least height of a plot in its own unit, pixels for lengths; 4 where there is no other."""
_FROM_ZERO = (Quantity.SCORE, Quantity.SPEED)


class TimeAxis(pg.AxisItem):
    """Moments as `2.5 s` and `1:02`."""

    def __init__(self) -> None:
        super().__init__("bottom")

    def tickSpacing(  # noqa: N802
        self, low: float, high: float, size: float
    ) -> list[tuple[float, float]]:
        """Distance of the ticks, seconds, and where they begin."""
        return [(tick_spacing(high - low, size / _TICK_WIDTH), 0.0)]

    def tickStrings(  # noqa: N802
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        """The texts at `values`, seconds."""
        return [time_text(value, spacing) for value in values]


class Title(QGraphicsSimpleTextItem):
    """A few words on a ground of their own, so that curves do not run through them."""

    def __init__(self, parent: pg.ViewBox) -> None:
        super().__init__(parent)
        self.ground = QColor()
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(0.92 * font.pointSizeF())
        self.setFont(font)
        self.setPos(9, 2)
        self.setZValue(20)

    def boundingRect(self) -> QRectF:  # noqa: N802
        return super().boundingRect().adjusted(-4, -1, 4, 1)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionGraphicsItem | None,
        widget: QWidget | None = None,
    ) -> None:  # fmt: skip
        if painter is not None:
            painter.fillRect(self.boundingRect(), self.ground)
        super().paint(painter, option, widget)


class Plot:
    """Axes, curves and title of one quantity; the stack places them."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self.box.setDefaultPadding(0)
        self.box.disableAutoRange()
        # a picture's y grows downwards: what moves up there moves up here
        self.box.invertY(quantity is Quantity.Y)
        self.values = pg.AxisItem("left")
        self.values.enableAutoSIPrefix(False)
        self.values.setWidth(AXIS_WIDTH)
        self.values.linkToView(self.box)
        self.time = TimeAxis()
        self.time.linkToView(self.box)
        for axis in (self.values, self.time):
            axis.setStyle(tickLength=4, tickTextOffset=4)
        self.curves = CurvesItem()
        self.box.addItem(self.curves, ignoreBounds=True)
        self.title = Title(self.box)
        self._curves: tuple[Curve, ...] = ()
        self._held: Range | None = None
        self._grid_tint = QColor()
        self.box.sigTransformChanged.connect(self._draw_grid)

    @property
    def time_range(self) -> Range:
        """What is shown of time, seconds."""
        start, end = self.box.viewRange()[0]
        return (float(start), float(end))

    def show_time_axis(self, on: bool) -> None:
        """Whether moments are written under this plot."""
        self.time.setStyle(showValues=on)
        self.time.setHeight(_TIME_HEIGHT if on else 1)

    def set_colours(self, palette: QPalette) -> None:
        """Follow the colours of the application."""
        ground = palette.color(QPalette.ColorRole.Base)
        text = palette.color(QPalette.ColorRole.Text)
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        self._grid_tint = mix(muted, ground, _GRID)
        for axis in (self.values, self.time):
            axis.setPen(mix(muted, ground, 0.5))
            axis.setTextPen(muted)
        self.title.setBrush(text)
        self.title.ground = QColor(ground.red(), ground.green(), ground.blue(), 150)
        self._draw_grid()
        self.curves.repaint()

    def set_curves(self, curves: tuple[Curve, ...]) -> None:
        """Show these curves."""
        self._curves = curves
        self.curves.set_curves(curves)

    def set_time_range(self, shown: Range) -> None:
        """Show this part of time."""
        if self.time_range != shown:
            self.box.setXRange(*shown, padding=0)

    def show_all(self, *, anew: bool = False) -> None:
        """Paint everything, with curves that fit into the height.

        Args:
            anew: forget the range of values that is shown, even where it fits.
        """
        if anew:
            self._held = None
        self._fit(self.time_range)
        self.curves.repaint()

    def show_part(self, changed: Range) -> None:
        """Paint what has come to the ends of curves within a range of time."""
        start, end = self.time_range
        part = (max(start, changed[0]), min(end, changed[1]))
        if part[0] <= part[1]:
            self._fit(part, self._inside_held())
            self.curves.repaint(*part)

    def _fit(self, part: Range, others: Range | None = None) -> None:
        """Let the values of a part of time fit, and those that are known of others."""
        found = union((others, *(_extremes(curve, *part) for curve in self._curves)))
        factor = self._curves[0].factor if self._curves else 1.0
        shown = value_range(
            found, self._held, least=_LEAST.get(self.quantity, 4.0) * factor,
            from_zero=self.quantity in _FROM_ZERO,
        )  # fmt: skip
        if shown != self._held:
            self._held = shown
            self.box.setYRange(*shown, padding=0)

    def _inside_held(self) -> Range | None:
        """What keeps the range from getting smaller."""
        if self._held is None:
            return None
        low, high = self._held
        margin = 0.1 * (high - low)
        return (low + margin, high - margin)

    def _draw_grid(self) -> None:
        times, values = self.box.viewRange()
        size = self.box.size()
        self.curves.set_grid(
            _ticks(self.time, times, size.width()), _ticks(self.values, values, size.height()),
            self._grid_tint,
        )  # fmt: skip


def _ticks(axis: pg.AxisItem, shown: list[float], length: float) -> tuple[float, ...]:
    levels = axis.tickValues(*shown, max(length, 1.0))[:2]
    return tuple(float(value) for _, values in levels for value in values)


def _extremes(curve: Curve, start: float, end: float) -> Range | None:
    first, stop = curve.time_s.searchsorted((start, end))
    found = extremes(curve.values[max(int(first) - 1, 0) : int(stop) + 1])
    return None if found is None else (found[0] * curve.factor, found[1] * curve.factor)
