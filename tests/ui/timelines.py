"""A timeline that is shown with a document of three targets, and hands that drive it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.core.player.document import Document, TargetTrack, TrackRow, TrackRows
from app.core.player.snapshot import Playback, Snapshot, Span
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.timeline import Timeline
from app.ui.timeline.layout import strip_middle
from tests.ui.hands import LEFT, NONE, Heard, give_keyboard, pixels, show

Key = Qt.Key
RATE = 30.0
PIXELS = np.zeros((4, 4, 3), np.uint8)
BOX = (0.0, 0.0, 1.0, 1.0)


def rows(count: int, start: int = 0, lost: range = range(0)) -> TrackRows:
    wave = 0.6 + 0.3 * np.sin(np.arange(count) / 9)
    return TrackRows.of(
        TrackRow(k, k / RATE, BOX, 0.1 if k in lost else float(wave[k - start]),
                 "lost" if k in lost else "tracking", "out of sight" if k in lost else "")
        for k in range(start, start + count)
    )  # fmt: skip


def three() -> Document:
    """A cube that is lost for a while and corrected twice, and two others."""
    document = Document()
    document.add(TargetTrack(1, "cube", 0, rows=rows(300, lost=range(100, 150)),
                             corrections={0: BOX, 60: BOX, 200: BOX}))  # fmt: skip
    document.add(TargetTrack(2, "wall", 1, rows=rows(300), corrections={0: BOX, 120: BOX}))
    document.add(
        TargetTrack(3, "", 2, begun=40, rows=rows(100, 40), corrections={40: BOX, 139: BOX})
    )
    return document


def snapshot(document: Document, frame: int = 90, frames: int = 300, **changes: Any) -> Snapshot:
    return replace(
        Snapshot(
            Playback.PAUSED, SourceInfo("clip.mp4", 4, 4, frames, RATE, is_live=False),
            SourceFrame(frame, frame / RATE, PIXELS),
            span=Span(0, frames - 1, np.arange(frames) / RATE), document=document.state,
        ),
        **changes,
    )  # fmt: skip


def live(document: Document, first: int, last: int, shown: int | None = None) -> Snapshot:
    frame = last if shown is None else shown
    return Snapshot(
        Playback.PLAYING if shown is None else Playback.PAUSED,
        SourceInfo("Camera 0", 4, 4, None, RATE, is_live=True),
        SourceFrame(frame, frame / RATE, PIXELS), edge=shown is None,
        span=Span(first, last, np.arange(first, last + 1) / RATE), document=document.state,
    )  # fmt: skip


@pytest.fixture
def document() -> Document:
    return three()


@pytest.fixture
def timeline(qtbot: QtBot, qapp: QApplication, document: Document) -> Timeline:
    timeline = Timeline()
    show(qtbot, timeline, (1000, 260))
    timeline.show_snapshot(snapshot(document))
    give_keyboard(qtbot, timeline)
    return timeline


@pytest.fixture
def heard(timeline: Timeline) -> Heard:
    return hear(timeline)


def hear(timeline: Timeline) -> Heard:
    return Heard(
        timeline, "seek_wanted", "step_wanted", "selected", "range_wanted",
        "track_backwards_wanted", "remove_wanted", "rename_wanted", "visible_wanted",
    )  # fmt: skip


def on_lane(timeline: Timeline, index: int, frame: int) -> QPoint:
    """A place on the curve of a lane."""
    return QPoint(round(timeline.body.x_of(frame)), timeline.scene.rows.top_of(index) + 12)


def on_strip(timeline: Timeline, index: int, frame: int) -> QPoint:
    """Where a diamond stands."""
    rows = timeline.scene.rows
    middle = rows.top_of(index) + strip_middle(rows.height)
    return QPoint(round(timeline.body.x_of(frame)), round(middle))


def on_ruler(timeline: Timeline, frame: int, y: int = 24) -> QPoint:
    return QPoint(round(timeline.ruler.x_of(frame)), y)


def on_header(timeline: Timeline, index: int) -> QPoint:
    return QPoint(60, timeline.scene.rows.top_of(index) + 20)


def click(widget: QWidget, place: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(widget, LEFT, keys, place)


def drag(widget: QWidget, places: list[QPoint], keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(widget, LEFT, keys, places[0])
    for place in places[1:]:
        QTest.mouseMove(widget, place)
    QTest.mouseRelease(widget, LEFT, keys, places[-1])


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def looks_like_new(timeline: Timeline) -> bool:
    """Whether it looks as one that shows the same and was never anything else."""
    other = Timeline()
    try:
        other.resize(timeline.size())
        other.show()
        other.show_snapshot(timeline.scene.snapshot)
        other.scene.scrubbed = timeline.scene.scrubbed
        # bars that come leave the lanes another room
        QApplication.processEvents()
        other.set_selection(timeline.selection)
        other.set_axis(timeline.scene.axis)
        other.down.setValue(timeline.down.value())
        for part in ("body", "ruler", "headers"):
            mine, fresh = pixels(getattr(timeline, part)), pixels(getattr(other, part))
            if mine.shape != fresh.shape or (np.abs(mine.astype(int) - fresh) > 2).any():
                return False
        return True
    finally:
        # at once, and not while it is being painted
        sip.delete(other)
