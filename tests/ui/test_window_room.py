"""A narrow window can be used, and none grows by itself."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import Mark
from app.core.player.snapshot import Playback, Snapshot, Work
from app.core.sources.base import Health, SourceFrame, SourceInfo
from app.ui.window import MainWindow
from app.ui.window.status import StatusLine
from tests.ui.conftest import Drag, choose
from tests.ui.hands import show

NARROW = 800
BUSY = Snapshot(
    Playback.PLAYING, SourceInfo("Camera 0", 1920, 1080, None, 30.0, is_live=True),
    SourceFrame(9, 0.3, np.zeros((1080, 1920, 3), np.uint8)), edge=True,
    tracker="small on cuda:0", dropped=12_345, health=Health.FROZEN, rate=29.0,
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_window_may_be_narrow_and_grows_by_nothing(
    paused: MainWindow, qtbot: QtBot, drag: Drag, language: str
) -> None:
    window = paused
    for panel in window.workspace.panels.values():
        panel.show()
    window.preferences.change(language=language)
    QApplication.processEvents()
    least = window.minimumSizeHint().width()
    assert least <= NARROW
    window.resize(NARROW, 600)
    drag(window, (40, 60), (100, 110))
    qtbot.waitUntil(lambda: len(window.snapshot.document.targets) == 1)
    choose(window, "loop")
    choose(window, "record")
    choose(window, "play")
    window.banner.say(f"{'a_long_name' * 20} cannot be opened.", is_fault=True, detail="why")
    qtbot.waitUntil(lambda: window.parts.record.details.isVisible(), timeout=10_000)
    qtbot.waitUntil(lambda: bool(window.status.fields["latency"].text()), timeout=10_000)
    assert window.minimumSizeHint().width() <= least
    assert window.width() == NARROW


def test_picture_has_the_greater_part_of_a_small_window(
    window: MainWindow, video: Path, qtbot: QtBot
) -> None:
    window.resize(770, 430)
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=20_000)
    room, picture = window.workspace.size(), window.canvas.size()
    assert picture.width() > 0.55 * room.width()
    assert picture.height() > 0.55 * room.height()
    # as it was
    choose(window, "reset_layout")
    QApplication.processEvents()
    assert window.canvas.size() == picture


@pytest.fixture
def status(qtbot: QtBot) -> StatusLine:
    """In a window: one that is a window itself is held as wide as all its parts."""
    window = QWidget()
    status = StatusLine(window)
    show(qtbot, window, (1400, 27))
    status.resize(1400, 27)
    status.show_snapshot(BUSY, zoom=0.5, latency_s=0.02)
    return status


def fields(status: StatusLine) -> set[str]:
    """What is shown."""
    QApplication.processEvents()
    shown = {name: label for name, label in status.fields.items() if label.isVisible()}
    for label in (status.state, *shown.values()):
        assert status.rect().contains(label.geometry())
        assert label.width() >= label.minimumSizeHint().width()
    return set(shown)


def test_what_the_status_line_has_no_room_for_gives_way(status: StatusLine) -> None:
    least = status.minimumSizeHint().width()
    all_ = fields(status)
    assert all_ == {"health", "dropped", "size", "zoom", "latency", "device"}
    status.resize(480, 27)
    assert fields(status) == {"health", "dropped"}
    assert status.state.shown == status.state.text() == "Live"
    assert status.minimumSizeHint().width() == least
    status.resize(1400, 27)
    assert fields(status) == all_


def test_long_news_in_the_status_line_is_cut_and_can_be_read_whole(status: StatusLine) -> None:
    status.resize(600, 27)
    work = tuple(Work(target, "forwards", 30, 100) for target in range(1, 9))
    status.show_snapshot(replace(BUSY, work=work), zoom=0.5, latency_s=0.02)
    assert "health" in fields(status)
    assert status.state.shown.endswith("…")
    assert "#8" in status.state.toolTip()


def test_what_was_tracked_before_is_shown_at_no_rate(status: StatusLine) -> None:
    mark = Mark(1, (1.0, 2.0, 3.0, 4.0), "", 0.9, "tracking")
    status.show_snapshot(replace(BUSY, marks=(mark,)), zoom=0.5, latency_s=0.02)
    assert "rate" in fields(status)
    status.show_snapshot(replace(BUSY, marks=(mark,), rate=0.0), zoom=0.5, latency_s=0.02)
    assert "rate" not in fields(status)
