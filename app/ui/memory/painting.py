"""What the widgets of this package paint alike: pictures with round corners, bars, pins."""

import cv2
import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
    QPolygonF,
)

from app.core.overlay import Colour
from model.images import Frame

_Role = QPalette.ColorRole
CORNER = 5.0


class Picture:
    """A picture scaled to the screen with round corners, kept as long as nothing changes."""

    def __init__(self) -> None:
        self._rgb: Frame | None = None
        self._key = (0, 0.0)
        self._image = QImage()

    def paint(self, painter: QPainter, area: QRectF, rgb: Frame, ratio: float) -> None:
        """Fill a square.

        Args:
            painter: paints on the widget.
            area: of the widget.
            rgb: `(S, S, 3)` uint8 RGB.
            ratio: device pixels per pixel of the widget.
        """
        key = (max(1, round(area.width() * ratio)), ratio)
        if rgb is not self._rgb or key != self._key:
            self._rgb, self._key = rgb, key
            self._image = _rounded(rgb, key[0], CORNER * ratio)
            self._image.setDevicePixelRatio(ratio)
        painter.drawImage(area.topLeft(), self._image)


def _rounded(rgb: Frame, side: int, corner: float) -> QImage:
    how = cv2.INTER_AREA if side < rgb.shape[0] else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(rgb, (side, side), interpolation=how), np.uint8)
    data = np.ascontiguousarray(pixels).tobytes()
    flat = QImage(data, side, side, 3 * side, QImage.Format.Format_RGB888)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(flat))
    painter.drawRoundedRect(QRectF(0, 0, side, side), corner, corner)
    painter.end()
    return image


def paint_bar(
    painter: QPainter, area: QRectF, share: float, tint: Colour, palette: QPalette
) -> None:
    """A bar that is filled to a share, 0..1."""
    painter.save()
    radius = area.height() / 2
    path = QPainterPath()
    path.addRoundedRect(area, radius, radius)
    painter.fillPath(path, palette.color(_Role.Midlight))
    painter.setClipPath(path)
    filled = QRectF(area)
    filled.setWidth(area.width() * min(max(share, 0.0), 1.0))
    painter.fillRect(filled, QColor(*tint))
    painter.setClipping(False)
    # so that white and yellow show on a light ground
    painter.setPen(QPen(palette.color(_Role.Dark), 0.8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def paint_pin(painter: QPainter, area: QRectF, *, pinned: bool) -> None:
    """A pin on a dark disc; only its outline where it does not hold."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 17, 20, 215 if pinned else 150))
    painter.drawEllipse(area)
    painter.translate(area.center())
    painter.rotate(38)
    unit = area.width() / 24
    white = QColor(255, 255, 255)
    painter.setPen(QPen(white, 1.5 * unit, cap=Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(0, 2 * unit), QPointF(0, 8 * unit))
    painter.setPen(QPen(white, 1.3 * unit, join=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(white if pinned else Qt.BrushStyle.NoBrush)
    shape = [(-2.2, -7), (2.2, -7), (2.2, -2), (4.2, 2), (-4.2, 2), (-2.2, -2)]
    painter.drawPolygon(QPolygonF([QPointF(x * unit, y * unit) for x, y in shape]))
    painter.restore()


def paint_cross(painter: QPainter, area: QRectF) -> None:
    """A cross on a dark disc."""
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 17, 20, 150))
    painter.drawEllipse(area)
    painter.setPen(QPen(QColor(255, 255, 255), area.width() / 14, cap=Qt.PenCapStyle.RoundCap))
    inner = area.adjusted(*(s * area.width() * 0.32 for s in (1, 1, -1, -1)))
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


def disc(tint: Colour, rim: QColor, ratio: float) -> QPixmap:
    """A disc in the colour of a target, for a screen of so many device pixels per pixel."""
    pixels = QPixmap(round(14 * ratio), round(14 * ratio))
    pixels.setDevicePixelRatio(ratio)
    pixels.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixels)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(rim, 1))
    painter.setBrush(QColor(*tint))
    painter.drawEllipse(QRectF(1, 1, 12, 12))
    painter.end()
    return pixels
