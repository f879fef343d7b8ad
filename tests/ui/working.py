"""What tests of work in the window share: follow, save, answer."""

from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.ui.export import UnsavedQuestion
from app.ui.window import MainWindow
from tests.app.square import square_at
from tests.ui.conftest import Drag, choose, pause, shown


def dialog_of(window: MainWindow, kind: type) -> QWidget:
    found = [d for d in window.findChildren(kind) if d.isVisible()]
    assert len(found) == 1, found
    return found[0]


def follow(window: MainWindow, qtbot: QtBot, drag: Drag, frames: int = 12) -> None:
    """Draw a box around the square, and play for a while."""
    x, y, w, h = square_at(shown(window))
    at = shown(window)
    drag(window, (x - 3, y - 3), (x + w + 3, y + h + 3))
    qtbot.waitUntil(lambda: len(window.snapshot.document.targets) == 1)
    choose(window, "play")
    qtbot.waitUntil(lambda: shown(window) >= at + frames, timeout=20_000)
    pause(window, qtbot)


def save_to(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Save the project for the first time."""
    choose(window, "save")
    dialog = dialog_of(window, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: not window.work.projects.is_saving and path.exists())
    qtbot.waitUntil(lambda: not window.work.is_unsaved)


def answer(window: MainWindow, name: str) -> None:
    """Click a button of the question about unsaved work."""
    question = dialog_of(window, UnsavedQuestion)
    assert isinstance(question, UnsavedQuestion)
    getattr(question, name).click()
