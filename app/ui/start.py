"""The page that is shown while nothing is open."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import icons


class StartPage(QWidget):
    """What the program does, and the ways to begin."""

    demo_wanted = pyqtSignal()
    video_wanted = pyqtSignal()
    folder_wanted = pyqtSignal()
    camera_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = QFrame()
        self._card.setObjectName("startCard")
        self._card.setFixedWidth(660)
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(48, 40, 48, 40)
        inside.setSpacing(14)
        logo = QLabel()
        logo.setPixmap(icons.logo().pixmap(QSize(64, 64)))
        title = QLabel("Point at anything, watch it followed")
        title.setObjectName("startTitle")
        title.setWordWrap(True)
        hint = QLabel(
            "Open a video or a camera, then drag a box around what you want to follow. "
            "Add as many targets as you like, while it plays."
        )
        hint.setWordWrap(True)
        hint.setObjectName("startHint")
        for label in (logo, title, hint):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            inside.addWidget(label)
        inside.addSpacing(12)
        demo = QPushButton("Try the demo")
        demo.setObjectName("mainChoice")
        demo.clicked.connect(self.demo_wanted)
        inside.addWidget(demo, alignment=Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch()
        for text, wish in (
            ("Open video…", self.video_wanted),
            ("Open folder…", self.folder_wanted),
            ("Open camera", self.camera_wanted),
        ):
            button = QPushButton(text)
            button.setObjectName("choice")
            button.clicked.connect(wish)
            row.addWidget(button)
        row.addStretch()
        inside.addLayout(row)
        drop = QLabel("or drop a video or a folder of images here")
        drop.setObjectName("muted")
        drop.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inside.addSpacing(6)
        inside.addWidget(drop)
        outer = QHBoxLayout(self)
        outer.addWidget(self._card, alignment=Qt.AlignmentFlag.AlignCenter)

    def set_drop(self, over: bool) -> None:
        """Show that a file hangs over the window."""
        self._card.setProperty("over", over)
        style = self._card.style()
        if style is not None:
            style.polish(self._card)
