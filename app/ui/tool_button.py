"""A button without a frame that shows when it has the keyboard."""

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QToolButton, QWidget

from app.ui.keys import came_by_key

_WIDTH, _RADIUS = 1.5, 4.0
"""Of the ring, logical pixels."""


class ToolButton(QToolButton):
    """Has a ring once Tab came to it: the style tints such a button, which can hardly be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_ring = False

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._has_ring = came_by_key(event)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        super().paintEvent(event)
        if self._has_ring and self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            # as clear as the text, whatever the ground is
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.ButtonText), _WIDTH))
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(area, _RADIUS, _RADIUS)
            painter.end()
