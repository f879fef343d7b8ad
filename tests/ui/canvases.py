"""A canvas that is shown with two boxes on a picture, and hands that drive it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QImage, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.core.overlay import Mark
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.canvas import Canvas
from model.geometry import Box
from model.images import Frame

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
BIG, SMALL = (100.0, 40.0, 100.0, 100.0), (120.0, 60.0, 40.0, 30.0)


def picture(width: int = 400, height: int = 200, level: int = 90) -> Frame:
    return np.full((height, width, 3), level, np.uint8)


def snapshot(*boxes: Box, rgb: Frame | None = None, name: str = "clip", index: int = 0) -> Snapshot:
    pixels = picture() if rgb is None else rgb
    height, width = pixels.shape[:2]
    return Snapshot(
        info=SourceInfo(name, width, height, 90, 30.0, is_live=False),
        frame=SourceFrame(index, index / 30, pixels),
        marks=tuple(Mark(k, box, "", 0.9, "tracking") for k, box in enumerate(boxes, 1)),
    )


class Heard:
    """Every signal that a canvas has sent, in order: its name and what it carried."""

    def __init__(self, canvas: Canvas) -> None:
        self.all: list[tuple[Any, ...]] = []
        for name in (
            "drag_began", "drag_ended", "box_drawn", "box_changed", "selected", "remove_wanted",
            "rename_wanted", "colour_wanted", "visible_wanted",
        ):  # fmt: skip
            getattr(canvas, name).connect(self._note(name))

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *values: self.all.append((name, *values))

    @property
    def names(self) -> list[object]:
        return [entry[0] for entry in self.all]

    def only(self, name: str) -> tuple[Any, ...]:
        """What the one signal of this name carried."""
        found = [entry[1:] for entry in self.all if entry[0] == name]
        assert len(found) == 1, self.all
        return found[0]


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.show_snapshot(snapshot(BIG, SMALL))
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    return canvas


@pytest.fixture
def heard(canvas: Canvas) -> Heard:
    return Heard(canvas)


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.to_widget(QPointF(x, y)).toPoint()


def press(canvas: Canvas, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(canvas, LEFT, keys, at(canvas, x, y))


def move(canvas: Canvas, x: float, y: float) -> None:
    QTest.mouseMove(canvas, at(canvas, x, y))


def release(canvas: Canvas, x: float, y: float) -> None:
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, x, y))


def drag(
    canvas: Canvas, a: tuple[float, float], b: tuple[float, float], keys: Qt.KeyboardModifier = NONE
) -> None:
    press(canvas, *a, keys)
    move(canvas, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    move(canvas, *b)
    release(canvas, *b)


def click(canvas: Canvas, x: float, y: float) -> None:
    press(canvas, x, y)
    release(canvas, x, y)


def turn(canvas: Canvas, point: QPoint, steps: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel by notches; above 0: away from the user."""
    event = QWheelEvent(
        QPointF(point), canvas.mapToGlobal(QPointF(point)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def pixels(canvas: Canvas) -> Frame:
    """What the canvas looks like, `(H, W, 3)` RGB."""
    return rgb_of(canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888))


def rgb_of(image: QImage) -> Frame:
    """The pixels of an image in the format RGB888, `(H, W, 3)`."""
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def count(canvas: Canvas, colour: tuple[int, int, int]) -> int:
    """How many pixels of the canvas have nearly this colour."""
    return int((np.abs(pixels(canvas).astype(int) - colour).max(axis=2) < 12).sum())


def open_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    """Click the entry with this text, as the mouse does."""
    action = next(a for a in menu.actions() if a.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def ask_menu(canvas: Canvas, x: float, y: float) -> QMenu:
    point = at(canvas, x, y)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, point, canvas.mapToGlobal(point)))
    return open_menu()
