"""The menu of a target, and that of the picture."""

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from app.core.overlay import PALETTE, Colour
from app.ui.canvas.scene import name_of
from app.ui.swatch import swatch


class TargetMenu(QMenu):
    """What can be done with one target."""

    rename_wanted = pyqtSignal()
    colour_wanted = pyqtSignal(int)
    """Index into the palette."""
    hide_wanted = pyqtSignal()
    remove_wanted = pyqtSignal()

    def __init__(self, tint: Colour, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rename = _entry(self, self.tr("Rename…"))
        self.rename.triggered.connect(lambda: self.rename_wanted.emit())
        self.colours = _menu(self.addMenu(self.tr("Colour")))
        for index, (name, colour) in enumerate(zip(self._names(), PALETTE, strict=True)):
            action = _entry(self.colours, name)
            action.setIcon(swatch(colour, self.palette()))
            action.setCheckable(True)
            action.setChecked(colour == tint)
            action.triggered.connect(lambda _, index=index: self.colour_wanted.emit(index))
        self.hide_target = _entry(self, self.tr("Hide"))
        self.hide_target.triggered.connect(lambda: self.hide_wanted.emit())
        self.addSeparator()
        self.remove = _entry(self, self.tr("Remove"))
        self.remove.triggered.connect(lambda: self.remove_wanted.emit())

    def _names(self) -> tuple[str, ...]:
        """Names of the colours of the palette, in its order."""
        return (
            self.tr("Orange"), self.tr("Sky blue"), self.tr("Green"), self.tr("Yellow"),
            self.tr("Pink"), self.tr("Red"), self.tr("Blue"), self.tr("White"),
        )  # fmt: skip


class PictureMenu(QMenu):
    """What can be done with the picture where there is no target."""

    new_wanted = pyqtSignal()
    fit_wanted = pyqtSignal()
    actual_wanted = pyqtSignal()
    show_wanted = pyqtSignal(int)
    """Id of a hidden target to be shown again."""

    def __init__(self, hidden: Mapping[int, str], parent: QWidget | None = None) -> None:
        """`hidden`: the labels of targets that are not shown, by id."""
        super().__init__(parent)
        self.new = _entry(self, self.tr("New target here"))
        self.new.triggered.connect(lambda: self.new_wanted.emit())
        self.addSeparator()
        self.fit = _entry(self, self.tr("Fit to the window"))
        self.fit.triggered.connect(lambda: self.fit_wanted.emit())
        self.actual = _entry(self, self.tr("Actual size"))
        self.actual.triggered.connect(lambda: self.actual_wanted.emit())
        if hidden:
            self.addSeparator()
        for number, label in hidden.items():
            text = self.tr("Show {name} again").format(name=name_of(number, label))
            action = _entry(self, text)
            action.triggered.connect(lambda _, number=number: self.show_wanted.emit(number))


def _entry(menu: QMenu, text: str) -> QAction:
    action = menu.addAction(text)
    assert action is not None
    return action


def _menu(menu: QMenu | None) -> QMenu:
    assert menu is not None
    return menu
