"""The button that starts and stops a recording."""

from pathlib import Path

from PyQt6.QtCore import QEvent, QTimer, QUrl, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QDesktopServices,
    QIcon,
)
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.core.studio.status import RecordingStatus
from app.ui.icon_button import IconButton
from app.ui.record import dots
from app.ui.record.amounts import size_text, time_text
from app.ui.sentences import worded
from app.ui.timeline.pane import small_font

_BLINK_MS = 600
_SCARCE_BYTES = 1_000_000_000
"""Less room than this on the disk is pointed out."""
_CONTENTS = ("overlay", "clean", "both")


class RecordButton(QWidget):
    """A round dot: a ring while nothing is recorded, a beating disc beside the time while it is.

    What is recorded and where to is chosen in its menu. It only asks; the window acts.
    """

    record_wanted = pyqtSignal(bool)
    """Whether to record from now on."""
    content_changed = pyqtSignal(str)
    """`overlay`, `clean` or `both`."""
    folder_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("record")
        self._status: RecordingStatus | None = None
        self._folder = Path.home()
        self._beat = False
        self.button = IconButton(self._icon, 20)
        self.button.setCheckable(True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.button.clicked.connect(self.record_wanted)
        self.details = QLabel()
        self.details.setObjectName("muted")
        self.details.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.details.setFont(small_font(self.details.font()))
        self._make_menu()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.button)
        row.addWidget(self.details)
        self._blink = QTimer(self)
        self._blink.setInterval(_BLINK_MS)
        self._blink.timeout.connect(self._turn)
        self.retranslate()

    @property
    def content(self) -> str:
        """What is chosen to be recorded."""
        return next(name for name, action in self.contents.items() if action.isChecked())

    @property
    def folder(self) -> Path:
        """Where recordings go."""
        return self._folder

    def set_options(self, content: str, folder: Path) -> None:
        """Show what is recorded, and where to; emits nothing."""
        self.contents[content].setChecked(True)
        self._folder = folder
        self.retranslate()

    def show_status(self, status: RecordingStatus | None) -> None:
        """Show how the recording is; None while there is none."""
        if status == self._status:
            return
        was_running = self._is_running
        self._status = status
        if self._is_running and not was_running:
            self._beat = True
            self._blink.start()
        elif not self._is_running:
            self._blink.stop()
        self._refresh()

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        names = {
            "overlay": (self.tr("With boxes"), self.tr("The pictures with boxes and labels")),
            "clean": (self.tr("Without boxes"), self.tr("The pictures as they come")),
            "both": (self.tr("Both, as two files"), self.tr("One file with boxes, one without")),
        }
        for name, (text, tip) in names.items():
            self.contents[name].setText(text)
            self.contents[name].setToolTip(tip)
        self._heading.setText(self.tr("What to record"))
        self._choose.setText(self.tr("Choose the folder…"))
        self._choose.setToolTip(self.tr("Recordings go to {folder}").format(folder=self._folder))
        self._show.setText(self.tr("Open the folder"))
        self._show.setToolTip(str(self._folder))
        self._refresh()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    @property
    def _is_running(self) -> bool:
        return self._status is not None and self._status.is_running

    def _make_menu(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._heading = QAction(menu)
        self._heading.setEnabled(False)
        menu.addAction(self._heading)
        group = QActionGroup(menu)
        self.contents: dict[str, QAction] = {}
        for name in _CONTENTS:
            action = QAction(menu)
            action.setCheckable(True)
            action.triggered.connect(lambda _, name=name: self.content_changed.emit(name))
            group.addAction(action)
            menu.addAction(action)
            self.contents[name] = action
        self.contents["overlay"].setChecked(True)
        menu.addSeparator()
        self._choose = QAction(menu)
        self._choose.triggered.connect(self._ask_folder)
        menu.addAction(self._choose)
        self._show = QAction(menu)
        self._show.triggered.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
        )
        menu.addAction(self._show)
        self.button.setMenu(menu)

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Folder for recordings"), str(self._folder)
        )
        if chosen:
            self._folder = Path(chosen)
            self.retranslate()
            self.folder_changed.emit(chosen)

    def _turn(self) -> None:
        self._beat = not self._beat
        self.button.redraw()

    def _refresh(self) -> None:
        status = self._status
        running = self._is_running
        self.button.setChecked(running)
        self.button.setEnabled(status is None or not status.finishing)
        # what is chosen holds for the next recording
        for action in (*self.contents.values(), self._choose):
            action.setEnabled(not running)
        if running:
            name, tip = self.tr("Stop recording"), self.tr("Finish the recording (Ctrl+R)")
        else:
            name, tip = self.tr("Record"), self.tr("Record what is played from here on (Ctrl+R)")
        self.button.setAccessibleName(name)
        self.button.setToolTip(tip)
        lines = self._lines(status)
        self.details.setText("\n".join(lines))
        self.details.setAccessibleName(
            self.tr("Recording {parts}").format(parts=" · ".join(lines)) if running else ""
        )
        self.details.setToolTip(self._explanation(status))
        self.details.setVisible(status is not None)
        self.button.redraw()

    def _lines(self, status: RecordingStatus | None) -> list[str]:
        """Short ones: a window as small as it may be must have room for them."""
        if status is None:
            return []
        if status.problem:
            return [self.tr("⚠ Recording ended")]
        if status.finishing:
            return [self.tr("Finishing the file…")]
        lines = [f"{time_text(status.elapsed_s)} · {size_text(status.bytes)}"]
        if status.free_bytes is not None:
            free = size_text(status.free_bytes)
            scarce = status.free_bytes < _SCARCE_BYTES
            text = self.tr("⚠ only {free} free") if scarce else self.tr("{free} free")
            lines.append(text.format(free=free))
        return lines

    def _explanation(self, status: RecordingStatus | None) -> str:
        if status is None:
            return ""
        if status.problem:
            return worded(status.problem)
        return self.tr("{path}, {frames} frames").format(path=status.path, frames=status.frames)

    def _icon(self, tint: QColor) -> QIcon:
        return dots.disc(tint, full=self._beat) if self._is_running else dots.ring(tint)
