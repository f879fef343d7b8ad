"""Selecting, renaming and removing targets on a real timeline, by mouse, keys and menus."""

from dataclasses import replace

import numpy as np
from PyQt6.QtCore import QPoint
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.player.document import Document, TargetTrack
from app.ui.timeline import Timeline
from tests.ui.hands import LEFT, Heard, ask_menu, pick, pixels, turn
from tests.ui.timelines import (
    Key,
    click,
    document,
    heard,
    looks_like_new,
    on_header,
    on_lane,
    on_ruler,
    rows,
    snapshot,
    texts,
    timeline,
)

__all__ = ["document", "heard", "timeline"]


class TestSelecting:
    def test_headers_select_without_going_anywhere(self, timeline: Timeline, heard: Heard) -> None:
        click(timeline.headers, on_header(timeline, 2))
        assert heard.all == [("selected", 3)]

    def test_a_click_under_the_last_lane_selects_none(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        timeline.resize(1000, 400)
        timeline.set_selection(2)
        click(timeline.headers, QPoint(40, timeline.headers.height() - 3))
        assert heard.all == [("selected", -1)]

    def test_what_was_selected_elsewhere_is_not_said_again(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        timeline.set_selection(3)
        assert timeline.selection == 3
        assert heard.all == []

    def test_the_selected_lane_stands_out(self, timeline: Timeline) -> None:
        before = pixels(timeline.body)
        timeline.set_selection(2)
        changed = np.flatnonzero((before != pixels(timeline.body)).any(axis=(1, 2)))
        rows = timeline.scene.rows
        assert rows.top_of(1) <= changed.min()
        assert changed.max() < rows.top_of(2)
        assert timeline.accessibleDescription() == "#2 wall is selected"

    def test_up_and_down_stay_within_the_lanes(self, timeline: Timeline, heard: Heard) -> None:
        for _ in range(5):
            QTest.keyClick(timeline, Key.Key_Down)
        QTest.keyClick(timeline, Key.Key_Up)
        assert heard.of("selected") == [1, 2, 3, 2]

    def test_a_target_that_is_removed_is_selected_no_longer(
        self, timeline: Timeline, document: Document, heard: Heard
    ) -> None:
        timeline.set_selection(2)
        document.remove([2])
        timeline.show_snapshot(snapshot(document))
        assert heard.all == [("selected", -1)]

    def test_keys_of_the_selected_target(self, timeline: Timeline, heard: Heard) -> None:
        for key in (Key.Key_Delete, Key.Key_F2, Key.Key_Escape):
            QTest.keyClick(timeline, key)
        assert heard.all == []
        timeline.set_selection(2)
        for key in (Key.Key_F2, Key.Key_Delete, Key.Key_Escape):
            QTest.keyClick(timeline, key)
        assert heard.all == [("rename_wanted", 2), ("remove_wanted", 2), ("selected", -1)]

    def test_a_double_click_on_a_header_renames(self, timeline: Timeline, heard: Heard) -> None:
        QTest.mouseDClick(timeline.headers, LEFT, pos=on_header(timeline, 1))
        assert heard.of("rename_wanted") == [2]

    def test_a_lane_out_of_sight_is_scrolled_to(self, qtbot: QtBot, timeline: Timeline) -> None:
        document = Document()
        for number in range(1, 13):
            document.add(TargetTrack(number, colour=number % 8, rows=rows(50)))
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(timeline.down.isVisible)
        timeline.set_selection(12)
        top = timeline.scene.rows.top_of(11)
        assert 0 <= top <= timeline.body.height() - timeline.scene.rows.height
        turn(timeline.headers, QPoint(20, 20), 20)
        assert timeline.down.value() == 0
        assert looks_like_new(timeline)


class TestMenu:
    def test_it_offers_what_can_be_done(self, timeline: Timeline, heard: Heard) -> None:
        menu = ask_menu(timeline.body, on_lane(timeline, 0, 80))
        assert texts(menu) == ["Track backwards from frame 60", "Rename…", "Hide", "Remove"]
        pick(menu, "Rename…")
        pick(ask_menu(timeline.headers, on_header(timeline, 1)), "Hide")
        pick(ask_menu(timeline.body, on_lane(timeline, 2, 80)), "Remove")
        assert [each for each in heard.all if each[0] != "selected"] == [
            ("rename_wanted", 1), ("visible_wanted", 2, False), ("remove_wanted", 3),
        ]  # fmt: skip
        assert heard.of("selected") == [1, 2, 3]

    def test_tracking_backwards_goes_to_the_correction_that_was_named(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        menu = ask_menu(timeline.body, on_lane(timeline, 0, 250))
        pick(menu, "Track backwards from frame 200")
        assert heard.all[1:] == [("seek_wanted", 200), ("track_backwards_wanted", 1)]

    def test_at_the_first_frame_there_is_nothing_to_track_backwards(
        self, timeline: Timeline
    ) -> None:
        for frame, has_before in ((10, False), (70, True)):
            menu = ask_menu(timeline.body, on_lane(timeline, 0, frame))
            assert menu.actions()[0].isEnabled() is has_before
            menu.close()

    def test_where_the_picture_already_leads_to_it_nothing_moves(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        pick(ask_menu(timeline.body, on_lane(timeline, 0, 70)), "Track backwards from frame 60")
        assert heard.all[1:] == [("track_backwards_wanted", 1)]

    def test_before_the_first_box_there_is_nothing_to_go_back_from(
        self, timeline: Timeline
    ) -> None:
        menu = ask_menu(timeline.body, on_lane(timeline, 2, 20))
        assert not menu.actions()[0].isEnabled()
        menu.close()

    def test_a_hidden_target_can_be_shown_again(
        self, timeline: Timeline, document: Document, heard: Heard
    ) -> None:
        document.change(2, "Hide", lambda track: replace(track, visible=False))
        timeline.show_snapshot(snapshot(document))
        pick(ask_menu(timeline.headers, on_header(timeline, 1)), "Show")
        assert heard.of("visible_wanted") == [(2, True)]

    def test_the_menu_key_opens_it_for_the_selected_target(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        timeline.set_selection(3)
        pick(ask_menu(timeline, QPoint(5, 5), by_key=True), "Remove")
        assert heard.all == [("remove_wanted", 3)]

    def test_the_menu_of_the_ruler_sets_the_range(self, timeline: Timeline, heard: Heard) -> None:
        menu = ask_menu(timeline.ruler, on_ruler(timeline, 120))
        assert not menu.actions()[-1].isEnabled()
        pick(menu, "Range begins here")
        pick(ask_menu(timeline.ruler, on_ruler(timeline, 180)), "Range ends here")
        assert heard.all == [("range_wanted", 120, None), ("range_wanted", None, 180)]
