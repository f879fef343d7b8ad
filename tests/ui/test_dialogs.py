"""The dialogs, driven by mouse and keys."""

import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QRect, Qt
from PyQt6.QtGui import QGuiApplication, QScreen
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot

from app.core import recent
from app.core.settings import Settings
from app.core.sources import camera as camera_source
from app.core.sources import parse_region
from app.ui.dialogs import (
    CameraChoice,
    CameraDialog,
    ErrorDialog,
    ScreenDialog,
    SettingsDialog,
    Shortcut,
    ShortcutsDialog,
    StreamDialog,
    show_error,
)
from app.ui.dialogs.region import RegionPicker, to_desktop
from app.ui.dialogs.settings import TABS
from app.ui.dialogs.stream import stream_fault
from tests.ui.hands import LEFT, show

Box = QDialogButtonBox.StandardButton


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dressed: QApplication) -> Path:
    """Nothing of the user is read or written."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def cameras(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as Linux lists cameras in."""
    nodes = home / "video4linux"
    nodes.mkdir()
    monkeypatch.setattr(camera_source, "_NODES", nodes)
    monkeypatch.setattr(camera_source.sys, "platform", "linux")
    return nodes


def plug_in(nodes: Path, number: int, name: str) -> None:
    node = nodes / f"video{number}"
    node.mkdir()
    (node / "index").write_text("0\n")
    (node / "name").write_text(f"{name}\n")


def press(dialog: QWidget, which: Box) -> None:
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    QTest.mouseClick(box.button(which), LEFT)


def is_enabled(dialog: QWidget, which: Box) -> bool:
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    button = box.button(which)
    assert button is not None
    return button.isEnabled()


def test_cameras_are_found_by_name_after_one_is_plugged_in(qtbot: QtBot, cameras: Path) -> None:
    dialog = CameraDialog()
    show(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.message.startswith("No camera was found"))
    assert dialog.choice is None
    assert not is_enabled(dialog, Box.Open)
    plug_in(cameras, 2, "USB microscope")
    plug_in(cameras, 0, "Integrated camera")
    QTest.mouseClick(dialog.refresh, LEFT)
    qtbot.waitUntil(lambda: dialog.camera.count() == 2)
    assert dialog.message == ""
    assert dialog.camera.itemText(0) == "Camera 0: Integrated camera"
    assert dialog.choice == CameraChoice(0, None, None, False)
    QTest.keyClick(dialog.camera, Qt.Key.Key_Down)
    QTest.keyClick(dialog.size_, Qt.Key.Key_End)
    QTest.keyClicks(dialog.rate, "60")
    QTest.keyClick(dialog.mirror, Qt.Key.Key_Space)
    press(dialog, Box.Open)
    assert dialog.result() == dialog.DialogCode.Accepted
    assert dialog.choice == CameraChoice(2, (3840, 2160), 60.0, True)


def test_the_chosen_camera_stays_chosen_when_others_come(qtbot: QtBot, cameras: Path) -> None:
    plug_in(cameras, 4, "Old")
    dialog = CameraDialog()
    show(qtbot, dialog)
    qtbot.waitUntil(lambda: dialog.camera.count() == 1)
    plug_in(cameras, 1, "New")
    dialog.look()
    qtbot.waitUntil(lambda: dialog.camera.count() == 2)
    assert dialog.choice is not None
    assert dialog.choice.index == 4


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("rtsp://camera:554/stream", ""), ("https://host/a.m3u8?x=1", ""), ("udp://@:5000", ""),
        ("RTSP://Camera/x", ""), ("camera/stream", "begins"), ("ftp://host/x", "ftp://"),
        ("rtsp://", "server"), ("http:///x", "server"), ("rtsp://host:99999/x", "port"),
        ("rtsp://[::1/x", "server"), ("http://host/a b", "space"),
    ],
)  # fmt: skip
def test_addresses_are_checked_as_they_are_typed(qtbot: QtBot, address: str, word: str) -> None:
    dialog = StreamDialog()
    show(qtbot, dialog)
    assert not is_enabled(dialog, Box.Open)
    QTest.keyClicks(dialog.field, address)
    assert dialog.address == address
    assert is_enabled(dialog, Box.Open) is (word == "")
    assert word in dialog.fault
    assert bool(dialog.fault) is bool(word)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert (dialog.result() == dialog.DialogCode.Accepted) is (word == "")


