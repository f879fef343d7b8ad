"""What the help menu shows: shortcuts, what this computer can, what the program is."""

from unicodedata import east_asian_width

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import (
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.doctor import Check, Status, run_checks
from app.ui import icons
from app.ui.background import Background
from app.ui.dialogs import ShortcutsDialog
from app.ui.dialogs.base import Dialog
from app.ui.sentences import worded
from app.ui.window.actions import Actions
from app.ui.window.faults import program_version

_SIGNS = {Status.OK: "✓", Status.ABSENT: "–", Status.MISSING: "✗"}


class Help(QObject):
    """Opens each of them over the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.actions: Actions | None = None
        """Whose keys are listed; set once they are made."""

    def show_shortcuts(self) -> None:
        """All actions and their keys."""
        rows = self.actions.shortcuts() if self.actions is not None else []
        dialog = ShortcutsDialog(rows, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_doctor(self) -> None:
        """What of this computer can be used."""
        dialog = DoctorDialog(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def show_about(self) -> None:
        """What the program is."""
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("About SpaceTime Tracker"))
        box.setIconPixmap(icons.logo().pixmap(64, 64))
        box.setText(f"<b>SpaceTime Tracker</b> {program_version()}")
        box.setInformativeText(
            self.tr(
                "Point at anything in a video and have it followed. Everything happens on this "
                "computer; nothing is sent anywhere."
            )
            + "\n\nGPL-3.0-or-later"
        )
        box.addButton(QMessageBox.StandardButton.Close)
        box.finished.connect(box.deleteLater)
        box.open()


class DoctorDialog(Dialog):
    """Findings, each as it comes; they can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.failed.connect(self._failed)
        self._checks: list[Check] | None = None
        self._hint = QLabel()
        self._hint.setObjectName("muted")
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = QPushButton()
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self._hint)
        column.addWidget(self.report, stretch=1)
        column.addWidget(buttons)
        self.resize(720, 420)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.retranslate()
        self._background.run(lambda: list(run_checks()), self._found, name="doctor")

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Check this computer"))
        self.copy.setText(self.tr("Copy"))
        self.copy.setToolTip(self.tr("Copy the findings to the clipboard"))
        self.report.setAccessibleName(self.tr("Findings"))
        if self._checks is None:
            self._hint.setText(self.tr("Trying everything, which takes a few seconds…"))
            return
        self.report.setPlainText(_report(self._checks))
        missing = sum(check.status is Status.MISSING for check in self._checks)
        self._hint.setText(
            self.tr("Missing: {count}. What mends it is named below.").format(count=missing)
            if missing
            else self.tr("All that is needed is there.")
        )

    def _found(self, checks: list[Check]) -> None:
        self._checks = checks
        self.retranslate()

    def _failed(self, sentence: str) -> None:
        self.report.setPlainText(worded(sentence))

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.report.toPlainText() + "\n")


def _report(checks: list[Check]) -> str:
    """The findings in two columns."""
    names = [worded(check.name) for check in checks]
    width = max(map(_cells, names), default=0)
    lines = []
    for name, check in zip(names, checks, strict=True):
        gap = " " * (width - _cells(name) + 2)
        lines.append(f"{_SIGNS[check.status]} {name}{gap}{worded(check.detail)}")
        if check.fix:
            lines.append(f"{'':{width + 4}}→ {worded(check.fix)}")
    return "\n".join(lines)


def _cells(text: str) -> int:
    """How wide a text is where every letter is as wide, and Chinese ones twice that."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
