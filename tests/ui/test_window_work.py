"""Work in the window: recorded, exported, saved, opened again, and never lost by accident."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.exchange import read_rows
from app.core.player.snapshot import Playback
from app.core.recent import list_recent
from app.core.recovery import unfinished_sessions
from app.core.settings import load_settings
from app.core.sources import open_source
from app.core.studio.project import ProjectFile, read_project
from app.ui.export import ExportDialog, UnsavedQuestion
from app.ui.window import MainWindow
from app.ui.window.request import OpenRequest
from model.geometry import iou
from tests.app.square import square_at, write_video
from tests.ui.conftest import Drag, Make, choose, open_video, pause, shown
from tests.ui.hands import LEFT


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


# recording


def record(window: MainWindow, qtbot: QtBot, frames: int = 15) -> Path:
    """Record so many frames, and go on recording."""
    qtbot.keyClick(window.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.snapshot.recording is not None)
    qtbot.waitUntil(
        lambda: (
            window.snapshot.recording is not None and window.snapshot.recording.frames >= frames
        ),
        timeout=20_000,
    )
    assert window.snapshot.recording is not None
    return window.snapshot.recording.path


def test_recording_is_begun_and_finished_by_its_button(
    paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    paused.preferences.change(record_folder=str(home / "recordings"))
    follow(paused, qtbot, drag)
    began = shown(paused)
    choose(paused, "play")
    path = record(paused, qtbot)
    assert path.parent == home / "recordings"
    qtbot.waitUntil(lambda: "free" in paused.record.details.text())
    qtbot.mouseClick(paused.record.button, LEFT)
    qtbot.waitUntil(lambda: paused.snapshot.recording is None, timeout=20_000)
    assert paused.banner.sentences == [f"Recorded: {path}"]
    with open_source(str(path)) as source:
        frames = [frame.rgb for frame in source]
    assert len(frames) >= 15
    # the box is drawn on its frame
    with open_source(str(path)) as source:
        assert source.info.width == 320
    assert began < 60


def test_recording_fits_into_a_small_window(paused: MainWindow, qtbot: QtBot, home: Path) -> None:
    paused.preferences.change(record_folder=str(home / "recordings"))
    paused.resize(1024, 640)
    qtbot.waitUntil(lambda: paused.width() == 1024)
    choose(paused, "play")
    record(paused, qtbot)
    qtbot.waitUntil(lambda: "free" in paused.record.details.text())
    label = paused.record.details
    # the row is laid out after the text has changed
    qtbot.waitUntil(lambda: label.width() >= label.sizeHint().width())
    assert paused.width() == 1024


def test_recording_is_finished_when_another_source_is_opened(
    playing: MainWindow, qtbot: QtBot, video: Path, home: Path
) -> None:
    playing.preferences.change(record_folder=str(home / "recordings"), record_content="clean")
    path = record(playing, qtbot)
    playing.open_text(str(video))
    qtbot.waitUntil(lambda: path.name in playing.banner.text)
    qtbot.waitUntil(lambda: not playing.host.is_ending, timeout=20_000)
    with open_source(str(path)) as source:
        assert len(list(source)) >= 15
    assert unfinished_sessions() == []


def test_recording_is_finished_when_the_window_is_closed(
    playing: MainWindow, qtbot: QtBot, home: Path
) -> None:
    playing.preferences.change(record_folder=str(home / "recordings"))
    path = record(playing, qtbot)
    playing.close()
    with open_source(str(path)) as source:
        assert len(list(source)) >= 15
    assert unfinished_sessions() == []


def test_folder_that_cannot_be_written_is_told(
    paused: MainWindow, qtbot: QtBot, home: Path
) -> None:
    (home / "file").touch()
    paused.preferences.change(record_folder=str(home / "file" / "inside"))
    choose(paused, "record")
    qtbot.waitUntil(lambda: "cannot be made" in paused.banner.text)
    assert not paused.actions_["record"].isChecked()


# export


def test_table_is_exported(paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path) -> None:
    assert not paused.actions_["export"].isEnabled()
    follow(paused, qtbot, drag)
    choose(paused, "export")
    dialog = dialog_of(paused, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.formats.buttons["csv"].click()
    dialog.path.setText(str(home / "boxes.csv"))
    qtbot.mouseClick(dialog.export, LEFT)
    qtbot.waitUntil(lambda: not dialog.is_busy and (home / "boxes.csv").exists())
    rows = read_rows(home / "boxes.csv")
    assert [row.frame for row in rows] == sorted({row.frame for row in rows})
    last = rows[-1]
    box = np.array((last.x, last.y, last.w, last.h))
    assert iou(box, np.array(square_at(last.frame))) > 0.5
    dialog.reject()
    choose(paused, "export")


def test_export_that_runs_ends_with_the_window(
    paused: MainWindow, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    follow(paused, qtbot, drag)
    choose(paused, "export")
    dialog = dialog_of(paused, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.formats.buttons["annotated"].click()
    dialog.path.setText(str(home / "out.mp4"))
    qtbot.mouseClick(dialog.export, LEFT)
    paused.close_now()
    assert not dialog.is_busy


# projects


def test_project_is_saved_and_opened_again(
    paused: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    follow(paused, qtbot, drag)
    qtbot.waitUntil(paused.isWindowModified)
    path = home / "work.sttproj"
    save_to(paused, qtbot, path)
    assert paused.windowTitle() == "work[*] – SpaceTime Tracker"
    qtbot.waitUntil(lambda: not paused.isWindowModified())
    qtbot.waitUntil(lambda: str(path) in [item.text for item in list_recent()])
    choose(paused, "set_in")
    qtbot.waitUntil(paused.isWindowModified)
    # nothing more is to be shown, from which the title could learn it
    qtbot.wait(1500)
    choose(paused, "save")
    qtbot.waitUntil(lambda: not paused.isWindowModified())
    at, known = shown(paused), paused.snapshot.document.targets[0]
    paused.close()
    assert paused.isHidden(), "nothing is left to be asked about"

    again = make_window()
    again.open_text(str(path))
    qtbot.waitUntil(lambda: again.snapshot.frame is not None, timeout=10_000)
    assert again.windowTitle() == "work[*] – SpaceTime Tracker"
    qtbot.waitUntil(lambda: again.snapshot.playback is not Playback.OPENING)
    assert again.snapshot.playback is Playback.PAUSED
    assert shown(again) == at
    found = again.snapshot.document.targets[0]
    assert [row.box for row in found.rows] == [row.box for row in known.rows]
    assert not again.work.is_unsaved
    # it goes on where it was
    qtbot.waitUntil(lambda: bool(again.snapshot.tracker), timeout=10_000)
    choose(again, "play")
    qtbot.waitUntil(lambda: shown(again) >= at + 10, timeout=20_000)
    pause(again, qtbot)
    box = np.array(again.snapshot.marks[0].box)
    assert iou(box, np.array(square_at(shown(again)))) > 0.5
    qtbot.waitUntil(lambda: again.work.is_unsaved)
    choose(again, "save")
    qtbot.waitUntil(lambda: not again.work.is_unsaved)
    assert len(read_project(path).document.targets[0].rows) > len(known.rows)


def test_a_project_is_offered_a_place_beside_its_video(
    paused: MainWindow, qtbot: QtBot, drag: Drag, video: Path
) -> None:
    follow(paused, qtbot, drag)
    choose(paused, "save")
    dialog = dialog_of(paused, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.selectedFiles() == [str(video.with_suffix(".sttproj"))]
    dialog.reject()


def test_plots_are_offered_a_place_beside_the_video(
    paused: MainWindow, monkeypatch: pytest.MonkeyPatch, video: Path
) -> None:
    asked: list[Path] = []

    def answer(parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        asked.append(Path(name))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    paused.parts.plots.header.exports["png"].trigger()
    assert [path.parent for path in asked] == [video.parent]


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("/clips/a.mp4", Path("/clips")), ("b.mp4", Path.cwd()), ("0", None),
        ("rtsp://camera/a", None), ("screen:", None),
        ("~nobody-has-this-name/a.mp4", Path.cwd() / "~nobody-has-this-name"),
    ],
)  # fmt: skip
def test_only_files_lie_in_a_folder(text: str, folder: Path | None) -> None:
    assert OpenRequest(text).folder == folder
    assert OpenRequest(text, is_demo=True).folder is None


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


def test_moved_source_is_found_beside_the_project_or_asked_for(
    paused: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    first = home / "first"
    first.mkdir()
    clip = Path(shutil.copy(paused.work.request.text, first / "clip.mp4"))  # type: ignore[union-attr]
    open_video(paused, clip, qtbot)
    pause(paused, qtbot)
    follow(paused, qtbot, drag)
    save_to(paused, qtbot, first / "work.sttproj")
    paused.close()

    # both moved: found without asking
    second = first.rename(home / "second")
    window = make_window()
    window.open_text(str(second / "work.sttproj"))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=10_000)
    window.close_now()

    # the video alone: asked for, refused, asked for again
    (second / "clip.mp4").rename(home / "elsewhere.mp4")
    window = make_window()
    window.open_text(str(second / "work.sttproj"))
    qtbot.waitUntil(lambda: _asks_place(window))
    box = dialog_of(window, QMessageBox)
    _button(box, "Cancel").click()
    assert window.is_showing_start
    window.open_text(str(second / "work.sttproj"))
    qtbot.waitUntil(lambda: _asks_place(window))
    _button(dialog_of(window, QMessageBox), "Choose").click()
    dialog = dialog_of(window, QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(home / "elsewhere.mp4"))
    dialog.close()
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=10_000)
    assert window.banner.isHidden()
    assert len(window.snapshot.document.targets) == 1


def test_source_that_is_another_one_is_told(
    paused: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    clip = Path(shutil.copy(paused.work.request.text, home / "clip.mp4"))  # type: ignore[union-attr]
    open_video(paused, clip, qtbot)
    pause(paused, qtbot)
    follow(paused, qtbot, drag)
    save_to(paused, qtbot, home / "work.sttproj")
    paused.close()
    write_video(clip, 20)
    window = make_window()
    window.open_text(str(home / "work.sttproj"))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=10_000)
    assert any("is not what" in sentence for sentence in window.banner.sentences)


def test_boxes_can_be_looked_at_without_their_source(
    paused: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    clip = Path(shutil.copy(paused.work.request.text, home / "clip.mp4"))  # type: ignore[union-attr]
    open_video(paused, clip, qtbot)
    pause(paused, qtbot)
    follow(paused, qtbot, drag)
    last = paused.snapshot.document.targets[0].rows.last
    save_to(paused, qtbot, home / "work.sttproj")
    paused.close()
    clip.unlink()
    window = make_window()
    window.open_text(str(home / "work.sttproj"))
    qtbot.waitUntil(lambda: _asks_place(window))
    _button(dialog_of(window, QMessageBox), "Without").click()
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=10_000)
    qtbot.waitUntil(lambda: len(window.snapshot.marks) == 1)
    choose(window, "to_end")
    qtbot.waitUntil(lambda: shown(window) == last)
    assert not window.actions_["new_target"].isEnabled()
    assert not window.work.is_unsaved
    choose(window, "export")
    dialog = dialog_of(window, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.reject()


def _asks_place(window: MainWindow) -> bool:
    return any(d.isVisible() for d in window.findChildren(QMessageBox))


def _button(box: QWidget, text: str) -> QPushButton:
    return next(b for b in box.findChildren(QPushButton) if text in b.text())


def test_project_that_is_open_elsewhere_is_opened_as_a_copy(
    paused: MainWindow, make_window: Make, qtbot: QtBot, drag: Drag, home: Path
) -> None:
    follow(paused, qtbot, drag)
    path = home / "work.sttproj"
    save_to(paused, qtbot, path)
    other = make_window()
    other.open_text(str(path))
    qtbot.waitUntil(lambda: other.snapshot.frame is not None, timeout=10_000)
    assert any("open in another window" in sentence for sentence in other.banner.sentences)
    assert other.work.projects.path is None
    # in the same window it is no other one
    paused.open_text(str(path))
    assert "already" in paused.banner.text
    paused.close_now()
    with ProjectFile(path):
        pass


@pytest.mark.parametrize("content", ["", "{", '{"format": "something"}'])
def test_file_that_is_no_project_is_told(
    paused: MainWindow, qtbot: QtBot, home: Path, content: str
) -> None:
    path = home / "bad.sttproj"
    path.write_text(content)
    paused.open_text(str(path))
    qtbot.waitUntil(lambda: "bad.sttproj" in paused.banner.text)
    assert paused.snapshot.frame is not None, "what is open stays open"


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
