"""What every test of a widget needs: it is shown, driven by mouse and menu, heard and looked at."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QContextMenuEvent, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from model.images import Frame

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Heard:
    """Every signal of these names that a widget has sent, in order."""

    def __init__(self, widget: QWidget, *names: str) -> None:
        self.all: list[tuple[Any, ...]] = []
        """The name of each, and what it carried."""
        for name in names:
            getattr(widget, name).connect(self._note(name))

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *values: self.all.append((name, *values))

    @property
    def names(self) -> list[object]:
        return [entry[0] for entry in self.all]

    def of(self, name: str) -> list[Any]:
        """What the signals of this name carried."""
        return [each[1] if len(each) == 2 else each[1:] for each in self.all if each[0] == name]

    def only(self, name: str) -> tuple[Any, ...]:
        """What the one signal of this name carried."""
        found = [entry[1:] for entry in self.all if entry[0] == name]
        assert len(found) == 1, self.all
        return found[0]


def show(qtbot: QtBot, widget: QWidget, size: tuple[int, int] | None = None) -> None:
    """Show a widget that the test ends with, and wait until it can be seen."""
    kept = [widget]
    # qtbot refers to it weakly: one that only the test knows could be gone while it paints itself
    qtbot.addWidget(widget, before_close_func=lambda _: kept.clear())
    if size is not None:
        widget.resize(*size)
    widget.show()
    qtbot.waitExposed(widget)


def give_keyboard(qtbot: QtBot, widget: QWidget) -> None:
    """Wait until keys go to a widget that is shown."""
    widget.window().activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)


def turn(widget: QWidget, place: QPoint, steps: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel by notches; above 0: away from the user."""
    event = QWheelEvent(
        QPointF(place), widget.mapToGlobal(QPointF(place)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def ask_menu(widget: QWidget, place: QPoint, *, by_key: bool = False) -> QMenu:
    """The menu that the right mouse button, or the key for it, opens."""
    kind = QContextMenuEvent.Reason
    reason = kind.Keyboard if by_key else kind.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))
    return open_menu()


def open_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str) -> None:
    """Click the entry with this text, as the mouse does."""
    action = next(a for a in menu.actions() if a.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def pixels(widget: QWidget, area: QRectF | None = None) -> Frame:
    """What a widget shows, or an area of it: `(H, W, 3)` RGB."""
    grabbed = widget.grab() if area is None else widget.grab(area.toRect())
    return rgb_of(grabbed.toImage().convertToFormat(QImage.Format.Format_RGB888))


def rgb_of(image: QImage) -> Frame:
    """The pixels of an image in the format RGB888, `(H, W, 3)`."""
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3).copy()
