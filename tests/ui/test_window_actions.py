"""The actions of the window, its settings, panels and messages."""

import json
import logging
import re
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Snapshot
from app.core.settings import load_settings, settings_path
from app.doctor import Check, Status
from app.ui.dialogs import ErrorDialog, SettingsDialog, ShortcutsDialog
from app.ui.window import MainWindow
from app.ui.window import help as help_module
from app.ui.window.faults import Faults, LogTail, surroundings
from app.ui.window.help import DoctorDialog
from app.ui.window.situation import Situation, situation_of
from tests.ui.conftest import Drag, Make, TrackerPool, choose, shown
from tests.ui.hands import LEFT


def dialog_of(window: MainWindow, kind: type) -> QWidget:
    found = [d for d in window.findChildren(kind) if d.isVisible()]
    assert len(found) == 1, found
    return found[0]


# the table


def test_no_key_means_two_things(window: MainWindow) -> None:
    keys = Counter(
        keys.toString() for action in window.actions_.all.values() for keys in action.shortcuts()
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(keys)


def test_every_letter_of_a_menu_is_its_own(window: MainWindow) -> None:
    bar = window.menuBar()
    assert bar is not None
    menus = [("bar", bar.actions())]
    menus += [(name, menu.actions()) for name, menu in window.menus.menus.items()]
    for name, actions in menus:
        letters = Counter(letter_of(a.text()) for a in actions if not a.isSeparator())
        assert [letter for letter, count in letters.items() if count > 1] == [], name


def letter_of(text: str) -> str:
    found = re.search(r"&(\w)", text.replace("&&", ""))
    assert found is not None, text
    return found[1].upper()


def test_everything_is_explained(playing: MainWindow) -> None:
    for name, action in playing.actions_.all.items():
        assert len(action.toolTip()) > len(action.text()), name
    for toggle in playing.workspace.toggles:
        assert toggle.toolTip() != toggle.text()
    silent = [
        widget
        for widget in playing.findChildren(QAbstractButton) + playing.findChildren(QComboBox)
        if widget.isVisible() and not widget.toolTip() and not in_qt(widget)
    ]
    assert silent == []


def in_qt(widget: QWidget) -> bool:
    """Whether it is a part of one of Qt's own widgets."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parentWidget(), QDialogButtonBox
    )


def test_shortcuts_are_listed_in_the_application(window: MainWindow) -> None:
    choose(window, "shortcuts")
    dialog = dialog_of(window, ShortcutsDialog)
    assert isinstance(dialog, ShortcutsDialog)
    assert "Record" in dialog.shown()
    assert "Step forwards" in dialog.shown()


def test_actions_go_by_what_is_open(window: MainWindow) -> None:
    """On the start page only what opens something and the help can be chosen."""
    enabled = {name for name, action in window.actions_.all.items() if action.isEnabled()}
    assert enabled == {
        "open_video", "open_folder", "open_camera", "open_stream", "open_screen", "demo",
        "open_project", "quit", "settings", "scores", "trails", "search", "response",
        "full_screen", "shortcuts", "doctor", "about",
    }  # fmt: skip


def test_actions_go_by_what_is_selected(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    names = ("rename", "visible", "confirm", "remove")
    assert not any(paused.actions_[name].isEnabled() for name in names)
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: paused.actions_["remove_all"].isEnabled())
    assert not any(paused.actions_[name].isEnabled() for name in names)
    paused.canvas.select(1)
    assert all(paused.actions_[name].isEnabled() for name in names)
    assert not paused.actions_["go_live"].isEnabled()


def test_only_a_target_that_has_frames_before_it_is_tracked_backwards(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    for frame in (0, 3):
        paused.commands.seek(frame)
        qtbot.waitUntil(lambda frame=frame: shown(paused) == frame)
        drag(paused, (100, 30), (180, 110))
        qtbot.waitUntil(lambda: len(paused.snapshot.document.targets) == 1)
        paused.canvas.select(paused.snapshot.document.targets[0].id)
        assert paused.actions_["backwards"].isEnabled() is (frame > 0)
        choose(paused, "remove_all")
        qtbot.waitUntil(lambda: not paused.snapshot.document.targets)


def test_without_a_document_nothing_is_open() -> None:
    assert situation_of(Snapshot(), None, 1) == Situation()


def test_menus_say_what_would_be_undone(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    undo = paused.actions_["undo"]
    assert undo.text() == "&Undo"
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: undo.text() == "&Undo: add target")
    choose(paused, "undo")
    qtbot.waitUntil(lambda: undo.text() == "&Undo")
    assert paused.actions_["redo"].text() == "&Redo: add target"


# settings


def test_settings_hold_at_once_and_are_kept(
    paused: MainWindow, make_window: Make, qtbot: QtBot
) -> None:
    choose(paused, "settings")
    dialog = dialog_of(paused, SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    dialog.show_settings(load_settings()[0])
    theme = dialog.fields["theme"]
    assert isinstance(theme, QComboBox)
    theme.setCurrentIndex(theme.findData("dark"))
    dialog._accept()
    assert paused.palette().window().color().lightness() < 100
    assert paused.menus.theme.actions["dark"].isChecked()
    choose(paused, "trails")
    assert not paused.actions_["trails"].isChecked()
    qtbot.waitUntil(lambda: json.loads(settings_path().read_text())["show_trail"] is False)
    paused.close_now()
    again = make_window()
    assert again.preferences.now.theme == "dark"
    assert not again.actions_["trails"].isChecked()


def test_other_thresholds_load_another_tracker(
    paused: MainWindow, qtbot: QtBot, drag: Drag, pool: TrackerPool
) -> None:
    drag(paused, (37, 57), (83, 103))
    qtbot.waitUntil(lambda: bool(paused.snapshot.memory.get(1)))
    before = len(pool.taken)
    paused.preferences.change(uncertain_below=0.4)
    qtbot.waitUntil(lambda: len(pool.taken) > before)
    at = shown(paused)
    choose(paused, "play")
    qtbot.waitUntil(lambda: shown(paused) > at + 3, timeout=20_000)
    assert paused.snapshot.document.targets[0].rows.last >= at + 3  # type: ignore[operator]


def test_settings_that_cannot_be_kept_hold_and_are_told(window: MainWindow, qtbot: QtBot) -> None:
    settings_path().unlink(missing_ok=True)
    settings_path().mkdir(parents=True)
    window.preferences.change(show_scores=False)
    qtbot.waitUntil(lambda: "cannot be written" in window.banner.text)
    assert not window.actions_["scores"].isChecked()


def test_language_changes_everything_at_once(paused: MainWindow, qtbot: QtBot) -> None:
    paused.menus.language.actions["zh_CN"].trigger()
    qtbot.waitUntil(lambda: paused.preferences.now.language == "zh_CN")
    qtbot.waitUntil(lambda: paused.start.tiles["video"].text() != "Open video…")
    paused.menus.language.actions["en"].trigger()
    qtbot.waitUntil(lambda: paused.start.tiles["video"].text() == "Open video…")


# panels


@pytest.mark.parametrize("height", [640, 1000])
def test_plots_leave_room_for_the_picture(paused: MainWindow, qtbot: QtBot, height: int) -> None:
    paused.resize(1100, height)
    plots = paused.workspace.panels["plots"]
    toggle(paused, "Plots").trigger()
    qtbot.waitUntil(lambda: 0.2 * height < plots.height() < 0.42 * height)
    assert paused.canvas.height() > 150


def test_panels_are_shown_hidden_and_kept(
    paused: MainWindow, make_window: Make, qtbot: QtBot
) -> None:
    plots = paused.workspace.panels["plots"]
    assert not plots.isVisible()
    toggle(paused, "Plots").trigger()
    assert plots.isVisible()
    toggle(paused, "Timeline").trigger()
    assert not paused.parts.timeline.isVisible()
    QTest.mouseClick(paused.workspace.panels["memory"].title.close_, LEFT)
    assert not paused.workspace.panels["memory"].isVisible()
    assert not toggle(paused, "Memory").isChecked()
    targets = paused.workspace.panels["targets"]
    paused.workspace.resizeDocks([targets], [300], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: targets.width() == 300)
    paused.close_now()
    again = make_window()
    again.open_demo()
    qtbot.waitUntil(lambda: again.workspace.panels["targets"].width() == 300)
    assert again.workspace.panels["plots"].isVisible()
    assert not again.workspace.panels["memory"].isVisible()
    assert not again.parts.timeline.isVisible()
    choose(again, "reset_layout")
    assert not again.workspace.panels["plots"].isVisible()
    assert again.workspace.panels["memory"].isVisible()
    assert again.parts.timeline.isVisible()


def test_panel_that_is_torn_off_goes_and_comes_with_the_picture(
    paused: MainWindow, make_window: Make, video: Path, qtbot: QtBot
) -> None:
    panel = paused.workspace.panels["targets"]
    QTest.mouseDClick(panel.title, LEFT)
    qtbot.waitUntil(panel.isFloating)
    choose(paused, "close")
    qtbot.waitUntil(lambda: paused.is_showing_start)
    assert not panel.isVisible()
    assert not toggle(paused, "Targets").isEnabled()
    paused.open_text(str(video))
    qtbot.waitUntil(lambda: not paused.is_showing_start)
    assert panel.isVisible()
    assert panel.isFloating()
    assert toggle(paused, "Targets").isChecked()
    # also in the next run, though it begins and ends on the start page
    choose(paused, "close")
    paused.close_now()
    again = make_window()
    assert not again.workspace.panels["targets"].isVisible()
    again.open_text(str(video))
    qtbot.waitUntil(again.workspace.panels["targets"].isVisible)
    assert again.workspace.panels["targets"].isFloating()


def toggle(window: MainWindow, text: str) -> QAction:
    return next(action for action in window.workspace.toggles if action.text() == text)


def test_panels_that_are_seen_follow_what_is_shown(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    at = shown(paused)
    drag(paused, (37 + 2 * at, 57), (83 + 2 * at, 103))
    qtbot.waitUntil(lambda: len(paused.parts.targets.model.items) == 1)
    choose(paused, "play")
    qtbot.waitUntil(lambda: shown(paused) > at + 10, timeout=20_000)
    qtbot.waitUntil(lambda: paused.parts.targets.model.items[0].frames > 8, timeout=10_000)
    assert paused.parts.plots.stack is None, "what was never seen is not made"
    toggle(paused, "Plots").trigger()
    qtbot.waitUntil(lambda: paused.parts.plots.stack is not None, timeout=20_000)


@pytest.mark.parametrize("content", ["", "[]", '{"panels": "!", "window": 3, "folder": "x"}'])
def test_arrangement_that_is_damaged_is_passed_over(
    home: Path, make_window: Make, content: str
) -> None:
    path = settings_path().with_name("layout.json")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    window = make_window()
    assert window.workspace.show_timeline.isChecked()


# messages


def test_faults_stay_and_notices_give_way(window: MainWindow, qtbot: QtBot) -> None:
    banner = window.banner
    banner.say("A fault.", is_fault=True, detail="why")
    for number in range(4):
        banner.say(f"Notice {number}.")
    assert banner.sentences == ["A fault.", "Notice 2.", "Notice 3."]
    banner.say("Notice 2.")
    assert banner.sentences == ["A fault.", "Notice 3.", "Notice 2."]
    for strip in list(banner.strips):
        qtbot.mouseClick(strip.dismiss, LEFT)
    assert banner.isHidden()


def test_fault_of_the_program_is_told_with_its_trace(window: MainWindow, qtbot: QtBot) -> None:
    faults = Faults(window)
    faults.occurred.connect(window.show_fault)

    def break_() -> None:
        raise ZeroDivisionError("here")

    with faults.installed():
        thread = threading.Thread(target=break_)
        thread.start()
        thread.join()
        for _ in range(2):
            try:
                break_()
            except ZeroDivisionError as error:
                sys.excepthook(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: len(window.banner.sentences) == 1)
    assert "here" in window.banner.text
    qtbot.mouseClick(window.banner.strips[0].details, LEFT)
    dialog = dialog_of(window, ErrorDialog)
    assert isinstance(dialog, ErrorDialog)
    assert "in break_" in dialog.detail


def test_report_of_a_fault_quotes_the_log() -> None:
    tail = LogTail()
    with tail.installed():
        logging.getLogger("app.test").warning("something odd")
    logging.getLogger("app.test").warning("later")
    assert "something odd" in tail.text
    assert "later" not in tail.text


@pytest.mark.parametrize("is_loaded", [False, True])
def test_report_of_a_fault_while_the_network_is_being_loaded(
    monkeypatch: pytest.MonkeyPatch, is_loaded: bool
) -> None:
    torch = ModuleType("torch")
    if is_loaded:
        torch.__version__ = "2.9"
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert ("torch 2.9" in surroundings()) == is_loaded


def test_computer_is_checked_in_the_background(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [
        Check("python", Status.OK, "3.11"), Check("camera", Status.MISSING, "none", "plug one in")
    ]  # fmt: skip
    monkeypatch.setattr(help_module, "run_checks", lambda: iter(checks))
    choose(window, "doctor")
    dialog = dialog_of(window, DoctorDialog)
    assert isinstance(dialog, DoctorDialog)
    qtbot.waitUntil(lambda: "plug one in" in dialog.report.toPlainText())


def test_window_is_there_before_the_network_is() -> None:
    """torch takes seconds to import, and plots a while: pictures should not wait for either."""
    code = "import sys, app.ui.window; print({'torch', 'pyqtgraph'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
