"""Which frames and lanes a real timeline shows: zooming, scrolling and live sources."""

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.player.document import Document, DocumentState, TargetTrack, TrackRow
from app.core.player.snapshot import Playback, Span
from app.core.sources.base import SourceInfo
from app.ui.timeline import Timeline
from app.ui.timeline.layout import MARGIN
from tests.ui.hands import CTRL, MIDDLE, SHIFT, Heard, pixels, turn
from tests.ui.timelines import (
    BOX,
    RATE,
    Key,
    click,
    document,
    heard,
    live,
    looks_like_new,
    on_lane,
    on_ruler,
    rows,
    snapshot,
    timeline,
)

__all__ = ["document", "heard", "timeline"]


class TestView:
    def test_everything_fits_by_default(self, timeline: Timeline) -> None:
        body = timeline.body
        assert body.edge_of(0) == pytest.approx(MARGIN)
        assert body.edge_of(300) == pytest.approx(body.width() - MARGIN)
        timeline.resize(700, 260)
        assert body.edge_of(300) == pytest.approx(body.width() - MARGIN)
        assert not timeline.across.isVisible()

    def test_ctrl_and_wheel_zoom_about_the_mouse(self, timeline: Timeline, qtbot: QtBot) -> None:
        place = on_lane(timeline, 1, 200)
        turn(timeline.body, place, 8, CTRL)
        assert timeline.body.frame_at(place.x()) == 200
        assert timeline.scene.axis.scale > 8
        assert timeline.across.isVisible()
        assert looks_like_new(timeline)
        turn(timeline.body, place, -20, CTRL)
        assert timeline.scene.axis.is_fit
        assert not timeline.across.isVisible()

    def test_the_wheel_with_shift_and_the_bar_scroll(
        self, timeline: Timeline, qtbot: QtBot
    ) -> None:
        turn(timeline.body, on_lane(timeline, 0, 150), 8, CTRL)
        before = timeline.scene.axis.start
        turn(timeline.body, QPoint(50, 20), -3, SHIFT)
        assert timeline.scene.axis.start > before
        assert timeline.across.value() == pytest.approx(timeline.scene.axis.offset, abs=1)
        assert looks_like_new(timeline)
        timeline.across.setValue(0)
        assert timeline.scene.axis.start == pytest.approx(0)
        assert looks_like_new(timeline)

    def test_the_middle_button_holds_and_moves_the_frames(self, timeline: Timeline) -> None:
        turn(timeline.body, on_lane(timeline, 0, 150), 8, CTRL)
        start = QPoint(400, 60)
        held = timeline.body.frame_at(start.x())
        QTest.mousePress(timeline.body, MIDDLE, pos=start)
        QTest.mouseMove(timeline.body, start - QPoint(90, 0))
        QTest.mouseRelease(timeline.body, MIDDLE, pos=start - QPoint(90, 0))
        assert timeline.body.frame_at(start.x() - 90) == held

    def test_buttons_and_keys_zoom_about_the_playhead(self, timeline: Timeline) -> None:
        assert not timeline.corner.zoom_out.isEnabled()
        x = timeline.body.x_of(90)
        click(timeline.corner.zoom_in, QPoint(5, 5))
        QTest.keyClick(timeline, Key.Key_Plus, CTRL)
        assert timeline.body.x_of(90) == pytest.approx(x)
        scale = timeline.scene.axis.scale
        click(timeline.corner.zoom_out, QPoint(5, 5))
        assert timeline.scene.axis.scale < scale
        QTest.keyClick(timeline, Key.Key_0, CTRL)
        assert timeline.scene.axis.is_fit
        assert not timeline.corner.zoom_fit.isEnabled()

    def test_the_page_turns_when_the_playhead_leaves_it(
        self, timeline: Timeline, document: Document
    ) -> None:
        timeline.zoom(10, 0.0)
        first = timeline.scene.axis.end
        timeline.show_snapshot(snapshot(document, int(first) - 2, playback=Playback.PLAYING))
        timeline.show_snapshot(snapshot(document, int(first) + 2, playback=Playback.PLAYING))
        assert timeline.scene.axis.start > first - 10
        assert timeline.scene.axis.shows(int(first) + 2)

    def test_who_looks_elsewhere_while_it_plays_is_let_alone(
        self, timeline: Timeline, document: Document
    ) -> None:
        timeline.zoom(10, 900.0)
        start = timeline.scene.axis.start
        for frame in (91, 92, 93):
            timeline.show_snapshot(snapshot(document, frame, playback=Playback.PLAYING))
        assert timeline.scene.axis.start == start
        timeline.show_snapshot(snapshot(document, 60))
        assert timeline.scene.axis.shows(60)

    def test_many_lanes_scroll(self, timeline: Timeline, qtbot: QtBot) -> None:
        document = Document()
        for number in range(1, 13):
            document.add(TargetTrack(number, colour=number % 8, rows=rows(50)))
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(timeline.down.isVisible)
        turn(timeline.body, QPoint(50, 20), -40)
        rows_ = timeline.scene.rows
        assert rows_.top_of(12) <= timeline.body.height()
        click(timeline.body, QPoint(100, timeline.body.height() - 10))
        assert timeline.selection == 12
        assert looks_like_new(timeline)

    def test_more_frames_than_were_declared_are_shown_too(self, timeline: Timeline) -> None:
        timeline.show_snapshot(snapshot(Document(), 320))
        assert timeline.scene.axis.last == 320
        assert timeline.body.x_of(320) < timeline.body.width()

    def test_a_source_without_an_end_gets_room_as_it_goes(self, timeline: Timeline) -> None:
        info = SourceInfo("pipe", 4, 4, None, None, is_live=False)
        widths = set()
        for frame in range(0, 1000, 10):
            shown = snapshot(Document(), frame, info=info, span=Span(0, None))
            timeline.show_snapshot(shown)
            widths.add(timeline.scene.axis.count)
            assert timeline.scene.axis.shows(frame)
        assert len(widths) < 15

    def test_another_source_is_shown_whole(self, timeline: Timeline) -> None:
        timeline.zoom(10, 100.0)
        other = SourceInfo("other.mp4", 4, 4, 50, RATE, is_live=False)
        timeline.show_snapshot(snapshot(Document(), 5, 50, info=other))
        assert timeline.scene.axis.is_fit
        assert timeline.scene.axis.count == 50
        assert timeline.scene.lanes == []

    def test_a_single_frame_and_a_tiny_widget_do_no_harm(
        self, timeline: Timeline, qtbot: QtBot
    ) -> None:
        one = Document(DocumentState((TargetTrack(1, rows=rows(1), corrections={0: BOX}),)))
        timeline.show_snapshot(snapshot(one, 0, 1))
        assert timeline.body.frame_at(5000) == 0
        timeline.resize(10, 10)
        timeline.grab()
        assert looks_like_new(timeline)


