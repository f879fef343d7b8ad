"""The bar under the picture: play, time, remove all."""

from PyQt6.QtCore import QEvent, QSize, pyqtBoundSignal, pyqtSignal
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
        self._is_playing = True
        self.toggle = self._button("Play or pause (space)", self.toggle_wanted)
        self.clear = self._button("Remove all targets", self.clear_wanted)
        self._draw_icons()
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
        if playing is not self._is_playing:
            self._is_playing = playing
            self._draw_icons()
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

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    def _draw_icons(self) -> None:
        tint = self.palette().color(QPalette.ColorRole.WindowText)
        self.toggle.setIcon(icons.pause(tint) if self._is_playing else icons.play(tint))
        self.clear.setIcon(icons.bin(tint))

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
