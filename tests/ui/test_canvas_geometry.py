"""Where the picture lies, what is hit, and what boxes become, for any numbers."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.ui.canvas import editing
from app.ui.canvas.gestures import Dragging, Drawing, Nudging, begun, continued, edited
from app.ui.canvas.hits import (
    Handle,
    Hit,
    box_at,
    following,
    handle_at,
    handles_of,
    hit,
    place_of,
)
from app.ui.canvas.view import View
from model.geometry import Box

Size = tuple[float, float]
Point = tuple[float, float]

pictures = st.tuples(st.integers(1, 8000), st.integers(1, 8000)).map(
    lambda s: (float(s[0]), float(s[1]))
)
widgets = st.tuples(st.integers(1, 4000), st.integers(1, 4000)).map(
    lambda s: (float(s[0]), float(s[1]))
)
ratios = st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0])
parts = st.floats(0, 1)
offsets = st.floats(-9000, 9000)
handles = st.sampled_from(Handle)


@st.composite
def views(draw: st.DrawFn) -> View:
    view = View(draw(pictures)).resized(draw(widgets), draw(ratios))
    for _ in range(draw(st.integers(0, 4))):
        about = (draw(parts) * view.widget[0], draw(parts) * view.widget[1])
        view = view.zoomed(draw(st.floats(0.2, 5)), about).panned(draw(offsets), draw(offsets))
    return view


@st.composite
def boxes_in(draw: st.DrawFn, picture: Size) -> Box:
    """A box of the tracker's: finite, of any size, not always inside the picture."""
    x = draw(st.floats(-1.5, 1.5)) * picture[0]
    y = draw(st.floats(-1.5, 1.5)) * picture[1]
    return (x, y, draw(st.floats(0, 2)) * picture[0], draw(st.floats(0, 2)) * picture[1])


def is_inside(box: Box, picture: Size) -> bool:
    slack = 1e-6 * max(picture)
    return all(
        box[k] >= -slack and box[k] + box[2 + k] <= picture[k] + slack
        and box[2 + k] >= min(editing.LEAST, picture[k]) - slack
        for k in (0, 1)
    )  # fmt: skip


class TestView:
    @given(views(), offsets, offsets)
    def test_frame_and_widget_are_each_others_inverse(self, view: View, x: float, y: float) -> None:
        there = view.to_widget((x, y))
        assert view.to_frame(there) == pytest.approx((x, y), abs=1e-6 * max(view.picture) + 1e-6)

    @given(views())
    def test_picture_covers_the_widget_or_lies_in_its_middle(self, view: View) -> None:
        area = view.area
        for k in (0, 1):
            start, length, room = area[k], area[2 + k], view.widget[k]
            if length <= room + 1e-6:
                assert start == pytest.approx((room - length) / 2, abs=1e-3)
            else:
                assert start <= 1e-3
                assert start + length >= room - 1e-3

    @given(pictures, widgets, ratios)
    def test_fit_shows_all_and_touches_two_edges(
        self, picture: Size, widget: Size, ratio: float
    ) -> None:
        _, _, w, h = View(picture).resized(widget, ratio).area
        assert w <= widget[0] * (1 + 1e-9)
        assert h <= widget[1] * (1 + 1e-9)
        assert w == pytest.approx(widget[0]) or h == pytest.approx(widget[1])

    @given(views(), parts, parts, st.floats(1, 8))
    def test_zooming_in_keeps_what_is_under_the_mouse(
        self, view: View, across: float, down: float, factor: float
    ) -> None:
        x, y, w, h = view.area
        # a point of the picture that the widget shows
        about = (
            min(max(x + across * w, 0.0), view.widget[0]),
            min(max(y + down * h, 0.0), view.widget[1]),
        )
        assume(x <= about[0] <= x + w and y <= about[1] <= y + h)
        closer = view.zoomed(factor, about)
        before = view.to_frame(about)
        # where a side does not fill the widget, it stays in the middle instead
        for k in (0, 1):
            if closer.picture[k] * view.scale >= view.widget[k]:
                after = closer.to_frame(about)[k]
                assert after == pytest.approx(before[k], abs=1e-6 * view.picture[k] + 1e-6)

    @given(views(), st.floats(0.01, 100), parts, parts)
    def test_zoom_stays_between_its_limits(
        self, view: View, factor: float, across: float, down: float
    ) -> None:
        after = view.zoomed(factor, (across * view.widget[0], down * view.widget[1]))
        least, most = view.limits
        assert least * (1 - 1e-9) <= after.scale <= most * (1 + 1e-9)

    @given(views(), st.floats(-50, 50), st.floats(-50, 50))
    def test_pan_moves_the_picture_by_the_pixels_of_the_mouse_or_to_its_edge(
        self, view: View, dx: float, dy: float
    ) -> None:
        after = view.panned(dx, dy)
        for k, by in ((0, dx), (1, dy)):
            length, room = view.area[2 + k], view.widget[k]
            if length > room:
                wanted = min(max(view.area[k] + by, room - length), 0.0)
                assert after.area[k] == pytest.approx(wanted, abs=1e-3)

    @given(views(), widgets, ratios)
    def test_resizing_keeps_the_scale_unless_it_fits(
        self, view: View, widget: Size, ratio: float
    ) -> None:
        after = view.resized(widget, ratio)
        assert after.is_fit == view.is_fit
        if not view.is_fit:
            assert after.scale == view.scale

    @given(views())
    def test_actual_size_is_one_pixel_per_pixel_of_the_device(self, view: View) -> None:
        assert view.actual().scale * view.ratio == pytest.approx(1.0)
        assert view.actual().fitted().is_fit

    @pytest.mark.parametrize("picture", [(1.0, 1.0), (7680.0, 4320.0), (1.0, 8000.0)])
    def test_extreme_pictures_can_be_zoomed_out_to_where_all_is_shown(self, picture: Size) -> None:
        view = View(picture).resized((1000.0, 600.0), 1.0).zoomed(30, (10, 20))
        for _ in range(60):
            view = view.zoomed(0.8, (10, 20))
        assert view.area[2] <= 1000 + 1e-6
        assert view.area[3] <= 600 + 1e-6


