"""The start page, driven by mouse, keys and drops."""

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QFile, QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.core import recent
from app.core.journal import read_journal
from app.core.recovery import sessions_folder, unfinished_sessions
from app.core.session import JOURNAL_FILE
from app.core.thumbnails import thumbnail
from app.ui.background import Background
from app.ui.start import StartPage
from app.ui.start.recents import RecentCard
from model.errors import InputError
from tests.app.sessions import track, write_weights
from tests.app.square import HEIGHT, WIDTH, write_video
from tests.ui.hands import LEFT, show

ACTION = Qt.DropAction.CopyAction


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "square.mp4", 12)


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
        thread.join(20)
        assert not thread.is_alive(), thread.name


@pytest.fixture
def page(qtbot: QtBot) -> StartPage:
    return make_page(qtbot)


def make_page(qtbot: QtBot, size: tuple[int, int] = (900, 700)) -> StartPage:
    """A page that has read all lists."""
    page = StartPage()
    show(qtbot, page, size)
    qtbot.waitUntil(lambda: not page._background.is_busy)
    QCoreApplication.processEvents()
    return page


@pytest.mark.parametrize("name", ["video", "folder", "camera", "stream", "screen", "demo"])
def test_every_way_to_begin_is_asked_for_by_mouse_and_by_keys(
    page: StartPage, qtbot: QtBot, name: str
) -> None:
    wish = getattr(page, f"{name}_wanted")
    tile = page.tiles[name]
    with qtbot.waitSignal(wish):
        QTest.mouseClick(tile, LEFT)
    with qtbot.waitSignal(wish):
        QTest.keyClick(tile, Qt.Key.Key_Space)
    assert tile.toolTip()
    assert tile.accessibleName()


def test_tab_reaches_every_way_to_begin(page: StartPage) -> None:
    found = set()
    for _ in range(12):
        QTest.keyClick(page.focusWidget() or page, Qt.Key.Key_Tab)
        found.add(page.focusWidget())
    assert set(page.tiles.values()) <= found


@pytest.mark.parametrize("size", [(320, 400), (480, 600), (800, 550), (1100, 700), (3840, 2160)])
def test_everything_is_within_the_width_at_any_size(
    qtbot: QtBot, video: Path, size: tuple[int, int]
) -> None:
    for name in ("1", "2", "screen:", str(video), "rtsp://some.camera.example/a/long/path"):
        recent.remember(name)
    page = make_page(qtbot, size)
    qtbot.waitUntil(lambda: len(page.recents.cards) == 5)
    room, bar = page.viewport(), page.verticalScrollBar()
    assert room is not None
    assert bar is not None

    def fits() -> None:
        for widget in (*page.tiles.values(), *page.recents.cards):
            assert widget.isVisible()
            left = widget.mapTo(room, QPoint(0, 0)).x()
            assert left >= 0
            assert left + widget.width() <= room.width()
        widths = {tile.width() for tile in page.tiles.values()}
        assert max(widths) - min(widths) <= 1
        if size[0] >= 1100:
            assert bar.maximum() == 0

    # the layout comes to rest over a few events
    qtbot.waitUntil(fits)


def event_with(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_file_that_is_dropped_is_asked_for(page: StartPage, qtbot: QtBot, video: Path) -> None:
    data = event_with(video)
    buttons, keys = LEFT, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(200, 200), ACTION, data, buttons, keys)
    QCoreApplication.sendEvent(page.viewport(), enter)
    assert enter.isAccepted()
    assert page._drop.property("over") is True
    with qtbot.waitSignal(page.dropped) as got:
        drop = QDropEvent(QPointF(200, 200), ACTION, data, buttons, keys)
        QCoreApplication.sendEvent(page.viewport(), drop)
    assert got.args == [str(video)]
    assert page._drop.property("over") is False


def test_text_that_hangs_over_the_page_is_not_taken(page: StartPage) -> None:
    data = QMimeData()
    data.setText("no file")
    enter = QDragEnterEvent(QPoint(200, 200), ACTION, data, LEFT, Qt.KeyboardModifier.NoModifier)
    enter.ignore()
    QCoreApplication.sendEvent(page.viewport(), enter)
    assert page._drop.property("over") is not True


