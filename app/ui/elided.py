"""A label that takes the room there is: what does not fit ends in an ellipsis."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """One line of plain text; where it is cut, the tooltip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def shown(self) -> str:
        """What can be read of the text."""
        room = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def setText(self, text: str | None) -> None:  # noqa: N802
        """Show another text."""
        super().setText(text)
        self._explain()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A few letters."""
        return QSize(3 * self.fontMetrics().height(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Cut the text elsewhere."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Write what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        area: QRect = self.contentsRect()
        painter.drawText(area, int(self.alignment()), self.shown)

    def _explain(self) -> None:
        self.setToolTip(self.text() if self.shown != self.text() else "")