class TestHits:
    @given(boxes_in((1000.0, 1000.0)), handles, st.floats(0.1, 40))
    def test_every_handle_that_is_shown_is_hit_where_it_stands(
        self, box: Box, handle: Handle, reach: float
    ) -> None:
        assume(min(box[2:]) > 1e-3)
        assume(handle in handles_of(box, reach))
        found = handle_at(box, place_of(box, handle), reach)
        assert found is not None
        assert math.dist(place_of(box, found), place_of(box, handle)) < reach

    @given(boxes_in((1000.0, 1000.0)), st.floats(0.1, 400))
    def test_middle_of_a_box_is_never_a_handle(self, box: Box, reach: float) -> None:
        assume(min(box[2:]) > 1e-3)
        middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        assert handle_at(box, middle, reach) is None

    @given(boxes_in((1000.0, 1000.0)), st.floats(0.5, 40), handles)
    def test_nothing_is_hit_far_from_the_box(self, box: Box, reach: float, handle: Handle) -> None:
        across, down = handle.value
        x, y = place_of(box, handle)
        assert handle_at(box, (x + 1.5 * reach * across, y + 1.5 * reach * down), reach) is None

    def test_smallest_of_several_boxes_is_hit(self) -> None:
        boxes = {
            1: (0.0, 0.0, 100.0, 100.0),
            2: (20.0, 20.0, 30.0, 30.0),
            3: (200.0, 0.0, 5.0, 5.0),
        }
        assert box_at(boxes, (25, 25)) == 2
        assert box_at(boxes, (10, 10)) == 1
        assert box_at(boxes, (150, 150)) is None
        assert box_at(boxes, (207, 3)) is None
        assert box_at(boxes, (207, 3), slack=3) == 3

    def test_handle_of_the_selected_box_comes_before_a_smaller_box(self) -> None:
        boxes = {1: (0.0, 0.0, 100.0, 100.0), 2: (95.0, 95.0, 10.0, 10.0)}
        at = (100.0, 100.0)
        assert hit(boxes, at, selected=1, reach=5, slack=0) == Hit(1, Handle.BOTTOM_RIGHT)
        assert hit(boxes, at, selected=None, reach=5, slack=0) == Hit(2)
        assert hit(boxes, (500, 500), selected=1, reach=5, slack=0) is None

    def test_tab_passes_every_target_once_and_leaves(self) -> None:
        assert following([3, 5, 8], None, 1) == 3
        assert following([3, 5, 8], 3, 1) == 5
        assert following([3, 5, 8], 8, 1) is None
        assert following([3, 5, 8], None, -1) == 8
        assert following([3, 5, 8], 3, -1) is None
        assert following([3, 5, 8], 4, 1) == 3
        assert following([], None, 1) is None