@given(st.text(max_size=40))
def test_any_address_is_judged_in_a_sentence(text: str) -> None:
    fault = stream_fault(text)
    assert fault == "" or fault.endswith(".")
    assert fault or "://" in text


def test_recent_streams_are_offered_without_passwords(qtbot: QtBot) -> None:
    recent.remember("rtsp://ann:s3cret@camera/1")
    recent.remember("/some/video.mp4")
    dialog = StreamDialog()
    show(qtbot, dialog)
    QTest.keyClicks(dialog.field, "rtsp://typed")
    qtbot.waitUntil(lambda: dialog.field.count() == 1)
    assert dialog.field.itemText(0) == "rtsp://ann@camera/1"
    assert dialog.address == "rtsp://typed"


def screen() -> QScreen:
    found = QGuiApplication.primaryScreen()
    assert found is not None
    return found


def test_region_is_given_in_numbers_and_stays_on_the_screen(qtbot: QtBot) -> None:
    dialog = ScreenDialog()
    show(qtbot, dialog)
    whole = to_desktop(QRect(QPoint(0, 0), screen().geometry().size()), screen())
    assert dialog.region == whole
    for field, text in ((dialog.x_, "100"), (dialog.y_, "50"), (dialog.width_, "99999")):
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Tab)
    assert dialog.region.topLeft() == QPoint(100, 50)
    assert whole.contains(dialog.region)
    region = dialog.region
    assert parse_region(dialog.address) == (100, 50, region.width(), region.height())
    QTest.mouseClick(dialog.whole, LEFT)
    assert dialog.region == whole
    press(dialog, Box.Open)
    assert dialog.result() == dialog.DialogCode.Accepted
    assert dialog.chosen_rate == 30


def drag(picker: RegionPicker, start: QPoint, end: QPoint) -> None:
    QTest.mousePress(picker, LEFT, pos=start)
    QTest.mouseMove(picker, (start + end) / 2)
    QTest.mouseMove(picker, end)
    QTest.mouseRelease(picker, LEFT, pos=end)


def open_picker(qtbot: QtBot, dialog: ScreenDialog) -> RegionPicker:
    QTest.mouseClick(dialog.draw, LEFT)
    pickers = [w for w in QApplication.topLevelWidgets() if isinstance(w, RegionPicker)]
    picker = next(w for w in pickers if w.isVisible())
    qtbot.waitExposed(picker)
    return picker


@pytest.mark.parametrize(
    ("start", "end"), [((20, 30), (220, 130)), ((220, 130), (20, 30)), ((220, 30), (20, 130))]
)
def test_region_is_drawn_whichever_way_one_drags(
    qtbot: QtBot, start: tuple[int, int], end: tuple[int, int]
) -> None:
    dialog = ScreenDialog()
    show(qtbot, dialog)
    picker = open_picker(qtbot, dialog)
    drag(picker, QPoint(*start), QPoint(*end))
    assert dialog.region == to_desktop(QRect(20, 30, 200, 100), screen())
    assert dialog.windowOpacity() == 1
    assert dialog.isVisible()


def test_click_draws_nothing_and_escape_gives_up(qtbot: QtBot) -> None:
    dialog = ScreenDialog()
    show(qtbot, dialog)
    before = dialog.region
    picker = open_picker(qtbot, dialog)
    drag(picker, QPoint(50, 50), QPoint(51, 52))
    assert picker.isVisible()
    QTest.mousePress(picker, LEFT, pos=QPoint(10, 10))
    QTest.mouseMove(picker, QPoint(90, 90))
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert dialog.region == before
    assert dialog.isVisible()


def test_drag_beyond_the_screen_ends_at_its_edge(qtbot: QtBot) -> None:
    dialog = ScreenDialog()
    show(qtbot, dialog)
    picker = open_picker(qtbot, dialog)
    drag(picker, QPoint(100, 100), QPoint(picker.width() + 500, picker.height() + 500))
    whole = to_desktop(QRect(QPoint(0, 0), screen().geometry().size()), screen())
    assert dialog.region.bottomRight() == whole.bottomRight()


