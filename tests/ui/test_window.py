"""The window, driven by real mouse and key events on a real video."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.pipeline import Playback
from app.ui.window import MainWindow
from assets.demo import truth
from model.geometry import iou
from tests.app.square import HEIGHT, WIDTH, square_at

Drag = Callable[..., None]


def marks_of(window: MainWindow) -> list[tuple[float, float, float, float]]:
    return [mark.box for mark in window.canvas.snapshot.marks]


def pause(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.canvas.snapshot.playback is Playback.PAUSED)


def test_starts_with_a_page_that_says_what_to_do(window: MainWindow) -> None:
    assert window.is_showing_start


@pytest.mark.parametrize("size", [(1100, 700), (640, 900), (1500, 500)])
def test_drag_adds_a_target_where_it_was_drawn(
    playing: MainWindow, qtbot: QtBot, drag: Drag, size: tuple[int, int]
) -> None:
    playing.resize(*size)
    qtbot.wait(50)
    pause(playing, qtbot)
    drag(playing, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(marks_of(playing)) == 1)
    # a pixel of the screen may be more or less than one of the frame
    slack = 1.0 / playing.canvas._scale + 0.01
    np.testing.assert_allclose(marks_of(playing)[0], (100, 30, 80, 80), atol=slack)


def test_target_drawn_while_the_video_plays_is_followed(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    canvas = playing.canvas
    first = canvas.snapshot.frame
    assert first is not None
    x, y, w, h = square_at(first.index + 2)
    drag(playing, (x - 3, y - 3), (x + w + 3, y + h + 3))
    qtbot.waitUntil(lambda: len(marks_of(playing)) == 1)
    began = canvas.snapshot.frame
    assert began is not None
    assert began.index < first.index + 25, "held while drawing"

    def moved_on() -> bool:
        frame = canvas.snapshot.frame
        return frame is not None and frame.index >= min(began.index + 20, 85)

    qtbot.waitUntil(moved_on, timeout=10_000)
    frame = canvas.snapshot.frame
    assert frame is not None
    assert iou(np.array(marks_of(playing)[0]), np.array(square_at(frame.index))) > 0.5


def test_picture_stands_still_while_a_box_is_drawn(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(playing, (20, 20), (60, 60), release=False)
    qtbot.wait(100)
    held = playing.canvas.snapshot.frame
    qtbot.wait(200)
    assert playing.canvas.snapshot.frame is held
    QTest.keyClick(playing.canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: playing.canvas.snapshot.frame is not held)
    assert marks_of(playing) == []


def test_mere_click_adds_nothing(playing: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    pause(playing, qtbot)
    drag(playing, (100, 100), (100, 100))
    drag(playing, (100, 100), (160, 100))
    QTest.keyClick(playing.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: playing.canvas.snapshot.playback is Playback.PLAYING)
    assert marks_of(playing) == []
    assert playing.banner.isHidden()


def test_drag_beyond_the_picture_is_clipped(playing: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    playing.resize(1500, 500)
    qtbot.wait(50)
    pause(playing, qtbot)
    drag(playing, (250, 100), (WIDTH + 30, HEIGHT + 200))
    qtbot.waitUntil(lambda: len(marks_of(playing)) == 1)
    np.testing.assert_allclose(marks_of(playing)[0], (250, 100, WIDTH - 250, HEIGHT - 100), atol=1)


def test_drag_wholly_beside_the_picture_adds_nothing(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    playing.resize(1500, 500)
    qtbot.wait(50)
    pause(playing, qtbot)
    drag(playing, (-40, 20), (-10, 90))
    drag(playing, (10, 20), (50, 90))
    qtbot.waitUntil(lambda: len(marks_of(playing)) >= 1)
    assert len(marks_of(playing)) == 1, "only the second"


def test_window_resized_while_dragging_keeps_the_corner(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    pause(playing, qtbot)
    drag(playing, (60, 50), (80, 70), release=False)
    playing.resize(700, 480)
    qtbot.wait(50)
    end = playing.canvas.to_widget(QPointF(160, 130)).toPoint()
    QTest.mouseRelease(playing.canvas, Qt.MouseButton.LeftButton, pos=end)
    qtbot.waitUntil(lambda: len(marks_of(playing)) == 1)
    np.testing.assert_allclose(marks_of(playing)[0], (60, 50, 100, 80), atol=1.5)


def test_targets_are_listed_and_removed_by_their_buttons(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    pause(playing, qtbot)
    for k in range(3):
        drag(playing, (20 + 80 * k, 20), (80 + 80 * k, 90))
    qtbot.waitUntil(lambda: list(playing.targets.rows) == [1, 2, 3])
    qtbot.mouseClick(playing.targets.rows[2].remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: list(playing.targets.rows) == [1, 3])
    qtbot.mouseClick(playing.controls.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not playing.targets.rows and not marks_of(playing))


def test_space_pauses_and_goes_on(playing: MainWindow, qtbot: QtBot) -> None:
    pause(playing, qtbot)
    still = playing.canvas.snapshot.frame
    qtbot.wait(200)
    assert playing.canvas.snapshot.frame is still
    QTest.keyClick(playing.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: playing.canvas.snapshot.frame is not still)


def test_missing_file_is_told_in_one_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.open_text(str(tmp_path / "gone.mp4"))
    qtbot.waitUntil(lambda: not window.banner.isHidden() and window.is_showing_start)
    assert "gone.mp4" in window.banner.text
    assert "\n" not in window.banner.text
    assert window.banner.text.endswith(".")


def test_another_file_can_be_opened_after_a_fault(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, video: Path
) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("no video")
    window.open_text(str(text))
    qtbot.waitUntil(lambda: not window.banner.isHidden() and window.is_showing_start)
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.canvas.snapshot.frame is not None)
    assert window.banner.isHidden()
    assert not window.is_showing_start


def test_dropped_file_is_opened(window: MainWindow, qtbot: QtBot, video: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(video))])
    window.dropEvent(
        QDropEvent(
            QPointF(QPoint(50, 50)), Qt.DropAction.CopyAction, data,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip
    qtbot.waitUntil(lambda: window.canvas.snapshot.frame is not None)


def test_demo_follows_its_target_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.start.tiles["demo"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(marks_of(window)) == 1, timeout=10_000)
    started = window.canvas.snapshot
    assert started.frame is not None
    qtbot.waitUntil(lambda: window.canvas.snapshot.frame.index > 5, timeout=10_000)  # type: ignore[union-attr]
    pause(window, qtbot)
    frame = window.canvas.snapshot.frame
    assert frame is not None
    assert iou(np.array(marks_of(window)[0]), truth()[frame.index]) > 0.5


def test_play_at_the_end_begins_anew(playing: MainWindow, qtbot: QtBot) -> None:
    canvas = playing.canvas
    qtbot.waitUntil(lambda: canvas.snapshot.playback is Playback.ENDED, timeout=10_000)
    assert canvas.snapshot.frame is not None
    assert canvas.snapshot.frame.index == 89
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: canvas.snapshot.frame.index < 80)  # type: ignore[union-attr]


@pytest.mark.parametrize("state", ["start", "opening", "playing", "paused", "dragging", "swapped"])
def test_closing_in_any_state_ends_every_thread(
    window: MainWindow, qtbot: QtBot, drag: Drag, video: Path, state: str
) -> None:
    before = set(threading.enumerate())
    if state != "start":
        window.open_text(str(video))
    if state not in ("start", "opening"):
        qtbot.waitUntil(lambda: window.canvas.snapshot.frame is not None)
    if state == "paused":
        pause(window, qtbot)
    if state == "dragging":
        drag(window, (10, 10), (50, 50), release=False)
    if state == "swapped":
        window.open_text(str(video))
    window.close()
    assert set(threading.enumerate()) <= before