def card(page: StartPage, text: str) -> RecentCard:
    return next(card for card in page.recents.cards if card.item.text == text)


def test_recent_files_have_pictures_and_open(qtbot: QtBot, video: Path, tmp_path: Path) -> None:
    folder, gone, work = tmp_path / "images", tmp_path / "gone.mp4", tmp_path / "work.stp"
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), np.full((90, 160, 3), (0, 0, 255), np.uint8))
    for text in (str(gone), str(folder), str(video), "3"):
        recent.remember(text)
    recent.remember(str(work), "project")
    page = make_page(qtbot)
    qtbot.waitUntil(lambda: len(page.recents.cards) == 5)
    qtbot.waitUntil(lambda: card(page, str(folder)).has_picture, timeout=20_000)
    assert card(page, str(video)).has_picture
    assert not card(page, str(gone)).has_picture
    # the middle of the picture of a red image
    seen = card(page, str(folder)).grab().toImage().pixelColor(80, 40)
    assert (seen.red() > 200, seen.blue() < 60) == (True, True)
    assert card(page, str(video)).text() == "square.mp4"
    assert card(page, "3").text() == "Camera 3"
    with qtbot.waitSignal(page.recent_wanted) as got:
        QTest.mouseClick(card(page, str(video)), LEFT)
    assert got.args == [str(video)]
    with qtbot.waitSignal(page.project_wanted) as got:
        QTest.keyClick(card(page, str(work)), Qt.Key.Key_Return)
    assert got.args == [work]


def test_del_takes_off_the_list(qtbot: QtBot) -> None:
    for text in ("1", "2"):
        recent.remember(text)
    page = make_page(qtbot)
    qtbot.waitUntil(lambda: len(page.recents.cards) == 2)
    QTest.keyClick(card(page, "1"), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(page.recents.cards) == 1)
    assert [item.text for item in recent.list_recent()] == ["2"]
    QTest.keyClick(card(page, "2"), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not page.recents.isVisible())


def test_thumbnails_keep_their_proportions_and_failures_are_none(
    video: Path, tmp_path: Path
) -> None:
    small = thumbnail(video, 100, 100)
    assert small is not None
    assert small.shape == (round(100 * HEIGHT / WIDTH), 100, 3)
    whole = thumbnail(video, 9999, 9999)
    assert whole is not None
    assert whole.shape == (HEIGHT, WIDTH, 3)
    (tmp_path / "bad.mp4").write_bytes(b"no video" * 99)
    for path in (tmp_path / "bad.mp4", tmp_path / "none.mp4", tmp_path, Path("/dev/null")):
        assert thumbnail(path, 64, 64) is None


def unfinished(folder: Path, video: Path, weights: Path) -> Path:
    """A session whose journal lacks its end, as a killed process leaves it."""
    assert track(video, folder, weights).exit_code == 0
    journal = folder / JOURNAL_FILE
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    (folder / "session.json").unlink()
    for table in folder.glob("*.csv"):
        table.unlink()
    return folder


@pytest.fixture
def session(home: Path, video: Path) -> Path:
    weights = write_weights(home / "weights.safetensors")
    found = unfinished(sessions_folder() / "broken", video, weights)
    assert [s.folder for s in unfinished_sessions()] == [found]
    return found


def button(page: StartPage, name: str) -> QPushButton:
    found = [b for b in page.recovery.findChildren(QPushButton, name) if b.isVisible()]
    assert len(found) == 1
    return found[0]


def test_unfinished_session_is_recovered_with_a_report(
    page: StartPage, session: Path, qtbot: QtBot
) -> None:
    assert not page.recovery.isVisible()
    page.refresh()
    qtbot.waitUntil(page.recovery.isVisible)
    QTest.mouseClick(button(page, "recover"), LEFT)
    qtbot.waitUntil(lambda: page.recovery.report.startswith("Saved in"), timeout=20_000)
    assert str(session) in page.recovery.report
    assert list(session.glob("*.csv"))
    assert read_journal(session / JOURNAL_FILE).outcome == "recovered"
    assert page.recovery.open_folder.isVisible()
    QTest.mouseClick(page.recovery.not_now, LEFT)
    assert not page.recovery.isVisible()
    page.refresh()
    qtbot.waitUntil(lambda: not page._background.is_busy)
    QCoreApplication.processEvents()
    assert not page.recovery.isVisible()


