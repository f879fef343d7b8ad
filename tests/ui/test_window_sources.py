"""Every kind of source in the window: live ones, and pictures of odd shapes and sizes."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Playback
from app.core.sources.live import LiveSource
from app.core.sources.watch import Watch
from app.ui.export import ExportDialog
from app.ui.window import MainWindow
from app.ui.window import request as request_module
from tests.app.clips import encode, quarters
from tests.app.sources.servers import Switch, http_server, send_mjpeg, serve
from tests.ui.conftest import Drag, Make, choose, pause, shown

SHORT = Watch(black_s=0.3, frozen_s=0.3, stalled_s=0.3)


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def stream(switch: Switch) -> Iterator[str]:
    """The address of a stream of numbered pictures."""
    with serve(http_server(send_mjpeg, switch), switch) as port:
        yield f"http://127.0.0.1:{port}/live"


@pytest.fixture
def live(window: MainWindow, stream: str, qtbot: QtBot) -> MainWindow:
    """The window with the stream playing and the tracker loaded."""
    window.open_text(stream)
    qtbot.waitUntil(
        lambda: bool(window.snapshot.tracker) and window.snapshot.frame is not None,
        timeout=20_000,
    )
    return window


def test_live_source_is_paused_looked_back_at_and_caught_up_with(
    live: MainWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: shown(live) > 20, timeout=10_000)
    assert live.actions_["go_live"].isEnabled() is False
    assert not live.actions_["faster"].isEnabled()
    pause(live, qtbot)
    at = shown(live)
    qtbot.wait(100)
    assert shown(live) == at
    QTest.keyClick(live.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shown(live) == at - 10)
    qtbot.waitUntil(lambda: live.actions_["go_live"].isEnabled())
    QTest.keyClick(live.canvas, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: shown(live) > at + 10, timeout=10_000)
    qtbot.waitUntil(lambda: live.snapshot.edge, timeout=10_000)


def test_target_drawn_on_a_live_source_begins_on_the_frame_it_was_drawn_on(
    live: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(live, (10, 10), (50, 50), release=False)
    qtbot.wait(50)
    held = shown(live)
    qtbot.wait(150)
    assert shown(live) == held
    QTest.mouseRelease(live.canvas, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(live.snapshot.document.targets) == 1)
    assert live.snapshot.document.targets[0].begun == held
    qtbot.waitUntil(lambda: shown(live) > held + 5, timeout=10_000)


def test_stream_that_hangs_is_told_and_comes_back(
    live: MainWindow, switch: Switch, qtbot: QtBot
) -> None:
    switch.hang.set()
    qtbot.waitUntil(lambda: "no picture" in live.status.fields["health"].text(), timeout=20_000)
    assert live.banner.text
    switch.hang.clear()
    qtbot.waitUntil(lambda: live.status.fields["health"].text() == "", timeout=20_000)


def test_boxes_of_a_live_source_are_saved_and_looked_at_later(
    live: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    drag(live, (10, 10), (50, 50))
    qtbot.waitUntil(lambda: len(live.snapshot.document.targets) == 1)
    at = shown(live)
    qtbot.waitUntil(lambda: shown(live) > at + 10, timeout=10_000)
    choose(live, "export")
    dialog = next(d for d in live.findChildren(ExportDialog) if d.isVisible())
    assert not dialog.formats.buttons["annotated"].isEnabled()
    dialog.reject()
    choose(live, "save")
    asked = next(d for d in live.findChildren(QFileDialog) if d.isVisible())
    asked.fileSelected.emit(str(home / "live.sttproj"))
    asked.close()
    qtbot.waitUntil(lambda: (home / "live.sttproj").exists())
    live.close_now()
    window = make_window()
    window.open_text(str(home / "live.sttproj"))
    qtbot.waitUntil(lambda: len(window.snapshot.document.targets) == 1, timeout=10_000)
    assert any("was live" in sentence for sentence in window.banner.sentences)
    qtbot.waitUntil(lambda: window.snapshot.frame is not None)
    qtbot.waitUntil(lambda: "boxes only" in window.status.state.text())


SHAPES = {
    "one pixel": (1, 1), "odd": (97, 65), "narrow": (3, 400), "flat": (500, 2), "8K": (7680, 4320),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_pictures_of_any_size_are_shown_and_drawn_on(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, shape: str
) -> None:
    width, height = SHAPES[shape]
    image = cv2.resize(quarters(64, 64), (width, height), interpolation=cv2.INTER_NEAREST)
    for k in range(2):
        assert cv2.imwrite(str(tmp_path / f"{k}.jpg"), image)
    window.open_text(str(tmp_path))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=20_000)
    qtbot.waitUntil(lambda: bool(window.snapshot.tracker), timeout=20_000)
    qtbot.waitUntil(lambda: f"{width} × {height}" in window.status.fields["size"].text())
    qtbot.waitUntil(lambda: window.snapshot.playback is Playback.ENDED, timeout=20_000)
    QTest.keyClick(window.canvas, Qt.Key.Key_Insert)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.snapshot.document.targets or window.banner.text))
    choose(window, "to_start")
    qtbot.waitUntil(lambda: shown(window) == 0)


def test_portrait_video_of_a_phone_stands_upright(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    clip = encode(tmp_path / "phone.mp4", [quarters()] * 5, rotation=90)
    window.open_text(str(clip))
    qtbot.waitUntil(lambda: "64 × 96" in window.status.fields["size"].text(), timeout=10_000)


def test_times_of_a_video_are_those_of_its_container(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    times = [0.0, 0.04, 0.5, 0.52, 1.75]
    clip = encode(tmp_path / "variable.mp4", [quarters()] * 5, times=times)
    window.open_text(str(clip))
    qtbot.waitUntil(lambda: window.snapshot.playback is Playback.ENDED, timeout=10_000)
    assert "0:01.750" in window.parts.transport.time.text()
    for index in (3, 2, 1, 0):
        QTest.keyClick(window.canvas, Qt.Key.Key_Comma)
        qtbot.waitUntil(lambda index=index: shown(window) == index)
        assert f"{times[index]:.3f}" in window.parts.transport.time.text()


def test_camera_is_opened_as_it_was_asked_for(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Grabber:
        rate: float | None = 50.0

        def read(self, cancelled: object) -> np.ndarray:
            return quarters()

        def close(self) -> None:
            pass

    def open_source(text: str, **how: object) -> LiveSource:
        asked.append((text, how))
        return LiveSource("camera-2", Grabber, hint="", watch=SHORT)

    monkeypatch.setattr(request_module, "open_source", open_source)
    window.work.open(request_module.OpenRequest("2", rate=50.0, size=(640, 480), mirror=True))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=10_000)
    assert asked[0] == ("2", {"rate": 50.0, "size": (640, 480), "mirror": True})
    assert window.windowTitle().startswith("Camera 2")
    # the very same picture over and over
    qtbot.waitUntil(lambda: "same picture" in window.status.fields["health"].text(), timeout=10_000)
