"""Widgets of equal width in as many columns as there is room for."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QWidget

_SPACING = 12


class FlowGrid(QWidget):
    """Fills rows from the left; the number of columns follows from the width."""

    def __init__(self, least: int, columns: Sequence[int], parent: QWidget | None = None) -> None:
        """Keep widgets at `least` pixels wide or more.

        Args:
            least: width of a widget, in pixels of a font of 10 points.
            columns: numbers of columns that are allowed, increasing.
            parent: of this widget.
        """
        super().__init__(parent)
        self._least, self._columns = least, tuple(columns)
        self._widgets: list[QWidget] = []
        self._shown = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_SPACING)
        self._grid.setAlignment(Qt.AlignmentFlag.AlignTop)

    @property
    def columns(self) -> int:
        """As many as there is room for now."""
        least = self._least * self.fontMetrics().height() / 17
        room = int((self.width() + _SPACING) // (least + _SPACING))
        return max([n for n in self._columns if n <= room], default=self._columns[0])

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Show `widgets`; those shown before are deleted unless among them."""
        for old in self._widgets:
            self._grid.removeWidget(old)
            if old not in widgets:
                old.hide()
                old.deleteLater()
        self._widgets, self._shown = list(widgets), 0
        for widget in self._widgets:
            widget.setParent(self)
            widget.show()
        self._lay_out()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as one widget: the columns of now must not keep the width."""
        widest = max((w.minimumSizeHint().width() for w in self._widgets), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Choose the columns anew."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        columns = self.columns
        if columns == self._shown:
            return
        self._shown = columns
        for number, widget in enumerate(self._widgets):
            self._grid.removeWidget(widget)
            self._grid.addWidget(widget, number // columns, number % columns)
        for column in range(max(self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
