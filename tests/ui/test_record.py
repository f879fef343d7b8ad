"""The record button, driven by mouse and keys."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer, QUrl
from PyQt6.QtGui import QAction, QDesktopServices, QIcon
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.core.studio.status import RecordingStatus
from app.ui.application import dress
from app.ui.record import RecordButton
from app.ui.record.amounts import size_text, time_text
from tests.ui.hands import LEFT, Heard, show

SPACE = Qt.Key.Key_Space
RUNNING = RecordingStatus(
    Path("/films/a.mp4"), elapsed_s=67.4, bytes=34_500_000, free_bytes=120_000_000_000, frames=1_685
)


@pytest.fixture
def record(qtbot: QtBot, qapp: QApplication) -> RecordButton:
    dress(qapp)
    record = RecordButton()
    show(qtbot, record)
    return record


@pytest.fixture
def heard(record: RecordButton) -> Heard:
    return Heard(record, "record_wanted", "content_changed", "folder_changed")


def press(record: RecordButton) -> None:
    """Click the dot, left of the arrow of the menu."""
    QTest.mouseClick(record.button, LEFT, pos=QPoint(10, record.button.height() // 2))


def choose(record: RecordButton, action: QAction) -> None:
    """Open the menu by its arrow and click an entry."""

    def act() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
        if menu.isVisible():
            # what cannot be chosen leaves it open
            QTest.keyClick(menu, Qt.Key.Key_Escape)

    QTimer.singleShot(50, act)
    at = QPoint(record.button.width() - 5, record.button.height() // 2)
    QTest.mouseClick(record.button, LEFT, pos=at)


def look(icon: QIcon) -> bytes:
    """The pixels of an icon."""
    image = icon.pixmap(32, 32).toImage()
    bits = image.constBits()
    assert bits is not None
    return bytes(bits.asarray(image.sizeInBytes()))


class TestAsking:
    def test_click_and_space_ask_to_record(self, record: RecordButton, heard: Heard) -> None:
        press(record)
        assert heard.all == [("record_wanted", True)]
        record.show_status(RUNNING)
        record.button.setFocus()
        QTest.keyClick(record.button, SPACE)
        assert heard.all == [("record_wanted", True), ("record_wanted", False)]

    def test_shows_what_is_recorded_and_not_what_was_asked(
        self, record: RecordButton, heard: Heard
    ) -> None:
        record.show_status(RUNNING)
        assert record.button.isChecked()
        record.show_status(None)
        assert not record.button.isChecked()
        assert heard.all == []

    def test_cannot_be_pressed_while_the_file_is_finished(
        self, record: RecordButton, heard: Heard
    ) -> None:
        record.show_status(replace(RUNNING, finishing=True))
        press(record)
        assert heard.all == []
        assert "Finishing" in record.details.text()
        record.show_status(None)
        press(record)
        assert heard.all == [("record_wanted", True)]


class TestMenu:
    @pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Menu])
    def test_is_opened_by_keys(self, record: RecordButton, key: Qt.Key) -> None:
        seen: list[object] = []

        def look_and_close() -> None:
            menu = QApplication.activePopupWidget()
            seen.append(menu)
            if menu is not None:
                menu.close()

        record.button.setFocus()
        QTimer.singleShot(50, look_and_close)
        QTest.keyClick(record.button, key)
        QTest.qWait(60)
        assert seen == [record.button.menu()]

    def test_chooses_what_to_record(self, record: RecordButton, heard: Heard) -> None:
        assert record.content == "overlay"
        choose(record, record.contents["both"])
        assert record.content == "both"
        assert heard.all == [("content_changed", "both")]

    def test_what_is_recorded_stays_while_it_is(self, record: RecordButton, heard: Heard) -> None:
        record.show_status(RUNNING)
        choose(record, record.contents["clean"])
        assert record.content == "overlay"
        assert heard.all == []

    def test_chooses_the_folder(
        self, record: RecordButton, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = ["", str(tmp_path)]
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: answers.pop(0))
        action = next(a for a in record.button.menu().actions() if "Choose" in a.text())
        choose(record, action)
        assert heard.all == []
        choose(record, action)
        assert heard.all == [("folder_changed", str(tmp_path))]
        assert record.folder == tmp_path
        assert str(tmp_path) in action.toolTip()

    def test_opens_the_folder(
        self, record: RecordButton, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[QUrl] = []
        monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
        record.set_options("clean", tmp_path)
        assert record.content == "clean"
        action = next(a for a in record.button.menu().actions() if "Open" in a.text())
        choose(record, action)
        assert opened == [QUrl.fromLocalFile(str(tmp_path))]


class TestTelling:
    def test_time_size_and_room(self, record: RecordButton) -> None:
        assert record.details.isHidden()
        record.show_status(RUNNING)
        assert record.details.text() == "1:07 · 34.5 MB\n120 GB free"
        assert record.details.accessibleName() == "Recording 1:07 · 34.5 MB · 120 GB free"
        assert "1685 frames" in record.details.toolTip()
        assert "/films/a.mp4" in record.details.toolTip()
        record.show_status(replace(RUNNING, free_bytes=None))
        assert record.details.text() == "1:07 · 34.5 MB"

    def test_little_room_is_pointed_out(self, record: RecordButton) -> None:
        record.show_status(replace(RUNNING, free_bytes=400_000_000))
        assert "⚠ only 400 MB free" in record.details.text()

    def test_problem_stays_to_be_read(self, record: RecordButton) -> None:
        record.show_status(RUNNING)
        record.show_status(replace(RUNNING, problem="There is no room."))
        assert "ended" in record.details.text()
        assert record.details.toolTip() == "There is no room."
        assert not record.button.isChecked()
        assert record.button.isEnabled()

    def test_beats_while_it_records(self, record: RecordButton, qtbot: QtBot) -> None:
        idle = look(record.button.icon())
        record.show_status(RUNNING)
        first = look(record.button.icon())
        assert first != idle
        qtbot.waitUntil(lambda: look(record.button.icon()) != first, timeout=3000)
        record.show_status(None)
        assert look(record.button.icon()) == idle

    def test_names_follow_what_it_does(self, record: RecordButton) -> None:
        assert record.button.accessibleName() == "Record"
        record.show_status(RUNNING)
        assert record.button.accessibleName() == "Stop recording"
        assert record.button.toolTip()

    def test_texts_follow_the_language(self, record: RecordButton) -> None:
        record.contents["both"].setText("")
        QApplication.sendEvent(record, QEvent(QEvent.Type.LanguageChange))
        assert record.contents["both"].text()


class TestAmounts:
    @pytest.mark.parametrize(
        ("count", "text"),
        [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (34_500_000, "34.5 MB"),
            (99_960_000, "100 MB"), (999_600_000, "1.0 GB"), (2 * 10**15, "2000 TB"), (-5, "0 B"),
        ],
    )  # fmt: skip
    def test_sizes(self, count: int, text: str) -> None:
        assert size_text(count) == text

    @given(st.integers(0, 10**15))
    def test_a_size_says_what_it_is_to_three_digits(self, count: int) -> None:
        number, unit = size_text(count).split()
        value = float(number) * 1000 ** ("B", "kB", "MB", "GB", "TB").index(unit)
        assert value == pytest.approx(count, rel=0.051, abs=0.5)

    @pytest.mark.parametrize(
        ("seconds", "text"), [(-1, "0:00"), (7.9, "0:07"), (67, "1:07"), (3727, "1:02:07")]
    )
    def test_times(self, seconds: float, text: str) -> None:
        assert time_text(seconds) == text
