"""The curves of one plot, as an item of pyqtgraph that paints only what is asked for.

A line of 20,000 points takes milliseconds to stroke. While a video plays, only a narrow part of a
plot changes: where the curves grow, and where the playhead was. So the item slices its curves to
the exposed part, thins them to the pixels there are, and strokes that.
"""

import math
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QTransform
from PyQt6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.ui.plots.lines import Polyline, Values, pieces, spans, step_of, thinned
from app.ui.plots.scene import FEW, Curve

_STRIP = 4.0
"""Pixels to both sides of what changed that are painted anew: a line has a width."""
_DOT = 4.0
_LEAST_SPAN = 1.5
_SMOOTH_STEPS = 4


class _Rows(NamedTuple):
    """The rows to paint, and how many of them become one pair of points."""

    start: int
    stop: int
    step: int


class CurvesItem(pg.GraphicsObject):
    """Paints curves over a grid; what comes last lies on top."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.keep_pixels(True)
        self._curves: tuple[Curve, ...] = ()
        self._grid: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
        self._grid_tint = QColor(128, 128, 128)

    def keep_pixels(self, on: bool) -> None:
        """Whether what was painted is kept, so that a playhead that passes by costs nothing."""
        modes = self.CacheMode
        self.setCacheMode(modes.DeviceCoordinateCache if on else modes.NoCache)

    def set_curves(self, curves: tuple[Curve, ...]) -> None:
        """Paint these; the caller says what of them is new by `repaint`."""
        self._curves = curves

    def set_grid(self, times: tuple[float, ...], values: tuple[float, ...], tint: QColor) -> None:
        """Draw lines at moments and values."""
        if (times, values) != self._grid or tint != self._grid_tint:
            self._grid, self._grid_tint = (times, values), tint
            self.update()

    def repaint(self, start_s: float | None = None, end_s: float | None = None) -> None:
        """Paint a range of time anew; without one, everything."""
        area = self.boundingRect()
        if start_s is not None and end_s is not None:
            strip = _STRIP * self._pixel()
            area.setLeft(max(start_s - strip, area.left()))
            area.setRight(min(end_s + strip, area.right()))
        if area.width() > 0:
            self.update(area)

    def boundingRect(self) -> QRectF:  # noqa: N802
        rect: QRectF | None = self.viewRect()
        return QRectF() if rect is None else QRectF(rect)

    def viewRangeChanged(self) -> None:  # noqa: N802
        self.prepareGeometryChange()

    def viewTransformChanged(self) -> None:  # noqa: N802
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        exposed = option.exposedRect.intersected(self.boundingRect())
        if exposed.isEmpty():
            return
        painter.save()
        to_screen = painter.worldTransform()
        # lines as wide as asked for, whatever the scales of both axes
        painter.resetTransform()
        self._paint_grid(painter, to_screen, exposed)
        view = self.boundingRect()
        edges = np.array([view.left(), view.right(), exposed.left(), exposed.right()])
        pixels = view.width() / self._pixel() / (1 if len(self._curves) <= FEW else 2)
        parts = [(curve, _rows(curve, edges, pixels)) for curve in self._curves]
        for curve, rows in parts:
            _paint_shade(painter, to_screen, exposed, curve, rows)
        for curve, rows in parts:
            _paint_curve(painter, to_screen, curve, rows)
        painter.restore()

    def _paint_grid(self, painter: QPainter, to_screen: QTransform, exposed: QRectF) -> None:
        area = to_screen.mapRect(exposed)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self._grid_tint, 1))
        for moment in self._grid[0]:
            x = to_screen.map(QPointF(moment, 0)).x()
            if area.left() - 1 <= x <= area.right() + 1:
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for value in self._grid[1]:
            y = to_screen.map(QPointF(0, value)).y()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _pixel(self) -> float:
        """Seconds that a logical pixel is wide."""
        width = self.pixelWidth()
        return float(width) if width else 1.0


def _rows(curve: Curve, edges: Values, pixels: float) -> _Rows:
    """Which rows of a curve to paint.

    Args:
        curve: N rows.
        edges: of what is shown and of what is exposed, seconds.
        pixels: that what is shown is wide.
    """
    first, end, start, stop = (int(place) for place in curve.time_s.searchsorted(edges))
    return _Rows(max(start - 1, 0), min(stop + 1, len(curve.time_s)), step_of(end - first, pixels))


def _paint_shade(
    painter: QPainter, to_screen: QTransform, exposed: QRectF, curve: Curve, rows: _Rows
) -> None:
    """Paint behind the times a target is lost."""
    if curve.shade is None:
        return
    area = to_screen.mapRect(exposed)
    top, height = math.floor(area.top()), math.ceil(area.height()) + 1
    for begin, end in spans(curve.time_s, curve.is_lost, *rows):
        left, right = (x * to_screen.m11() + to_screen.dx() for x in (begin, end))
        right = max(right, left + _LEAST_SPAN)
        # whole pixels inside of what is asked for: quick, and the same in every part
        first, last = round(max(left, area.left() - 1)), round(min(right, area.right() + 1))
        if first < last:
            painter.fillRect(first, top, last - first, height, curve.shade)


def _paint_curve(painter: QPainter, to_screen: QTransform, curve: Curve, rows: _Rows) -> None:
    """Paint the line through the values."""
    line = thinned(curve.time_s, curve.values, curve.begins, *rows)
    x = line.x * to_screen.m11() + to_screen.dx()
    y = line.y * (curve.factor * to_screen.m22()) + to_screen.dy()
    # where many rows share a pixel, smooth edges cost much and show nothing
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, rows.step <= _SMOOTH_STEPS)
    painter.setPen(QPen(curve.tint, curve.width))
    for first, end in pieces(Polyline(x, y, line.begins)):
        if end - first == 1:
            _paint_dot(painter, QPointF(float(x[first]), float(y[first])), curve.tint)
        else:
            _paint_line(painter, x[first:end], y[first:end], curve.width)


def _paint_line(painter: QPainter, x: Values, y: Values, width: float) -> None:
    if width <= 1:
        painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))
        return
    # Qt strokes a wide line as one shape, which takes three times as long as its parts
    segments = pg.Qt.internals.PrimitiveArray(QLineF, 4)
    segments.resize(len(x) - 1)
    parts = segments.ndarray()
    parts[:, 0], parts[:, 1], parts[:, 2], parts[:, 3] = x[:-1], y[:-1], x[1:], y[1:]
    painter.drawLines(*segments.drawargs())


def _paint_dot(painter: QPainter, place: QPointF, tint: QColor) -> None:
    pen = painter.pen()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawEllipse(place, _DOT / 2, _DOT / 2)
    painter.setPen(pen)
