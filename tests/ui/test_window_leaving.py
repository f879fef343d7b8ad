"""Work in the window is never lost by accident: another source, the end, a mistake."""

import shutil
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.recent import list_recent
from app.core.settings import load_settings
from app.core.studio.project import read_project
from app.ui.export import UnsavedQuestion
from app.ui.window import MainWindow
from tests.ui.conftest import Drag, choose, shown
from tests.ui.working import answer, dialog_of, follow


@pytest.mark.parametrize("reply", ["save", "discard", "cancel"])
def test_unsaved_work_is_asked_about_before_the_window_closes(
    paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path, reply: str
) -> None:
    follow(paused, qtbot, drag)
    paused.close()
    assert paused.isVisible()
    answer(paused, reply)
    if reply == "cancel":
        qtbot.wait(50)
        assert paused.isVisible()
        assert paused.snapshot.frame is not None
        return
    if reply == "save":
        dialog = dialog_of(paused, QFileDialog)
        assert isinstance(dialog, QFileDialog)
        dialog.fileSelected.emit(str(home / "kept"))
    qtbot.waitUntil(paused.isHidden, timeout=10_000)
    if reply == "save":
        assert read_project(home / "kept.sttproj").document.targets


def test_saving_that_fails_keeps_the_window_open(
    paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    follow(paused, qtbot, drag)
    paused.close()
    answer(paused, "save")
    dialog = dialog_of(paused, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    (home / "file").touch()
    dialog.fileSelected.emit(str(home / "file" / "work.sttproj"))
    dialog.close()
    qtbot.waitUntil(lambda: "cannot be written" in paused.banner.text)
    assert paused.isVisible()
    assert paused.work.is_unsaved


def test_unsaved_work_is_asked_about_before_another_source_is_opened(
    paused: MainWindow, qtbot: QtBot, drag: Drag, video: Path
) -> None:
    follow(paused, qtbot, drag)
    player = paused.host.player
    for reply in ("cancel", "discard"):
        assert paused.host.player is player
        paused.open_text(str(video))
        qtbot.waitUntil(lambda: bool(paused.findChildren(UnsavedQuestion)))
        assert paused.host.player is player
        answer(paused, reply)
        qtbot.waitUntil(lambda: not paused.findChildren(UnsavedQuestion))
    assert paused.host.player is not player


def test_what_is_open_stays_where_a_file_cannot_be_opened(
    paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    follow(paused, qtbot, drag)
    player, at = paused.host.player, shown(paused)
    text = home / "text.mp4"
    text.write_text("no video")
    for path in (home / "gone.mp4", text, home):
        paused.open_text(str(path))
        qtbot.waitUntil(lambda path=path: path.name in paused.banner.text)
        paused.banner.clear()
    assert paused.host.player is player
    assert shown(paused) == at
    assert len(paused.snapshot.document.targets) == 1
    assert not paused.findChildren(UnsavedQuestion)
    choose(paused, "play")
    qtbot.waitUntil(lambda: shown(paused) > at)


def test_of_two_files_chosen_in_a_row_the_last_is_opened(
    paused: MainWindow, qtbot: QtBot, video: Path, home: Path
) -> None:
    player = paused.host.player
    other = Path(shutil.copy(video, home / "other.mp4"))
    for path in (video, other):
        paused.open_text(str(path))
    qtbot.waitUntil(lambda: paused.host.player is not player)
    qtbot.wait(100)
    assert paused.work.request is not None
    assert paused.work.request.text == str(other)


def test_a_window_that_closes_opens_nothing_more(
    paused: MainWindow, qtbot: QtBot, video: Path
) -> None:
    paused.open_text(str(video))
    paused.close()
    assert paused.isHidden()
    qtbot.wait(100)
    assert paused.host.player is None


def test_work_is_rescued_where_nobody_can_be_asked(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    follow(paused, qtbot, drag)
    path = paused.work.rescue()
    assert path is not None
    assert len(read_project(path).document.targets) == 1
    assert str(path) in [item.text for item in list_recent()]
    paused.close_now()
    assert paused.work.rescue() is None
    assert load_settings()[1] == ""
