"""What a real canvas looks like, at any zoom."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE, Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.player.snapshot import Response
from app.ui.canvas import Canvas, ViewOptions
from app.ui.canvas.boxes import caption_place
from app.ui.canvas.rename import RenameEdit
from app.ui.language import set_language
from tests.ui.canvases import BIG, at, canvas, click, count, drag, heard, picture, snapshot
from tests.ui.hands import CTRL, MIDDLE, SHIFT, Heard, pixels, rgb_of, turn

__all__ = ["canvas", "heard"]

LINE = (0.0, 0.0, 5.0, 1.0)


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

    def test_hint_leaves_the_zoom_to_be_read(self, canvas: Canvas) -> None:
        canvas.resize(360, 260)
        canvas.show_snapshot(snapshot((5.0, 5.0, 20.0, 20.0)))
        canvas.zoom_in()
        without = pixels(canvas)
        canvas.show_snapshot(snapshot())
        shown = pixels(canvas)
        assert (shown[200:] != without[200:]).any()
        np.testing.assert_array_equal(shown[-35:, -75:], without[-35:, -75:])

    def test_hint_keeps_its_margins_where_it_is_wrapped(self, canvas: Canvas) -> None:
        canvas.resize(360, 260)
        canvas.place_new()
        bright = pixels(canvas)[170:] > 200
        ground = np.flatnonzero((pixels(canvas)[200] < 60).all(axis=1))
        words = np.flatnonzero(bright.all(axis=2).any(axis=0))
        assert words.min() >= ground.min() + 8
        assert words.max() <= ground.max() - 8

    @pytest.mark.parametrize("size", [(20, 1000), (1000, 20)])
    def test_name_finds_room_beside_a_narrow_picture(
        self, canvas: Canvas, size: tuple[int, int]
    ) -> None:
        canvas.show_snapshot(snapshot((4.0, 4.0, 12.0, 12.0), rgb=picture(*size)))
        area = canvas.picture().toRect()
        beside = pixels(canvas)
        beside[area.y() : area.bottom() + 1, area.x() : area.right() + 1] = 0
        assert (np.abs(beside.astype(int) - PALETTE[0]).max(axis=2) < 12).sum() > 300
        canvas.rename(1)
        line = canvas.findChild(RenameEdit)
        assert line is not None
        assert line.width() >= 140
        assert canvas.rect().contains(line.geometry())

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
