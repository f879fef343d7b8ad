"""Which key does what while the timeline has the keyboard. Pure."""

from enum import Enum, auto

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence


class Command(Enum):
    """What a key asks for."""

    BACK = auto()
    ON = auto()
    FAR_BACK = auto()
    FAR_ON = auto()
    START = auto()
    END = auto()
    LANE_UP = auto()
    LANE_DOWN = auto()
    SET_IN = auto()
    SET_OUT = auto()
    PREVIOUS = auto()
    NEXT = auto()
    REMOVE = auto()
    RENAME = auto()
    UNSELECT = auto()
    ZOOM_IN = auto()
    ZOOM_OUT = auto()
    ZOOM_FIT = auto()


_PLAIN: dict[int, Command] = {
    Qt.Key.Key_Left: Command.BACK,
    Qt.Key.Key_Right: Command.ON,
    Qt.Key.Key_Home: Command.START,
    Qt.Key.Key_End: Command.END,
    Qt.Key.Key_Up: Command.LANE_UP,
    Qt.Key.Key_Down: Command.LANE_DOWN,
    Qt.Key.Key_I: Command.SET_IN,
    Qt.Key.Key_O: Command.SET_OUT,
    Qt.Key.Key_BracketLeft: Command.PREVIOUS,
    Qt.Key.Key_BracketRight: Command.NEXT,
    Qt.Key.Key_Delete: Command.REMOVE,
    Qt.Key.Key_F2: Command.RENAME,
    Qt.Key.Key_Escape: Command.UNSELECT,
}
_WITH_SHIFT: dict[int, Command] = {
    Qt.Key.Key_Left: Command.FAR_BACK,
    Qt.Key.Key_Right: Command.FAR_ON,
}
_WITH_CTRL: dict[int, Command] = {
    Qt.Key.Key_Plus: Command.ZOOM_IN,
    Qt.Key.Key_Equal: Command.ZOOM_IN,
    Qt.Key.Key_Minus: Command.ZOOM_OUT,
    Qt.Key.Key_0: Command.ZOOM_FIT,
}
_TEXTS = {"[": Command.PREVIOUS, "]": Command.NEXT}
_Modifier = Qt.KeyboardModifier


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key; None where it has none."""
    if event.matches(QKeySequence.StandardKey.ZoomIn):
        return Command.ZOOM_IN
    if event.matches(QKeySequence.StandardKey.ZoomOut):
        return Command.ZOOM_OUT
    if event.text() in _TEXTS:
        # brackets need other keys with it on many keyboards
        return _TEXTS[event.text()]
    key = event.key()
    modifiers = event.modifiers() & ~_Modifier.KeypadModifier
    if modifiers == _Modifier.NoModifier:
        return _PLAIN.get(key)
    if modifiers == _Modifier.ShiftModifier:
        return _WITH_SHIFT.get(key)
    if modifiers & _Modifier.ControlModifier and not modifiers & _Modifier.AltModifier:
        return _WITH_CTRL.get(key)
    return None
