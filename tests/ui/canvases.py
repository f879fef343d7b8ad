"""A canvas that is shown with two boxes on a picture, and hands that drive it."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.core.overlay import Mark
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.canvas import Canvas
from model.geometry import Box
from model.images import Frame
from tests.ui import hands
from tests.ui.hands import LEFT, NONE, Heard, give_keyboard, pixels, show

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


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    show(qtbot, canvas, (800, 600))
    canvas.show_snapshot(snapshot(BIG, SMALL))
    give_keyboard(qtbot, canvas)
    return canvas


@pytest.fixture
def heard(canvas: Canvas) -> Heard:
    return hear(canvas)


def hear(canvas: Canvas) -> Heard:
    return Heard(
        canvas, "drag_began", "drag_ended", "box_drawn", "box_changed", "selected",
        "remove_wanted", "rename_wanted", "colour_wanted", "visible_wanted",
    )  # fmt: skip


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


def count(canvas: Canvas, colour: tuple[int, int, int]) -> int:
    """How many pixels of the canvas have nearly this colour."""
    return int((np.abs(pixels(canvas).astype(int) - colour).max(axis=2) < 12).sum())


def ask_menu(canvas: Canvas, x: float, y: float) -> QMenu:
    return hands.ask_menu(canvas, at(canvas, x, y))
