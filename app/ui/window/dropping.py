"""A window onto which files are dropped."""

from PyQt6.QtCore import QMimeData, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PyQt6.QtWidgets import QMainWindow


class DropWindow(QMainWindow):
    """Takes files and folders wherever they are dropped that no part of it takes first."""

    dropped = pyqtSignal(str)
    """The first of them."""
    hovered = pyqtSignal(bool)
    """Whether something hangs over the window."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802
        if event is not None and _files(event.mimeData()):
            event.acceptProposedAction()
            self.hovered.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:  # noqa: N802
        self.hovered.emit(False)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        self.hovered.emit(False)
        files = _files(event.mimeData()) if event is not None else []
        if event is not None and files:
            event.acceptProposedAction()
            self.dropped.emit(files[0])


def _files(data: QMimeData | None) -> list[str]:
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data else []
