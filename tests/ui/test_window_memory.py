"""The memory in the window: frames pinned and forgotten by keys, and that undone."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import SlotView
from app.ui.memory.tile import Tile
from app.ui.window import MainWindow
from tests.ui.conftest import Drag, choose, shown
from tests.ui.hands import CTRL, LEFT, SHIFT, give_keyboard, pixels
from tests.ui.test_window_editing import follow

Look = tuple[str, bool, bytes]


@pytest.fixture
def remembering(paused: MainWindow, qtbot: QtBot, drag: Drag) -> MainWindow:
    """Paused, with a target that remembers a frame besides its first."""
    follow(paused, qtbot, drag, shown(paused) + 35)
    qtbot.waitUntil(lambda: len(tiles(paused)) == len(remembered(paused)) >= 2)
    return paused


def remembered(window: MainWindow) -> tuple[SlotView, ...]:
    return window.snapshot.memory.get(1, ())


def tiles(window: MainWindow) -> list[Tile]:
    return window.parts.memory.tiles


def look_of(tile: Tile) -> Look:
    """Time, pin, and the picture as it is on the screen."""
    middle = tile.picture.adjusted(30, 30, -30, -30)
    return tile.look.title, tile.look.pinned, pixels(tile, middle).tobytes()


def undo(window: MainWindow) -> None:
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Z, CTRL)


def redo(window: MainWindow) -> None:
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Z, CTRL | SHIFT)


def texts(window: MainWindow) -> tuple[str, str]:
    """What undo and redo are called, without their access keys."""
    both = [window.actions_[name].text().replace("&", "") for name in ("undo", "redo")]
    return both[0], both[1]


def test_frames_are_pinned_and_forgotten_by_keys_and_both_are_undone_and_redone(
    remembering: MainWindow, qtbot: QtBot
) -> None:
    window = remembering
    count, pictures = len(tiles(window)), [view.thumbnail for view in remembered(window)]
    before = look_of(tiles(window)[1])
    give_keyboard(qtbot, tiles(window)[1])
    QTest.keyClick(tiles(window)[1], Qt.Key.Key_P)
    qtbot.waitUntil(lambda: tiles(window)[1].look.pinned)
    assert texts(window) == ("Undo: pin frame", "Redo")
    QTest.keyClick(tiles(window)[1], Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(tiles(window)) == count - 1)
    assert texts(window) == ("Undo: forget frame", "Redo")
    undo(window)
    qtbot.waitUntil(lambda: len(tiles(window)) == count)
    assert texts(window) == ("Undo: pin frame", "Redo: forget frame")
    assert tiles(window)[1].look.pinned
    assert all(map(np.array_equal, [v.thumbnail for v in remembered(window)], pictures))
    undo(window)
    qtbot.waitUntil(lambda: not tiles(window)[1].look.pinned)
    assert texts(window) == ("Undo: add target", "Redo: pin frame")
    qtbot.waitUntil(lambda: look_of(tiles(window)[1]) == before)
    redo(window)
    qtbot.waitUntil(lambda: tiles(window)[1].look.pinned)
    redo(window)
    qtbot.waitUntil(lambda: len(tiles(window)) == count - 1)
    assert texts(window) == ("Undo: forget frame", "Redo")


def test_letting_a_frame_go_is_named_in_the_language_of_the_window(
    remembering: MainWindow, qtbot: QtBot
) -> None:
    window = remembering
    for pinned in (True, False):
        tile = tiles(window)[1]
        QTest.mouseClick(tile, LEFT, pos=tile.button("pin").center().toPoint())
        qtbot.waitUntil(lambda pinned=pinned: tiles(window)[1].look.pinned is pinned)
    assert texts(window)[0] == "Undo: unpin frame"
    window.preferences.change(language="zh_CN")
    qtbot.waitUntil(lambda: "取消固定帧" in texts(window)[0])


def test_a_frame_is_forgotten_by_the_mouse_and_taken_back_by_the_menu(
    remembering: MainWindow, qtbot: QtBot
) -> None:
    window, count = remembering, len(tiles(remembering))
    titles = [tile.look.title for tile in tiles(window)]
    tile = tiles(window)[1]
    QTest.mouseMove(tile, tile.button("forget").center().toPoint())
    QTest.mouseClick(tile, LEFT, pos=tile.button("forget").center().toPoint())
    qtbot.waitUntil(lambda: len(tiles(window)) == count - 1)
    choose(window, "undo")
    qtbot.waitUntil(lambda: [tile.look.title for tile in tiles(window)] == titles)
