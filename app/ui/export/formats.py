"""The choice of a format, each with a line that says what it is for."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.core.studio.exporting import EXPORTS, Kind


class FormatChoice(QWidget):
    """Radio buttons in two groups, tables and videos."""

    changed = pyqtSignal(str)

    def __init__(self, *, has_video: bool, parent: QWidget | None = None) -> None:
        """Offer every format; without pictures, videos are shown but cannot be chosen."""
        super().__init__(parent)
        self.buttons: dict[str, QRadioButton] = {}
        self._lines: dict[str, QLabel] = {}
        self._has_video = has_video
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self._boxes = {kind: self._box(kind) for kind in Kind}
        for box in self._boxes.values():
            row.addWidget(box, stretch=1)
        self._boxes[Kind.VIDEO].setEnabled(has_video)
        self.buttons["csv"].setChecked(True)
        self.retranslate()

    @property
    def chosen(self) -> str:
        """Name of the format, one of `EXPORTS`."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self._boxes[Kind.TABLE].setTitle(self.tr("Table of boxes"))
        self._boxes[Kind.VIDEO].setTitle(
            self.tr("Video") if self._has_video else self.tr("Video (the pictures are gone)")
        )
        for name, (text, line) in self._texts().items():
            self.buttons[name].setText(text)
            self.buttons[name].setToolTip(line)
            self.buttons[name].setAccessibleDescription(line)
            self._lines[name].setText(line)

    def _texts(self) -> dict[str, tuple[str, str]]:
        return {
            "csv": (self.tr("CSV"), self.tr("Every value, for spreadsheets and scripts")),
            "jsonl": (self.tr("JSON Lines"), self.tr("One JSON object per target and frame")),
            "mot": (
                self.tr("MOTChallenge"),
                self.tr("Text for the tools that rate many-target trackers"),
            ),
            "coco": (self.tr("COCO"), self.tr("JSON that labelling and training tools read")),
            "otb": (self.tr("OTB"), self.tr("One box per frame; a file for each target")),
            "got10k": (
                self.tr("GOT-10k"),
                self.tr("As OTB, with absence and cover; a file for each target"),
            ),
            "annotated": (
                self.tr("With boxes"),
                self.tr("Boxes, labels and, if you like, trails drawn on it"),
            ),
            "hide-targets": (
                self.tr("Targets hidden"),
                self.tr("Nobody can tell who or what was in the boxes"),
            ),
            "hide-surroundings": (
                self.tr("Surroundings hidden"),
                self.tr("Only what is in the boxes stays sharp"),
            ),
        }

    def _toggled(self, name: str, on: bool) -> None:
        if on:
            self.changed.emit(name)

    def _box(self, kind: Kind) -> QGroupBox:
        box = QGroupBox()
        column = QVBoxLayout(box)
        column.setSpacing(2)
        for name, format in EXPORTS.items():
            if format.kind is not kind:
                continue
            button = QRadioButton()
            button.toggled.connect(lambda on, name=name: self._toggled(name, on))
            self._group.addButton(button)
            line = QLabel()
            line.setObjectName("muted")
            line.setIndent(24)
            column.addWidget(button)
            column.addWidget(line)
            column.addSpacing(4)
            self.buttons[name], self._lines[name] = button, line
        column.addStretch(1)
        return box
