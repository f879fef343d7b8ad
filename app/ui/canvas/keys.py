"""Which key does what while the canvas has the keyboard. Pure."""

from enum import Enum, auto

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence

from app.ui.canvas.gestures import Nudging
from app.ui.keys import DIRECTIONS

_FAR = 10.0
"""Pixels of the frame that an arrow key moves with Shift."""


class Command(Enum):
    """What a key asks for."""

    CANCEL = auto()
    NEW = auto()
    TAKE = auto()
    REMOVE = auto()
    RENAME = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    ZOOM_FIT = auto()
    ZOOM_ACTUAL = auto()


_PLAIN = {
    Qt.Key.Key_Escape: Command.CANCEL,
    Qt.Key.Key_Insert: Command.NEW,
    Qt.Key.Key_Return: Command.TAKE,
    Qt.Key.Key_Enter: Command.TAKE,
    Qt.Key.Key_Delete: Command.REMOVE,
    Qt.Key.Key_F2: Command.RENAME,
}
_WITH_CTRL = {
    Qt.Key.Key_Plus: Command.ZOOM_IN,
    Qt.Key.Key_Equal: Command.ZOOM_IN,
    Qt.Key.Key_Minus: Command.ZOOM_OUT,
    Qt.Key.Key_0: Command.ZOOM_FIT,
    Qt.Key.Key_1: Command.ZOOM_ACTUAL,
}


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key; None where it has none."""
    if event.matches(QKeySequence.StandardKey.ZoomIn):
        return Command.ZOOM_IN
    if event.matches(QKeySequence.StandardKey.ZoomOut):
        return Command.ZOOM_OUT
    key = Qt.Key(event.key())
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return _WITH_CTRL.get(key)
    return _PLAIN.get(key)


def nudge_of(event: QKeyEvent, target: int = 0) -> Nudging | None:
    """How an arrow key moves the box of a target, or the one being placed: by 1 pixel, by 10 with
    Shift; with Ctrl only its bottom right corner. None for other keys and with Alt or Meta."""
    way = DIRECTIONS.get(Qt.Key(event.key()))
    modifiers = event.modifiers()
    if way is None or modifiers & (
        Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    ):
        return None
    far = _FAR if modifiers & Qt.KeyboardModifier.ShiftModifier else 1.0
    dx, dy = way[0] * far, way[1] * far
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return Nudging(target, dw=dx, dh=dy)
    return Nudging(target, dx=dx, dy=dy)
