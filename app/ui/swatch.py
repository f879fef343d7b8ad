"""A dot of a target's colour, for menus and lists."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap

from app.core.overlay import Colour

_SIDE = 16


def swatch(colour: Colour, palette: QPalette) -> QIcon:
    """A disc with a rim that shows on the ground of `palette`, whatever the colour."""
    pixels = QPixmap(2 * _SIDE, 2 * _SIDE)
    pixels.setDevicePixelRatio(2.0)
    pixels.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixels)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.WindowText), 1))
    painter.setBrush(QColor(*colour))
    painter.drawEllipse(QRectF(2, 2, _SIDE - 4, _SIDE - 4))
    painter.end()
    return QIcon(pixels)
