"""The range of frames, and the targets, of an export."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QGroupBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core.overlay import PALETTE
from app.core.player.document import DocumentState
from app.ui.canvas.scene import name_of
from app.ui.swatch import swatch

_ID = Qt.ItemDataRole.UserRole


class RangeChoice(QGroupBox):
    """All frames, or those from one to another."""

    changed = pyqtSignal()

    def __init__(self, document: DocumentState, frames: int | None) -> None:
        """Begin with the in and out points, where there are any.

        Args:
            document: with the in and out points.
            frames: of the source; None where it is not known.
        """
        super().__init__()
        self.all, self.part = QRadioButton(), QRadioButton()
        group = QButtonGroup(self)
        group.addButton(self.all)
        group.addButton(self.part)
        last = (frames if frames is not None else _end(document)) - 1
        self.first, self.last = self._spin(max(last, 0)), self._spin(max(last, 0))
        self.first.setValue(document.in_frame or 0)
        self.last.setValue(document.out_frame if document.out_frame is not None else max(last, 0))
        has_points = document.in_frame is not None or document.out_frame is not None
        (self.part if has_points else self.all).setChecked(True)
        self._to = QLabel()
        grid = QGridLayout(self)
        grid.addWidget(self.all, 0, 0, 1, 4)
        grid.addWidget(self.part, 1, 0)
        grid.addWidget(self.first, 1, 1)
        grid.addWidget(self._to, 1, 2)
        grid.addWidget(self.last, 1, 3)
        grid.setColumnStretch(4, 1)
        grid.setRowStretch(2, 1)
        self.all.toggled.connect(self._refresh)
        self._refresh()
        self.retranslate()

    @property
    def chosen(self) -> tuple[int | None, int | None]:
        """First and last frame; None for that of the source."""
        if self.all.isChecked():
            return (None, None)
        return (self.first.value(), self.last.value())

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setTitle(self.tr("Frames"))
        self.all.setText(self.tr("All"))
        self.all.setToolTip(self.tr("Every frame of the source"))
        self.part.setText(self.tr("From"))
        self.part.setToolTip(self.tr("Only these; the in and out points of the timeline, if set"))
        self._to.setText(self.tr("to"))
        self.first.setToolTip(self.tr("Number of the first frame, counted from 0"))
        self.last.setToolTip(self.tr("Number of the last frame, itself included"))
        self.first.setAccessibleName(self.tr("First frame"))
        self.last.setAccessibleName(self.tr("Last frame"))

    def _spin(self, last: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(0, last)
        spin.setMinimumWidth(88)
        spin.valueChanged.connect(self.changed)
        return spin

    def _refresh(self) -> None:
        for widget in (self.first, self.last):
            widget.setEnabled(self.part.isChecked())
        self.changed.emit()


class TargetChoice(QGroupBox):
    """Targets to tick, each with its colour, number and label."""

    changed = pyqtSignal()

    def __init__(self, document: DocumentState, parent: QWidget | None = None) -> None:
        """Begin with those ticked that can be seen."""
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setMinimumHeight(96)
        # a long name ends in an ellipsis
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for target in sorted(document.targets, key=lambda target: target.id):
            tint = PALETTE[target.colour % len(PALETTE)]
            item = QListWidgetItem(swatch(tint, self.palette()), name_of(target.id, target.label))
            item.setData(_ID, target.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if target.visible else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.itemChanged.connect(lambda _: self.changed.emit())
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        self.retranslate()

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the ticked ones."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return tuple(
            int(item.data(_ID))
            for item in items
            if item is not None and item.checkState() == Qt.CheckState.Checked
        )

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setTitle(self.tr("Targets"))
        self.list.setToolTip(self.tr("Which targets to export; space ticks the chosen one"))
        self.list.setAccessibleName(self.tr("Targets to export"))


def _end(document: DocumentState) -> int:
    """The frame after the last one tracked."""
    ends = [int(t.rows.columns().frame[-1]) for t in document.targets if len(t.rows)]
    return max([*ends, document.out_frame or 0]) + 1
