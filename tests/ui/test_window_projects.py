"""Projects in the window: saved, opened again, moved, without their source."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Playback
from app.core.recent import list_recent
from app.core.studio.project import ProjectFile, read_project
from app.ui.export import ExportDialog
from app.ui.window import MainWindow
from app.ui.window.request import OpenRequest
from model.geometry import iou
from tests.app.square import square_at, write_video
from tests.ui.conftest import Drag, Make, choose, open_video, pause, shown
from tests.ui.working import dialog_of, follow, save_to


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