class TestEditing:
    @given(st.data(), pictures)
    def test_any_box_comes_inside(self, data: st.DataObject, picture: Size) -> None:
        assert is_inside(editing.inside(data.draw(boxes_in(picture)), picture), picture)

    @given(st.data(), pictures, offsets, offsets)
    def test_moving_keeps_size_and_stays_inside(
        self, data: st.DataObject, picture: Size, dx: float, dy: float
    ) -> None:
        box = editing.inside(data.draw(boxes_in(picture)), picture)
        after = editing.moved(box, dx, dy, picture)
        assert is_inside(after, picture)
        assert after[2:] == pytest.approx(box[2:])
        free = (box[0] + dx, box[1] + dy, *box[2:])
        if is_inside(free, picture):
            assert after == pytest.approx(free, abs=1e-6 * max(picture))

    @given(st.data(), pictures, handles, offsets, offsets)
    def test_resizing_moves_only_the_edges_of_the_handle(
        self, data: st.DataObject, picture: Size, handle: Handle, dx: float, dy: float
    ) -> None:
        box = editing.inside(data.draw(boxes_in(picture)), picture)
        after = editing.resized(box, handle, dx, dy, picture)
        assert is_inside(after, picture)
        near = pytest.approx
        for k, by in ((0, dx), (1, dy)):
            low, high = (box[k], box[k] + box[2 + k]), (after[k], after[k] + after[2 + k])
            way = handle.value[k]
            if way >= 0:
                assert high[0] == near(low[0], abs=1e-6 * max(picture))
            if way <= 0:
                assert high[1] == near(low[1], abs=1e-6 * max(picture))
            if way != 0 and 0 <= low[way > 0] + by <= picture[k] and box[2 + k] + way * by > 2:
                assert high[way > 0] == near(low[way > 0] + by, abs=1e-6 * max(picture))

    @given(pictures, offsets, offsets, offsets, offsets, st.floats(0, 50))
    def test_drawn_box_lies_inside_and_between_its_corners(
        self, picture: Size, ax: float, ay: float, bx: float, by: float, least: float
    ) -> None:
        box = editing.drawn((ax, ay), (bx, by), picture, least)
        assert box == editing.drawn((bx, by), (ax, ay), picture, least), "either way round"
        if box is None:
            return
        assert is_inside(box, picture)
        x, y, w, h = box
        # a box under the least size grows by up to that
        assert min(ax, bx) - editing.LEAST <= x
        assert x + w <= max(ax, bx) + editing.LEAST
        assert min(ay, by) - editing.LEAST <= y
        assert y + h <= max(ay, by) + editing.LEAST

    @pytest.mark.parametrize(
        ("a", "b"),
        [((5, 5), (5, 5)), ((5, 5), (90, 5)), ((-20, 5), (-5, 90)), ((5, 5), (8, 90))],
        ids=["point", "line", "beside the picture", "narrower than a drag"],
    )
    def test_what_is_no_box(self, a: Point, b: Point) -> None:
        assert editing.drawn(a, b, (100, 100), 4) is None

    def test_box_on_a_picture_of_one_pixel(self) -> None:
        assert editing.drawn((0.1, 0.1), (0.9, 0.9), (1, 1), 0.01) == (0, 0, 1, 1)
        assert editing.moved((0, 0, 1, 1), 5, -5, (1, 1)) == (0, 0, 1, 1)
        assert editing.resized((0, 0, 1, 1), Handle.TOP_LEFT, 5, 5, (1, 1)) == (0, 0, 1, 1)


class TestGestures:
    box = (10.0, 20.0, 30.0, 40.0)
    picture = (200.0, 100.0)

    def test_press_begins_what_lies_under_it(self) -> None:
        at = (15.0, 25.0)
        assert begun(None, at) == Drawing(at, at)
        assert begun(Hit(7), at) == Dragging(7, None, at, at)
        assert begun(Hit(7, Handle.TOP), at) == Dragging(7, Handle.TOP, at, at)
        assert begun(Hit(7), at, draw_anywhere=True) == Drawing(at, at)
        assert begun(Hit(7), at, redraw=2) == Drawing(at, at, 2)

    def test_trembling_hand_moves_nothing(self) -> None:
        gesture = continued(begun(Hit(7), (15.0, 25.0)), (17.0, 26.0), 4)
        assert isinstance(gesture, Dragging)
        assert edited(gesture, self.box, self.picture) == self.box

    def test_drag_that_comes_back_is_meant(self) -> None:
        gesture = continued(begun(Hit(7), (15.0, 25.0)), (60.0, 25.0), 4)
        gesture = continued(gesture, (16.0, 25.0), 4)
        assert isinstance(gesture, Dragging)
        assert edited(gesture, self.box, self.picture) == (11, 20, 30, 40)

    def test_handle_resizes(self) -> None:
        gesture = continued(begun(Hit(7, Handle.TOP_LEFT), (10.0, 20.0)), (5.0, 30.0), 4)
        assert isinstance(gesture, Dragging)
        assert edited(gesture, self.box, self.picture) == (5, 30, 35, 30)

    def test_nudges_add_up(self) -> None:
        nudge = Nudging(7, dx=1).and_then(Nudging(7, dx=1, dy=-10)).and_then(Nudging(7, dw=3))
        assert edited(nudge, self.box, self.picture) == (12, 10, 33, 40)
