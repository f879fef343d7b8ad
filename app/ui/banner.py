"""Strips over the window with one sentence each: what went wrong, or what one should know."""

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui.dialogs import show_error
from app.ui.sentences import worded
from app.ui.tool_button import ToolButton

_MOST = 3
"""Sentences that are shown at a time; the oldest gives way, faults last."""
_GOES_MS = 15_000
"""After this time what is no fault goes by itself."""


class Strip(QFrame):
    """One sentence, and a button to be rid of it."""

    dismissed = pyqtSignal(object)
    """The strip itself."""

    def __init__(self, sentence: str, *, is_fault: bool, detail: str = "") -> None:
        super().__init__()
        self.sentence, self.is_fault, self.detail = sentence, is_fault, detail
        self.setObjectName("fault-strip" if is_fault else "notice-strip")
        self._label = QLabel()
        self._label.setWordWrap(True)
        # a long name in it is no reason for the window to grow
        self._label.setMinimumWidth(1)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details, self.dismiss = ToolButton(), ToolButton()
        self.details.clicked.connect(self._show_details)
        self.details.setVisible(bool(detail))
        self.dismiss.clicked.connect(self.end)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 8, 4)
        row.addWidget(self._label, stretch=1)
        row.addWidget(self.details)
        row.addWidget(self.dismiss)
        self.retranslate()
        if not is_fault:
            # a method rather than a lambda, which may be gone before the timer is
            timer = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(self.end)
            timer.start(_GOES_MS)

    @property
    def text(self) -> str:
        """The sentence as it is shown."""
        return self._label.text()

    def end(self) -> None:
        """Ask to be taken away."""
        self.dismissed.emit(self)

    def retranslate(self) -> None:
        """Set all texts."""
        self._label.setText(worded(self.sentence))
        self.details.setText(self.tr("Details"))
        self.details.setToolTip(self.tr("Show what a developer needs to know, to be copied"))
        self.dismiss.setText(self.tr("Dismiss"))
        self.dismiss.setToolTip(self.tr("Hide this message"))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _show_details(self) -> None:
        show_error(self.window(), self.sentence, self.detail).details.setChecked(True)


class Banner(QWidget):
    """Hidden until there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strips: list[Strip] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    @property
    def text(self) -> str:
        """The newest sentence; empty where none is shown."""
        return self.strips[-1].text if self.strips else ""

    @property
    def sentences(self) -> list[str]:
        """All that is shown, the oldest first."""
        return [strip.text for strip in self.strips]

    def say(self, sentence: str, *, is_fault: bool = False, detail: str = "") -> None:
        """Show `sentence` until it is dismissed; what is no fault goes by itself after a while.

        Args:
            sentence: one that is shown already is not shown twice.
            is_fault: whether something the user wanted did not come about.
            detail: is shown and can be copied on demand.
        """
        for strip in [strip for strip in self.strips if strip.sentence == sentence]:
            self._drop(strip)
        while len(self.strips) >= _MOST:
            self._drop(next((strip for strip in self.strips if not strip.is_fault), self.strips[0]))
        strip = Strip(sentence, is_fault=is_fault, detail=detail)
        strip.dismissed.connect(self._drop)
        self.strips.append(strip)
        self._column.addWidget(strip)
        self.show()

    def clear(self) -> None:
        """Show nothing."""
        for strip in list(self.strips):
            self._drop(strip)

    def _drop(self, strip: Strip) -> None:
        if strip in self.strips:
            self.strips.remove(strip)
            strip.hide()
            strip.deleteLater()
        self.setVisible(bool(self.strips))
