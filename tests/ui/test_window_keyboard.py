"""Tab goes through the whole window, and back."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.window import MainWindow
from tests.ui.conftest import Drag

_MOST = 100
"""Presses; all controls of the window are fewer."""


@pytest.fixture
def full(paused: MainWindow, qtbot: QtBot, drag: Drag) -> MainWindow:
    """The window with a target and every panel."""
    paused.resize(1500, 1100)
    drag(paused, (20, 70), (70, 120))
    qtbot.waitUntil(lambda: bool(paused.snapshot.memory))
    for panel in paused.workspace.panels.values():
        panel.show()
    qtbot.wait(100)
    paused.canvas.setFocus()
    return paused


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_reaches_every_part_and_comes_round(full: MainWindow, key: Qt.Key) -> None:
    reached: list[QWidget] = []
    for _ in range(_MOST):
        focused = full.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
        focused = full.focusWidget()
        assert focused is not None
        reached.append(focused)
        if focused is full.canvas and len(set(reached)) > 1:
            break
    assert reached[-1] is full.canvas
    parts = [full.record, full.parts.transport, full.parts.timeline, *full.parts.panels.values()]
    for part in parts:
        assert any(widget is part or part.isAncestorOf(widget) for widget in reached), part
