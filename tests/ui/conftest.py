"""A real window on real videos, followed by a small tracker of its own."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Playback
from app.ui.application import dress
from tests.app.square import PatchTracker, write_video

if TYPE_CHECKING:
    from app.ui.window import MainWindow


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "square.mp4", 90)


@pytest.fixture(autouse=True)
def all_threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [t.name for t in threading.enumerate() if t not in before and "pipeline" in t.name]
    assert not left


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator["MainWindow"]:
    # tests of single widgets need no window
    from app.ui.window import MainWindow

    dress(qapp)
    window = MainWindow(load_tracker=PatchTracker)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()


@pytest.fixture
def playing(window: "MainWindow", video: Path, qtbot: QtBot) -> "MainWindow":
    """The window with the test video playing and the tracker loaded."""
    window.open_text(str(video))

    def is_ready() -> bool:
        snapshot = window.canvas.snapshot
        return bool(snapshot.tracker) and snapshot.frame is not None

    qtbot.waitUntil(is_ready, timeout=10_000)
    assert window.canvas.snapshot.playback is Playback.PLAYING
    return window


@pytest.fixture
def drag(qtbot: QtBot) -> Callable[..., None]:
    """Draws a box with the mouse, between two points given in pixels of the frame."""

    def act(
        window: "MainWindow",
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        release: bool = True,
    ) -> None:
        canvas = window.canvas
        first = canvas.to_widget(QPointF(*start)).toPoint()
        last = canvas.to_widget(QPointF(*end)).toPoint()
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=first)
        for k in range(1, 5):
            QTest.mouseMove(canvas, first + (last - first) * k / 4)
            qtbot.wait(10)
        if release:
            QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=last)

    return act
