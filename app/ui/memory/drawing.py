"""How the parts of the attention view are painted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPainterPath, QPalette, QPen

from app.core.overlay import Colour
from app.ui.canvas.heat import heat, paint_pixels

_Role = QPalette.ColorRole
_RIM, _LINE = QColor(0, 0, 0, 190), QColor(255, 255, 255)
_THINNEST, _THICKEST = 1.2, 15.0
"""Of a band for a share of 0, and what a share of 1 adds; pixels."""
_MOST = 225.0
"""Alpha of the brightest heat."""


def ground(painter: QPainter, area: QRectF, palette: QPalette, *, focus: bool) -> None:
    """What everything lies on; with a rim where the keyboard is."""
    pen = QPen(palette.color(_Role.Link if focus else _Role.Midlight), 2 if focus else 1)
    painter.setPen(pen)
    painter.setBrush(palette.color(_Role.Base))
    inset = pen.widthF() / 2
    painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), 8, 8)


def heat_over(painter: QPainter, area: QRectF, values: NDArray[np.floating]) -> None:
    """A map over a picture, each cell as it is: a token is looked at, not a point."""
    pixels = heat(values)
    # what is not looked at stays as it is
    pixels[..., 3] = (_MOST * np.sqrt(np.clip(values, 0, 1))).round()
    paint_pixels(painter, area, pixels, smooth=False)


def token_grid(painter: QPainter, area: QRectF, grid: int, template_grid: int | None) -> None:
    """Lines between tokens; the part that a template covers is framed."""
    pitch = area.width() / grid
    painter.setPen(QPen(QColor(255, 255, 255, 42), 0))
    lines = []
    for k in range(1, grid):
        x, y = area.left() + k * pitch, area.top() + k * pitch
        lines += [QLineF(x, area.top(), x, area.bottom()), QLineF(area.left(), y, area.right(), y)]
    if lines:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLines(*lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if template_grid is None:
        return
    inset = (grid - template_grid) / 2 * pitch
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((QColor(0, 0, 0, 90), 2.4), (QColor(255, 255, 255, 150), 1.1)):
        pen = QPen(colour, width)
        pen.setDashPattern([4 / width, 4 / width])
        painter.setPen(pen)
        painter.drawRect(area.adjusted(inset, inset, -inset, -inset))


def target_box(painter: QPainter, area: QRectF, box: QRectF, tint: Colour) -> None:
    """The target in its colour."""
    painter.save()
    painter.setClipRect(area)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_RIM, 3.2), (QColor(*tint), 1.8)):
        painter.setPen(QPen(colour, width))
        painter.drawRect(box)
    painter.restore()


def token(painter: QPainter, cell: QRectF, *, locked: bool) -> None:
    """The token that is shown; filled where it was chosen to stay."""
    painter.setBrush(QColor(255, 255, 255, 90) if locked else Qt.BrushStyle.NoBrush)
    for colour, width in ((_RIM, 4.4), (_LINE, 2.2)):
        painter.setPen(QPen(colour, width))
        painter.drawRoundedRect(cell.adjusted(-1, -1, 1, 1), 2.5, 2.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def same_place(painter: QPainter, cell: QRectF, area: QRectF) -> None:
    """Where a token's own place is in another frame."""
    painter.save()
    painter.setClipRect(area)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((_RIM, 3.0), (_LINE, 1.4)):
        painter.setPen(QPen(colour, width))
        painter.drawRoundedRect(cell, 2, 2)
    painter.restore()


def bands(
    painter: QPainter, cell: QRectF, search: QRectF, others: Sequence[QRectF],
    shares: Sequence[float], tint: Colour, *, beside: bool,
) -> None:  # fmt: skip
    """A band from a token to each picture of a row, as broad as the share that goes there."""
    widths = [_THINNEST + _THICKEST * share for share in shares]
    paths = _over(cell, search, others, widths) if beside else _down(cell, search, others)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    flat = Qt.PenCapStyle.FlatCap
    for colour, extra in ((QColor(0, 0, 0, 90), 1.6), (QColor(*tint, 205), 0.0)):
        for path, width in zip(paths, widths, strict=True):
            painter.setPen(QPen(colour, width + extra, cap=flat, join=Qt.PenJoinStyle.RoundJoin))
            painter.drawPath(path)


def _over(
    cell: QRectF, search: QRectF, others: Sequence[QRectF], widths: Sequence[float]
) -> list[QPainterPath]:
    """To the right, along above the pictures, and down into each; the farthest one outermost."""
    top = others[0].top()
    whole = sum(widths)
    y = (search.top() + top) / 2 - whole / 2
    paths = []
    for area, width in zip(reversed(others), reversed(widths), strict=True):
        lane = y + width / 2
        y += width
        start = QPointF(cell.right(), cell.center().y() + (lane - (search.top() + top) / 2) / 2)
        turn = max(search.right(), start.x()) + 12
        middle = (start.x() + turn) / 2
        bend = min(12.0, top - 3 - lane)
        path = QPainterPath(start)
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, lane), QPointF(turn, lane))
        path.lineTo(area.center().x() - bend, lane)
        path.quadTo(QPointF(area.center().x(), lane), QPointF(area.center().x(), lane + bend))
        path.lineTo(area.center().x(), top - 2)
        paths.append(path)
    return paths[::-1]


def _down(cell: QRectF, search: QRectF, others: Sequence[QRectF]) -> list[QPainterPath]:
    start = QPointF(cell.center().x(), cell.bottom())
    paths = []
    for area in others:
        end = QPointF(area.center().x(), area.top() - 2)
        middle = (max(search.bottom(), start.y()) + end.y()) / 2
        path = QPainterPath(start)
        path.cubicTo(QPointF(start.x(), middle), QPointF(end.x(), search.bottom()), end)
        paths.append(path)
    return paths


def scale(painter: QPainter, area: QRectF, palette: QPalette) -> None:
    """The colours of heat from none to most, on the ground of the palette."""
    pixels = heat(np.linspace(0, 1, 64)[None])
    pixels[..., 3] = 255
    image = QImage(
        pixels.data,  # type: ignore[call-overload]
        64, 1, 256, QImage.Format.Format_RGBA8888,
    )  # fmt: skip
    path = QPainterPath()
    path.addRoundedRect(area, 2, 2)
    painter.save()
    painter.setClipPath(path)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(area, image)
    painter.restore()
    painter.setPen(QPen(palette.color(_Role.Mid), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, 2, 2)
