"""Drawing, moving and resizing boxes on a real canvas, by mouse and keys."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QKeySequence, QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from app.core.player.snapshot import Snapshot
from app.ui.canvas import Canvas
from model.geometry import Box
from tests.ui.canvases import (
    BIG,
    SMALL,
    ask_menu,
    at,
    canvas,
    drag,
    hear,
    heard,
    move,
    press,
    release,
    snapshot,
)
from tests.ui.hands import CTRL, LEFT, MIDDLE, NONE, SHIFT, Heard, give_keyboard, pick, pixels, turn

__all__ = ["canvas", "heard"]


def move_freely(canvas: Canvas, x: float, y: float) -> None:
    """The mouse moves with no button held."""
    place = QPointF(at(canvas, x, y))
    none = Qt.MouseButton.NoButton
    kind = QEvent.Type.MouseMove
    event = QMouseEvent(kind, place, canvas.mapToGlobal(place), none, none, NONE)
    QApplication.sendEvent(canvas, event)


class TestDrawing:
    def test_drag_on_empty_space_draws_a_box_while_the_picture_is_held(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        drag(canvas, (10, 10), (60, 35))
        assert heard.names == ["drag_began", "box_drawn", "drag_ended"]
        np.testing.assert_allclose(heard.only("box_drawn")[0], (10, 10, 50, 25), atol=0.5)

    def test_drag_with_shift_draws_over_another_box(self, canvas: Canvas, heard: Heard) -> None:
        drag(canvas, (130, 70), (150, 85), SHIFT)
        np.testing.assert_allclose(heard.only("box_drawn")[0], (130, 70, 20, 15), atol=0.5)
        assert "box_changed" not in heard.names

    def test_drag_with_ctrl_draws_the_selected_box_anew(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        drag(canvas, (300, 100), (350, 150), CTRL)
        target, box = heard.only("box_changed")
        assert target == 2
        np.testing.assert_allclose(box, (300, 100, 50, 50), atol=0.5)

    @pytest.mark.parametrize("keys", [NONE, SHIFT])
    def test_drag_off_the_picture_is_cut_to_it(
        self, canvas: Canvas, heard: Heard, keys: Qt.KeyboardModifier
    ) -> None:
        drag(canvas, (300, 150), (1000, 900), keys)
        np.testing.assert_allclose(heard.only("box_drawn")[0], (300, 150, 100, 50), atol=0.5)

    def test_drag_outside_the_picture_draws_nothing(self, canvas: Canvas, heard: Heard) -> None:
        drag(canvas, (20, -40), (200, -5))
        drag(canvas, (20, 205), (200, 240))
        assert heard.names == ["drag_began", "drag_ended"] * 2

    def test_drag_from_outside_into_the_picture_draws_what_is_in_it(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        drag(canvas, (250, -40), (330, 30))
        np.testing.assert_allclose(heard.only("box_drawn")[0], (250, 0, 80, 30), atol=0.5)

    @pytest.mark.parametrize("end", [(10, 10), (60, 10), (11, 60)])
    def test_drag_without_a_size_draws_nothing(
        self, canvas: Canvas, heard: Heard, end: tuple[float, float]
    ) -> None:
        drag(canvas, (10, 10), end)
        assert heard.names == ["drag_began", "drag_ended"]

    def test_escape_draws_nothing(self, canvas: Canvas, heard: Heard) -> None:
        press(canvas, 10, 10)
        move(canvas, 60, 60)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        release(canvas, 60, 60)
        assert heard.names == ["drag_began", "drag_ended"]

    @pytest.mark.parametrize("way", ["seen by the next move", "hidden"])
    def test_button_let_go_of_elsewhere_draws_nothing(
        self, canvas: Canvas, heard: Heard, way: str
    ) -> None:
        press(canvas, 10, 10)
        move(canvas, 60, 35)
        if way == "hidden":
            canvas.hide()
        else:
            move_freely(canvas, 300, 150)
        assert not canvas.is_dragging
        assert heard.names == ["drag_began", "drag_ended"]

    def test_middle_button_let_go_of_elsewhere_moves_nothing(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 10)
        before = canvas.picture()
        QTest.mousePress(canvas, MIDDLE, pos=at(canvas, 200, 100))
        move_freely(canvas, 220, 110)
        assert canvas.picture() == before
        assert not canvas.is_panning

    def test_window_resized_in_the_middle_moves_no_corner(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        press(canvas, 10, 10)
        move(canvas, 30, 30)
        canvas.resize(500, 700)
        release(canvas, 60, 35)
        np.testing.assert_allclose(heard.only("box_drawn")[0], (10, 10, 50, 25), atol=1)

    @pytest.mark.parametrize(
        "following", [Snapshot(), snapshot(name="other")], ids=["nothing", "another source"]
    )
    def test_source_switched_in_the_middle_ends_the_drag(
        self, canvas: Canvas, heard: Heard, following: Snapshot
    ) -> None:
        press(canvas, 10, 10)
        move(canvas, 60, 60)
        canvas.show_snapshot(following)
        release(canvas, 60, 60)
        assert heard.names[:2] == ["drag_began", "drag_ended"]
        assert "box_drawn" not in heard.names

    def test_two_boxes_quickly_one_after_the_other(self, canvas: Canvas, heard: Heard) -> None:
        drag(canvas, (10, 10), (60, 35))
        QTest.mouseDClick(canvas, LEFT, pos=at(canvas, 10, 60))
        drag(canvas, (10, 60), (60, 90))
        assert heard.names.count("box_drawn") == 2

    def test_without_a_picture_nothing_happens(self, canvas: Canvas, heard: Heard) -> None:
        canvas.show_snapshot(Snapshot())
        heard.all.clear()
        drag(canvas, (10, 10), (60, 35))
        turn(canvas, QPoint(5, 5), 2)
        for key in (Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Plus):
            QTest.keyClick(canvas, key)
        assert heard.all == []

    def test_drawn_box_shows_until_it_is_followed(self, canvas: Canvas, qtbot: QtBot) -> None:
        shown = snapshot()
        canvas.show_snapshot(shown)
        before = pixels(canvas)
        drag(canvas, (20, 20), (80, 90))
        # the model takes longer to load than an answer may take
        qtbot.wait(1200)
        assert canvas.current_hint() == "This is followed as soon as the model is loaded"
        middle = at(canvas, 50, 50)
        assert (pixels(canvas)[middle.y(), middle.x()] > before[middle.y(), middle.x()]).all()
        canvas.show_snapshot(replace(snapshot((20, 20, 60, 70)), frame=shown.frame))
        canvas.show_snapshot(shown)
        np.testing.assert_array_equal(pixels(canvas), before)

    def test_drawn_box_goes_if_nobody_answers(self, canvas: Canvas, qtbot: QtBot) -> None:
        canvas.show_snapshot(replace(snapshot(), tracker="nano on cpu"))
        before = pixels(canvas)
        drag(canvas, (20, 20), (80, 90))
        assert (pixels(canvas) != before).any()
        qtbot.waitUntil(lambda: (pixels(canvas) == before).all(), timeout=10_000)

    def test_drawn_box_goes_where_it_was_refused(self, canvas: Canvas) -> None:
        canvas.show_snapshot(snapshot())
        before = pixels(canvas)
        drag(canvas, (20, 20), (80, 90))
        canvas.forget_wishes()
        np.testing.assert_array_equal(pixels(canvas), before)


class TestEditing:
    def test_drag_of_a_box_moves_it(self, canvas: Canvas, heard: Heard) -> None:
        drag(canvas, (140, 75), (160, 95))
        assert heard.names == ["drag_began", "selected", "box_changed", "drag_ended"]
        target, box = heard.only("box_changed")
        assert target == 2
        np.testing.assert_allclose(box, (140, 80, 40, 30), atol=0.5)

    def test_moved_box_stays_in_the_picture(self, canvas: Canvas, heard: Heard) -> None:
        drag(canvas, (140, 75), (-500, 900))
        np.testing.assert_allclose(heard.only("box_changed")[1], (0, 170, 40, 30), atol=1e-6)

    @pytest.mark.parametrize(
        ("grip", "to", "expected"),
        [
            ((160, 90), (180, 110), (120, 60, 60, 50)),
            ((120, 60), (110, 50), (110, 50, 50, 40)),
            ((140, 60), (170, 40), (120, 40, 40, 50)),
            ((160, 75), (190, 99), (120, 60, 70, 30)),
            ((160, 90), (20, 20), (120, 60, 2, 2)),
            ((160, 90), (900, 900), (120, 60, 280, 140)),
        ],
        ids=["corner", "opposite corner", "top", "right", "past the other edge", "off the picture"],
    )
    def test_handles_of_the_selected_box_resize_it(
        self, canvas: Canvas, heard: Heard, grip: tuple[float, float], to: tuple[float, float],
        expected: Box,
    ) -> None:  # fmt: skip
        canvas.set_selection(2)
        drag(canvas, grip, to)
        np.testing.assert_allclose(heard.only("box_changed")[1], expected, atol=0.5)

    def test_changed_box_shows_until_the_player_answers(self, canvas: Canvas) -> None:
        drag(canvas, (140, 75), (300, 150))
        mark = canvas.mark_at(QPointF(at(canvas, 300, 150)))
        assert mark is not None
        assert mark.id == 2, "hit where it was put"
        canvas.show_snapshot(snapshot(BIG, (250.0, 100.0, 40.0, 30.0)))
        assert canvas.mark_at(QPointF(at(canvas, 319, 164))) is None, "the answer counts"

    def test_changed_box_goes_back_if_nobody_answers(self, canvas: Canvas, qtbot: QtBot) -> None:
        canvas.show_snapshot(replace(snapshot(BIG, SMALL), tracker="nano on cpu"))
        drag(canvas, (140, 75), (300, 150))
        qtbot.waitUntil(
            lambda: canvas.mark_at(QPointF(at(canvas, 300, 150))) is None, timeout=10_000
        )

    def test_target_removed_in_the_middle_ends_the_drag(self, canvas: Canvas, heard: Heard) -> None:
        press(canvas, 140, 75)
        move(canvas, 160, 95)
        canvas.show_snapshot(snapshot(BIG))
        release(canvas, 160, 95)
        assert "box_changed" not in heard.names
        assert heard.names.count("drag_ended") == 1

    def test_escape_leaves_the_box_as_it_was(self, canvas: Canvas, heard: Heard) -> None:
        press(canvas, 140, 75)
        move(canvas, 160, 95)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        release(canvas, 160, 95)
        assert "box_changed" not in heard.names
        assert not canvas.is_dragging

    def test_arrow_keys_are_one_change_once_they_rest(
        self, canvas: Canvas, heard: Heard, qtbot: QtBot
    ) -> None:
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        QTest.keyClick(canvas, Qt.Key.Key_Down, SHIFT)
        QTest.keyClick(canvas, Qt.Key.Key_Up, CTRL)
        QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT | CTRL)
        qtbot.waitUntil(lambda: "drag_ended" in heard.names, timeout=10_000)
        assert heard.names == ["drag_began", "box_changed", "drag_ended"]
        assert heard.only("box_changed") == (2, (122, 70, 50, 29))

    def test_escape_takes_back_the_arrow_keys(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert heard.names == ["drag_began", "drag_ended"]
        assert canvas.selection == 2

    def test_leaving_the_canvas_takes_the_nudged_box(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Left)
        canvas.clearFocus()
        assert heard.only("box_changed") == (2, (119, 60, 40, 30))

    def test_arrows_are_the_windows_shortcuts_unless_a_target_is_selected(
        self, qtbot: QtBot
    ) -> None:
        window, canvas = QMainWindow(), Canvas()
        qtbot.addWidget(window)
        window.setCentralWidget(canvas)
        steps: list[bool] = []
        action = QAction(window)
        action.setShortcut(QKeySequence(Qt.Key.Key_Right))
        action.triggered.connect(lambda: steps.append(True))
        window.addAction(action)
        window.resize(400, 300)
        window.show()
        qtbot.waitExposed(window)
        give_keyboard(qtbot, canvas)
        canvas.show_snapshot(snapshot(BIG, SMALL))
        heard = hear(canvas)
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        assert (steps, heard.all) == ([True], [])
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        assert (steps, heard.names) == ([True], ["drag_began"])


class TestPlacingByKeys:
    def test_insert_arrows_and_enter_add_a_target(self, canvas: Canvas, heard: Heard) -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Insert)
        QTest.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
        QTest.keyClick(canvas, Qt.Key.Key_Up)
        QTest.keyClick(canvas, Qt.Key.Key_Down, CTRL)
        assert heard.names == ["drag_began"]
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        assert heard.names == ["drag_began", "box_drawn", "drag_ended"]
        np.testing.assert_allclose(heard.only("box_drawn")[0], (190, 79, 40, 41))

    def test_escape_adds_none(self, canvas: Canvas, heard: Heard) -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Insert)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        assert heard.names == ["drag_began", "drag_ended"]

    def test_leaving_the_canvas_lets_the_picture_go_on(self, canvas: Canvas, heard: Heard) -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Insert)
        canvas.clearFocus()
        assert heard.names == ["drag_began", "drag_ended"]

    def test_box_is_begun_in_the_middle_of_what_is_shown(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        turn(canvas, at(canvas, 380, 20), 12)
        shown = canvas.to_frame(QPointF(400, 300))
        canvas.place_new()
        QTest.keyClick(canvas, Qt.Key.Key_Enter)
        x, y, w, h = heard.only("box_drawn")[0]
        assert x <= shown.x() <= x + w
        assert y <= shown.y() <= y + h

    def test_menu_begins_it_where_it_was_opened(self, canvas: Canvas, heard: Heard) -> None:
        pick(ask_menu(canvas, 300, 120), "New target here")
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        np.testing.assert_allclose(heard.only("box_drawn")[0], (280, 100, 40, 40), atol=1)


class TestCursor:
    @pytest.mark.parametrize(
        ("point", "shape"),
        [
            ((20, 20), Qt.CursorShape.CrossCursor),
            ((140, 80), Qt.CursorShape.SizeAllCursor),
            ((160, 90), Qt.CursorShape.SizeFDiagCursor),
            ((160, 60), Qt.CursorShape.SizeBDiagCursor),
            ((160, 75), Qt.CursorShape.SizeHorCursor),
            ((140, 60), Qt.CursorShape.SizeVerCursor),
        ],
    )
    def test_says_what_a_drag_would_do(
        self, canvas: Canvas, point: tuple[float, float], shape: Qt.CursorShape
    ) -> None:
        canvas.set_selection(2)
        move(canvas, *point)
        assert canvas.cursor().shape() is shape
