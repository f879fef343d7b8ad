"""The start page: the ways to begin, what was opened lately, what is left to recover."""

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.core.recent import Recent
from app.ui import icons
from app.ui.background import Background
from app.ui.start.grid import FlowGrid
from app.ui.start.recents import RecentList
from app.ui.start.recovery import RecoveryPanel
from app.ui.start.tile import Tile

_WIDEST = 1040
_STYLE = """
#startTitle { font-size: 20pt; font-weight: 600; }
#heading { font-weight: 600; }
#drop { border: 2px dashed palette(mid); border-radius: 10px; color: palette(placeholder-text); }
#drop[over="true"] {
  border-color: palette(link); background: palette(alternate-base); color: palette(text);
}
"""


class StartPage(QScrollArea):
    """What the program does, and the ways to begin."""

    video_wanted = pyqtSignal()
    folder_wanted = pyqtSignal()
    camera_wanted = pyqtSignal()
    stream_wanted = pyqtSignal()
    screen_wanted = pyqtSignal()
    demo_wanted = pyqtSignal()
    recent_wanted = pyqtSignal(str)
    """As `open_source` takes it."""
    project_wanted = pyqtSignal(Path)
    dropped = pyqtSignal(str)
    """A file or folder that was dropped here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._logo, self._title, self._hint = QLabel(), QLabel(), QLabel()
        self._drop = QLabel()
        self.tiles = {
            "video": Tile("video"), "folder": Tile("folder"), "camera": Tile("camera"),
            "stream": Tile("stream"), "screen": Tile("screen"), "demo": Tile("demo"),
        }  # fmt: skip
        for tile, wish in zip(
            self.tiles.values(),
            (
                self.video_wanted, self.folder_wanted, self.camera_wanted,
                self.stream_wanted, self.screen_wanted, self.demo_wanted,
            ),
            strict=True,
        ):  # fmt: skip
            tile.clicked.connect(partial(wish.emit))
        self.recents = RecentList(self._background)
        self.recents.wanted.connect(self._open_recent)
        self.recovery = RecoveryPanel(self._background)
        self._lay_out()
        self.setAcceptDrops(True)
        self.retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Read anew what was opened lately and what is left to recover, in the background."""
        self.recents.refresh()
        self.recovery.refresh()

    def close_background(self, timeout_s: float) -> None:
        """Wait until nothing is read or recovered any more, at most so many seconds each."""
        self._background.join(timeout_s)
        self.recovery.close_background(timeout_s)

    def set_drop(self, over: bool) -> None:
        """Show that a file hangs over the page."""
        self._drop.setProperty("over", over)
        style = self._drop.style()
        if style is not None:
            style.polish(self._drop)

    def retranslate(self) -> None:
        """Set all texts."""
        self._title.setText(self.tr("Point at anything, watch it followed"))
        self._hint.setText(
            self.tr(
                "Open a video or a camera, then drag a box around what you want to follow. "
                "Add as many targets as you like, while it plays."
            )
        )
        self._drop.setText(self.tr("Drop a video, a folder of images or a project here"))
        self.tiles["video"].set_texts(
            self.tr("Open video…"), self.tr("A file, with every frame"),
            self.tr("Follow targets through a video file; every frame is looked at"),
        )  # fmt: skip
        self.tiles["folder"].set_texts(
            self.tr("Open folder…"), self.tr("Images in the order of their names"),
            self.tr("Follow targets through numbered images in a folder"),
        )  # fmt: skip
        self.tiles["camera"].set_texts(
            self.tr("Open camera…"), self.tr("Live, from this computer"),
            self.tr("Choose a camera of this computer, its resolution and its rate"),
        )  # fmt: skip
        self.tiles["stream"].set_texts(
            self.tr("Open stream…"), self.tr("RTSP or HTTP, from the network"),
            self.tr("Give the address of a network camera or of a video on a server"),
        )  # fmt: skip
        self.tiles["screen"].set_texts(
            self.tr("Screen region…"), self.tr("What this screen shows"),
            self.tr("Follow something on a screen, or on a part of it that you draw"),
        )  # fmt: skip
        self.tiles["demo"].set_texts(
            self.tr("Try the demo"), self.tr("A short clip, its target chosen"),
            self.tr("Play a clip that comes with the program; its target is already chosen"),
        )  # fmt: skip
        self.setAccessibleName(self.tr("Start page"))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Keep the lines short on a wide screen."""
        super().resizeEvent(event)
        self._middle.setMaximumWidth(max(_WIDEST, round(self.width() * 0.6)))

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        """Take files and folders."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and any(u.isLocalFile() for u in data.urls()):
            event.acceptProposedAction()
            self.set_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:  # noqa: N802
        """Look as before."""
        self.set_drop(False)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Ask for the first file to be opened."""
        self.set_drop(False)
        data = event.mimeData() if event is not None else None
        files = [u.toLocalFile() for u in data.urls() if u.isLocalFile()] if data else []
        if event is not None and files:
            event.acceptProposedAction()
            self.dropped.emit(files[0])

    def _open_recent(self, item: Recent) -> None:
        if item.kind == "project":
            self.project_wanted.emit(Path(item.text))
        else:
            self.recent_wanted.emit(item.text)

    def _lay_out(self) -> None:
        self.setStyleSheet(_STYLE)
        self._logo.setPixmap(icons.logo().pixmap(QSize(64, 64)))
        self._title.setObjectName("startTitle")
        self._hint.setObjectName("muted")
        self._title.setWordWrap(True)
        self._hint.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._hint)
        head = QHBoxLayout()
        head.setSpacing(20)
        head.addWidget(self._logo, alignment=Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, stretch=1)
        ways = FlowGrid(232, (1, 2, 3))
        ways.set_widgets(list(self.tiles.values()))
        self._drop.setObjectName("drop")
        self._drop.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop.setMinimumHeight(48)
        self._drop.setWordWrap(True)
        self._middle = QWidget()
        column = QVBoxLayout(self._middle)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(self.recovery)
        column.addLayout(head)
        column.addWidget(ways)
        column.addWidget(self.recents)
        column.addWidget(self._drop)
        column.addStretch(2)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._middle, stretch=1000)
        row.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
