"""Recorded and exported in the window."""

from pathlib import Path

import numpy as np
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.exchange import read_rows
from app.core.recovery import unfinished_sessions
from app.core.sources import open_source
from app.ui.export import ExportDialog
from app.ui.window import MainWindow
from model.geometry import iou
from tests.app.square import square_at
from tests.ui.conftest import Drag, choose, shown
from tests.ui.hands import LEFT
from tests.ui.working import dialog_of, follow


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
