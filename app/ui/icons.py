"""Icons drawn in the colour of the text, so that they fit light and dark."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

_SIDE = 64


def _drawn(colour: QColor, paint: Callable[[QPainter], None]) -> QIcon:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 7, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour)
    paint(painter)
    painter.end()
    return QIcon(pixmap)


def play(colour: QColor) -> QIcon:
    """A triangle."""
    triangle = QPolygonF([QPointF(20, 14), QPointF(50, 32), QPointF(20, 50)])
    return _drawn(colour, lambda p: p.drawPolygon(triangle))


def pause(colour: QColor) -> QIcon:
    """Two bars."""

    def paint(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for x in (16.0, 37.0):
            painter.drawRoundedRect(QRectF(x, 12, 11, 40), 3, 3)

    return _drawn(colour, paint)


def cross(colour: QColor) -> QIcon:
    """An x."""

    def paint(painter: QPainter) -> None:
        painter.drawLine(18, 18, 46, 46)
        painter.drawLine(46, 18, 18, 46)

    return _drawn(colour, paint)


def bin(colour: QColor) -> QIcon:
    """A waste bin."""

    def paint(painter: QPainter) -> None:
        pen = painter.pen()
        pen.setWidth(5)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawLine(12, 18, 52, 18)
        painter.drawPolyline(QPolygonF([QPointF(25, 17), QPointF(27, 10), QPointF(37, 10),
                                        QPointF(39, 17)]))  # fmt: skip
        painter.drawPolyline(QPolygonF([QPointF(17, 19), QPointF(20, 54), QPointF(44, 54),
                                        QPointF(47, 19)]))  # fmt: skip
        for x in (27, 37):
            painter.drawLine(x, 28, x, 45)

    return _drawn(colour, paint)


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

    return _drawn(QColor(0, 0, 0), paint)