def test_unfinished_session_can_be_seen_and_pressed_at_any_width(
    page: StartPage, session: Path, qtbot: QtBot
) -> None:
    page.refresh()
    qtbot.waitUntil(page.recovery.isVisible)
    for width in (page.width(), 420, 700):
        page.resize(width, page.height())
        # the list is filled anew, as for another language
        page.recovery.retranslate()
        qtbot.wait(50)
        for name in ("recover", "delete"):
            whole = button(page, name)
            assert whole.visibleRegion().boundingRect() == whole.rect(), (width, name)


def test_session_that_is_put_off_stays_and_comes_again_at_the_next_start(
    page: StartPage, session: Path, qtbot: QtBot
) -> None:
    before = (session / JOURNAL_FILE).read_bytes()
    page.refresh()
    qtbot.waitUntil(page.recovery.isVisible)
    QTest.mouseClick(page.recovery.not_now, LEFT)
    page.refresh()
    qtbot.waitUntil(lambda: not page._background.is_busy)
    QCoreApplication.processEvents()
    assert not page.recovery.isVisible()
    assert (session / JOURNAL_FILE).read_bytes() == before
    another = make_page(qtbot)
    qtbot.waitUntil(another.recovery.isVisible)


@pytest.mark.parametrize("agrees", [True, False])
def test_session_is_moved_to_the_trash_after_a_question(
    page: StartPage, session: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, agrees: bool
) -> None:
    moved: list[str] = []

    def trash(path: str) -> tuple[bool, str]:
        moved.append(path)
        return True, ""

    def answer(box: QMessageBox) -> int:
        wanted = QMessageBox.ButtonRole.DestructiveRole if agrees else None
        wanted = wanted or QMessageBox.ButtonRole.RejectRole
        box.show()
        pressed = next(b for b in box.buttons() if box.buttonRole(b) == wanted)
        QTest.mouseClick(pressed, LEFT)
        return 0

    monkeypatch.setattr(QFile, "moveToTrash", staticmethod(trash))
    monkeypatch.setattr(QMessageBox, "exec", answer)
    page.refresh()
    qtbot.waitUntil(page.recovery.isVisible)
    QTest.mouseClick(button(page, "delete"), LEFT)
    assert moved == ([str(session)] if agrees else [])
    assert page.recovery.isVisible() is not agrees


def test_session_that_cannot_be_recovered_says_why(
    page: StartPage, session: Path, qtbot: QtBot
) -> None:
    page.refresh()
    qtbot.waitUntil(page.recovery.isVisible)
    (session / JOURNAL_FILE).unlink()
    QTest.mouseClick(button(page, "recover"), LEFT)
    qtbot.waitUntil(lambda: "holds no session" in page.recovery.report)
    assert not page.recovery.open_folder.isVisible()


def test_work_in_the_background_that_nobody_waits_for_is_dropped(
    qtbot: QtBot, qapp: QApplication
) -> None:
    page = StartPage()
    go, got, background = threading.Event(), [], Background(page)
    background.run(lambda: go.wait(10), got.append, name="slow")
    page.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    go.set()
    for thread in threading.enumerate():
        if thread.name == "slow":
            thread.join(10)
    qapp.processEvents()
    assert got == []


@pytest.mark.parametrize(
    ("error", "said"),
    [(InputError("One sentence."), "One sentence."), (ValueError("odd"), "ValueError: odd")],
)
def test_work_that_fails_says_so(
    page: StartPage, qtbot: QtBot, error: Exception, said: str
) -> None:
    def work() -> None:
        raise error

    background = Background(page)
    with qtbot.waitSignal(background.failed) as got:
        background.run(work, lambda _: None, name="failing")
    assert got.args == [said]
