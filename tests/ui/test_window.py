"""The window: opening, playing, drawing targets, closing; by real mouse and key events."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Playback
from app.core.recent import list_recent
from app.ui.dialogs import CameraDialog, ErrorDialog, ScreenDialog, StreamDialog
from app.ui.window import MainWindow
from assets.demo import truth
from model.geometry import iou
from tests.app.clips import bad_file
from tests.app.square import HEIGHT, WIDTH
from tests.ui.conftest import Drag, choose, open_video, pause, shown
from tests.ui.hands import LEFT


def boxes_of(window: MainWindow) -> list[tuple[float, float, float, float]]:
    return [mark.box for mark in window.snapshot.marks]


def dialog_of(window: MainWindow, kind: type) -> object:
    found = [d for d in window.findChildren(kind) if d.isVisible()]
    assert len(found) == 1, found
    return found[0]


def test_starts_with_a_page_that_says_what_to_do(window: MainWindow) -> None:
    assert window.is_showing_start
    assert window.windowTitle() == "SpaceTime Tracker"
    assert window.banner.isHidden()
    assert not window.workspace.isVisible()


# opening


def test_opened_video_plays_and_is_remembered(
    playing: MainWindow, qtbot: QtBot, video: Path
) -> None:
    assert playing.snapshot.playback is Playback.PLAYING
    assert not playing.is_showing_start
    assert playing.windowTitle() == "square.mp4[*] – SpaceTime Tracker"
    assert not playing.isWindowModified()
    qtbot.waitUntil(lambda: [item.text for item in list_recent()] == [str(video)])
    playing.menus.recent.refresh()
    menu = playing.menus.recent.menu
    qtbot.waitUntil(lambda: any("square.mp4" in action.text() for action in menu.actions()))
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: playing.snapshot.frame is None)
    qtbot.waitUntil(lambda: playing.snapshot.frame is not None)


def test_demo_follows_its_target_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.start.tiles["demo"], LEFT)
    qtbot.waitUntil(lambda: len(boxes_of(window)) == 1, timeout=20_000)
    qtbot.waitUntil(lambda: shown(window) > 5, timeout=20_000)
    pause(window, qtbot)
    assert iou(np.array(boxes_of(window)[0]), truth()[shown(window)]) > 0.5
    assert window.windowTitle() == "Demo[*] – SpaceTime Tracker"
    # watching it is no work that could be lost
    assert not window.isWindowModified()
    window.work.close_source()
    assert window.is_showing_start


@pytest.mark.parametrize(
    ("tile", "kind"),
    [("camera", CameraDialog), ("stream", StreamDialog), ("screen", ScreenDialog)],
)
def test_tiles_ask_what_to_open(window: MainWindow, qtbot: QtBot, tile: str, kind: type) -> None:
    qtbot.mouseClick(window.start.tiles[tile], LEFT)
    dialog = dialog_of(window, kind)
    assert isinstance(dialog, CameraDialog | StreamDialog | ScreenDialog)
    dialog.reject()
    assert window.is_showing_start


def test_address_that_answers_not_is_told(window: MainWindow, qtbot: QtBot) -> None:
    window.sources.ask_stream()
    dialog = dialog_of(window, StreamDialog)
    assert isinstance(dialog, StreamDialog)
    dialog.field.setEditText("http://user:secret@127.0.0.1:9/nothing")
    opens = [b for b in dialog.findChildren(QPushButton) if "Open" in b.text()]
    qtbot.mouseClick(opens[0], LEFT)
    assert "secret" not in window.windowTitle()
    qtbot.waitUntil(lambda: window.is_showing_start, timeout=20_000)
    assert "127.0.0.1" in window.banner.text
    assert "secret" not in window.banner.text


@pytest.mark.parametrize("on_start", [True, False])
def test_dropped_file_is_opened(
    window: MainWindow, qtbot: QtBot, video: Path, on_start: bool
) -> None:
    if not on_start:
        open_video(window, video, qtbot)
        before = window.host.player
    target = window.start if on_start else window
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(video)), QUrl.fromLocalFile("/other.mp4")])
    action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), action, data, LEFT, keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), action, data, LEFT, keys))
    qtbot.waitUntil(lambda: on_start or window.host.player is not before)
    qtbot.waitUntil(lambda: window.snapshot.frame is not None)
    assert window.host.player is not None


@pytest.mark.parametrize("kind", ["gone", "text", "empty", "sound", "cut", "folder"])
def test_file_that_cannot_be_opened_is_told_in_one_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, video: Path, kind: str
) -> None:
    window.open_text(str(bad_file(tmp_path, kind)))
    qtbot.waitUntil(lambda: window.banner.text != "" and window.is_showing_start, timeout=10_000)
    assert f"{kind}.mp4" in window.banner.text
    assert "\n" not in window.banner.text
    assert window.banner.text.endswith(".")
    details = window.banner.strips[-1].details
    assert details.isVisible()
    qtbot.mouseClick(details, LEFT)
    error = dialog_of(window, ErrorDialog)
    assert isinstance(error, ErrorDialog)
    assert "SpaceTime Tracker" in error.detail
    assert "nothing is open" in error.detail
    shown = error.findChild(QPlainTextEdit)
    assert shown is not None
    assert shown.isVisible()
    error.reject()
    open_video(window, video, qtbot)
    assert window.banner.isHidden()


# playing


def test_space_pauses_and_goes_on(playing: MainWindow, qtbot: QtBot) -> None:
    pause(playing, qtbot)
    still = playing.snapshot.frame
    qtbot.wait(200)
    assert playing.snapshot.frame is still
    QTest.keyClick(playing.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: playing.snapshot.frame is not still)


def test_space_presses_a_button_that_has_the_keyboard(paused: MainWindow, qtbot: QtBot) -> None:
    loop = paused.parts.transport.loop
    loop.setFocus()
    qtbot.waitUntil(loop.hasFocus)
    was = paused.snapshot.loop
    QTest.keyClick(loop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: paused.snapshot.loop is not was)
    assert paused.snapshot.playback is Playback.PAUSED


def test_keys_step_and_go_to_both_ends(paused: MainWindow, qtbot: QtBot) -> None:
    at = shown(paused)
    for key, to in (
        (Qt.Key.Key_Period, at + 1), (Qt.Key.Key_Right, at + 2), (Qt.Key.Key_Comma, at + 1),
        (Qt.Key.Key_Left, at), (Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 89),
    ):  # fmt: skip
        QTest.keyClick(paused.canvas, key)
        qtbot.waitUntil(lambda to=to: shown(paused) == to)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shown(paused) == 79)


def test_range_is_set_by_keys_and_played(paused: MainWindow, qtbot: QtBot) -> None:
    for frame, key in ((20, Qt.Key.Key_I), (26, Qt.Key.Key_O)):
        paused.commands.seek(frame)
        qtbot.waitUntil(lambda frame=frame: shown(paused) == frame)
        QTest.keyClick(paused.canvas, key)
    qtbot.waitUntil(lambda: paused.snapshot.document.out_frame == 26)
    assert paused.snapshot.document.in_frame == 20
    QTest.keyClick(paused.canvas, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: shown(paused) == 20)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: shown(paused) == 0)
    paused.commands.seek(22)
    qtbot.waitUntil(lambda: shown(paused) == 22)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: paused.snapshot.playback is Playback.ENDED)
    assert shown(paused) == 26
    QTest.keyClick(paused.canvas, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: paused.snapshot.document.in_frame is None)


def test_play_at_the_end_begins_anew(paused: MainWindow, qtbot: QtBot) -> None:
    paused.commands.seek(86)
    qtbot.waitUntil(lambda: shown(paused) == 86)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: paused.snapshot.playback is Playback.ENDED, timeout=10_000)
    assert shown(paused) == 89
    QTest.keyClick(paused.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(paused) < 80)


def test_speed_goes_by_keys(paused: MainWindow, qtbot: QtBot) -> None:
    for key, speed in (
        (Qt.Key.Key_Greater, 2.0), (Qt.Key.Key_Greater, 4.0), (Qt.Key.Key_Less, 2.0),
        (Qt.Key.Key_Equal, 1.0),
    ):  # fmt: skip
        QTest.keyClick(paused.canvas, key)
        qtbot.waitUntil(lambda speed=speed: paused.snapshot.speed == speed)


def test_status_line_says_what_goes_on(playing: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    fields = playing.status.fields
    drag(playing, (40, 60), (100, 110))
    qtbot.waitUntil(lambda: "updates/s" in fields["rate"].text(), timeout=10_000)
    qtbot.waitUntil(lambda: "ms to screen" in fields["latency"].text(), timeout=10_000)
    assert fields["size"].text() == f"{WIDTH} × {HEIGHT}"
    assert fields["zoom"].text().endswith("%")
    assert "nano" in fields["device"].text()
    assert "Playing" in playing.status.state.text()
    assert fields["dropped"].isHidden()
    pause(playing, qtbot)
    qtbot.waitUntil(lambda: "Paused" in playing.status.state.text())


# closing


@pytest.mark.parametrize(
    "state", ["start", "opening", "playing", "paused", "dragging", "swapped", "failed"]
)
def test_closing_in_any_state_ends_every_thread(
    window: MainWindow, qtbot: QtBot, drag: Drag, video: Path, state: str
) -> None:
    before = threading.active_count()
    if state != "start":
        window.open_text(str(video) if state != "failed" else "/nowhere.mp4")
    if state not in ("start", "opening", "failed"):
        qtbot.waitUntil(lambda: window.snapshot.frame is not None)
    if state == "paused":
        pause(window, qtbot)
    if state == "dragging":
        drag(window, (10, 10), (50, 50), release=False)
    if state == "swapped":
        window.open_text(str(video))
    window.close()
    assert window.isHidden()
    names = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    assert threading.active_count() <= before, names


def test_full_screen_goes_back(window: MainWindow) -> None:
    choose(window, "full_screen")
    assert window.isFullScreen()
    assert window.actions_["full_screen"].isChecked()
    choose(window, "full_screen")
    assert not window.isFullScreen()
