"""The export dialog and the question about unsaved work, driven by mouse and keys."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.core.exchange import read_boxes
from app.core.player.document import DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.sources import VideoFile
from app.core.studio.exporting import EXPORTS, ExportSource, Kind
from app.ui.export import ExportDialog, UnsavedAnswer, UnsavedQuestion, ask_unsaved
from tests.app.square import HEIGHT, RATE, WIDTH, square_at, write_video
from tests.ui.hands import LEFT, give_keyboard, show

pytestmark = pytest.mark.usefixtures("dressed")
SPACE = Qt.Key.Key_Space
COUNT = 40


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "square.mp4", COUNT)


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive(), thread.name


def track(id: int, label: str = "", *, visible: bool = True) -> TargetTrack:
    rows = [TrackRow(k, k / RATE, square_at(k), 0.9, "tracking") for k in range(COUNT)]
    return TargetTrack(id, label, id, visible, rows=TrackRows.of(rows))


DOCUMENT = DocumentState((track(1, "square"), track(2), track(3, "hidden", visible=False)))


def make(
    qtbot: QtBot, video: Path, folder: Path, document: DocumentState = DOCUMENT, *,
    is_live: bool = False,
) -> ExportDialog:  # fmt: skip
    source = ExportSource(str(video), "square", WIDTH, HEIGHT, is_live=is_live)
    dialog = ExportDialog(document, source, folder, frames=COUNT)
    show(qtbot, dialog)
    return dialog


@pytest.fixture
def dialog(qtbot: QtBot, video: Path, tmp_path: Path) -> ExportDialog:
    return make(qtbot, video, tmp_path)


def test_on_a_small_screen_the_choices_are_scrolled_and_the_buttons_seen(
    qtbot: QtBot, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = QSize(853, 480)
    screen = SimpleNamespace(availableSize=lambda: room)
    monkeypatch.setattr(ExportDialog, "screen", lambda _: screen)
    dialog = make(qtbot, video, tmp_path)
    assert dialog.height() < room.height() - 20, "it has a title, too"
    assert dialog.width() <= room.width()
    for part in (dialog.path, dialog.export, dialog.leave):
        assert dialog.rect().contains(part.geometry())
    area = dialog.findChild(QScrollArea)
    assert area is not None
    view = area.viewport()
    assert view is not None
    # keys lead to what is out of sight
    last = dialog.range.last
    dialog.range.part.setChecked(True)
    give_keyboard(qtbot, dialog.path)
    for _ in range(40):
        if last.hasFocus():
            break
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert last.hasFocus()
    place = last.mapTo(view, last.rect().center())
    assert view.rect().contains(place)


def test_where_the_screen_has_room_nothing_is_scrolled(
    qtbot: QtBot, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = SimpleNamespace(availableSize=lambda: QSize(1366, 740))
    monkeypatch.setattr(ExportDialog, "screen", lambda _: screen)
    dialog = make(qtbot, video, tmp_path)
    QApplication.processEvents()
    area = dialog.findChild(QScrollArea)
    assert area is not None
    for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
        assert bar is not None
        assert not bar.isVisible()


def click(button: QAbstractButton) -> None:
    # left, where a radio button or a box to tick has its mark
    at = button.rect().center() if button.width() < 40 else QPoint(8, button.height() // 2)
    QTest.mouseClick(button, LEFT, pos=at)


def choose(dialog: ExportDialog, name: str) -> None:
    click(dialog.formats.buttons[name])
    assert dialog.formats.chosen == name


def write(widget: QWidget, text: str) -> None:
    """Replace the text of a field by the keys."""
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(widget, text)


def finish(qtbot: QtBot, dialog: ExportDialog) -> None:
    qtbot.waitUntil(lambda: dialog._job is None, timeout=20_000)


def exported(qtbot: QtBot, dialog: ExportDialog) -> str:
    """Click Export and wait; what the dialog says then."""
    click(dialog.export)
    finish(qtbot, dialog)
    return dialog.message.text()


class TestChoosing:
    def test_begins_with_a_table_of_what_is_visible(
        self, dialog: ExportDialog, tmp_path: Path
    ) -> None:
        request = dialog.request
        assert request.format == "csv"
        assert request.path == tmp_path / "square-tracked.csv"
        assert request.targets == (1, 2)
        assert (request.first, request.last) == (None, None)
        assert dialog.export.isEnabled()
        assert dialog.message.text() == ""

    def test_another_format_has_another_ending_and_options_of_its_own(
        self, dialog: ExportDialog
    ) -> None:
        for name in EXPORTS:
            choose(dialog, name)
            assert Path(dialog.path.text()).suffix in EXPORTS[name].endings
            assert Path(dialog.path.text()).stem == "square-tracked"
            assert dialog.trail.isEnabled() == (name == "annotated")
            assert dialog.pixelate.isEnabled() == name.startswith("hide-")
            assert dialog.export.isEnabled()

    def test_arrow_keys_and_space_choose_too(self, dialog: ExportDialog) -> None:
        dialog.formats.buttons["csv"].setFocus()
        QTest.keyClick(dialog.formats.buttons["csv"], Qt.Key.Key_Down)
        assert dialog.formats.chosen == "jsonl"
        row = dialog.targets.list
        row.setFocus()
        row.setCurrentRow(0)
        QTest.keyClick(row, SPACE)
        assert dialog.request.targets == (2,)

    def test_targets_are_ticked_by_the_mouse(self, dialog: ExportDialog) -> None:
        row = dialog.targets.list
        for number in (0, 2):
            item = row.item(number)
            assert item is not None
            place = row.visualItemRect(item)
            port = row.viewport()
            assert port is not None
            QTest.mouseClick(port, LEFT, pos=QPoint(place.x() + 10, place.center().y()))
        assert dialog.request.targets == (2, 3)

    def test_without_a_target_nothing_is_written(self, dialog: ExportDialog) -> None:
        row = dialog.targets.list
        row.setFocus()
        for number in (0, 1):
            row.setCurrentRow(number)
            QTest.keyClick(row, SPACE)
        assert not dialog.export.isEnabled()
        assert "choose at least one" in dialog.message.text()
        choose(dialog, "annotated")  # a video without boxes is one too
        assert dialog.export.isEnabled()

    def test_in_and_out_points_are_the_range_to_begin_with(
        self, qtbot: QtBot, video: Path, tmp_path: Path
    ) -> None:
        dialog = make(qtbot, video, tmp_path, replace(DOCUMENT, in_frame=5, out_frame=9))
        assert (dialog.request.first, dialog.request.last) == (5, 9)
        click(dialog.range.all)
        assert (dialog.request.first, dialog.request.last) == (None, None)
        click(dialog.range.part)
        write(dialog.range.first, "12")
        assert not dialog.export.isEnabled()
        assert "is empty" in dialog.message.text()
        write(dialog.range.last, "20")
        assert (dialog.request.first, dialog.request.last) == (12, 20)
        assert dialog.export.isEnabled()

    def test_live_source_offers_tables_only(
        self, qtbot: QtBot, video: Path, tmp_path: Path
    ) -> None:
        dialog = make(qtbot, video, tmp_path, is_live=True)
        for name, kind in EXPORTS.items():
            assert dialog.formats.buttons[name].isEnabled() == (kind.kind is Kind.TABLE)

    def test_name_without_an_ending_or_none_at_all(self, dialog: ExportDialog) -> None:
        write(dialog.path, "boxes.mp3")
        assert not dialog.export.isEnabled()
        assert "end it in .csv" in dialog.message.text()
        write(dialog.path, " ")
        assert not dialog.export.isEnabled()
        assert dialog.message.text()

    def test_browse_puts_the_ending_on(
        self, dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = (str(tmp_path / "other"), "")
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: chosen)
        click(dialog.browse)
        assert dialog.request.path == tmp_path / "other.csv"

    def test_file_that_is_there_is_pointed_out(self, dialog: ExportDialog, tmp_path: Path) -> None:
        (tmp_path / "square-tracked.jsonl").touch()
        choose(dialog, "jsonl")
        assert "square-tracked.jsonl is there already" in dialog.message.text()
        assert dialog.export.isEnabled()

    def test_every_control_is_explained(self, dialog: ExportDialog) -> None:
        for button in dialog.findChildren(QAbstractButton):
            if button.isVisible() and button.text():
                assert button.toolTip(), button.text()

    def test_texts_follow_the_language(self, dialog: ExportDialog) -> None:
        dialog.export.setText("")
        dialog.formats.buttons["coco"].setText("")
        QApplication.sendEvent(dialog, QEvent(QEvent.Type.LanguageChange))
        assert dialog.export.text()
        assert dialog.formats.buttons["coco"].text()


class TestExporting:
    def test_table_is_written_and_its_folder_shown(
        self, qtbot: QtBot, dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[QUrl] = []
        monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
        assert not dialog.show_folder.isVisible()
        assert "Wrote square-tracked.csv" in exported(qtbot, dialog)
        assert read_boxes(tmp_path / "square-tracked.csv").ids == [1, 2]
        assert dialog.show_folder.hasFocus()
        QTest.keyClick(dialog.show_folder, SPACE)
        assert opened == [QUrl.fromLocalFile(str(tmp_path))]
        # a further one begins anew
        choose(dialog, "jsonl")
        assert not dialog.show_folder.isVisible()
        assert "Wrote square-tracked.jsonl" in exported(qtbot, dialog)

    def test_one_file_for_each_target_is_told_beforehand(
        self, qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
    ) -> None:
        choose(dialog, "otb")
        names = ["square-tracked-1-square.txt", "square-tracked-2.txt"]
        assert dialog.message.text() == f"Writes {', '.join(names)}."
        assert "Wrote" in exported(qtbot, dialog)
        assert sorted(path.name for path in tmp_path.iterdir()) == names

    def test_video_shows_its_progress(
        self, qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
    ) -> None:
        choose(dialog, "hide-targets")
        click(dialog.pixelate)
        write(dialog.path, str(tmp_path / "out.mkv"))
        seen: set[int] = set()
        dialog.progress.valueChanged.connect(seen.add)
        click(dialog.export)
        assert dialog.is_busy
        assert dialog.progress.isVisible()
        for widget in (dialog.formats, dialog.targets, dialog.range, dialog.path, dialog.export):
            assert not widget.isEnabled()
        finish(qtbot, dialog)
        assert seen
        assert not dialog.progress.isVisible()
        assert "Wrote out.mkv" in dialog.message.text()
        with VideoFile(tmp_path / "out.mkv") as source:
            assert sum(1 for _ in source) == COUNT

    def test_problem_is_one_sentence_and_can_be_mended(
        self, qtbot: QtBot, dialog: ExportDialog, tmp_path: Path
    ) -> None:
        write(dialog.path, str(tmp_path / "none" / "a.csv"))
        assert "cannot be written" in exported(qtbot, dialog)
        assert not dialog.show_folder.isVisible()
        (tmp_path / "none").mkdir()
        assert "Wrote a.csv" in exported(qtbot, dialog)


class TestCancelling:
    @pytest.fixture
    def busy(self, qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory) -> ExportDialog:
        """A dialog that exports a video which would take seconds."""
        folder = tmp_path_factory.mktemp("long")
        long = write_video(folder / "long.mp4", 400)
        out = folder / "out"
        out.mkdir()
        dialog = make(qtbot, long, out)
        choose(dialog, "annotated")
        click(dialog.export)
        qtbot.waitUntil(lambda: dialog.progress.value() > 0, timeout=10_000)
        assert dialog.is_busy
        return dialog

    def test_cancel_leaves_nothing_and_stays_open(self, qtbot: QtBot, busy: ExportDialog) -> None:
        assert "Cancel" in busy.leave.text()
        click(busy.leave)
        finish(qtbot, busy)
        assert "nothing was written" in busy.message.text()
        assert list(busy.request.path.parent.iterdir()) == []
        assert busy.isVisible()
        click(busy.leave)
        assert not busy.isVisible()

    @pytest.mark.parametrize("how", ["escape", "close"])
    def test_leaving_cancels_first(self, qtbot: QtBot, busy: ExportDialog, how: str) -> None:
        if how == "escape":
            QTest.keyClick(busy, Qt.Key.Key_Escape)
        else:
            busy.close()
        assert busy.isVisible()
        finish(qtbot, busy)
        assert not busy.isVisible()
        assert list(busy.request.path.parent.iterdir()) == []

    def test_window_that_ends_waits_for_the_end(self, busy: ExportDialog) -> None:
        busy.stop()
        assert not busy.is_busy
        assert list(busy.request.path.parent.iterdir()) == []


class TestUnsaved:
    @pytest.mark.parametrize(
        ("key", "answer"),
        [
            (Qt.Key.Key_Return, UnsavedAnswer.SAVE),
            (Qt.Key.Key_Escape, UnsavedAnswer.CANCEL),
        ],
    )
    def test_keys_answer(self, qtbot: QtBot, key: Qt.Key, answer: UnsavedAnswer) -> None:
        question = UnsavedQuestion("holiday")
        qtbot.addWidget(question)
        assert "holiday" in question.text()
        QTimer.singleShot(0, lambda: QTest.keyClick(question, key))
        question.exec()
        assert question.answer is answer

    def test_mouse_answers(self, qtbot: QtBot) -> None:
        parent = QWidget()
        qtbot.addWidget(parent)

        def press() -> None:
            question = parent.findChild(UnsavedQuestion)
            assert question is not None
            QTest.mouseClick(question.discard, LEFT)

        QTimer.singleShot(0, press)
        assert ask_unsaved(parent, "holiday") is UnsavedAnswer.DISCARD
