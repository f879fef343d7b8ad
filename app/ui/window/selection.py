"""The one target that is selected, in whatever part of the window."""

from typing import Protocol

from PyQt6.QtCore import QObject, pyqtBoundSignal, pyqtSignal

NONE = -1


class Selecting(Protocol):
    """A part that shows which target is selected and lets the user select one."""

    selected: pyqtBoundSignal
    """Id of a target; -1 for none."""

    def set_selection(self, target: int, /) -> None:
        """Show the selection; no signal comes."""


class Selection(QObject):
    """Tells every part what was selected in one of them."""

    changed = pyqtSignal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.id = NONE
        """-1 for none."""

    def join(self, part: Selecting) -> None:
        """Keep `part` in step from now on."""
        self.changed.connect(part.set_selection)
        part.selected.connect(self.choose)
        part.set_selection(self.id)

    def choose(self, target: int) -> None:
        """Select a target, or none with -1."""
        if target != self.id:
            self.id = target
            self.changed.emit(target)
