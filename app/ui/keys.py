"""What widgets have in common that take keys of their own."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent
from PyQt6.QtWidgets import QApplication, QWidget

DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
"""Where the arrow keys point to: right, down."""


def claim_key(event: QEvent | None, use_of: Callable[[QKeyEvent], object]) -> bool:
    """Take a key before the window takes it for a shortcut of its own; for `QWidget.event`.

    Returns:
        Whether `event` is such a key and `use_of` told a use the widget has for it.
    """
    is_override = event is not None and event.type() is QEvent.Type.ShortcutOverride
    if is_override and isinstance(event, QKeyEvent) and use_of(event):
        event.accept()
        return True
    return False


def came_by_key(event: QFocusEvent | None) -> bool:
    """Whether the keyboard came to a widget by Tab rather than by the mouse."""
    return event is not None and event.reason() in (
        Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
    )  # fmt: skip


def give_space(widget: QWidget) -> None:
    """Let a widget feel the space bar."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        space = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        QApplication.sendEvent(widget, space)
