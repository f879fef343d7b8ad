"""The dot of the record button, told apart by its shape as well as by its colour."""

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

_SIDE = 64
_RED = QColor(213, 94, 0)
"""Vermilion, which colour-blind eyes tell from the ground."""


def ring(tint: QColor) -> QIcon:
    """Nothing is recorded: a small red dot within a ring of the text's colour."""
    return _drawn(tint, inner=11, filled=True)


def disc(tint: QColor, *, full: bool) -> QIcon:
    """Something is recorded: a disc that fills the ring, hollow every other time."""
    return _drawn(tint, inner=20, filled=full)


def _drawn(tint: QColor, *, inner: float, filled: bool) -> QIcon:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    centre = QPointF(_SIDE / 2, _SIDE / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(tint, 4))
    painter.drawEllipse(centre, 28, 28)
    if filled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_RED)
    else:
        painter.setPen(QPen(_RED, 6))
        inner -= 3
    painter.drawEllipse(centre, inner, inner)
    painter.end()
    return QIcon(pixmap)
