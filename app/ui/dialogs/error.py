"""An error: one sentence, and on demand its details, to be copied."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFontDatabase, QGuiApplication
from PyQt6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from app.ui.dialogs.base import Dialog, button
from app.ui.sentences import worded

_Button = QDialogButtonBox.StandardButton
_WIDTH, _SIGN = 520, 40


class ErrorDialog(Dialog):
    """Says what went wrong."""

    def __init__(self, sentence: str, detail: str = "", parent: QWidget | None = None) -> None:
        """Show `sentence`; `detail`, if any, is hidden until asked for."""
        super().__init__(parent)
        self.sentence, self.detail = sentence, detail
        sign = QLabel()
        style = self.style()
        if style is not None:
            icon = style.standardIcon(QStyle.StandardPixmap.SP_MessageBoxCritical)
            sign.setPixmap(icon.pixmap(QSize(_SIGN, _SIGN)))
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(_WIDTH - 120)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text = QPlainTextEdit(detail)
        self._text.setReadOnly(True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setMinimumHeight(160)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._text.hide()
        self.details = QPushButton(self)
        self.details.setCheckable(True)
        self.details.toggled.connect(self._show_detail)
        self.copy = QPushButton()
        self.copy.clicked.connect(self.copy_all)
        self._buttons = QDialogButtonBox(_Button.Close)
        self._buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        if detail:
            self._buttons.addButton(self.details, QDialogButtonBox.ButtonRole.ActionRole)
        else:
            self.details.hide()
        for other in (self.copy, self.details):
            other.setAutoDefault(False)
        self._buttons.rejected.connect(self.reject)
        button(self._buttons, _Button.Close).setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(sign)
        row.addWidget(self._words, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(row)
        column.addWidget(self._text, stretch=1)
        column.addWidget(self._buttons)
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Something went wrong"))
        self._words.setText(worded(self.sentence))
        self.details.setText(self.tr("Details"))
        self.details.setToolTip(self.tr("Show what a developer needs to know"))
        self.copy.setText(self.tr("Copy"))
        self.copy.setToolTip(self.tr("Copy the sentence and the details to the clipboard"))
        self._text.setAccessibleName(self.tr("Details"))

    def copy_all(self) -> None:
        """Put the sentence and the details on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(f"{self._words.text()}\n\n{self.detail}".strip() + "\n")

    def _show_detail(self, on: bool) -> None:
        self._text.setVisible(on)
        if on:
            self.resize(max(self.width(), _WIDTH), self.sizeHint().height())
        else:
            self.adjustSize()


def show_error(parent: QWidget | None, sentence: str, detail: str = "") -> ErrorDialog:
    """Show an error without blocking; it deletes itself when it is closed."""
    dialog = ErrorDialog(sentence, detail, parent)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
