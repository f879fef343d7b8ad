"""Keys that the widgets of this package take for themselves while they have the keyboard."""

from enum import Enum, auto

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent

from app.ui.keys import DIRECTIONS

_OTHERS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class Command(Enum):
    """What a key asks for besides going on."""

    PIN = auto()
    FORGET = auto()
    RELEASE = auto()


_COMMANDS = {
    Qt.Key.Key_P: Command.PIN,
    Qt.Key.Key_Delete: Command.FORGET,
    Qt.Key.Key_Backspace: Command.FORGET,
    Qt.Key.Key_Home: Command.RELEASE,
    Qt.Key.Key_Escape: Command.RELEASE,
}


def step_of(event: QKeyEvent) -> tuple[int, int] | None:
    """Columns and rows that an arrow key goes; None for other keys."""
    return None if event.modifiers() & _OTHERS else DIRECTIONS.get(Qt.Key(event.key()))


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key; None where it has none."""
    return None if event.modifiers() & _OTHERS else _COMMANDS.get(Qt.Key(event.key()))
