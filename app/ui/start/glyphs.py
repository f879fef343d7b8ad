"""Pictures of the ways to begin, painted in lines of one colour."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

Glyph = Callable[[QPainter], None]
"""Paints into a square of 48 × 48."""


def paint_glyph(painter: QPainter, where: QRectF, glyph: Glyph, colour: QColor) -> None:
    """Paint `glyph` in `colour` into `where`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(where.topLeft())
    painter.scale(where.width() / 48, where.height() / 48)
    pen = QPen(colour, 2.6, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    glyph(painter)
    painter.restore()


def video(painter: QPainter) -> None:
    """A strip of film."""
    painter.drawRoundedRect(QRectF(5, 10, 38, 28), 4, 4)
    painter.drawLine(13, 10, 13, 38)
    painter.drawLine(35, 10, 35, 38)
    for y in (17, 24, 31):
        painter.drawLine(5, y, 13, y)
        painter.drawLine(35, y, 43, y)


def folder(painter: QPainter) -> None:
    """A folder with a picture in it."""
    painter.drawPolyline(_points(6, 38, 6, 11, 18, 11, 22, 16, 42, 16, 42, 38, 6, 38))
    painter.drawPolyline(_points(12, 33, 20, 24, 26, 30, 30, 26, 37, 33))


def camera(painter: QPainter) -> None:
    """A camera for video."""
    painter.drawRoundedRect(QRectF(5, 13, 26, 22), 4, 4)
    painter.drawPolygon(_points(31, 22, 43, 15, 43, 33, 31, 26))
    painter.drawEllipse(QPointF(18, 24), 5, 5)


def stream(painter: QPainter) -> None:
    """A mast that sends."""
    painter.drawEllipse(QPointF(24, 20), 3, 3)
    painter.drawPolyline(_points(17, 42, 24, 24, 31, 42))
    painter.drawLine(20, 34, 28, 34)
    for radius in (9.0, 16.0):
        for begin in (-45, 135):
            ring = QRectF(24 - radius, 20 - radius, 2 * radius, 2 * radius)
            painter.drawArc(ring, begin * 16, 90 * 16)


def screen(painter: QPainter) -> None:
    """A screen with a part of it marked."""
    painter.drawRoundedRect(QRectF(4, 8, 40, 26), 3, 3)
    painter.drawLine(24, 34, 24, 41)
    painter.drawLine(15, 41, 33, 41)
    pen = painter.pen()
    pen.setDashPattern([1.6, 1.8])
    painter.setPen(pen)
    painter.drawRect(QRectF(12, 14, 18, 13))


def demo(painter: QPainter) -> None:
    """A box around something that moves."""
    for k, opacity in enumerate((0.3, 0.6, 1.0)):
        painter.setOpacity(opacity)
        side = 14.0 + 5 * k
        painter.drawRoundedRect(QRectF(5 + 9 * k, 29 - 12 * k, side, side), 4, 4)
    painter.setBrush(painter.pen().color())
    painter.drawEllipse(QPointF(35, 17), 3.4, 3.4)


def project(painter: QPainter) -> None:
    """A sheet with a track on it."""
    painter.drawPolygon(_points(10, 5, 29, 5, 38, 14, 38, 43, 10, 43))
    painter.drawPolyline(_points(29, 5, 29, 14, 38, 14))
    painter.drawPolyline(_points(16, 36, 21, 27, 27, 30, 32, 21))


GLYPHS: dict[str, Glyph] = {
    "video": video, "folder": folder, "camera": camera, "stream": stream, "screen": screen,
    "project": project, "demo": demo,
}  # fmt: skip
"""By kind of source (`app.core.recent.KINDS`), and the demo."""


def _points(*numbers: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)])
