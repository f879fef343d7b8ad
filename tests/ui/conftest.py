"""A real window on real videos, followed by the real network."""

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
from app.ui.language import set_language
from app.ui.theme import apply_theme
from tests.app.square import write_video

if TYPE_CHECKING:
    from app.ui.window import MainWindow
    from model import Tracker

Drag = Callable[..., None]
Make = Callable[[], "MainWindow"]
_ENDS_S = 10.0


class TrackerPool:
    """Trackers that were loaded once; each window takes those that nobody uses."""

    def __init__(self) -> None:
        self._idle: list[Tracker] = []
        self.taken: list[Tracker] = []
        """Those in use."""
        self._lock = threading.Lock()

    def load(self) -> "Tracker":
        """A tracker without targets."""
        from model import Tracker

        with self._lock:
            tracker = self._idle.pop() if self._idle else Tracker.load("nano", threads=1)
            self.taken.append(tracker)
        return tracker

    def take_back(self) -> None:
        """Nobody uses any of them now."""
        with self._lock:
            for tracker in self.taken:
                for id in tracker.ids:
                    tracker.remove(id)
            self._idle += self.taken
            self.taken = []


@pytest.fixture(scope="session")
def pool() -> TrackerPool:
    pool = TrackerPool()
    # loading takes longer than the test video lasts
    pool.load()
    pool.take_back()
    return pool


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """90 frames of 320 × 180 at 30 per second, with a square that moves right."""
    return write_video(tmp_path_factory.mktemp("video") / "square.mp4", 90)


@pytest.fixture(autouse=True)
def all_threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(_ENDS_S)
        assert not thread.is_alive(), thread.name


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the user is read or written."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_VIDEOS_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """The application in its style, which takes long to set."""
    dress(qapp)
    return qapp


@pytest.fixture
def make_window(
    qtbot: QtBot, dressed: QApplication, home: Path, pool: TrackerPool
) -> Iterator[Callable[[], "MainWindow"]]:
    # tests of single widgets need no window
    from app.ui.window import MainWindow

    windows = []

    def make() -> MainWindow:
        window = MainWindow(load_tracker=pool.load)
        window.preferences.change(language="en")
        windows.append(window)
        window.resize(1100, 700)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    yield make
    for window in windows:
        window.close_now()
        window.deleteLater()
    pool.take_back()
    set_language(dressed, "en")
    apply_theme(dressed, "light")


@pytest.fixture
def window(make_window: Callable[[], "MainWindow"]) -> "MainWindow":
    return make_window()


@pytest.fixture
def paused(window: "MainWindow", video: Path, qtbot: QtBot) -> "MainWindow":
    """The window with the test video paused near its beginning."""
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.snapshot.playback is Playback.PLAYING, timeout=20_000)
    pause(window, qtbot)
    qtbot.waitUntil(lambda: bool(window.snapshot.tracker), timeout=20_000)
    return window


@pytest.fixture
def playing(paused: "MainWindow", qtbot: QtBot) -> "MainWindow":
    """The window with the test video playing over and over."""
    choose(paused, "loop")
    choose(paused, "play")
    qtbot.waitUntil(lambda: paused.snapshot.playback is Playback.PLAYING)
    return paused


def open_video(window: "MainWindow", video: Path, qtbot: QtBot) -> None:
    """Open a video, and wait until it plays and the tracker is loaded."""
    before = window.host.player
    window.open_text(str(video))
    qtbot.waitUntil(
        lambda: (
            window.host.player is not before
            and bool(window.snapshot.tracker)
            and window.snapshot.frame is not None
        ),
        timeout=20_000,
    )


def pause(window: "MainWindow", qtbot: QtBot) -> None:
    """Pause with the space bar."""
    if window.snapshot.playback is Playback.PLAYING:
        QTest.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.snapshot.playback is not Playback.PLAYING)


def shown(window: "MainWindow") -> int:
    """Number of the frame that is shown."""
    frame = window.snapshot.frame
    assert frame is not None
    return frame.index


def choose(window: "MainWindow", name: str) -> None:
    """Choose an action, as its menu does; it must be offered."""
    action = window.actions_[name]
    assert action.isEnabled(), name
    action.trigger()


@pytest.fixture
def drag(qtbot: QtBot) -> Drag:
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


@pytest.fixture(autouse=True)
def no_popup_left() -> None:
    """A menu or a dialog that an earlier test left open would take the mouse from this one."""
    for _ in range(8):
        widget = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if widget is None:
            break
        widget.close()
