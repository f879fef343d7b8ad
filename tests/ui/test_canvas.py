"""A real canvas on real pictures, driven by mouse and keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QAction, QContextMenuEvent, QImage, QKeySequence, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE, Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.player.snapshot import Response, Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.canvas import Canvas, ViewOptions
from app.ui.canvas.boxes import caption_place
from app.ui.canvas.rename import RenameEdit
from app.ui.language import set_language
from model.geometry import Box
from model.images import Frame

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier
LINE = (0.0, 0.0, 5.0, 1.0)
BIG, SMALL = (100.0, 40.0, 100.0, 100.0), (120.0, 60.0, 40.0, 30.0)


def picture(width: int = 400, height: int = 200, level: int = 90) -> Frame:
    return np.full((height, width, 3), level, np.uint8)


def snapshot(*boxes: Box, rgb: Frame | None = None, name: str = "clip", index: int = 0) -> Snapshot:
    pixels = picture() if rgb is None else rgb
    height, width = pixels.shape[:2]
    return Snapshot(
        info=SourceInfo(name, width, height, 90, 30.0, is_live=False),
        frame=SourceFrame(index, index / 30, pixels),
        marks=tuple(Mark(k, box, "", 0.9, "tracking") for k, box in enumerate(boxes, 1)),
    )


class Heard:
    """Every signal that a canvas has sent, in order: its name and what it carried."""

    def __init__(self, canvas: Canvas) -> None:
        self.all: list[tuple[Any, ...]] = []
        for name in (
            "drag_began", "drag_ended", "box_drawn", "box_changed", "selected", "remove_wanted",
            "rename_wanted", "colour_wanted", "visible_wanted",
        ):  # fmt: skip
            getattr(canvas, name).connect(self._note(name))

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *values: self.all.append((name, *values))

    @property
    def names(self) -> list[object]:
        return [entry[0] for entry in self.all]

    def only(self, name: str) -> tuple[Any, ...]:
        """What the one signal of this name carried."""
        found = [entry[1:] for entry in self.all if entry[0] == name]
        assert len(found) == 1, self.all
        return found[0]


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.show_snapshot(snapshot(BIG, SMALL))
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    return canvas


@pytest.fixture
def heard(canvas: Canvas) -> Heard:
    return Heard(canvas)


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.to_widget(QPointF(x, y)).toPoint()


def press(canvas: Canvas, x: float, y: float, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mousePress(canvas, LEFT, keys, at(canvas, x, y))


def move(canvas: Canvas, x: float, y: float) -> None:
    QTest.mouseMove(canvas, at(canvas, x, y))


def release(canvas: Canvas, x: float, y: float) -> None:
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, x, y))


def drag(
    canvas: Canvas, a: tuple[float, float], b: tuple[float, float], keys: Qt.KeyboardModifier = NONE
) -> None:
    press(canvas, *a, keys)
    move(canvas, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    move(canvas, *b)
    release(canvas, *b)


def click(canvas: Canvas, x: float, y: float) -> None:
    press(canvas, x, y)
    release(canvas, x, y)


def turn(canvas: Canvas, point: QPoint, steps: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """Turn the wheel by notches; above 0: away from the user."""
    event = QWheelEvent(
        QPointF(point), canvas.mapToGlobal(QPointF(point)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def pixels(canvas: Canvas) -> Frame:
    """What the canvas looks like, `(H, W, 3)` RGB."""
    return rgb_of(canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888))


def rgb_of(image: QImage) -> Frame:
    """The pixels of an image in the format RGB888, `(H, W, 3)`."""
    bits = image.constBits()
    assert bits is not None
    bits.setsize(image.sizeInBytes())
    rows = np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def count(canvas: Canvas, colour: tuple[int, int, int]) -> int:
    """How many pixels of the canvas have nearly this colour."""
    return int((np.abs(pixels(canvas).astype(int) - colour).max(axis=2) < 12).sum())


def open_menu() -> QMenu:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(menu: QMenu, text: str) -> None:
    """Click the entry with this text, as the mouse does."""
    action = next(a for a in menu.actions() if a.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def ask_menu(canvas: Canvas, x: float, y: float) -> QMenu:
    point = at(canvas, x, y)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, point, canvas.mapToGlobal(point)))
    return open_menu()


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


class TestSelecting:
    def test_click_selects_the_smallest_box_and_beside_it_none(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        click(canvas, 140, 75)
        assert canvas.selection == 2
        click(canvas, 105, 130)
        assert canvas.selection == 1
        click(canvas, 300, 150)
        assert canvas.selection == -1
        assert [e for e in heard.all if e[0] == "selected"] == [
            ("selected", 2), ("selected", 1), ("selected", -1),
        ]  # fmt: skip
        assert not {"box_changed", "box_drawn"} & set(heard.names)

    def test_selection_from_elsewhere_is_not_sent_back(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        assert canvas.selection == 2
        assert heard.all == []

    def test_tab_goes_through_the_targets_and_on(self, qtbot: QtBot) -> None:
        page = QWidget()
        qtbot.addWidget(page)
        before, canvas, after = QPushButton(page), Canvas(page), QPushButton(page)
        canvas.setGeometry(0, 40, 400, 300)
        page.show()
        qtbot.waitExposed(page)
        canvas.show_snapshot(snapshot(BIG, SMALL))
        page.activateWindow()
        before.setFocus()
        qtbot.waitUntil(before.hasFocus)
        seen: list[tuple[bool, int]] = []
        for _ in range(4):
            QTest.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
            seen.append((canvas.hasFocus(), canvas.selection))
        assert seen == [(True, -1), (True, 1), (True, 2), (False, 2)]
        assert after.hasFocus()
        for _ in range(3):
            QTest.keyClick(page.focusWidget(), Qt.Key.Key_Backtab, SHIFT)
        assert canvas.selection == 1

    def test_escape_deselects(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(1)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert heard.all == [("selected", -1)]

    def test_target_that_is_gone_is_selected_no_more(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        canvas.show_snapshot(snapshot(BIG))
        assert heard.all == [("selected", -1)]

    def test_delete_asks_to_remove_the_selected_target(self, canvas: Canvas, heard: Heard) -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        assert heard.all == []
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        assert heard.all == [("remove_wanted", 2)]

    def test_description_names_the_selected_target(self, canvas: Canvas) -> None:
        assert canvas.accessibleName()
        before = canvas.accessibleDescription()
        canvas.set_selection(2)
        assert "#2" in canvas.accessibleDescription() != before


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
        window.activateWindow()
        canvas.setFocus()
        qtbot.waitUntil(canvas.hasFocus)
        canvas.show_snapshot(snapshot(BIG, SMALL))
        heard = Heard(canvas)
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
        choose(ask_menu(canvas, 300, 120), "New target here")
        QTest.keyClick(canvas, Qt.Key.Key_Return)
        np.testing.assert_allclose(heard.only("box_drawn")[0], (280, 100, 40, 40), atol=1)


class TestMenusAndNames:
    def edit(self, canvas: Canvas) -> QLineEdit:
        editor = canvas.findChild(QLineEdit)
        assert editor is not None
        assert editor.isVisible()
        return editor

    def test_double_click_renames(self, canvas: Canvas, heard: Heard) -> None:
        QTest.mouseDClick(canvas, LEFT, pos=at(canvas, 140, 75))
        QTest.keyClicks(self.edit(canvas), " red car ")
        QTest.keyClick(self.edit(canvas), Qt.Key.Key_Return)
        assert heard.only("rename_wanted") == (2, "red car")
        assert canvas.hasFocus()

    def test_escape_keeps_the_name(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        QTest.keyClick(self.edit(canvas), Qt.Key.Key_Escape)
        assert "rename_wanted" not in heard.names

    def test_click_elsewhere_takes_the_name(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        click(canvas, 300, 150)
        canvas.setFocus()
        assert heard.only("rename_wanted") == (2, "car")

    def test_line_ends_once(self, canvas: Canvas) -> None:
        line = RenameEdit(2, "", canvas)
        ends: list[str | None] = []
        line.ended.connect(ends.append)
        QTest.keyClicks(line, "car")
        QTest.keyClick(line, Qt.Key.Key_Return)
        line.cancel()
        line.take()
        assert ends == ["car"]

    def test_target_that_goes_takes_its_line_along(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        canvas.show_snapshot(snapshot(BIG))
        assert "rename_wanted" not in heard.names
        canvas.show_snapshot(snapshot(BIG, SMALL))

    def test_menu_of_a_target(self, canvas: Canvas, heard: Heard) -> None:
        choose(ask_menu(canvas, 140, 75), "Remove")
        assert heard.only("remove_wanted") == (2,)
        assert canvas.selection == 2
        choose(ask_menu(canvas, 140, 75), "Hide")
        assert heard.only("visible_wanted") == (2, False)
        choose(ask_menu(canvas, 140, 75), "Rename…")
        assert self.edit(canvas)

    def test_menu_of_colours(self, canvas: Canvas, heard: Heard) -> None:
        menu = ask_menu(canvas, 140, 75)
        colours = next(a.menu() for a in menu.actions() if a.menu() is not None)
        assert colours is not None
        assert [a.isChecked() for a in colours.actions()].index(True) == 1, "the colour of id 2"
        assert len(colours.actions()) == len(PALETTE)
        colours.actions()[5].trigger()
        menu.close()
        assert heard.only("colour_wanted") == (2, 5)

    def test_menu_of_the_picture_fits_it(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 5)
        assert not canvas.is_fit
        choose(ask_menu(canvas, 300, 150), "Fit to the window")
        assert canvas.is_fit


class TestZoom:
    def test_wheel_zooms_about_the_mouse(self, canvas: Canvas) -> None:
        point = QPoint(500, 330)
        before = canvas.to_frame(QPointF(point))
        turn(canvas, point, 6)
        assert canvas.scale > 2.5
        after = canvas.to_frame(QPointF(point))
        assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.01)
        turn(canvas, point, -40)
        assert canvas.picture().width() <= 800

    def test_drag_with_the_middle_button_moves_the_picture(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 10)
        before = canvas.to_widget(QPointF(200, 100))
        QTest.mousePress(canvas, MIDDLE, pos=QPoint(400, 300))
        QTest.mouseMove(canvas, QPoint(430, 280))
        QTest.mouseRelease(canvas, MIDDLE, pos=QPoint(430, 280))
        moved = canvas.to_widget(QPointF(200, 100)) - before
        assert (moved.x(), moved.y()) == pytest.approx((30, -20), abs=0.01)

    def test_shift_and_wheel_move_the_picture_sideways(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 10)
        scale, before = canvas.scale, canvas.to_widget(QPointF(200, 100))
        turn(canvas, QPoint(400, 300), 1, SHIFT)
        after = canvas.to_widget(QPointF(200, 100))
        assert canvas.scale == scale
        assert after.x() > before.x()
        assert after.y() == pytest.approx(before.y())

    def test_keys_zoom(self, canvas: Canvas) -> None:
        fit = canvas.scale
        QTest.keyClick(canvas, Qt.Key.Key_Plus, CTRL)
        assert canvas.scale > fit
        QTest.keyClick(canvas, Qt.Key.Key_1, CTRL)
        assert canvas.zoom == pytest.approx(1.0)
        QTest.keyClick(canvas, Qt.Key.Key_0, CTRL)
        assert canvas.is_fit
        assert canvas.scale == fit

    def test_zoom_stays_for_the_next_frame_and_ends_with_the_source(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 3)
        scale = canvas.scale
        canvas.show_snapshot(snapshot(BIG, index=1))
        assert canvas.scale == scale
        canvas.show_snapshot(snapshot(BIG, name="other"))
        assert canvas.is_fit

    def test_boxes_are_drawn_and_hit_where_they_are_when_zoomed(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        turn(canvas, at(canvas, 140, 75), 8)
        click(canvas, 121, 61)
        assert canvas.selection == 2
        drag(canvas, (160, 90), (165, 95))
        np.testing.assert_allclose(heard.only("box_changed")[1], (120, 60, 45, 35), atol=0.3)


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


class TestLook:
    def test_box_is_where_its_target_is(self, canvas: Canvas) -> None:
        canvas.show_snapshot(snapshot((150.0, 100.0, 50.0, 50.0)))
        shown = pixels(canvas)
        left, top = at(canvas, 150, 100).x(), at(canvas, 150, 125).y()
        np.testing.assert_allclose(shown[top, left], PALETTE[0], atol=8)
        inside = at(canvas, 175, 140)
        np.testing.assert_allclose(shown[inside.y(), inside.x()], 90, atol=1)

    def test_next_frame_and_another_size_are_painted(self, canvas: Canvas) -> None:
        for level in (40, 120, 200):
            canvas.show_snapshot(snapshot(rgb=picture(level=level), index=level))
            canvas.resize(800 - level, 600)
            centre = canvas.picture().center().toPoint()
            np.testing.assert_array_equal(pixels(canvas)[centre.y(), centre.x()], level)
            right = canvas.picture().toRect().right()
            np.testing.assert_array_equal(pixels(canvas)[centre.y(), right - 2], level)

    def test_states_differ_in_their_line_and_not_by_colour_alone(self, canvas: Canvas) -> None:
        canvas.set_view_options(ViewOptions(show_scores=False))
        box = (150.0, 60.0, 150.0, 120.0)

        def edge(state: str) -> list[bool]:
            shot = snapshot(box)
            canvas.show_snapshot(replace(shot, marks=(replace(shot.marks[0], state=state),)))
            row = pixels(canvas)[at(canvas, 200, 180).y(), at(canvas, 160, 0).x() :][:200]
            return [bool(v) for v in (row.astype(int)[:, 0] - row.astype(int)[:, 2] > 40)]

        assert all(edge("tracking"))
        assert all(edge("recovered"))
        dashes = edge("uncertain")
        assert 0.3 < sum(dashes) / len(dashes) < 0.9
        faded = edge("lost")
        assert 0.3 < sum(faded) / len(faded) < 0.9

    def test_lost_target_is_fainter_than_an_uncertain_one(self, canvas: Canvas) -> None:
        found = {}
        for state in ("uncertain", "lost"):
            shot = snapshot((150.0, 60.0, 150.0, 120.0))
            canvas.show_snapshot(replace(shot, marks=(replace(shot.marks[0], state=state),)))
            row = pixels(canvas)[at(canvas, 200, 180).y(), at(canvas, 160, 0).x() :][:200]
            found[state] = int((row.astype(int)[:, 0] - row[:, 2]).max())
        assert found["lost"] < 0.6 * found["uncertain"]

    def test_chosen_colour_is_painted(self, canvas: Canvas) -> None:
        shot = snapshot(BIG)
        canvas.show_snapshot(replace(shot, marks=(replace(shot.marks[0], colour=2),)))
        assert count(canvas, PALETTE[2]) > 500
        assert count(canvas, PALETTE[0]) == 0

    def test_handles_show_on_the_selected_box_only(self, canvas: Canvas) -> None:
        assert count(canvas, (255, 255, 255)) == 0
        canvas.set_selection(2)
        assert count(canvas, (255, 255, 255)) >= 8 * 16

    def test_hint_shows_until_there_is_a_target(self, canvas: Canvas) -> None:
        canvas.show_snapshot(snapshot())
        bottom = canvas.picture().toRect().bottom()
        assert (pixels(canvas)[bottom - 60 : bottom] > 150).any()
        canvas.show_snapshot(snapshot((5.0, 5.0, 20.0, 20.0)))
        np.testing.assert_array_equal(pixels(canvas)[bottom - 60 : bottom], 90)

    def test_target_without_a_box_in_this_frame_can_be_drawn_into_it(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        tracks = DocumentState((TargetTrack(1), TargetTrack(2)))
        canvas.show_snapshot(replace(snapshot(BIG), document=tracks))
        bottom = canvas.picture().toRect().bottom()
        np.testing.assert_array_equal(pixels(canvas)[bottom - 60 : bottom], 90)
        canvas.set_selection(2)
        assert (pixels(canvas)[bottom - 60 : bottom] > 150).any()
        drag(canvas, (300, 100), (350, 150), CTRL)
        assert heard.only("box_changed")[0] == 2
        hidden = DocumentState((TargetTrack(1), TargetTrack(2, visible=False)))
        canvas.show_snapshot(replace(snapshot(BIG), document=hidden))
        np.testing.assert_array_equal(pixels(canvas)[bottom - 60 : bottom], 90)

    def test_shows_the_frame_in_the_pixels_of_a_sharp_screen(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Canvas, "devicePixelRatioF", lambda _: 2.0)
        canvas = Canvas()
        qtbot.addWidget(canvas)
        canvas.resize(200, 150)
        rgb = np.random.default_rng(3).integers(0, 255, (300, 400, 3), np.uint8)
        canvas.show_snapshot(replace(snapshot(rgb=rgb), marks=(Mark(1, LINE, "", 1, ""),)))
        image = QImage(400, 300, QImage.Format.Format_RGB888)
        image.setDevicePixelRatio(2.0)
        canvas.render(image)
        np.testing.assert_array_equal(rgb_of(image)[60:], rgb[60:])
        assert canvas.zoom == 1

    def test_captions_of_neighbours_do_not_hide_each_other(self) -> None:
        bounds, taken = QRectF(0, 0, 800, 400), list[QRectF]()
        for k in range(3):
            area = QRectF(200 + 20 * k, 150 + 4 * k, 60, 60)
            place = caption_place(area, bounds, QSizeF(120, 20), taken)
            assert bounds.contains(place)
            assert not any(place.intersects(other) for other in taken)
            taken.append(place)

    @pytest.mark.parametrize(
        "box", [(-50, -50, 900, 500), (790, 395, 100, 100), (-90, -90, 95, 95), (300, 0, 90, 5)]
    )
    def test_caption_stays_in_the_picture(self, box: tuple[int, int, int, int]) -> None:
        bounds = QRectF(0, 0, 800, 400)
        assert bounds.contains(caption_place(QRectF(*box), bounds, QSizeF(120, 20), []))

    def test_search_region_and_response_show_on_demand(self, canvas: Canvas) -> None:
        region = (80.0, 20.0, 140.0, 140.0)
        shot = replace(
            snapshot(BIG), search={1: region},
            responses={1: Response(np.ones((8, 8), np.float32), region)},
        )  # fmt: skip
        canvas.show_snapshot(shot)
        plain = pixels(canvas)
        canvas.set_view_options(ViewOptions(show_search=True))
        with_region = pixels(canvas)
        inside, edge = at(canvas, 90, 150), at(canvas, 80, 0).x()
        np.testing.assert_array_equal(with_region[inside.y(), inside.x()], 90)
        column = slice(edge - 1, edge + 2)
        assert (with_region[250:400, column] != plain[250:400, column]).any()
        canvas.set_view_options(ViewOptions(show_response=True))
        # the upper end of the colours, over grey
        colour = pixels(canvas)[inside.y(), inside.x()]
        np.testing.assert_allclose(colour, (212, 195, 52), atol=6)

    @pytest.mark.parametrize("scale", [1, 3, 17])
    def test_pixels_of_the_frame_keep_their_place_at_any_zoom(
        self, canvas: Canvas, scale: int
    ) -> None:
        rgb = picture(100, 80, 0)
        rgb[40:, :50] = (255, 0, 0)
        rgb[:40, 50:] = (0, 255, 0)
        canvas.show_snapshot(snapshot(rgb=rgb))
        canvas.show_snapshot(
            replace(snapshot(rgb=rgb), marks=(Mark(1, (0.0, 0.0, 3.0, 3.0), "", 1, ""),))
        )
        for _ in range(scale - 1):
            canvas.zoom_in()
        shown = pixels(canvas)
        middle = canvas.to_widget(QPointF(50, 40))
        x, y = round(middle.x()), round(middle.y())
        off = max(2, round(canvas.scale))
        assert tuple(shown[y + off, x - off]) == (255, 0, 0)
        assert tuple(shown[y - off, x + off]) == (0, 255, 0)
        assert tuple(shown[y + off, x + off]) == (0, 0, 0)

    @pytest.mark.parametrize("size", [(1, 1), (7680, 4320), (3, 2000), (2001, 3)])
    def test_pictures_of_extreme_size(
        self, canvas: Canvas, heard: Heard, size: tuple[int, int]
    ) -> None:
        canvas.show_snapshot(snapshot(rgb=picture(*size, 200)))
        area = canvas.picture()
        assert area.width() <= 800.001
        assert area.height() <= 600.001
        centre = area.center().toPoint()
        assert tuple(pixels(canvas)[centre.y(), centre.x()]) == (200, 200, 200)
        heard.all.clear()
        drag(canvas, (-2.0 * size[0], -2.0 * size[1]), (3.0 * size[0], 3.0 * size[1]))
        np.testing.assert_allclose(heard.only("box_drawn")[0], (0, 0, *size))
        for _ in range(30):
            canvas.zoom_in()
        pixels(canvas)

    def test_box_far_outside_or_not_finite_is_survived(self, canvas: Canvas) -> None:
        shot = snapshot(
            (-1e7, 50.0, 1e7 + 20, 40.0), (float("nan"), 0.0, 10.0, 10.0), (9e6, 9e6, 5.0, 5.0)
        )
        canvas.show_snapshot(shot)
        canvas.set_selection(1)
        assert count(canvas, PALETTE[0]) > 0

    def test_texts_are_found_for_classes_derived_from_it(
        self, qtbot: QtBot, qapp: QApplication
    ) -> None:
        class Derived(Canvas):
            pass

        canvas = Derived()
        qtbot.addWidget(canvas)
        english = canvas.accessibleName()
        try:
            set_language(qapp, "zh_CN")
            QApplication.sendEvent(canvas, QEvent(QEvent.Type.LanguageChange))
            assert canvas.accessibleName() != english
        finally:
            set_language(qapp, "en")
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.LanguageChange))
        assert canvas.accessibleName() == english

    def test_texts_follow_the_language(self, canvas: Canvas) -> None:
        canvas.setAccessibleName("")
        QApplication.sendEvent(canvas, QEvent(QEvent.Type.LanguageChange))
        assert canvas.accessibleName()
