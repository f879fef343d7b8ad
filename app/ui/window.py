"""The main window: opens sources, shows what the pipeline leaves in its mailbox, passes on wishes.

No frame travels by signal: a timer at the display's rate fetches the newest snapshot.
"""

import queue
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeySequence
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from app.core.pipeline import LiveTracker, Pipeline, Playback, Snapshot
from app.core.sources import Source, open_source
from app.ui import icons
from app.ui.application import application
from app.ui.banner import Banner
from app.ui.canvas import Canvas
from app.ui.controls import Controls
from app.ui.start import StartPage
from app.ui.targets import TargetList
from model.geometry import Box

_VIDEOS = "Videos (*.mp4 *.mov *.mkv *.avi *.webm *.m4v *.mpg *.mpeg *.ts *.wmv *.flv)"
_CAMERAS = 4
_TICK_MS = 16
_ABOUT = (
    "<b>SpaceTime Tracker</b><p>Point at anything in a video and have it followed.</p>"
    "<p>Drag a box: add a target. Space: play or pause. Esc: cancel the drag. "
    "Right click on a box: remove it.</p><p>GPL-3.0-or-later</p>"
)
_WORDS = {
    Playback.OPENING: "Opening…",
    Playback.PLAYING: "Playing",
    Playback.PAUSED: "Paused",
    Playback.ENDED: "At the end; press space to play again",
    Playback.FAILED: "Stopped",
}


