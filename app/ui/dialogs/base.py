"""What the dialogs have in common: they follow the language, and their buttons are in place."""

import re

from PyQt6.QtCore import QEvent
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


class Dialog(QDialog):
    """Sets its texts anew when the language changes."""

    def retranslate(self) -> None:
        """Set all texts."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


def button(box: QDialogButtonBox, which: QDialogButtonBox.StandardButton) -> QPushButton:
    """The button `which` of `box`, which has it."""
    found = box.button(which)
    assert found is not None
    return found


def plain(text: str) -> str:
    """The text of a menu or label as it reads: without the mnemonic, in Chinese `(&X)`."""
    text = re.sub(r"\(&\w\)", "", text)
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
