"""The small pictures in the rows, painted in lines."""

import math

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen


def paint_eye(painter: QPainter, area: QRectF, tint: QColor, *, is_open: bool) -> None:
    """An eye; struck through where it is closed."""
    painter.save()
    centre = area.center()
    half = 0.36 * area.width()
    painter.setPen(QPen(tint, 1.5, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lid = QPainterPath(centre - QPointF(half, 0))
    lid.quadTo(centre - QPointF(0, 1.25 * half), centre + QPointF(half, 0))
    lid.quadTo(centre + QPointF(0, 1.25 * half), centre - QPointF(half, 0))
    painter.drawPath(lid)
    painter.setBrush(tint)
    painter.drawEllipse(centre, 0.2 * half, 0.2 * half)
    if not is_open:
        slant = QPointF(half, -half) * 0.85
        painter.drawLine(centre - slant, centre + slant)
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 0.42 * half, 0.42 * half)
    painter.restore()


def paint_cross(painter: QPainter, area: QRectF, tint: QColor) -> None:
    """An x."""
    painter.save()
    painter.setPen(QPen(tint, 1.7, cap=Qt.PenCapStyle.RoundCap))
    centre, half = area.center(), 0.2 * area.width()
    for slant in (QPointF(half, half), QPointF(half, -half)):
        painter.drawLine(centre - slant, centre + slant)
    painter.restore()


def paint_swatch(painter: QPainter, area: QRectF, colour: QColor, rim: QColor) -> None:
    """A disc of a colour."""
    painter.save()
    painter.setPen(QPen(rim, 1))
    painter.setBrush(colour)
    painter.drawEllipse(area.adjusted(1, 1, -1, -1))
    painter.restore()


def paint_bar(
    painter: QPainter, area: QRectF, share: float, colour: QColor, ground: QColor
) -> None:
    """How much of a whole, 0..1."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    radius = area.height() / 2
    painter.setBrush(ground)
    painter.drawRoundedRect(area, radius, radius)
    width = area.width() * min(max(share, 0.0), 1.0)
    if width > 0 and math.isfinite(width):
        painter.setBrush(colour)
        painter.drawRoundedRect(
            QRectF(area.left(), area.top(), max(width, area.height()), area.height()),
            radius, radius,
        )  # fmt: skip
    painter.restore()
