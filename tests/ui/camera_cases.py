"""The window on emulated cameras; `tests/v4l2` runs this in a process that sees them.

There are a webcam with number 0 and, with number 2, a microscope whose pictures are of an odd size.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.sources import camera as camera_module
from app.core.sources.watch import Watch
from app.ui.dialogs import CameraDialog
from app.ui.window import MainWindow
from tests.ui.conftest import Drag, choose, pause, shown
from tests.v4l2 import Cameras, seen_at

LONG = 20_000
Key = Qt.Key


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cameras]:
    monkeypatch.setattr(camera_module, "_WATCH", Watch(pause_s=0.05, longest_pause_s=0.1))
    cameras = Cameras.of_this_process()
    yield cameras
    cameras.restore()


def activate(window: MainWindow, qtbot: QtBot) -> None:
    """Give the window the keyboard back, as a window manager does after a dialog."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def dialog_of(window: MainWindow, qtbot: QtBot) -> CameraDialog:
    """Open the dialog with the keyboard, and wait until it has looked for cameras."""
    activate(window, qtbot)
    QTest.keyClick(window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(CameraDialog)))
    dialog = next(d for d in window.findChildren(CameraDialog) if d.isVisible())
    qtbot.waitUntil(dialog.refresh.isEnabled)
    return dialog


def wait_for_pictures(window: MainWindow, qtbot: QtBot) -> None:
    activate(window, qtbot)
    qtbot.waitUntil(
        lambda: bool(window.snapshot.tracker) and window.snapshot.frame is not None, timeout=LONG
    )


def time_shown(window: MainWindow) -> float:
    frame = window.snapshot.frame
    assert frame is not None
    return frame.time_s


def keep(window: MainWindow, name: str) -> None:
    """A picture of the window, where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        window.grab().save(f"{folder}/{name}.png")


def is_followed(window: MainWindow) -> bool:
    """Whether the middle of the target's box is on the green square, in the picture shown."""
    frame, (target,) = window.snapshot.frame, window.snapshot.document.targets
    assert frame is not None
    row = target.rows.at(frame.index)
    if row is None:
        return False
    (left, top, w, h), (x, y, side, _) = row.box, seen_at(frame.rgb)
    return x < left + w / 2 < x + side and y < top + h / 2 < y + side


