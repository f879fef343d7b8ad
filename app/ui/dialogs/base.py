"""What the dialogs have in common: they follow the language, and their buttons are in place."""

import re

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QScrollArea, QStyle, QWidget

_FRAME = QSize(8, 40)
"""Around a dialog; who draws it tells its size too late."""
_LEAST_LINES = 5
"""Of what can be scrolled."""


class Dialog(QDialog):
    """Sets its texts anew when the language changes, and is no larger than the screen."""

    def retranslate(self) -> None:
        """Set all texts."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Be as large as all that is to be seen, within the screen: the buttons are at the
        bottom."""
        screen = self.screen()
        if screen is not None and event is not None and not event.spontaneous():
            # left to Qt it is no higher than two thirds of the screen
            wanted = self.size().expandedTo(self.sizeHint())
            self.resize(wanted.boundedTo(screen.availableSize() - _FRAME))
        super().showEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()


class Scrolled(QScrollArea):
    """Takes the room that its content needs; where there is less, that is scrolled."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        self.setWidgetResizable(True)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The least at which nothing is scrolled, and a line: some parts grow once they are
        shown."""
        return self._content.minimumSizeHint() + QSize(0, self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A few lines, as wide as all."""
        style = self.style()
        bar = style.pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent) if style is not None else 0
        width = self._content.minimumSizeHint().width() + bar
        return QSize(width, _LEAST_LINES * self.fontMetrics().lineSpacing())


def button(box: QDialogButtonBox, which: QDialogButtonBox.StandardButton) -> QPushButton:
    """The button `which` of `box`, which has it."""
    found = box.button(which)
    assert found is not None
    return found


def plain(text: str) -> str:
    """The text of a menu or label as it reads: without the mnemonic, in Chinese `(&X)`."""
    text = re.sub(r"\(&\w\)", "", text)
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
