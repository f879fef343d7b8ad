"""Where frames, curves, marks and lanes lie on the timeline, for any numbers."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from app.core.player.document import STATES, TargetTrack, TrackRow, TrackRows
from app.core.player.snapshot import Work
from app.ui.timeline.axis import Axis, roomy
from app.ui.timeline.changes import change_of
from app.ui.timeline.curve import LOST, NONE, RANKS, TRACKING, UNCERTAIN, Decimated, decimate
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
from app.ui.timeline.raster import Look, draw_columns
from app.ui.timeline.spans import Spans
from app.ui.timeline.ticks import frame_ticks, time_ticks
from app.ui.timeline.tiles import _split
from app.ui.transport.stamps import Stamps

parts = st.floats(0, 1)
scales = st.one_of(st.floats(0.003, 1), st.floats(1, 60))
bridges = st.integers(1, 6)
LOOK = Look(
    48, 1.0, (255, 255, 255), (200, 200, 200), (0, 0, 0),
    ((0, 158, 115), (86, 180, 233), (230, 159, 0), (213, 94, 0)),
)  # fmt: skip


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    first, count = draw(st.integers(-500, 100_000)), draw(st.integers(1, 200_000))
    axis = Axis(first, count, float(draw(st.integers(1, 4000))))
    for _ in range(draw(st.integers(0, 4))):
        axis = axis.zoomed(draw(st.floats(0.2, 30)), draw(parts) * axis.width)
        axis = axis.scrolled(draw(st.floats(-1e6, 1e6)))
    return axis


@st.composite
def tracks(draw: st.DrawFn, least: int = 1) -> TrackRows:
    """Rows with gaps, in any state."""
    steps = draw(st.lists(st.integers(1, 8) | st.just(1), min_size=least, max_size=60))
    frames = np.cumsum(steps) + draw(st.integers(-1, 50))
    return TrackRows.of(row(int(f), draw(parts), draw(st.sampled_from(STATES))) for f in frames)


def row(frame: int, score: float = 0.5, state: str = "tracking") -> TrackRow:
    return TrackRow(frame, frame / 30, (0.0, 0.0, 1.0, 1.0), score, state)


def ranks(rows: TrackRows) -> list[int]:
    return [RANKS[each.state] for each in rows]


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


class TestCurve:
    @given(tracks(), scales, st.integers(-20, 60), bridges)
    def test_decimation_keeps_every_extreme_and_the_worst_state(
        self, rows: TrackRows, scale: float, shift: int, bridge: int
    ) -> None:
        left = math.floor((rows.first or 0) * scale) + shift
        count = math.ceil(((rows.last or 0) + 1) * scale) - left + 3
        assume(0 < count < 5000)
        found = decimate(rows.columns(), scale=scale, left=left, columns=count, bridge=bridge)
        for each, rank in zip(rows, ranks(rows), strict=True):
            column = math.floor((each.frame + 0.5) * scale) - left
            if 0 <= column < count:
                assert found.low[column] <= np.float32(each.score) <= found.high[column]
                assert found.ranks[column] >= rank

    @given(tracks(), scales, bridges)
    def test_decimation_invents_nothing(self, rows: TrackRows, scale: float, bridge: int) -> None:
        count = math.ceil(((rows.last or 0) + 9) * scale)
        found = decimate(rows.columns(), scale=scale, left=0, columns=count, bridge=bridge)
        scores = rows.columns().score
        known = np.isfinite(found.low)
        assert (found.low[known] >= scores.min() - 1e-6).all()
        assert (found.high[known] <= scores.max() + 1e-6).all()
        assert (found.low[known] <= found.high[known]).all()
        assert set(found.ranks.tolist()) <= {*ranks(rows), NONE}

    @given(tracks(), scales, bridges)
    def test_there_is_a_curve_where_there_are_rows_and_nowhere_else(
        self, rows: TrackRows, scale: float, bridge: int
    ) -> None:
        count = math.ceil(((rows.last or 0) + 9) * scale)
        found = decimate(rows.columns(), scale=scale, left=0, columns=count, bridge=bridge)
        frames = rows.columns().frame
        covered = np.zeros(count, bool)
        for a, b in zip(frames, [*frames[1:], frames[-1] + 1_000_000], strict=True):
            end = b if b - a <= bridge else a + 1
            covered[max(math.floor(a * scale + 1e-9), 0) : math.ceil(end * scale - 1e-9)] = True
        # where a frame ends on the edge of a pixel, rounding decides on that one
        loose = covered.copy()
        loose[1:] |= covered[:-1]
        loose[:-1] |= covered[1:]
        drawn = np.isfinite(found.low)
        assert not (drawn & ~loose).any()
        assert not (covered[1:-1] & covered[2:] & covered[:-2] & ~drawn[1:-1]).any()

    @given(tracks(), scales, st.integers(0, 200), st.integers(1, 50), bridges)
    def test_columns_look_the_same_whatever_is_drawn_beside_them(
        self, rows: TrackRows, scale: float, offset: int, width: int, bridge: int
    ) -> None:
        columns = rows.columns()
        left = math.floor((rows.first or 0) * scale) - 5
        whole = decimate(columns, scale=scale, left=left, columns=offset + width, bridge=bridge)
        part = decimate(columns, scale=scale, left=left + offset, columns=width, bridge=bridge)
        for name in ("low", "high"):
            assert_allclose(
                getattr(part, name), getattr(whole, name)[offset:], atol=1e-6, equal_nan=True
            )
        assert_array_equal(part.ranks, whole.ranks[offset:])

    @given(tracks(), scales)
    def test_a_gap_far_away_changes_nothing(self, rows: TrackRows, scale: float) -> None:
        whole = TrackRows.of(row(k, r.score, r.state) for k, r in enumerate(rows))
        broken = whole.merged([row(len(rows) + 500)])
        count = max(math.floor(len(rows) * scale) - 1, 1)
        a, b = (
            decimate(each.columns(), scale=scale, left=0, columns=count, bridge=1000)
            for each in (whole, broken)
        )
        inner = max(math.floor((len(rows) - 1) * scale) - 1, 0)
        assert_allclose(a.low[:inner], b.low[:inner], atol=1e-6, equal_nan=True)
        assert_allclose(a.high[:inner], b.high[:inner], atol=1e-6, equal_nan=True)

    def test_one_lost_frame_among_a_hundred_thousand_shows(self) -> None:
        rows = TrackRows.of(
            row(k, 0.9 if k != 60_000 else 0.1, "lost" if k == 60_000 else "tracking")
            for k in range(100_000)
        )
        found = decimate(rows.columns(), scale=0.016, left=0, columns=1600)
        assert_array_equal(np.flatnonzero(found.ranks == LOST), [960])
        assert found.low[960] == pytest.approx(0.1)
        assert found.high[960] == pytest.approx(0.9)

    def test_a_curve_goes_straight_from_row_to_row(self) -> None:
        rows = TrackRows.of([row(0, 0.0), row(1, 1.0)])
        found = decimate(rows.columns(), scale=10, left=0, columns=20)
        # level to the middle of the first frame, up to the middle of the second, level
        assert_allclose(found.high[[4, 5, 9, 14, 19]], [0.0, 0.1, 0.5, 1.0, 1.0], atol=1e-6)
        assert_allclose(found.low[[4, 5, 9, 14, 19]], [0.0, 0.0, 0.4, 0.9, 1.0], atol=1e-6)

    def test_a_gap_parts_the_curve(self) -> None:
        rows = TrackRows.of([row(0, 0.2), row(9, 0.8)])
        found = decimate(rows.columns(), scale=4, left=0, columns=44, bridge=4)
        assert_array_equal(np.flatnonzero(np.isfinite(found.low)), [0, 1, 2, 3, 36, 37, 38, 39])
        assert_array_equal(np.flatnonzero(found.ranks != NONE), [0, 1, 2, 3, 36, 37, 38, 39])
        bridged = decimate(rows.columns(), scale=4, left=0, columns=40, bridge=9)
        assert np.isfinite(bridged.low).all()

    def test_no_rows_are_no_curve(self) -> None:
        found = decimate(TrackRows().columns(), scale=2.0, left=-5, columns=10)
        assert np.isnan(found.low).all()
        assert (found.ranks == NONE).all()


def picture(scores: Sequence[float], rank: int, look: Look = LOOK, left: int = 0) -> np.ndarray:
    values = np.array(scores, float)
    columns = Decimated(values, values, np.full(len(values), rank, np.int8))
    packed = draw_columns(columns, left, look).astype(int)
    return np.stack([(packed >> shift) & 255 for shift in (16, 8, 0)], axis=-1)


class TestRaster:
    @given(
        st.lists(parts, min_size=40, max_size=40), st.integers(-1, 3), st.integers(-100, 100),
        st.integers(0, 39), st.sampled_from([1.0, 1.25, 1.5, 2.0]),
    )  # fmt: skip
    def test_any_column_looks_the_same_by_itself(
        self, scores: list[float], rank: int, left: int, place: int, ratio: float
    ) -> None:
        look = replace(LOOK, height=round(48 * ratio), ratio=ratio)
        whole = picture(scores, rank, look, left)
        alone = picture(scores[place : place + 1], rank, look, left + place)
        assert_array_equal(whole[:, place : place + 1], alone)

    @given(parts)
    def test_the_line_is_as_high_as_the_score(self, score: float) -> None:
        column = picture([score] * 3, NONE)[:, 1]
        # black on white: the darkest pixel lies on the line
        darkest = int(column.sum(axis=1).argmin())
        top, bottom = 5, 48 - 17
        assert darkest + 0.5 == pytest.approx(bottom - score * (bottom - top), abs=1.1)

    def test_states_differ_in_shape_and_not_in_colour_alone(self) -> None:
        """Seen in grey, with the same score, every two states differ in many pixels."""
        greys = {
            rank: picture([0.5] * 28, rank).mean(axis=2) for rank in (TRACKING, UNCERTAIN, LOST)
        }
        shapes = {rank: np.abs(np.diff(grey, axis=1)).max() for rank, grey in greys.items()}
        assert shapes[TRACKING] == 0
        assert shapes[UNCERTAIN] > 20
        assert shapes[LOST] > 20
        strips = {rank: (grey[35:41] < 200).mean() for rank, grey in greys.items()}
        assert strips[TRACKING] == 1
        assert 0.3 < strips[UNCERTAIN] < 0.9
        assert strips[LOST] < 0.6

    def test_nothing_is_drawn_where_nothing_is_known(self) -> None:
        empty = picture([math.nan] * 4, NONE)
        assert (empty[0] == 255).all()
        assert {tuple(pixel) for pixel in empty.reshape(-1, 3).tolist()} <= {
            (255, 255, 255), (200, 200, 200), (211, 211, 211),
        }  # fmt: skip


class TestChanges:
    @given(tracks(least=0), st.integers(0, 60), tracks(least=0))
    def test_what_is_outside_of_the_change_is_the_same(
        self, old: TrackRows, cut: int, more: TrackRows
    ) -> None:
        for new in (old.until(cut), old.merged(list(more)), old.until(cut).merged(list(more))):
            change = change_of(old, new)
            if change is None:
                assert list(old) == list(new)
                continue
            a, b = ([r for r in rows if r.frame < change.first] for rows in (old, new))
            assert a == b
            a, b = ([r for r in rows if r.frame > change.last] for rows in (old, new))
            assert a == b
            assert list(old)[: change.begin] == list(new)[: change.begin]

    @given(tracks())
    def test_a_row_more_is_a_small_change(self, old: TrackRows) -> None:
        last = old.last or 0
        change = change_of(old, old.merged([row(last + 1)]))
        assert change is not None
        assert (change.begin, change.first, change.last) == (len(old), last, last + 1)

    def test_the_same_rows_made_anew_are_no_change(self) -> None:
        rows = [row(k) for k in range(5)]
        assert change_of(TrackRows.of(rows), TrackRows.of(rows)) is None

    @given(tracks(), st.sampled_from(STATES), bridges, st.integers(0, 60), tracks(least=0))
    def test_spans_kept_up_are_those_read_anew(
        self, rows: TrackRows, state: str, bridge: int, cut: int, more: TrackRows
    ) -> None:
        kept, old = Spans(state, bridge), TrackRows()
        last = rows.last or 0
        for new in (
            rows.until(cut), rows, rows.merged([row(last + 1, state=state), row(last + 3)]),
            rows.merged(list(more)), rows.until(cut),
        ):  # fmt: skip
            change = change_of(old, new)
            if change is not None:
                kept.show(new.columns(), change.begin)
            old = new
            anew = Spans(state, bridge)
            anew.show(new.columns(), 0)
            assert (kept.firsts, kept.ends) == (anew.firsts, anew.ends)

    def test_spans_cover_the_rows_in_their_state(self) -> None:
        states = ["lost", "lost", "tracking", "lost", "lost"]
        rows = TrackRows.of(row(f, state=s) for f, s in zip([0, 1, 2, 3, 9], states, strict=True))
        spans = Spans("lost", 4)
        spans.show(rows.columns(), 0)
        assert spans.near(0, 100) == [(0, 2), (3, 4), (9, 10)]
        assert spans.near(2, 2) == []
        assert spans.near(1, 3) == [(0, 2), (3, 4)]
        assert spans.near(0, 100, least=2) == [(0, 2)]

    @given(st.integers(0, 20), st.integers(1, 20), st.integers(-5, 45), st.integers(1, 30))
    def test_drawing_some_stale_columns_leaves_the_rest_in_one_piece(
        self, begin: int, count: int, wanted: int, width: int
    ) -> None:
        stale = (begin, begin + count)
        now, left = _split(stale, (wanted, wanted + width))
        ranges = [set(range(*each)) for each in (now, left) if each is not None]
        assert set().union(*ranges) == set(range(*stale))
        assert sum(len(each) for each in ranges) == count
        drawn = set(range(*now)) if now is not None else set()
        assert set(range(*stale)) & set(range(wanted, wanted + width)) <= drawn


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
