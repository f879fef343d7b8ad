"""How curves and spans of the timeline are drawn and kept up, for any rows."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from app.core.player.document import STATES, TrackRow, TrackRows
from app.ui.timeline.changes import change_of
from app.ui.timeline.curve import LOST, NONE, RANKS, TRACKING, UNCERTAIN, Decimated, decimate
from app.ui.timeline.raster import Look, draw_columns
from app.ui.timeline.spans import Spans
from app.ui.timeline.tiles import _split

parts = st.floats(0, 1)
scales = st.one_of(st.floats(0.003, 1), st.floats(1, 60))
bridges = st.integers(1, 6)
LOOK = Look(
    48, 1.0, (255, 255, 255), (200, 200, 200), (0, 0, 0),
    ((0, 158, 115), (86, 180, 233), (230, 159, 0), (213, 94, 0)),
)  # fmt: skip


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
