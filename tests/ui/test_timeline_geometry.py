"""Where frames, marks, lanes and work lie on the timeline, for any numbers."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from app.core.player.document import TargetTrack
from app.core.player.snapshot import Work
from app.ui.timeline.axis import Axis, roomy
from app.ui.timeline.lane import Lane, reach_of
from app.ui.timeline.layout import (
    GRID,
    LEAST,
    MOST,
    Rows,
    following,
    lane_height,
    nearest,
    thinned,
)
from app.ui.timeline.ticks import frame_ticks, time_ticks
from app.ui.transport.stamps import Stamps

parts = st.floats(0, 1)


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    first, count = draw(st.integers(-500, 100_000)), draw(st.integers(1, 200_000))
    axis = Axis(first, count, float(draw(st.integers(1, 4000))))
    for _ in range(draw(st.integers(0, 4))):
        axis = axis.zoomed(draw(st.floats(0.2, 30)), draw(parts) * axis.width)
        axis = axis.scrolled(draw(st.floats(-1e6, 1e6)))
    return axis


class TestAxis:
    @given(axes(), parts)
    def test_a_frame_lies_where_it_is_found(self, axis: Axis, part: float) -> None:
        frame = axis.first + round(part * (axis.count - 1))
        assert axis.frame_at(axis.x_of(frame)) == frame
        assert axis.edge_of(frame) < axis.x_of(frame) < axis.edge_of(frame + 1)

    @given(axes(), parts)
    def test_a_place_lies_in_the_cell_of_its_frame(self, axis: Axis, part: float) -> None:
        x = part * axis.width
        frame = axis.frame_at(x)
        slack = 1e-6 * axis.width + 1e-6
        assert axis.edge_of(frame) - slack <= x <= axis.edge_of(frame + 1) + slack

    @given(axes(), st.floats(-1e5, 1e5))
    def test_no_place_leads_to_a_frame_that_is_not_there(self, axis: Axis, x: float) -> None:
        assert axis.first <= axis.frame_at(x) <= axis.last

    @given(axes(), st.floats(0.2, 30), parts)
    def test_zoom_keeps_what_is_under_the_mouse_unless_an_end_comes_in(
        self, axis: Axis, factor: float, part: float
    ) -> None:
        about = part * axis.width
        held = axis.start + about / axis.scale
        new = axis.zoomed(factor, about)
        is_inside = axis.first < new.start and new.end < axis.last + 1
        assert abs((held - new.start) * new.scale - about) < 1e-3 or not is_inside

    @given(axes())
    def test_no_end_ever_comes_inside(self, axis: Axis) -> None:
        slack = 1e-6 * axis.count
        assert axis.start >= axis.first - slack
        assert axis.end <= axis.last + 1 + slack

    @given(axes())
    def test_all_frames_fit_by_default_and_again_on_demand(self, axis: Axis) -> None:
        fit = axis.fitted()
        assert fit.is_fit
        assert fit.edge_of(fit.first) == pytest.approx(0, abs=1e-6)
        assert fit.edge_of(fit.last + 1) == pytest.approx(axis.width)

    @given(axes(), parts, st.floats(0, 50))
    def test_revealing_shows_a_frame_and_moves_no_further_than_needed(
        self, axis: Axis, part: float, margin: float
    ) -> None:
        frame = axis.first + round(part * (axis.count - 1))
        new = axis.revealing(frame, margin)
        assert -1e-6 <= new.x_of(frame) <= axis.width + 1e-6
        if margin <= axis.x_of(frame) <= axis.width - margin:
            assert new.start == pytest.approx(axis.start)

    @given(axes(), st.integers(1, 4000))
    def test_another_width_keeps_the_scale_unless_all_frames_fit(
        self, axis: Axis, width: int
    ) -> None:
        new = axis.resized(float(width))
        assert new.is_fit or new.scale == axis.scale
        assert not axis.is_fit or new.is_fit

    @given(st.integers(1, 10_000), st.integers(1, 500), st.floats(2, 20))
    def test_a_view_on_the_newest_frame_stays_on_it_while_frames_come(
        self, count: int, more: int, factor: float
    ) -> None:
        axis = Axis(0, count, 800.0).zoomed(factor, 800.0)
        assume(not axis.is_fit)
        new = axis.over(more, count)
        assert new.scale == axis.scale
        assert new.end == pytest.approx(new.last + 1)

    def test_a_view_on_older_frames_stays_where_it_is(self) -> None:
        axis = Axis(0, 1000, 500.0).zoomed(10, 250.0)
        new = axis.over(100, 1000)
        assert new.start == axis.start

    @given(st.integers(1, 100_000), st.integers(0, 100_000))
    def test_there_is_room_for_all_and_not_far_too_much(self, count: int, before: int) -> None:
        room = roomy(count, before)
        assert count <= room <= max(2 * count, 126)

    def test_a_growing_source_is_laid_out_anew_only_now_and_then(self) -> None:
        rooms, room = set(), 0
        for count in range(1, 3000):
            room = roomy(count, room)
            rooms.add(room)
        assert len(rooms) < 20


class TestRuler:
    @given(axes())
    def test_numbers_of_frames_stand_on_their_frames_with_room_for_them(self, axis: Axis) -> None:
        ticks = frame_ticks(axis)
        for tick in ticks:
            assert axis.frame_at(tick.x) == int(tick.text)
            assert -1e-6 <= tick.x <= axis.width + axis.scale
        for a, b in itertools.pairwise(ticks):
            assert b.x - a.x >= 63

    @given(st.integers(2, 300), st.integers(0, 1000), st.floats(1, 120), st.data())
    def test_times_stand_between_the_frames_they_lie_between(
        self, count: int, first: int, rate: float, data: st.DataObject
    ) -> None:
        steps = data.draw(st.lists(st.floats(0.2, 3), min_size=count, max_size=count))
        times = np.cumsum(steps) / rate
        stamps = Stamps(first, times, rate)
        axis = Axis(first, count, 900.0)
        ticks = time_ticks(axis, stamps)
        texts = [tick for tick in ticks if tick.text]
        for tick in texts:
            minutes, seconds = tick.text.rsplit(":", 1)
            time_s = 60 * int(minutes) + float(seconds)
            place = axis.start + tick.x / axis.scale - 0.5
            before = min(max(math.floor(place), first), first + count - 1)
            a, b = stamps.time_of(before), stamps.time_of(before + 1)
            assert a is not None
            assert b is not None
            slack = 1e-6 + 3 / rate * (place < first or place > first + count - 1)
            assert a - slack <= time_s <= b + slack
        for one, other in itertools.pairwise(texts):
            assert other.x - one.x >= 62

    def test_even_times_are_whole_seconds(self) -> None:
        ticks = time_ticks(Axis(0, 300, 900.0), Stamps(rate=30.0))
        assert [t.text for t in ticks if t.text] == [f"0:{k:02d}" for k in range(10)]
        assert next(tick.x for tick in ticks if tick.text == "0:05") == pytest.approx(150.5 * 3)

    def test_without_times_there_are_none(self) -> None:
        assert time_ticks(Axis(0, 300, 900.0), Stamps()) == []

    @given(st.lists(st.floats(0.001, 2), min_size=2, max_size=50), st.integers(-5, 500), parts)
    def test_a_frame_is_found_by_its_own_time(
        self, steps: list[float], first: int, part: float
    ) -> None:
        times = np.cumsum(steps)
        stamps = Stamps(first, times)
        frame = first + round(part * (len(times) - 1))
        places = stamps.places_of(np.array([stamps.time_of(frame)], float))
        assert places is not None
        assert places[0] == pytest.approx(frame, abs=1e-6)

    def test_beyond_the_stamps_the_rate_goes_on(self) -> None:
        stamps = Stamps(10, np.array([1.0, 1.1]), 20.0)
        assert stamps.time_of(9) == pytest.approx(0.95)
        assert stamps.time_of(13) == pytest.approx(1.2)
        places = stamps.places_of(np.array([0.95, 1.05, 1.2]))
        assert places is not None
        assert_allclose(places, [9, 10.5, 13])


class TestLanes:
    @given(st.integers(1, 200), st.integers(0, 4000))
    def test_lanes_fill_the_room_within_limits(self, count: int, room: int) -> None:
        height = lane_height(count, room)
        assert LEAST <= height <= MOST
        assert height % GRID == 0
        assert height == LEAST or height * count <= room

    @given(st.integers(0, 30), st.integers(20, 90), st.integers(0, 900), st.integers(-200, 12_000))
    def test_a_lane_is_hit_between_its_edges(
        self, count: int, height: int, scroll: int, quarters: int
    ) -> None:
        rows, y = Rows(count, height, scroll), quarters / 4
        lane = rows.at(y)
        if lane is not None:
            assert rows.top_of(lane) <= y < rows.top_of(lane) + height
        else:
            assert y < rows.top_of(0) or y >= rows.top_of(count)

    @given(st.integers(1, 30), st.integers(0, 900), st.integers(0, 500), st.integers(1, 400))
    def test_a_stripe_holds_all_lanes_that_reach_into_it(
        self, count: int, scroll: int, top: int, height: int
    ) -> None:
        rows = Rows(count, 40, scroll)
        lanes = set(rows.between(top, top + height))
        for y in range(top, top + height, 7):
            lane = rows.at(y)
            assert lane is None or lane in lanes

    @given(st.integers(1, 30), st.integers(0, 900), st.integers(0, 29), st.integers(40, 400))
    def test_revealing_a_lane_shows_it_whole(
        self, count: int, scroll: int, lane: int, room: int
    ) -> None:
        rows = Rows(count, 40, scroll)
        top = Rows(count, 40, rows.revealing(lane, room)).top_of(lane)
        assert 0 <= top <= room - 40
        if 0 <= rows.top_of(lane) <= room - 40:
            assert top == rows.top_of(lane)

    @given(st.lists(st.floats(-1e4, 1e4), max_size=20), st.floats(-1e4, 1e4), st.floats(0, 50))
    def test_the_nearest_diamond_within_reach_is_hit(
        self, places: list[float], x: float, reach: float
    ) -> None:
        hit = nearest(places, x, reach)
        distances = [abs(place - x) for place in places]
        if hit is None:
            assert all(distance > reach for distance in distances)
        else:
            assert distances[hit] == min(distances) <= reach

    @given(st.lists(st.integers(0, 10_000), max_size=80, unique=True), st.floats(0.5, 40))
    def test_where_there_is_no_room_for_all_marks_one_of_each_place_stays(
        self, places: list[int], least: float
    ) -> None:
        rising = np.array(sorted(places), float)
        kept = rising[thinned(rising, least)]
        assert set(np.floor(kept / least)) == set(np.floor(rising / least))
        assert len(kept) == len(set(np.floor(rising / least)))

    @given(st.lists(st.integers(0, 100), max_size=10, unique=True), st.integers(-5, 105))
    def test_the_next_correction_is_the_nearest_on_that_side(
        self, places: list[int], now: int
    ) -> None:
        rising = sorted(places)
        after, before = following(rising, now, 1), following(rising, now, -1)
        assert after == min((p for p in places if p > now), default=None)
        assert before == max((p for p in places if p < now), default=None)


class TestWork:
    LANE = Lane(TargetTrack(1, corrections={10: (0, 0, 1, 1), 50: (0, 0, 1, 1)}), 4)

    def test_forwards_goes_from_where_it_began(self) -> None:
        reach = reach_of(Work(1, "forwards", 10, 40, start=11), self.LANE, now=0)
        assert (reach.first, reach.last, reach.done, reach.is_backwards) == (11, 51, 0.25, False)

    def test_backwards_goes_down_to_where_it_ends(self) -> None:
        reach = reach_of(Work(1, "backwards", 30, 40, start=50), self.LANE, now=0)
        assert (reach.first, reach.last, reach.done, reach.is_backwards) == (10, 50, 0.75, True)

    @pytest.mark.parametrize(("now", "start"), [(12, 10), (50, 50), (99, 50), (3, 0)])
    def test_where_nobody_says_it_goes_from_the_last_correction(self, now: int, start: int) -> None:
        assert reach_of(Work(1, "forwards", 0, 5), self.LANE, now).first == start

    @pytest.mark.parametrize(("done", "total"), [(0, 0), (7, 5), (-1, 5)])
    def test_odd_numbers_do_no_harm(self, done: int, total: int) -> None:
        reach = reach_of(Work(1, "forwards", done, total, start=3), self.LANE, 0)
        assert 0 <= reach.done <= 1
        assert reach.first <= reach.last