def follow_the_square(window: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    pause(window, qtbot)
    frame = window.snapshot.frame
    assert frame is not None
    x, y, w, h = seen_at(frame.rgb)
    drag(window, (x, y), (x + w, y + h))
    qtbot.waitUntil(lambda: len(window.snapshot.document.targets) == 1)
    QTest.keyClick(window.canvas, Key.Key_G)
    at = shown(window)
    qtbot.waitUntil(lambda: shown(window) > at + 15 and is_followed(window), timeout=LONG)


def test_target_on_a_mirrored_camera_outlives_that_it_is_unplugged(
    window: MainWindow, qtbot: QtBot, drag: Drag, cameras: Cameras, home: Path
) -> None:
    dialog = dialog_of(window, qtbot)
    texts = [dialog.camera.itemText(k) for k in range(dialog.camera.count())]
    assert texts == ["Camera 0: HD webcam", "Camera 2: USB microscope"]
    QTest.keyClicks(dialog.size_, "640")
    QTest.keyClicks(dialog.rate, "30")
    QTest.mouseClick(
        dialog.mirror, Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.mirror.height() // 2)
    )
    QTest.keyClick(dialog, Key.Key_Return)
    wait_for_pictures(window, qtbot)
    info, frame = window.snapshot.info, window.snapshot.frame
    assert info is not None
    assert frame is not None
    assert (info.width, info.height, info.rate, info.notice) == (640, 480, 30, "")
    # blue is on the right of the camera
    assert frame.rgb[5, 5].argmax() == 2
    follow_the_square(window, qtbot, drag)
    keep(window, "camera-followed")
    choose(window, "record")
    qtbot.waitUntil(lambda: window.snapshot.recording is not None)
    at, began_s = shown(window), time_shown(window)
    qtbot.waitUntil(lambda: shown(window) > at + 10, timeout=LONG)

    cameras.plug_out(0)
    qtbot.waitUntil(lambda: "it was unplugged" in window.banner.text, timeout=LONG)
    qtbot.waitUntil(lambda: "trying again" in window.status.fields["health"].text())
    keep(window, "camera-unplugged")
    at, rows = shown(window), len(window.snapshot.document.targets[0].rows)
    ended_s = time_shown(window)
    cameras.plug_in(0, "HD webcam")
    qtbot.waitUntil(lambda: shown(window) > at + 15 and is_followed(window), timeout=LONG)
    assert window.status.fields["health"].text() == ""
    assert len(window.snapshot.document.targets[0].rows) > rows
    choose(window, "record")
    qtbot.waitUntil(lambda: "Recorded" in window.banner.text, timeout=LONG)
    (recording,) = home.rglob("*.mp4")
    with av.open(str(recording)) as video:
        times = [frame.time for frame in video.decode(video=0)]
    # however many were left out, there are some of before and some of after
    assert times[-1] - times[0] > ended_s - began_s


def test_odd_camera_is_shown_and_what_it_lacks_is_said(
    window: MainWindow, qtbot: QtBot, drag: Drag, cameras: Cameras
) -> None:
    dialog = dialog_of(window, qtbot)
    QTest.keyClick(dialog.camera, Key.Key_Down)
    QTest.keyClicks(dialog.size_, "1920")
    QTest.keyClicks(dialog.rate, "60")
    QTest.keyClick(dialog, Key.Key_Return)
    wait_for_pictures(window, qtbot)
    said = "321×243 pixels at 25 frames per second instead of"
    qtbot.waitUntil(lambda: said in window.banner.text)
    follow_the_square(window, qtbot, drag)
    keep(window, "camera-odd")


def test_camera_that_another_program_has_is_told_and_opened_later(
    window: MainWindow, qtbot: QtBot, cameras: Cameras
) -> None:
    with cameras.used_by_another(0):
        QTest.keyClick(dialog_of(window, qtbot), Key.Key_Return)
        qtbot.waitUntil(lambda: "Camera 0 cannot be opened" in window.banner.text, timeout=LONG)
        keep(window, "camera-busy")
    QTest.keyClick(dialog_of(window, qtbot), Key.Key_Return)
    wait_for_pictures(window, qtbot)


def test_camera_that_is_open_is_opened_otherwise(
    window: MainWindow, qtbot: QtBot, cameras: Cameras
) -> None:
    QTest.keyClick(dialog_of(window, qtbot), Key.Key_Return)
    wait_for_pictures(window, qtbot)
    for rate in (60, 30):
        dialog = dialog_of(window, qtbot)
        QTest.keyClicks(dialog.size_, "640")
        QTest.keyClicks(dialog.rate, str(rate))
        QTest.keyClick(dialog, Key.Key_Return)
        qtbot.waitUntil(lambda: window.snapshot.info is None)
        wait_for_pictures(window, qtbot)
        assert window.snapshot.info is not None
        assert window.snapshot.info.rate == rate
        assert window.banner.text == ""


def test_camera_unplugged_after_it_was_chosen_is_told(
    window: MainWindow, qtbot: QtBot, cameras: Cameras
) -> None:
    dialog = dialog_of(window, qtbot)
    cameras.plug_out(0)
    QTest.keyClick(dialog, Key.Key_Return)
    qtbot.waitUntil(lambda: "There is no camera 0" in window.banner.text, timeout=LONG)
    cameras.plug_out(2)
    dialog = dialog_of(window, qtbot)
    assert dialog.message.startswith("No camera was found")
    assert dialog.choice is None
    cameras.plug_in(0, "HD webcam")
    QTest.mouseClick(dialog.refresh, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.camera.count() == 1)
    QTest.keyClick(dialog, Key.Key_Return)
    wait_for_pictures(window, qtbot)
