"""How a measured line looks over the picture. Each function paints one thing."""

import math

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.ui.canvas.overlays import paint_note

_RIM, _LINE = QColor(0, 0, 0, 170), QColor(255, 255, 255)
_TICK = 9.0
"""Half the length of the strokes at both ends, logical pixels."""
_CROSS, _HOLE = 14.0, 3.0


def paint_ruler(painter: QPainter, a: QPointF, b: QPointF, text: str, bounds: QRectF) -> None:
    """A line with a stroke across each end and `text` beside its middle, inside `bounds`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    length = math.hypot(b.x() - a.x(), b.y() - a.y())
    along = QPointF(b.x() - a.x(), b.y() - a.y()) / length if length else QPointF(1, 0)
    across = QPointF(-along.y(), along.x())
    for colour, width in ((_RIM, 4.5), (_LINE, 2.0)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(a, b)
        for end in (a, b):
            painter.drawLine(end - across * _TICK, end + across * _TICK)
    if text:
        paint_note(painter, note_corner(painter, a, b, across, text, bounds), text)
    painter.restore()


def paint_cross(painter: QPainter, at: QPointF) -> None:
    """Where the next point will be: a cross that leaves the point itself free."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((_RIM, 3.5), (_LINE, 1.5)):
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for way in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
            painter.drawLine(at + way * _HOLE, at + way * _CROSS)
    painter.restore()


def note_corner(
    painter: QPainter, a: QPointF, b: QPointF, across: QPointF, text: str, bounds: QRectF
) -> QPointF:
    """The bottom right corner of a note beside the middle of a line, inside `bounds`.

    Args:
        painter: with the font of the note.
        a: one end.
        b: the other.
        across: direction at a right angle to the line, of length 1.
        text: of the note.
        bounds: what it stays inside of.
    """
    metrics = QFontMetricsF(painter.font())
    width, height = metrics.horizontalAdvance(text) + 16, metrics.height() + 6
    # above the line, or to the right of an upright one
    side = across if across.y() < 0 or (across.y() == 0 and across.x() > 0) else -across
    away = _TICK + abs(side.x()) * width / 2 + abs(side.y()) * height / 2
    centre = (a + b) / 2 + side * away
    x = min(max(centre.x() + width / 2, bounds.left() + width), bounds.right())
    y = min(max(centre.y() + height / 2, bounds.top() + height), bounds.bottom())
    return QPointF(x, y)