class TestLive:
    def test_the_newest_frame_is_at_the_right_edge(self, timeline: Timeline) -> None:
        document = Document(DocumentState((TargetTrack(1, rows=rows(400)),)))
        timeline.show_snapshot(live(document, 100, 399))
        body = timeline.body
        assert body.edge_of(400) == pytest.approx(body.width() - MARGIN)
        assert body.frame_at(0) == 100

    def test_looking_back_leaves_the_edge_where_it_is(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        document = Document(DocumentState((TargetTrack(1, rows=rows(400)),)))
        timeline.show_snapshot(live(document, 100, 399))
        lit = pixels(timeline.ruler)[:20, -60:]
        click(timeline.ruler, on_ruler(timeline, 250))
        timeline.show_snapshot(live(document, 101, 400, shown=250))
        assert heard.of("seek_wanted") == [250]
        assert timeline.scene.playhead == 250
        assert (lit != pixels(timeline.ruler)[:20, -60:]).any()

    def test_what_scrolls_by_looks_like_new(self, timeline: Timeline, qtbot: QtBot) -> None:
        document = Document()
        for number in (1, 2, 3):
            document.add(TargetTrack(number, rows=rows(30)))
        for frame in range(30, 400):
            row = TrackRow(frame, frame / RATE, BOX, (frame % 11) / 11,
                           "lost" if frame % 90 > 55 else "tracking")  # fmt: skip
            document.grow({number: [row] for number in (1, 2, 3)})
            timeline.show_snapshot(live(document, max(frame - 99, 0), frame))
            if frame % 3 == 0:
                QApplication.processEvents()
            if frame in (60, 150, 399):
                qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)