def test_settings_are_changed_with_keys_and_handed_over_once(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings())
    show(qtbot, dialog)
    got: list[Settings] = []
    dialog.applied.connect(got.append)
    assert not is_enabled(dialog, Box.Apply)
    QTest.keyClick(dialog.fields["show_search"], Qt.Key.Key_Space)
    QTest.keyClick(dialog.fields["theme"], Qt.Key.Key_End)
    QTest.keyClick(dialog.fields["slots"], Qt.Key.Key_Up)
    folder = dialog.fields["record_folder"].focusProxy()
    assert folder is not None
    QTest.keyClicks(folder, "/my videos")
    press(dialog, Box.Apply)
    wanted = Settings(show_search=True, theme="dark", slots=1, record_folder="/my videos")
    assert got == [wanted]
    assert not is_enabled(dialog, Box.Apply)
    press(dialog, Box.Ok)
    assert got == [wanted]
    assert not dialog.isVisible()


def test_defaults_come_back_and_cancel_changes_nothing(qtbot: QtBot) -> None:
    mine = Settings(device="cuda:3", preset="/weights/mine.safetensors", theme="dark", slots=9)
    dialog = SettingsDialog(mine)
    show(qtbot, dialog)
    got: list[Settings] = []
    dialog.applied.connect(got.append)
    assert dialog.shown() == mine
    press(dialog, Box.RestoreDefaults)
    assert dialog.shown() == Settings()
    assert is_enabled(dialog, Box.Apply)
    press(dialog, Box.Cancel)
    assert got == []


def test_thresholds_that_contradict_each_other_cannot_be_applied(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings())
    show(qtbot, dialog)
    lost = dialog.fields["lost_below"]
    for _ in range(6):
        QTest.keyClick(lost, Qt.Key.Key_Up)
    assert dialog.fault.endswith(".")
    assert not is_enabled(dialog, Box.Ok)
    assert not is_enabled(dialog, Box.Apply)
    QTest.keyClick(lost, Qt.Key.Key_PageDown)
    assert dialog.fault == ""
    assert is_enabled(dialog, Box.Ok)


def test_every_setting_has_a_field_that_is_explained_and_reached_by_keys(qtbot: QtBot) -> None:
    assert sorted(n for names in TABS.values() for n in names) == sorted(
        field.name for field in fields(Settings)
    )
    dialog = SettingsDialog(Settings())
    show(qtbot, dialog)
    for number, names in enumerate(TABS.values()):
        dialog.tabs.setCurrentIndex(number)
        for name in names:
            field = dialog.fields[name]
            assert len(field.toolTip()) > 20, name
            assert field.accessibleName(), name
            assert (field.focusProxy() or field) in reached(dialog), name


@pytest.mark.parametrize("name", ["precision", "record_content", "language", "theme", "device"])
def test_every_choice_has_a_name(qtbot: QtBot, name: str) -> None:
    dialog = SettingsDialog(replace(Settings()))
    show(qtbot, dialog)
    field = dialog.fields[name]
    texts = [field.itemText(k) for k in range(field.count())]  # type: ignore[attr-defined]
    assert all(texts)
    assert len(set(texts)) == len(texts)


def reached(dialog: QWidget) -> set[QWidget | None]:
    """Where the focus comes with the Tab key."""
    found: set[QWidget | None] = set()
    for _ in range(40):
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Tab)
        found.add(dialog.focusWidget())
    return found


ROWS = [
    Shortcut("File", "&Open video…", ("Ctrl+O",)),
    Shortcut("File", "Save && close", ("Ctrl+S", "F2")),
    Shortcut("Playback", "Play or pause", ("Space",)),
]


def test_shortcuts_are_found_by_action_group_and_key(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(ROWS)
    show(qtbot, dialog)
    assert dialog.shown() == ["Open video", "Save & close", "Play or pause"]
    for typed, found in (
        ("vid", ["Open video"]),
        ("FILE", ["Open video", "Save & close"]),
        ("f2", ["Save & close"]),
        ("play pause", ["Play or pause"]),
        ("nothing like it", []),
    ):
        dialog.search.clear()
        QTest.keyClicks(dialog.search, typed)
        assert dialog.shown() == found
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_error_is_one_sentence_with_detail_to_copy(qtbot: QtBot) -> None:
    dialog = ErrorDialog("The disk is full.", "Traceback: line 1")
    show(qtbot, dialog)
    height = dialog.height()
    QTest.mouseClick(dialog.details, LEFT)
    assert dialog.height() > height
    QTest.mouseClick(dialog.copy, LEFT)
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text() == "The disk is full.\n\nTraceback: line 1\n"
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()


def test_error_without_detail_offers_none(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = show_error(parent, "Something is wrong.")
    assert not dialog.details.isVisible()
    with qtbot.waitSignal(dialog.destroyed):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
