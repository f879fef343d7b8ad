"""A line of text over a box, in which its label is edited."""

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

_LONGEST = 60
_LEAST_WIDTH = 140


class RenameEdit(QLineEdit):
    """Enter or a click elsewhere takes the text, Esc leaves the label as it was."""

    ended = pyqtSignal(object)
    """The new label, without spaces around it; None where it stays as it was. Comes once."""

    def __init__(self, target: int, label: str, parent: QWidget) -> None:
        super().__init__(label, parent)
        self.target = target
        """Id of the target whose label it is."""
        self._label = label
        self._is_open = True
        self.setMaxLength(_LONGEST)
        self.setPlaceholderText(self.tr("Name of the target"))
        self.setAccessibleName(self.tr("Name of the target"))
        self.returnPressed.connect(self.take)
        self.selectAll()

    def place(self, area: QRectF, bounds: QRectF) -> None:
        """Stand over a box `area` of the widget, inside `bounds`."""
        height = self.sizeHint().height()
        width = min(max(area.width(), _LEAST_WIDTH), max(bounds.width(), 1.0))
        x = min(max(area.x(), bounds.x()), bounds.right() - width)
        y = min(max(area.y() - height - 2, bounds.y()), bounds.bottom() - height)
        self.setGeometry(round(x), round(y), round(width), height)

    def take(self) -> None:
        """End with the text as it is."""
        text = self.text().strip()
        self._end(text if text != self._label else None)

    def cancel(self) -> None:
        """End without a change."""
        self._end(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusOutEvent(event)
        # the menu of the line itself takes the focus, and gives it back
        if event is not None and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.take()

    def _end(self, label: str | None) -> None:
        if self._is_open:
            self._is_open = False
            self.ended.emit(label)
