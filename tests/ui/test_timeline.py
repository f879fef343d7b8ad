"""A real timeline on real documents, driven by mouse and keys."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QLocale, QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QContextMenuEvent, QImage, QKeySequence, QPalette, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE
from app.core.player.document import Document, DocumentState, TargetTrack, TrackRow, TrackRows
from app.core.player.snapshot import Playback, Snapshot, Span, Work
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.theme import apply_theme, palette_of
from app.ui.timeline import Timeline
from app.ui.timeline.layout import MARGIN, strip_middle
from app.ui.timeline.style import STATES, readable
from tests.app.square import PatchTracker, square_at

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
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


class Heard:
    """Every signal that a timeline has sent, in order: its name and what it carried."""

    def __init__(self, timeline: Timeline) -> None:
        self.all: list[tuple[Any, ...]] = []
        for name in (
            "seek_wanted", "step_wanted", "selected", "range_wanted", "track_backwards_wanted",
            "remove_wanted", "rename_wanted", "visible_wanted",
        ):  # fmt: skip
            getattr(timeline, name).connect(self._note(name))

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *values: self.all.append((name, *values))

    def of(self, name: str) -> list[Any]:
        """What the signals of this name carried."""
        return [each[1] if len(each) == 2 else each[1:] for each in self.all if each[0] == name]


@pytest.fixture
def document() -> Document:
    return three()


@pytest.fixture
def timeline(qtbot: QtBot, qapp: QApplication, document: Document) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(1000, 260)
    timeline.show()
    qtbot.waitExposed(timeline)
    timeline.show_snapshot(snapshot(document))
    timeline.activateWindow()
    timeline.setFocus()
    qtbot.waitUntil(timeline.hasFocus)
    return timeline


@pytest.fixture
def heard(timeline: Timeline) -> Heard:
    return Heard(timeline)


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


def turn(widget: QWidget, place: QPoint, steps: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel by notches; above 0: away from the user."""
    event = QWheelEvent(
        QPointF(place), widget.mapToGlobal(QPointF(place)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def menu_at(widget: QWidget, place: QPoint, *, by_key: bool = False) -> QMenu:
    kind = QContextMenuEvent.Reason
    reason = kind.Keyboard if by_key else kind.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, text: str) -> None:
    action = next(a for a in menu.actions() if a.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def pixels(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    lines = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


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
            if mine.shape != fresh.shape or (np.abs(mine - fresh) > 2).any():
                return False
        return True
    finally:
        # at once, and not while it is being painted
        sip.delete(other)


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
        window.activateWindow()
        timeline.setFocus()
        qtbot.waitUntil(timeline.hasFocus)
        heard = Heard(timeline)
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
        menu = menu_at(timeline.body, on_lane(timeline, 0, 80))
        assert texts(menu) == ["Track backwards from frame 60", "Rename…", "Hide", "Remove"]
        choose(menu, "Rename…")
        choose(menu_at(timeline.headers, on_header(timeline, 1)), "Hide")
        choose(menu_at(timeline.body, on_lane(timeline, 2, 80)), "Remove")
        assert [each for each in heard.all if each[0] != "selected"] == [
            ("rename_wanted", 1), ("visible_wanted", 2, False), ("remove_wanted", 3),
        ]  # fmt: skip
        assert heard.of("selected") == [1, 2, 3]

    def test_tracking_backwards_goes_to_the_correction_that_was_named(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        menu = menu_at(timeline.body, on_lane(timeline, 0, 250))
        choose(menu, "Track backwards from frame 200")
        assert heard.all[1:] == [("seek_wanted", 200), ("track_backwards_wanted", 1)]

    def test_where_the_picture_already_leads_to_it_nothing_moves(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        choose(menu_at(timeline.body, on_lane(timeline, 0, 70)), "Track backwards from frame 60")
        assert heard.all[1:] == [("track_backwards_wanted", 1)]

    def test_before_the_first_box_there_is_nothing_to_go_back_from(
        self, timeline: Timeline
    ) -> None:
        menu = menu_at(timeline.body, on_lane(timeline, 2, 20))
        assert not menu.actions()[0].isEnabled()
        menu.close()

    def test_a_hidden_target_can_be_shown_again(
        self, timeline: Timeline, document: Document, heard: Heard
    ) -> None:
        document.change(2, "Hide", lambda track: replace(track, visible=False))
        timeline.show_snapshot(snapshot(document))
        choose(menu_at(timeline.headers, on_header(timeline, 1)), "Show")
        assert heard.of("visible_wanted") == [(2, True)]

    def test_the_menu_key_opens_it_for_the_selected_target(
        self, timeline: Timeline, heard: Heard
    ) -> None:
        timeline.set_selection(3)
        choose(menu_at(timeline, QPoint(5, 5), by_key=True), "Remove")
        assert heard.all == [("remove_wanted", 3)]

    def test_the_menu_of_the_ruler_sets_the_range(self, timeline: Timeline, heard: Heard) -> None:
        menu = menu_at(timeline.ruler, on_ruler(timeline, 120))
        assert not menu.actions()[-1].isEnabled()
        choose(menu, "Range begins here")
        choose(menu_at(timeline.ruler, on_ruler(timeline, 180)), "Range ends here")
        assert heard.all == [("range_wanted", 120, None), ("range_wanted", None, 180)]


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


class TestPainting:
    def test_states_show_where_they_are(self, timeline: Timeline) -> None:
        image, body = pixels(timeline.body), timeline.body
        y = on_strip(timeline, 0, 0).y()
        ground = timeline.palette().color(QPalette.ColorRole.Base)
        tracking = np.array(readable(STATES[0], ground))

        def share(first: int, last: int) -> float:
            part = image[y - 2 : y + 3, round(body.edge_of(first)) : round(body.edge_of(last))]
            return float((np.abs(part - tracking).max(axis=2) < 16).mean())

        assert share(10, 50) == 1
        assert share(105, 145) == 0
        assert share(155, 190) == 1

    def test_lost_spans_are_named_where_there_is_room(
        self, timeline: Timeline, document: Document
    ) -> None:
        base = timeline.palette().color(QPalette.ColorRole.Base)
        ground = np.array([base.red(), base.green(), base.blue()])

        def words(first: int, last: int) -> int:
            """Pixels of the ground of a word; between the hatches there are none."""
            left, right = (round(timeline.body.edge_of(k)) for k in (first, last))
            top = timeline.scene.rows.top_of(0)
            part = pixels(timeline.body)[top + 4 : top + 40, left + 2 : right - 2]
            return int((part == ground).all(axis=2).sum())

        assert words(100, 150) > 100
        document.change(1, "Track", lambda t: replace(t, rows=rows(300, lost=range(100, 104))))
        timeline.show_snapshot(snapshot(document))
        assert words(100, 104) == 0

    def test_corrections_are_diamonds_of_the_colour_of_the_target(self, timeline: Timeline) -> None:
        image = pixels(timeline.body)
        for lane, frames in ((0, (60, 200)), (1, (120,)), (2, (139,))):
            for frame in frames:
                place = on_strip(timeline, lane, frame)
                assert tuple(image[place.y(), place.x()]) == PALETTE[lane]

    def test_the_playhead_moves_and_leaves_nothing_behind(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        link = timeline.palette().color(QPalette.ColorRole.Link)
        for frame in (30, 31, 250, 90):
            timeline.show_snapshot(snapshot(document, frame))
            QApplication.processEvents()
            x = round(timeline.body.x_of(frame))
            near = pixels(timeline.body)[:, x - 1 : x + 2]
            off = np.abs(near - [link.red(), link.green(), link.blue()]).max(axis=2).min(axis=1)
            assert (off == 0).all()
        assert looks_like_new(timeline)

    def test_rows_that_come_look_as_if_they_had_always_been_there(
        self, timeline: Timeline, qtbot: QtBot
    ) -> None:
        document = Document()
        for number in range(1, 7):
            document.add(TargetTrack(number, colour=number, rows=rows(20), corrections={0: BOX}))
        for zoom in (1.0, 12.0):
            timeline.zoom(zoom, 0.0)
            first = document.state.targets[0].rows.last or 0
            for frame in range(first + 1, first + 60):
                lost = frame % 40 > 25
                document.grow({
                    number: [TrackRow(frame, frame / RATE, BOX, (frame % 7) / 7,
                                      "lost" if lost else "recovered" if frame % 40 == 0
                                      else "uncertain" if number % 2 else "tracking")]
                    for number in range(1, 7)
                })  # fmt: skip
                timeline.show_snapshot(snapshot(document, frame, playback=Playback.PLAYING))
                if frame % 5 == 0:
                    QApplication.processEvents()
            qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)

    def test_tracking_anew_in_the_middle_looks_like_new(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        timeline.zoom(5, 300.0)
        QApplication.processEvents()
        for frame in range(130, 90, -1):
            row = TrackRow(frame, frame / RATE, BOX, 0.95, "uncertain")
            document.grow({1: [row], 2: [replace(row, state="lost")]})
            timeline.show_snapshot(snapshot(document))
        document.change(1, "Correct", lambda t: replace(t, rows=t.rows.until(140)))
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)
        document.undo()
        timeline.show_snapshot(snapshot(document))
        qtbot.waitUntil(lambda: looks_like_new(timeline), timeout=5000)

    def test_names_colours_and_hiding_show_at_once(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        for change in (
            {"label": "die"}, {"colour": 5}, {"visible": False},
            {"corrections": {0: BOX, 33: BOX}},
        ):  # fmt: skip
            document.change(1, "Edit", lambda t, change=change: replace(t, **change))
            timeline.show_snapshot(snapshot(document))
            assert looks_like_new(timeline)

    def test_light_and_dark_are_repainted(self, timeline: Timeline, qapp: QApplication) -> None:
        for dark in (True, False):
            # a style sheet of the application, where there is one, overrules palettes of widgets
            apply_theme(qapp, "dark" if dark else "light")
            ground = QColor(palette_of(dark).color(QPalette.ColorRole.Base))
            place = on_lane(timeline, 2, 250)
            assert tuple(pixels(timeline.body)[place.y(), place.x()]) == (
                ground.red(), ground.green(), ground.blue(),
            )  # fmt: skip

    def test_scores_and_states_of_the_frame_stand_beside_the_lanes(
        self, timeline: Timeline, document: Document
    ) -> None:
        lanes = timeline.scene.lanes
        assert [timeline.headers.text_of(lane) for lane in lanes] == ["tracking"] * 3
        timeline.show_snapshot(snapshot(document, 120))
        assert timeline.headers.text_of(lanes[0]) == "lost"
        timeline.show_snapshot(snapshot(document, 20))
        assert timeline.headers.text_of(lanes[2]) == "not here"

    def test_the_mouse_tells_what_is_under_it(self, timeline: Timeline) -> None:
        body, place = timeline.body, on_lane(timeline, 0, 120)
        assert body.tip_at(place.x(), place.y()) == (
            "#1 cube · frame 120 · 0:04.000\nlost (out of sight), 0.10"
        )
        place = on_strip(timeline, 0, 60)
        QTest.mouseMove(body, place)
        assert body.cursor().shape() is Qt.CursorShape.PointingHandCursor
        assert "corrected" in body.tip_at(place.x(), place.y())
        QTest.mouseMove(body, place + QPoint(40, 0))
        assert body.cursor().shape() is not Qt.CursorShape.PointingHandCursor

    def test_work_in_the_background_is_striped_and_moves(
        self, timeline: Timeline, document: Document, qtbot: QtBot
    ) -> None:
        before = pixels(timeline.body)
        work = (Work(2, "forwards", 10, 50, start=200),)
        timeline.show_snapshot(snapshot(document, work=work))
        assert timeline.headers.text_of(timeline.scene.lanes[1]) == "working, 20 %"
        during = pixels(timeline.body)
        changed = np.argwhere((before != during).any(axis=2))
        rows_ = timeline.scene.rows
        assert rows_.top_of(1) <= changed[:, 0].min()
        assert changed[:, 0].max() < rows_.top_of(2)
        assert changed[:, 1].min() == pytest.approx(timeline.body.edge_of(210), abs=4)
        assert changed[:, 1].max() == pytest.approx(timeline.body.edge_of(251), abs=4)
        qtbot.waitUntil(lambda: bool((pixels(timeline.body) != during).any()), timeout=5000)
        timeline.show_snapshot(snapshot(document))
        assert not timeline._work.isActive()
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


class TestWithATracker:
    @pytest.fixture
    def tracked(self, video: Path) -> Document:
        """What a tracker found in a real video."""
        tracker, document = PatchTracker(), Document()
        with av.open(str(video)) as container:
            for index, frame in enumerate(container.decode(video=0)):
                rgb = frame.to_ndarray(format="rgb24")
                if index == 0:
                    id = tracker.add(rgb, square_at(0))
                    document.add(TargetTrack(id, corrections={0: square_at(0)}))
                found = tracker.update(rgb, frame.time or 0.0)
                document.grow({
                    each.id: [TrackRow(index, frame.time or 0.0, each.box, each.score, each.state)]
                    for each in found
                })  # fmt: skip
        return document

    def test_what_it_found_has_a_lane(
        self, timeline: Timeline, tracked: Document, heard: Heard
    ) -> None:
        timeline.show_snapshot(snapshot(tracked, 45, 90))
        lane = timeline.scene.lanes[0]
        assert lane.row is not None
        assert lane.row.box == square_at(45)
        assert timeline.headers.text_of(lane) == "tracking"
        image = pixels(timeline.body)
        tint = np.array(readable(PALETTE[0], timeline.palette().color(QPalette.ColorRole.Base)))
        top = timeline.scene.rows.top_of(0)
        curve = np.abs(image[top : top + 44] - tint).max(axis=2).min(axis=0) < 40
        assert curve[MARGIN + 4 : -MARGIN - 4].mean() > 0.95
        click(timeline.body, on_lane(timeline, 0, 70))
        assert heard.of("seek_wanted") == [70]


class TestLanguage:
    def test_texts_follow_the_language(self, timeline: Timeline, qapp: QApplication) -> None:
        assert timeline.accessibleName() == "Timeline"
        QApplication.sendEvent(timeline, QEvent(QEvent.Type.LanguageChange))
        assert timeline.headers.text_of(timeline.scene.lanes[0]) == "tracking"
        assert QLocale().name()

    def test_every_button_says_what_it_does(self, timeline: Timeline) -> None:
        corner = timeline.corner
        for button in (corner.zoom_in, corner.zoom_out, corner.zoom_fit):
            assert button.toolTip()
            assert button.accessibleName()
        assert not timeline.findChildren(QLabel)
