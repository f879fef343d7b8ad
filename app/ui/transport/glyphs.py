"""Icons of playback, painted in lines and areas of one colour."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPolygonF

from app.ui.icons import drawn, thin


def to_start(colour: QColor) -> QIcon:
    """A post and a triangle that points at it."""
    return drawn(colour, lambda painter: _to_end(painter, mirrored=True))


def to_end(colour: QColor) -> QIcon:
    """A triangle and the post it points at."""
    return drawn(colour, lambda painter: _to_end(painter, mirrored=False))


def step_back(colour: QColor) -> QIcon:
    """An arrow with a tail of one frame, to the left."""
    return drawn(colour, lambda painter: _step(painter, mirrored=True))


def step_on(colour: QColor) -> QIcon:
    """The same to the right."""
    return drawn(colour, lambda painter: _step(painter, mirrored=False))


def loop(colour: QColor) -> QIcon:
    """Two arrows that follow each other round."""

    def paint(painter: QPainter) -> None:
        thin(painter, 5.5)
        painter.drawPolyline(_points(12, 30, 12, 26, 18, 19, 50, 19))
        painter.drawPolyline(_points(43, 10, 52, 19, 43, 28))
        painter.drawPolyline(_points(52, 34, 52, 38, 46, 45, 14, 45))
        painter.drawPolyline(_points(21, 36, 12, 45, 21, 54))

    return drawn(colour, paint)


def mark_in(colour: QColor) -> QIcon:
    """A bracket that opens, and an arrow into it."""
    return drawn(colour, lambda painter: _bracket(painter, mirrored=False))


def mark_out(colour: QColor) -> QIcon:
    """A bracket that closes, and an arrow out to it."""
    return drawn(colour, lambda painter: _bracket(painter, mirrored=True))


def clear_range(colour: QColor) -> QIcon:
    """Two brackets with a cross between them."""

    def paint(painter: QPainter) -> None:
        thin(painter, 5.5)
        painter.drawPolyline(_points(16, 12, 8, 12, 8, 52, 16, 52))
        painter.drawPolyline(_points(48, 12, 56, 12, 56, 52, 48, 52))
        painter.drawLine(24, 24, 40, 40)
        painter.drawLine(40, 24, 24, 40)

    return drawn(colour, paint)


def live(colour: QColor, *, is_on: bool) -> QIcon:
    """A dot between waves; hollow while older frames are shown."""

    def paint(painter: QPainter) -> None:
        pen = painter.pen()
        pen.setWidthF(5)
        painter.setPen(pen)
        if not is_on:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(32, 32), 7, 7)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for radius in (16.0, 25.0):
            ring = QRectF(32 - radius, 32 - radius, 2 * radius, 2 * radius)
            for begin in (-45, 135):
                painter.drawArc(ring, begin * 16, 90 * 16)

    return drawn(colour, paint)


def _to_end(painter: QPainter, *, mirrored: bool) -> None:
    _mirror(painter, mirrored)
    painter.drawPolygon(_points(17, 17, 40, 32, 17, 47))
    painter.drawLine(50, 16, 50, 48)


def _step(painter: QPainter, *, mirrored: bool) -> None:
    _mirror(painter, mirrored)
    painter.drawPolygon(_points(30, 17, 52, 32, 30, 47))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(10, 14, 8, 36), 3, 3)


def _bracket(painter: QPainter, *, mirrored: bool) -> None:
    _mirror(painter, mirrored)
    thin(painter, 6)
    painter.drawPolyline(_points(25, 11, 13, 11, 13, 53, 25, 53))
    painter.drawLine(26, 32, 52, 32)
    painter.drawPolyline(_points(36, 22, 26, 32, 36, 42))


def _mirror(painter: QPainter, mirrored: bool) -> None:
    if mirrored:
        painter.translate(64, 0)
        painter.scale(-1, 1)


def _points(*numbers: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)])
