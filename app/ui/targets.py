"""The list of targets beside the picture: colour, state, score, and a button to remove each."""

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.overlay import Mark, colour_of
from app.ui import icons

_HINT = "Drag a box around anything in the picture to follow it.\n\nEsc cancels the drag."


class TargetRow(QFrame):
    """One target."""

    remove_wanted = pyqtSignal(int)

    def __init__(self, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._id = mark.id
        name = QLabel(f"{mark.id}  {mark.label}".rstrip())
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        self.state = QLabel()
        self.state.setObjectName("muted")
        self.score = QProgressBar()
        self.score.setRange(0, 100)
        self.score.setTextVisible(False)
        self.score.setFixedHeight(6)
        self.score.setToolTip("Score: how sure the tracker is, 0 to 1")
        red, green, blue = colour_of(mark.id)
        self.score.setStyleSheet(
            f"QProgressBar::chunk {{ background: rgb({red}, {green}, {blue}); }}"
        )
        dot = QLabel()
        dot.setFixedSize(12, 12)
        dot.setStyleSheet(
            f"background: rgb({red}, {green}, {blue}); border: 1px solid palette(mid);"
            "border-radius: 6px;"
        )
        self.remove = QToolButton()
        self.remove.setToolTip(f"Remove target {mark.id}")
        self.remove.setAccessibleName(f"Remove target {mark.id}")
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self._id))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(dot)
        line.addWidget(name)
        line.addStretch()
        line.addWidget(self.state)
        line.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.addLayout(line)
        column.addWidget(self.score)
        self._draw_icon()
        self.show_mark(mark)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._draw_icon()

    def _draw_icon(self) -> None:
        tint = self.palette().color(QPalette.ColorRole.WindowText)
        self.remove.setIcon(icons.cross(tint))

    def show_mark(self, mark: Mark) -> None:
        """Show the state and score of `mark`."""
        self.state.setText(f"{mark.state}  {mark.score:.2f}")
        self.score.setValue(round(100 * min(max(mark.score, 0), 1)))


class TargetList(QFrame):
    """All targets, in order of id."""

    remove_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("targets")
        self.setFixedWidth(244)
        self.rows: dict[int, TargetRow] = {}
        title = QLabel("Targets")
        font = title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() + 1)
        title.setFont(font)
        title.setContentsMargins(12, 10, 8, 2)
        self._hint = QLabel(_HINT)
        self._hint.setObjectName("muted")
        self._hint.setWordWrap(True)
        self._hint.setContentsMargins(12, 4, 12, 4)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._hint)
        self._column.addStretch()
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(title)
        outer.addWidget(area)

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show these targets and no others."""
        present = {mark.id for mark in marks}
        for gone in [number for number in self.rows if number not in present]:
            row = self.rows.pop(gone)
            row.hide()
            row.deleteLater()
        for mark in marks:
            if mark.id in self.rows:
                self.rows[mark.id].show_mark(mark)
            else:
                row = TargetRow(mark)
                row.remove_wanted.connect(self.remove_wanted)
                self.rows[mark.id] = row
                self._column.insertWidget(self._column.count() - 1, row)
        self._hint.setVisible(not marks)
