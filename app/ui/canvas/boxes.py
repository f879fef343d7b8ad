"""How a target's box looks: line, caption, handles. Each function paints one thing."""

from collections.abc import Iterable, Sequence

from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.core.overlay import Colour, contrasting
from app.ui.canvas.scene import Item

HANDLE_SIZE = 9.0
"""Side of a handle, logical pixels."""
_FADED = 0.55
"""Opacity of a lost target: more than in a recording, for here it is to be found with the mouse."""
_RIM = QColor(0, 0, 0, 150)
_LINE, _SELECTED_LINE = 2.5, 3.0
_DASH, _GAP = 9.0, 6.0
_CAPTION_PAD = 7.0


def opacity_of(state: str) -> float:
    """How strongly a target in this state shows."""
    return _FADED if state == "lost" else 1.0


def paint_box(
    painter: QPainter, area: QRectF, tint: Colour, state: str, *, is_selected: bool
) -> None:
    """The outline: solid while it is followed, dashed while it is uncertain or lost."""
    is_dashed = state in ("uncertain", "lost")
    line = _SELECTED_LINE if is_selected else _LINE
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_RIM, line + 2.0), (QColor(*tint), line)):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if is_dashed:
            # the pattern counts in widths of the pen: the same dashes for both strokes
            pen.setDashPattern([_DASH / width, _GAP / width])
        painter.setPen(pen)
        painter.drawRect(area)


def paint_caption(
    painter: QPainter, area: QRectF, bounds: QRectF, item: Item, taken: Sequence[QRectF]
) -> QRectF:
    """The caption of a target on a ground of its colour, beside its box, in the painter's font.

    Args:
        painter: paints on the widget.
        area: the box, in the widget.
        bounds: what the caption stays inside of; it is cut with an ellipsis where it is wider.
        item: the target.
        taken: where other captions are.

    Returns:
        Where it was painted.
    """
    metrics = QFontMetricsF(painter.font())
    widest = max(bounds.width() - 2 * _CAPTION_PAD, 0.0)
    text = metrics.elidedText(item.caption, Qt.TextElideMode.ElideRight, widest)
    size = QSizeF(metrics.horizontalAdvance(text) + 2 * _CAPTION_PAD, metrics.height() + 4)
    ground = caption_place(area, bounds, size, taken)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*item.tint))
    painter.drawRoundedRect(ground, 4, 4)
    painter.setPen(QColor(*contrasting(item.tint)))
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)
    return ground


def caption_place(area: QRectF, bounds: QRectF, size: QSizeF, taken: Sequence[QRectF]) -> QRectF:
    """The first of: above the box, under it, in its upper and lower edge; inside `bounds` and over
    no other caption. Where none is free, the first inside `bounds`; where none is that, the last,
    pushed inside."""
    width, height = size.width(), size.height()
    x = min(max(area.x() - 1.5, bounds.x()), max(bounds.x(), bounds.right() - width))
    tops = (
        area.y() - height - 3, area.bottom() + 3, area.y() + 3, area.bottom() - height - 3,
    )  # fmt: skip
    places = [
        QRectF(x, y, width, height) for y in tops
        if bounds.y() <= y and y + height <= bounds.bottom()
    ]  # fmt: skip
    free = [p for p in places if not any(p.intersects(other) for other in taken)]
    if free or places:
        return (free or places)[0]
    y = min(max(tops[-1], bounds.y()), bounds.bottom() - height)
    return QRectF(x, y, width, height)


def paint_handles(painter: QPainter, places: Iterable[QPointF], tint: Colour) -> None:
    """Squares to take hold of, white with a rim of the target's colour and a dark one."""
    half = HANDLE_SIZE / 2
    for place in places:
        square = QRectF(place.x() - half, place.y() - half, HANDLE_SIZE, HANDLE_SIZE)
        painter.setPen(QPen(_RIM, 3.5))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawRect(square)
        painter.setPen(QPen(QColor(*tint).darker(130), 1.5))
        painter.drawRect(square)
