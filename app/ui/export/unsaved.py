"""The question what becomes of work that is not saved."""

from enum import StrEnum

from PyQt6.QtWidgets import QMessageBox, QPushButton, QWidget


class UnsavedAnswer(StrEnum):
    """What is to become of it."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class UnsavedQuestion(QMessageBox):
    """Save, discard, or cancel what was about to happen; Escape cancels, Return saves."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Ask about the work on the source or project `name`."""
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle(self.tr("Unsaved work"))
        self.setText(self.tr("Save the targets and corrections of “{name}”?").format(name=name))
        self.setInformativeText(
            self.tr("Without saving, what was tracked and corrected since the last time is lost.")
        )
        role = QMessageBox.ButtonRole
        self.save = self._button(self.tr("&Save"), role.AcceptRole)
        self.discard = self._button(self.tr("&Discard"), role.DestructiveRole)
        self.cancel = self._button(self.tr("&Cancel"), role.RejectRole)
        self.setDefaultButton(self.save)
        self.setEscapeButton(self.cancel)

    @property
    def answer(self) -> UnsavedAnswer:
        """What was chosen; cancel while nothing is."""
        clicked = self.clickedButton()
        if clicked is self.save:
            return UnsavedAnswer.SAVE
        return UnsavedAnswer.DISCARD if clicked is self.discard else UnsavedAnswer.CANCEL

    def _button(self, text: str, role: QMessageBox.ButtonRole) -> QPushButton:
        button = self.addButton(text, role)
        assert button is not None
        return button


def ask_unsaved(parent: QWidget | None, name: str) -> UnsavedAnswer:
    """Ask what is to become of the unsaved work on `name`."""
    question = UnsavedQuestion(name, parent)
    question.exec()
    return question.answer
