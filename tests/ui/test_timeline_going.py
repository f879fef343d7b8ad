"""Going to frames on a real timeline, and setting the range, by mouse and keys."""

from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from app.core.player.document import Document
from app.core.player.snapshot import Playback
from app.ui.timeline import Timeline
from app.ui.timeline.layout import MARGIN
from tests.ui.hands import CTRL, LEFT, NONE, SHIFT, Heard, give_keyboard, pixels
from tests.ui.timelines import (
    Key,
    click,
    document,
    drag,
    hear,
    heard,
    on_lane,
    on_ruler,
    on_strip,
    snapshot,
    three,
    timeline,
)

__all__ = ["document", "heard", "timeline"]


class TestGoing:
    def test_click_on_the_ruler_goes_there(self, timeline: Timeline, heard: Heard) -> None:
        click(timeline.ruler, on_ruler(timeline, 210))
        assert heard.all == [("seek_wanted", 210)]

    def test_drag_on_the_ruler_goes_through_all_on_the_way_and_each_once(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        frames = [50, 50, 80, 110, 110, 90]
        drag(timeline.ruler, [on_ruler(timeline, frame) for frame in frames])
        assert heard.of("seek_wanted") == [50, 80, 110, 90]

    def test_click_on_a_lane_goes_there_and_selects_it(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        click(timeline.body, on_lane(timeline, 1, 33))
        assert heard.all == [("selected", 2), ("seek_wanted", 33)]
        assert timeline.selection == 2

    def test_drag_beyond_the_ends_goes_no_further_than_the_ends(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        middle = on_lane(timeline, 0, 100)
        drag(timeline.body, [middle, QPoint(-300, middle.y()), QPoint(5000, middle.y())])
        assert heard.of("seek_wanted") == [100, 0, 299]

    def test_click_on_a_diamond_goes_to_exactly_that_correction(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        click(timeline.body, on_strip(timeline, 0, 60) + QPoint(5, 3))
        assert heard.all == [("selected", 1), ("seek_wanted", 60)]

    def test_beside_the_strip_no_diamond_is_hit(self, timeline: Timeline, heard: Heard) -> None:
        place = QPoint(on_strip(timeline, 0, 60).x() + 6, on_lane(timeline, 0, 60).y())
        click(timeline.body, place)
        assert heard.of("seek_wanted") == [timeline.body.frame_at(place.x())] != [60]

    def test_the_playhead_is_where_the_user_put_it_before_the_picture_is(
        self, timeline: Timeline, document: Document
    ) -> None:
        click(timeline.ruler, on_ruler(timeline, 210))
        assert timeline.scene.playhead == 210
        # one that was on its way
        timeline.show_snapshot(snapshot(document, 91))
        assert timeline.scene.playhead == 210
        timeline.show_snapshot(snapshot(document, 210))
        timeline.show_snapshot(snapshot(document, 211))
        assert timeline.scene.playhead == 211

    def test_while_it_plays_a_frame_from_there_on_is_an_answer_too(
        self, timeline: Timeline, document: Document
    ) -> None:
        click(timeline.ruler, on_ruler(timeline, 210))
        for frame, shown in ((92, 210), (213, 213), (214, 214)):
            timeline.show_snapshot(snapshot(document, frame, playback=Playback.PLAYING))
            assert timeline.scene.playhead == shown

    def test_a_click_gives_it_the_keyboard(
        self, timeline: Timeline, heard: Heard, qtbot: QtBot
    ) -> None:
        timeline.clearFocus()
        click(timeline.body, on_lane(timeline, 0, 33))
        qtbot.waitUntil(timeline.hasFocus)

    def test_a_frame_that_never_comes_is_given_up(self, timeline: Timeline, qtbot: QtBot) -> None:
        click(timeline.ruler, on_ruler(timeline, 210))
        qtbot.waitUntil(lambda: timeline.scene.playhead == 90, timeout=5000)

    @pytest.mark.parametrize(
        ("key", "keys", "signal"),
        [
            (Key.Key_Left, NONE, ("step_wanted", -1)), (Key.Key_Right, NONE, ("step_wanted", 1)),
            (Key.Key_Left, SHIFT, ("step_wanted", -10)),
            (Key.Key_Right, SHIFT, ("step_wanted", 10)),
            (Key.Key_Home, NONE, ("seek_wanted", 0)), (Key.Key_End, NONE, ("seek_wanted", 299)),
            (Key.Key_I, NONE, ("range_wanted", 90, None)),
            (Key.Key_O, NONE, ("range_wanted", None, 90)),
            (Key.Key_BracketRight, NONE, ("seek_wanted", 120)),
            (Key.Key_BracketLeft, NONE, ("seek_wanted", 60)),
            (Key.Key_Down, NONE, ("selected", 1)), (Key.Key_Up, NONE, ("selected", 3)),
        ],
    )  # fmt: skip
    def test_keys(
        self, timeline: Timeline, heard: Heard, key: Qt.Key, keys: Qt.KeyboardModifier, signal: Any
    ) -> None:
        QTest.keyClick(timeline, key, keys)
        assert heard.all == [signal]

    def test_brackets_stay_with_the_selected_target(self, timeline: Timeline, heard: Heard) -> None:
        timeline.set_selection(1)
        QTest.keyClick(timeline, Key.Key_BracketRight)
        QTest.keyClick(timeline, Key.Key_BracketRight)
        QTest.keyClick(timeline, Key.Key_BracketLeft)
        assert heard.all == [("seek_wanted", 200), ("seek_wanted", 60)]

    def test_a_bracket_that_needs_other_keys_is_one_too(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        QTest.sendKeyEvent(
            QTest.KeyAction.Click, timeline, Key.Key_8, "[", CTRL | Qt.KeyboardModifier.AltModifier
        )
        assert heard.all == [("seek_wanted", 60)]

    def test_keys_come_before_shortcuts_of_the_window(self, qtbot: QtBot) -> None:
        window, timeline, fired = QMainWindow(), Timeline(), []
        qtbot.addWidget(window)
        window.setCentralWidget(timeline)
        for key in ("I", "Left", "Space"):
            action = window.addAction(key)
            assert action is not None
            action.setShortcut(QKeySequence(key))
            action.triggered.connect(lambda _, key=key: fired.append(key))
        window.show()
        qtbot.waitExposed(window)
        timeline.show_snapshot(snapshot(three()))
        give_keyboard(qtbot, timeline)
        heard = hear(timeline)
        for key in (Key.Key_I, Key.Key_Left, Key.Key_Space):
            QTest.keyClick(timeline, key)
        assert heard.all == [("range_wanted", 90, None), ("step_wanted", -1)]
        assert fired == ["Space"]

    def test_without_a_source_nothing_is_asked_for(self, qtbot: QtBot) -> None:
        timeline = Timeline()
        qtbot.addWidget(timeline)
        timeline.resize(800, 200)
        timeline.show()
        heard = Heard(timeline)
        for widget in (timeline.body, timeline.ruler, timeline.headers):
            click(widget, QPoint(50, 20))
        for key in (Key.Key_Left, Key.Key_Home, Key.Key_I, Key.Key_Down, Key.Key_Delete):
            QTest.keyClick(timeline, key)
        assert heard.all == []


class TestRange:
    @pytest.fixture
    def ranged(self, timeline: Timeline, document: Document) -> Timeline:
        document.set_view("Range", in_frame=50, out_frame=200)
        timeline.show_snapshot(snapshot(document))
        return timeline

    def test_its_ends_are_dragged_and_told_when_let_go(
        self, ranged: Timeline, heard: Heard
    ) -> None:
        ruler = ranged.ruler
        places = [QPoint(round(ruler.edge_of(frame)) - 3, 6) for frame in (50, 70, 80)]
        QTest.mousePress(ruler, LEFT, pos=places[0])
        QTest.mouseMove(ruler, places[1])
        assert ranged.scene.range == (70, 200)
        QTest.mouseMove(ruler, places[2])
        assert heard.all == []
        QTest.mouseRelease(ruler, LEFT, pos=places[2])
        assert heard.all == [("range_wanted", 80, 200)]

    def test_an_end_does_not_pass_the_other(self, ranged: Timeline, heard: Heard) -> None:
        end = QPoint(round(ranged.ruler.edge_of(201)) + 3, 6)
        drag(ranged.ruler, [end, on_ruler(ranged, 150, 6), on_ruler(ranged, 10, 6)])
        assert heard.all == [("range_wanted", 50, 50)]

    @pytest.mark.parametrize("beside", [-9, -3, 2])
    def test_a_mere_click_on_a_handle_changes_nothing(
        self, ranged: Timeline, heard: Heard, beside: int
    ) -> None:
        click(ranged.ruler, QPoint(round(ranged.ruler.edge_of(50)) + beside, 6))
        click(ranged.ruler, QPoint(round(ranged.ruler.edge_of(201)) - beside, 6))
        assert heard.all == []
        assert ranged.scene.range == (50, 200)

    def test_under_a_handle_the_ruler_is_the_ruler(self, ranged: Timeline, heard: Heard) -> None:
        click(ranged.ruler, on_ruler(ranged, 50, 28))
        assert heard.all == [("seek_wanted", 50)]

    def test_shift_and_a_mere_click_draw_none(self, ranged: Timeline, heard: Heard) -> None:
        click(ranged.ruler, on_ruler(ranged, 120), SHIFT)
        assert heard.all == []
        assert ranged.scene.range == (50, 200)

    def test_shift_and_drag_draws_a_new_one(self, timeline: Timeline, heard: Heard) -> None:
        places = [on_ruler(timeline, frame) for frame in (150, 100, 30)]
        drag(timeline.ruler, places, SHIFT)
        assert heard.all == [("range_wanted", 30, 150)]

    def test_what_is_outside_is_shaded(self, timeline: Timeline, document: Document) -> None:
        before = pixels(timeline.body)
        document.set_view("Range", in_frame=50, out_frame=200)
        timeline.show_snapshot(snapshot(document))
        changed = (before != pixels(timeline.body)).any(axis=(0, 2))
        inside = slice(round(timeline.body.edge_of(50)) + 2, round(timeline.body.edge_of(201)) - 2)
        assert not changed[inside].any()
        assert changed[MARGIN + 20 : inside.start - 5].all()

    def test_an_in_point_after_the_out_point_lets_that_go(
        self, ranged: Timeline, document: Document, heard: Heard
    ) -> None:
        ranged.show_snapshot(snapshot(document, 250))
        QTest.keyClick(ranged, Key.Key_I)
        ranged.show_snapshot(snapshot(document, 20))
        QTest.keyClick(ranged, Key.Key_O)
        assert heard.all == [("range_wanted", 250, None), ("range_wanted", None, 20)]