class MainWindow(QMainWindow):
    """One source at a time, any number of targets."""

    def __init__(
        self, *, preset: str = "small", load_tracker: Callable[[], LiveTracker] | None = None
    ) -> None:
        """Show the start page.

        Args:
            preset: name of a preset, or path of a weights file.
            load_tracker: makes a tracker, in place of loading `preset`.
        """
        super().__init__()
        self._load_tracker = load_tracker or (lambda: _load(preset))
        self._pipeline: Pipeline | None = None
        self._retired: list[Pipeline] = []
        self.setWindowTitle("SpaceTime Tracker")
        self.setWindowIcon(icons.logo())
        self.setAcceptDrops(True)
        self.resize(1100, 700)
        self.banner = Banner()
        self.canvas = Canvas()
        self.targets = TargetList()
        self.controls = Controls()
        self.start = StartPage()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.start)
        self._pages.addWidget(self._player())
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self._pages, stretch=1)
        self.setCentralWidget(middle)
        self._status()
        self._menus()
        self._connect()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fetch)
        self._timer.start(_TICK_MS)

    @property
    def is_showing_start(self) -> bool:
        """Whether the start page is shown, for nothing is open."""
        return self._pages.currentWidget() is self.start

    def open_text(self, text: str) -> None:
        """Open a file, a folder, a camera's number or a URL; a fault is told in the banner."""
        self._open(lambda: open_source(text))
        self.setWindowTitle(f"{Path(text).name or text} – SpaceTime Tracker")

    def open_demo(self) -> None:
        """Play the embedded clip in a loop, its target already chosen."""
        from assets.demo import clip_path, truth

        first = truth()[0]
        box = (float(first[0]), float(first[1]), float(first[2]), float(first[3]))
        self._open(lambda: open_source(str(clip_path())), boxes=[box], loop=True)
        self.setWindowTitle("Demo – SpaceTime Tracker")

    def toggle_play(self) -> None:
        """Pause what plays, play what is paused or at its end."""
        if self._pipeline is None:
            return
        if self.canvas.snapshot.playback is Playback.PLAYING:
            self._pipeline.pause()
        else:
            self._pipeline.play()

    def _open(
        self, make: Callable[[], Source], *, boxes: Sequence[Box] = (), loop: bool = False
    ) -> None:
        self._let_go()
        self.banner.hide()
        self._pipeline = Pipeline(make, self._load_tracker, boxes=boxes, loop=loop)
        self._show(Snapshot())
        self._pages.setCurrentIndex(1)
        self.canvas.setFocus()

    def _let_go(self) -> None:
        """Stop what plays, without waiting for its threads."""
        self.canvas.cancel_drag()
        if self._pipeline is not None:
            self._pipeline.stop()
            self._retired.append(self._pipeline)
            self._pipeline = None
        self._retired = [old for old in self._retired if old.is_alive]

    def _close_source(self) -> None:
        self._let_go()
        self.setWindowTitle("SpaceTime Tracker")
        self._show(Snapshot())
        self._pages.setCurrentWidget(self.start)

    def _fetch(self) -> None:
        pipeline = self._pipeline
        if pipeline is None:
            return
        snapshot = pipeline.mailbox.take()
        if snapshot is not None:
            self._show(snapshot)
        with suppress(queue.Empty):
            self.banner.say(pipeline.notices.get_nowait())
        if snapshot is not None and snapshot.playback is Playback.FAILED and not snapshot.frame:
            self._close_source()

    def _show(self, snapshot: Snapshot) -> None:
        self.canvas.show_snapshot(snapshot)
        self.targets.show_marks(snapshot.marks)
        self.controls.show_snapshot(snapshot)
        state = _WORDS[snapshot.playback]
        if snapshot.info is not None and not snapshot.tracker:
            state += " · loading the model…"
        self._state.setText(state if self._pipeline is not None else "")
        self._device.setText(snapshot.tracker)
        shows_rate = bool(snapshot.marks) and snapshot.playback is Playback.PLAYING
        self._rate.setText(f"{snapshot.rate:.0f} updates/s" if shows_rate else "")
        self._dropped.setText(f"{snapshot.dropped} frames dropped" if snapshot.dropped else "")

    def _player(self) -> QWidget:
        page = QWidget()
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.canvas, stretch=1)
        left.addWidget(self.controls)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, stretch=1)
        row.addWidget(self.targets)
        return page

    def _status(self) -> None:
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        self._state, self._device, self._rate, self._dropped = (QLabel() for _ in range(4))
        self._state.setContentsMargins(8, 2, 8, 2)
        bar.addWidget(self._state)
        for label in (self._dropped, self._rate, self._device):
            label.setContentsMargins(8, 2, 8, 2)
            bar.addPermanentWidget(label)
        self.setStatusBar(bar)

    def _connect(self) -> None:
        self.start.demo_wanted.connect(self.open_demo)
        self.start.video_wanted.connect(self._ask_video)
        self.start.folder_wanted.connect(self._ask_folder)
        self.start.camera_wanted.connect(lambda: self.open_text("0"))
        self.controls.toggle_wanted.connect(self.toggle_play)
        self.controls.clear_wanted.connect(lambda: self._remove(None))
        self.targets.remove_wanted.connect(self._remove)
        self.canvas.remove_wanted.connect(self._remove)
        self.canvas.drag_began.connect(lambda: self._hold(True))
        self.canvas.drag_ended.connect(lambda: self._hold(False))
        self.canvas.box_drawn.connect(self._add)

    def _menus(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        file = _menu(bar.addMenu("&File"))
        self._action(file, "Open &video…", self._ask_video, QKeySequence.StandardKey.Open)
        self._action(file, "Open &folder of images…", self._ask_folder, "Ctrl+Shift+O")
        cameras = _menu(file.addMenu("Open &camera"))
        for number in range(_CAMERAS):
            self._action(cameras, f"Camera {number}", partial(self.open_text, str(number)))
        self._action(file, "Open &stream…", self._ask_stream)
        self._action(file, "Try the &demo", self.open_demo, "Ctrl+D")
        file.addSeparator()
        self._action(file, "&Close", self._close_source, QKeySequence.StandardKey.Close)
        self._action(file, "&Quit", self.close, QKeySequence.StandardKey.Quit)
        play = _menu(bar.addMenu("&Playback"))
        self._action(play, "&Play or pause", self.toggle_play, "Space")
        self._action(play, "&Remove all targets", lambda: self._remove(None), "Ctrl+Backspace")
        about = _menu(bar.addMenu("&Help"))
        self._action(about, "&About", lambda: QMessageBox.about(self, "About", _ABOUT))

    def _action(
        self, menu: QMenu, text: str, act: Callable[[], object],
        keys: QKeySequence.StandardKey | str | None = None,
    ) -> None:  # fmt: skip
        action = menu.addAction(text)
        assert action is not None
        action.triggered.connect(lambda: act())
        if keys is not None:
            action.setShortcut(QKeySequence(keys))

    def _ask_video(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open video", "", f"{_VIDEOS};;All files (*)")
        if path:
            self.open_text(path)

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open folder of images")
        if path:
            self.open_text(path)

    def _ask_stream(self) -> None:
        url, accepted = QInputDialog.getText(self, "Open stream", "Address (rtsp://… or http://…):")
        if accepted and url.strip():
            self.open_text(url.strip())

    def _hold(self, on: bool) -> None:
        if self._pipeline is not None:
            if on:
                self._pipeline.hold()
            else:
                self._pipeline.release()

    def _add(self, box: Box) -> None:
        if self._pipeline is not None:
            self._pipeline.add(box)

    def _remove(self, id: int | None) -> None:
        if self._pipeline is not None:
            self._pipeline.remove(id)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and any(u.isLocalFile() for u in data.urls()):
            event.acceptProposedAction()
            self.start.set_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:  # noqa: N802
        self.start.set_drop(False)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        self.start.set_drop(False)
        data = event.mimeData() if event is not None else None
        files = [u.toLocalFile() for u in data.urls() if u.isLocalFile()] if data else []
        if event is not None and files:
            event.acceptProposedAction()
            self.open_text(files[0])

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        # threads may take a moment to end; nobody should have to look at that
        self.hide()
        self._timer.stop()
        self._let_go()
        for old in self._retired:
            old.close()
        self._retired.clear()
        super().closeEvent(event)


def run(path: str | Path | None, *, preset: str = "small") -> int:
    """Show the window, with `path` open where one is given, until it is closed.

    Returns:
        The exit code of the process.
    """
    return _run(lambda window: window.open_text(str(path)) if path is not None else None, preset)


def run_demo() -> int:
    """Show the window with the embedded clip playing and its target followed."""
    return _run(lambda window: window.open_demo(), "small")


def _run(begin: Callable[[MainWindow], None], preset: str) -> int:
    app = application()
    window = MainWindow(preset=preset)
    before = signal.signal(signal.SIGINT, lambda *_: window.close())
    try:
        window.show()
        begin(window)
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, before)


def _load(preset: str) -> LiveTracker:
    # torch takes seconds to import, which the first picture should not wait for
    from model import Tracker

    return Tracker.load(preset)


def _menu(menu: QMenu | None) -> QMenu:
    assert menu is not None
    return menu
