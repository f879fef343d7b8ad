"""Icons drawn in the colour of the text, so that they fit light and dark."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

_SIDE = 64
"""Side of the square that icons are painted in."""
_PIXELS = (16, 20, 22, 24, 28, 32, 33, 36, 40, 44, 48, 56, 64, 66, 96, 128)
"""Sides they are made for: those in use at one, one and a half, two and three times their size,
so that none is scaled afterwards."""
_FAINT = 0.35
"""Opacity where a button is disabled."""


def drawn(colour: QColor, paint: Callable[[QPainter], None]) -> QIcon:
    """An icon of what `paint` paints into a square of 64 × 64, with pen and brush in `colour`."""
    icon = QIcon()
    for side in _PIXELS:
        pixmap = _pixmap(side, colour, paint)
        icon.addPixmap(pixmap)
        icon.addPixmap(_faint(pixmap), QIcon.Mode.Disabled)
    return icon


def thin(painter: QPainter, width: float) -> None:
    """Draw lines of this width from now on, and nothing but lines; for `paint` of `drawn`."""
    pen = painter.pen()
    pen.setWidthF(width)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _pixmap(side: int, colour: QColor, paint: Callable[[QPainter], None]) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _SIDE, side / _SIDE)
    painter.setPen(QPen(colour, 7, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour)
    paint(painter)
    painter.end()
    return pixmap


def _faint(pixmap: QPixmap) -> QPixmap:
    """The same as if seen through: what lies over each other does not show."""
    faint = QPixmap(pixmap.size())
    faint.fill(Qt.GlobalColor.transparent)
    painter = QPainter(faint)
    painter.setOpacity(_FAINT)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return faint


def play(colour: QColor) -> QIcon:
    """A triangle."""
    triangle = QPolygonF([QPointF(20, 14), QPointF(50, 32), QPointF(20, 50)])
    return drawn(colour, lambda p: p.drawPolygon(triangle))


def pause(colour: QColor) -> QIcon:
    """Two bars."""

    def paint(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for x in (16.0, 37.0):
            painter.drawRoundedRect(QRectF(x, 12, 11, 40), 3, 3)

    return drawn(colour, paint)


def cross(colour: QColor) -> QIcon:
    """An x."""

    def paint(painter: QPainter) -> None:
        painter.drawLine(18, 18, 46, 46)
        painter.drawLine(46, 18, 18, 46)

    return drawn(colour, paint)


def plus(colour: QColor) -> QIcon:
    """A cross that stands upright."""

    def paint(painter: QPainter) -> None:
        painter.drawLine(32, 14, 32, 50)
        painter.drawLine(14, 32, 50, 32)

    return drawn(colour, paint)


def minus(colour: QColor) -> QIcon:
    """A dash."""
    return drawn(colour, lambda p: p.drawLine(14, 32, 50, 32))


def fit_width(colour: QColor) -> QIcon:
    """An arrow that points both ways, between two posts."""

    def paint(painter: QPainter) -> None:
        thin(painter, 6)
        painter.drawLine(7, 14, 7, 50)
        painter.drawLine(57, 14, 57, 50)
        painter.drawLine(18, 32, 46, 32)
        painter.drawPolyline(QPolygonF([QPointF(26, 23), QPointF(17, 32), QPointF(26, 41)]))
        painter.drawPolyline(QPolygonF([QPointF(38, 23), QPointF(47, 32), QPointF(38, 41)]))

    return drawn(colour, paint)


def bin(colour: QColor) -> QIcon:
    """A waste bin."""

    def paint(painter: QPainter) -> None:
        thin(painter, 5)
        painter.drawLine(12, 18, 52, 18)
        painter.drawPolyline(QPolygonF([QPointF(25, 17), QPointF(27, 10), QPointF(37, 10),
                                        QPointF(39, 17)]))  # fmt: skip
        painter.drawPolyline(QPolygonF([QPointF(17, 19), QPointF(20, 54), QPointF(44, 54),
                                        QPointF(47, 19)]))  # fmt: skip
        for x in (27, 37):
            painter.drawLine(x, 28, x, 45)

    return drawn(colour, paint)


def logo() -> QIcon:
    """The application's own: a target seen at three moments."""

    def paint(painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for k, alpha in enumerate((70, 140, 255)):
            pen = QPen(QColor(10, 132, 198, alpha), 6, join=Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            side = 20 + 6 * k
            painter.drawRoundedRect(QRectF(5 + 11 * k, 31 - 13 * k, side, side), 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(230, 159, 0))
        painter.drawEllipse(QPointF(43, 21), 6, 6)

    return drawn(QColor(0, 0, 0), paint)
