"""The small signs on the timeline. Each function paints one, in the painter's coordinates."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.core.overlay import Colour, contrasting

DIAMOND = 6.0
"""From the middle of a diamond to its corners, logical pixels."""
TRIANGLE = 6.0
HEAD = (11.0, 12.0)
"""Width and height of the playhead's head."""
HANDLE = (7.0, 15.0)
"""Width and height of a handle of the range."""
_STRIPE = 8.0


def paint_diamond(
    painter: QPainter, x: float, y: float, tint: Colour, rim: QColor, *, is_hot: bool = False
) -> None:
    """A correction: a diamond of the target's colour."""
    side = DIAMOND + (1.5 if is_hot else 0.0)
    painter.setPen(QPen(rim, 1.4, join=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(QColor(*tint))
    painter.drawPolygon(_polygon(x, y - side, x + side, y, x, y + side, x - side, y))


def paint_triangle(painter: QPainter, x: float, y: float, tint: Colour, rim: QColor) -> None:
    """Where a target was found again: a triangle that stands on `y`."""
    painter.setPen(QPen(rim, 1.2, join=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(QColor(*tint))
    side = TRIANGLE
    painter.drawPolygon(_polygon(x - side, y, x + side, y, x, y - 1.7 * side))


def paint_begin(painter: QPainter, x: float, top: float, bottom: float, tint: Colour) -> None:
    """Where a target was first drawn: a pennant on a pole."""
    painter.setPen(QPen(QColor(*tint), 1.4))
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*tint))
    painter.drawPolygon(_polygon(x, top, x + 8, top + 3.5, x, top + 7))


def paint_head(painter: QPainter, x: float, bottom: float, tint: QColor) -> None:
    """The head of the playhead: a tag that points down."""
    half, height = HEAD[0] / 2, HEAD[1]
    top = bottom - height
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawPolygon(
        _polygon(x - half, top, x + half, top, x + half, bottom - half, x, bottom,
                 x - half, bottom - half)
    )  # fmt: skip


def paint_handle(painter: QPainter, x: float, top: float, tint: QColor, *, is_in: bool) -> None:
    """A handle of the range, on the outer side of its edge, with a grip in it."""
    width, height = HANDLE
    left = x - width if is_in else x
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawRoundedRect(QRectF(left, top, width, height), 2, 2)
    painter.setPen(QPen(QColor(*contrasting((tint.red(), tint.green(), tint.blue()))), 1.2))
    middle = left + width / 2
    painter.drawLine(QPointF(middle, top + 4), QPointF(middle, top + height - 4))


def paint_chip(
    painter: QPainter, x: float, middle: float, text: str, ground: QColor, ink: QColor
) -> QRectF:
    """A word on a rounded ground, from `x` to the right.

    Returns:
        Where it stands.
    """
    area = chip_area(QFontMetricsF(painter.font()), x, middle, text)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(ink)
    # letters of some scripts are taller than those of the font
    flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextDontClip)
    painter.drawText(area, flags, text)
    return area


def chip_area(metrics: QFontMetricsF, x: float, middle: float, text: str) -> QRectF:
    """Where a chip with this text stands."""
    height = metrics.height() + 1
    return QRectF(x, middle - height / 2, metrics.horizontalAdvance(text) + 10, height)


def paint_stripes(
    painter: QPainter, area: QRectF, bounds: QRectF, tint: QColor, phase: float
) -> None:
    """Slanting stripes that wander with `phase` (0..1): something goes on here."""
    seen = area.intersected(bounds)
    if seen.isEmpty():
        return
    painter.save()
    painter.setClipRect(seen, Qt.ClipOperation.IntersectClip)
    ground = QColor(tint)
    ground.setAlphaF(0.10)
    painter.fillRect(seen, ground)
    stripe = QColor(tint)
    stripe.setAlphaF(0.42)
    painter.setPen(QPen(stripe, _STRIPE * 0.5))
    period = 2 * _STRIPE
    height = area.height()
    first = area.x() - height + phase * period
    # those that are seen stand where they stood when all were painted
    x = first + max(0, int((seen.x() - height - first) / period)) * period
    while x < seen.right() + period:
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + height, area.top()))
        x += period
    painter.restore()


def _polygon(*numbers: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)])
