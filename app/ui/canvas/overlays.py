"""What is painted around the boxes: trail, search region, drawn box, and notes on the picture."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.core.overlay import Colour

_FADES = 6
"""Steps in which a trail fades."""
_APART = 4.0
"""Least length of a line of a trail, logical pixels along both axes together."""
_NOTE_GROUND = QColor(16, 17, 20, 205)
_NOTE_TEXT = QColor(255, 255, 255)


def paint_trail(
    painter: QPainter, points: NDArray[np.float64], strength: NDArray[np.float64], tint: Colour
) -> None:
    """A line through points of the widget, oldest first.

    Args:
        painter: paints on the widget.
        points: `(N, 2)`; a row of NaN interrupts the line.
        strength: `(N,)` of 0..1, growing: how strongly the line shows at each point.
        tint: colour of the target.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    lines = faded_lines(points, strength)
    half = _FADES // 2
    # every change of the pen costs as much as several lines
    for old_or_new, alpha in ((lines[:half], 35), (lines[half:], 85)):
        _draw_lines(painter, [line for part in old_or_new for line in part],
                    QColor(0, 0, 0, alpha), 4)  # fmt: skip
    for fade, part in enumerate(lines, 1):
        _draw_lines(painter, part, QColor(*tint, round(255 * fade / _FADES)), 2)


def _draw_lines(painter: QPainter, lines: list[QLineF], colour: QColor, width: float) -> None:
    if not lines:
        return
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    # single lines take Qt a third of the time of a polyline
    painter.drawLines(*lines)


def faded_lines(
    points: NDArray[np.float64], strength: NDArray[np.float64]
) -> tuple[list[QLineF], ...]:
    """The lines from point to point in `_FADES` steps, the faintest first.

    Points that hardly lie apart are passed over, but for the last before a gap: lines shorter than
    they are wide look torn.

    Args:
        points: `(N, 2)`; a row of NaN interrupts the line.
        strength: `(N,)` of 0..1; a line shows as its end does.
    """
    step = np.clip((strength * _FADES).astype(int), 0, _FADES - 1).tolist()
    lines: tuple[list[QLineF], ...] = tuple([] for _ in range(_FADES))
    places, known = points.tolist(), np.isfinite(points[:, 0]).tolist()
    last: list[float] | None = None
    for k, place in enumerate(places):
        if not known[k]:
            last = None
        elif last is None:
            last = place
        elif _are_apart(last, place) or not (k + 1 < len(places) and known[k + 1]):
            lines[step[k]].append(QLineF(*last, *place))
            last = place
    return lines


def _are_apart(one: list[float], other: list[float]) -> bool:
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) >= _APART


def paint_region(painter: QPainter, area: QRectF, tint: Colour) -> None:
    """Where the tracker looked: thin dots, so that nobody takes it for the box."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 130), 3.0), (QColor(*tint), 1.4)):
        pen = QPen(colour, width)
        pen.setDashPattern([2.0 / width, 5.0 / width])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawRect(area)


def paint_drawn(painter: QPainter, area: QRectF) -> None:
    """The box that is being drawn."""
    painter.setBrush(QColor(255, 255, 255, 36))
    for colour, width in ((QColor(0, 0, 0, 170), 3.5), (QColor(255, 255, 255), 1.5)):
        pen = QPen(colour, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_hint(painter: QPainter, bounds: QRectF, text: str, taken: QRectF | None = None) -> None:
    """A sentence at the bottom of the widget, wrapped where it is narrow; above what is `taken`
    where it would cover that."""
    flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
    room = bounds.adjusted(32, 8, -32, -24)
    size = painter.fontMetrics().boundingRect(room.toRect(), flags, text).size()
    ground = QRectF(0, 0, size.width() + 32, size.height() + 16)
    ground.moveCenter(QPointF(bounds.center().x(), 0))
    ground.moveBottom(bounds.bottom() - 16)
    if taken is not None and ground.intersects(taken):
        ground.moveBottom(taken.top() - 6)
    _paint_ground(painter, ground, min(ground.height() / 2, 18))
    # no wider than it was measured, or its lines would break elsewhere
    painter.drawText(ground.adjusted(14, 0, -14, 0), flags, text)


def paint_note(painter: QPainter, corner: QPointF, text: str) -> QRectF:
    """A few words whose bottom right corner is at `corner`; where they are."""
    metrics = QFontMetricsF(painter.font())
    ground = QRectF(0, 0, metrics.horizontalAdvance(text) + 16, metrics.height() + 6)
    ground.moveBottomRight(corner)
    _paint_ground(painter, ground, 4)
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)
    return ground


def paint_size(painter: QPainter, area: QRectF, bounds: QRect, width: float, height: float) -> None:
    """Width and height of a box, pixels of the frame, under its bottom right corner."""
    corner = area.bottomRight() + QPointF(0, 30)
    corner.setY(min(corner.y(), bounds.bottom() - 4))
    paint_note(painter, corner, f"{width:.0f} × {height:.0f}")


def _paint_ground(painter: QPainter, ground: QRectF, radius: float) -> None:
    painter.setPen(QPen(QColor(255, 255, 255, 60), 1))
    painter.setBrush(_NOTE_GROUND)
    painter.drawRoundedRect(ground, radius, radius)
    painter.setPen(_NOTE_TEXT)
