"""The bar under the picture: play, time, remove all."""

from PyQt6.QtCore import QSize, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from app.core.pipeline import Playback, Snapshot
from app.ui import icons


class Controls(QWidget):
    """Buttons of playback; they only ask, the window acts."""

    toggle_wanted = pyqtSignal()
    clear_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("controls")
        tint = self.palette().color(QPalette.ColorRole.WindowText)
        self._play, self._pause = icons.play(tint), icons.pause(tint)
        self.toggle = self._button("Play or pause (space)", self.toggle_wanted)
        self.toggle.setIcon(self._pause)
        self.clear = self._button("Remove all targets", self.clear_wanted)
        self.clear.setIcon(icons.bin(tint))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._time = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        row.setSpacing(10)
        row.addWidget(self.toggle)
        row.addWidget(self._bar, stretch=1)
        row.addWidget(self._time)
        row.addWidget(self.clear)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show where in the source `snapshot` stands."""
        playing = snapshot.playback in (Playback.PLAYING, Playback.OPENING)
        self.toggle.setIcon(self._pause if playing else self._play)
        self.toggle.setEnabled(snapshot.playback is not Playback.FAILED)
        self.clear.setEnabled(bool(snapshot.marks))
        frame, info = snapshot.frame, snapshot.info
        if frame is None or info is None:
            return
        ends = info.frames is not None and not info.is_live
        self._bar.setVisible(ends)
        if info.frames is not None and ends:
            self._bar.setRange(0, max(1, info.frames - 1))
            self._bar.setValue(min(frame.index, max(1, info.frames - 1)))
        text = clock(frame.time_s)
        if info.frames is not None and ends and info.rate:
            text += f" / {clock(info.frames / info.rate)}"
        self._time.setText("Live  " + text if info.is_live else text)

    def _button(self, tip: str, wish: pyqtBoundSignal) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setIconSize(QSize(22, 22))
        button.clicked.connect(wish)
        return button


def clock(seconds: float) -> str:
    """Seconds as `0:07.3` or `1:02:07.3`."""
    tenths = round(max(seconds, 0) * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    short = f"{minutes}:{rest / 10:04.1f}"
    return f"{hours}:{minutes:02d}:{rest / 10:04.1f}" if hours else short
