"""A bar of playback in a narrow window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Snapshot
from app.core.studio.status import RecordingStatus
from app.ui.language import set_language
from app.ui.record import RecordButton
from app.ui.transport import TransportBar
from tests.ui.hands import show
from tests.ui.test_transport import live, snapshot


@pytest.fixture
def bar(qtbot: QtBot, qapp: QApplication) -> TransportBar:
    """In a window: one that is a window itself is held as wide as all its parts."""
    window = QWidget()
    bar = TransportBar(window)
    show(qtbot, window, (900, 48))
    bar.resize(900, 48)
    bar.show_snapshot(snapshot())
    return bar


@pytest.fixture
def recording(bar: TransportBar, qapp: QApplication) -> Iterator[RecordButton]:
    """The button beside the bar, as wide as it becomes."""
    record = RecordButton()
    bar.add_widget(record)
    status = RecordingStatus(
        bytes=999_000_000, elapsed_s=35_999.0, frames=9, free_bytes=888_000_000,
        path=Path("a.mp4"),
    )  # fmt: skip
    record.show_status(status)
    yield record
    set_language(qapp, "en")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("shown", [snapshot(299), live(350_000, 350_090), live(525, 525)])
@pytest.mark.usefixtures("recording")
def test_nothing_is_cut_off_at_any_width(
    bar: TransportBar, qapp: QApplication, language: str, shown: Snapshot
) -> None:
    set_language(qapp, language)
    bar.show_snapshot(shown)
    layout = bar.layout()
    assert layout is not None
    for width in range(bar.minimumSizeHint().width(), 900, 9):
        bar.resize(width, 48)
        QApplication.processEvents()
        assert layout.minimumSize().width() <= width
        for part in bar.findChildren(QWidget):
            if part.isVisible():
                assert part.width() >= part.minimumSizeHint().width()


def test_what_keys_and_menus_do_as_well_gives_way(
    bar: TransportBar, recording: RecordButton
) -> None:
    bar.resize(bar.minimumSizeHint().width(), 48)
    QApplication.processEvents()
    assert not any(b.isVisible() for b in (bar.set_in, bar.set_out, bar.clear_range))
    for part in (bar.step_back, bar.toggle, bar.step_on, recording.button, recording.details):
        assert part.isVisible()
    assert bar.time.text() == "0:03.000"
    bar.resize(900, 48)
    QApplication.processEvents()
    assert bar.set_in.isVisible()
    assert bar.time.text() == "0:03.000 / 0:10.467 · frame 90"


def test_least_width_is_the_same_whatever_is_shown(
    bar: TransportBar, recording: RecordButton
) -> None:
    least = bar.minimumSizeHint()
    recording.show_status(None)
    for shown in (live(350_000, 350_090), snapshot(0)):
        bar.show_snapshot(shown)
        assert bar.minimumSizeHint() == least
