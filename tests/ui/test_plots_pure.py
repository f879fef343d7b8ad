"""What plots are made of: thinned lines, spans, ranges and clocks."""

import importlib
import itertools
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.measures import Quantity, measure
from app.core.overlay import PALETTE
from app.core.player.document import Scale
from app.core.player.snapshot import Snapshot, Span
from app.core.sources.base import SourceInfo
from app.ui.plots.clock import clock_of
from app.ui.plots.lines import Polyline, extremes, pieces, spans, step_of, thinned
from app.ui.plots.ranges import (
    LEAST_S,
    followed,
    moved,
    tick_spacing,
    time_text,
    value_range,
    whole_time,
    zoomed,
)
from app.ui.plots.scene import number_text, value_text
from app.ui.theme import contrast
from app.ui.tints import shown_tint
from tests.app.tracked import columns_of, demo_targets

values = st.lists(st.one_of(st.floats(-1e3, 1e3), st.just(math.nan)), min_size=1, max_size=200)
moments = st.floats(0, 1000)


@given(st.integers(0, 10**6), st.floats(1, 4000))
def test_a_step_gives_each_pair_of_points_a_pixel(rows: int, pixels: float) -> None:
    step = step_of(rows, pixels)
    assert rows / step <= pixels
    assert step == 1 or rows / (step / 2) > pixels


@given(values, st.sampled_from([2, 4, 16]), st.data())
def test_a_thinned_line_keeps_every_extreme_and_is_the_same_in_every_part(
    ys: list[float], step: int, data: st.DataObject
) -> None:
    y, x = np.array(ys), np.arange(len(ys)) * 0.5
    begins = np.zeros(len(y), np.bool_)
    whole = thinned(x, y, begins, 0, len(y), step)
    for head in range(0, len(y), step):
        inside = y[head : head + step]
        pair = whole.y[2 * (head // step) :][:2]
        assert extremes(pair) == extremes(inside)
        assert np.isnan(pair).any() == np.isnan(inside).all()
    start = data.draw(st.integers(0, len(y) - 1))
    stop = data.draw(st.integers(start + 1, len(y)))
    part = thinned(x, y, begins, start, stop, step)
    # all that touches what was asked for, and one more at both ends
    assert part.x[0] <= x[start]
    assert part.x[-1] >= x[(stop - 1) // step * step]
    first = int(np.searchsorted(whole.x, part.x[0]))
    np.testing.assert_array_equal(whole.y[first : first + len(part.y)], part.y)


@given(values)
def test_pieces_are_what_lies_between_gaps(ys: list[float]) -> None:
    y = np.array(ys)
    line = Polyline(np.arange(len(y), dtype=float), y, np.zeros(len(y), np.bool_))
    found = list(pieces(line))
    covered = [place for first, end in found for place in range(first, end)]
    assert covered == np.flatnonzero(~np.isnan(y)).tolist()
    assert all(b[0] > a[1] for a, b in itertools.pairwise(found))


def test_a_line_is_cut_where_frames_are_missing() -> None:
    line = Polyline(np.arange(6.0), np.ones(6), np.array([0, 0, 0, 1, 0, 1], np.bool_))
    assert list(pieces(line)) == [(0, 3), (3, 5), (5, 6)]
    cut = thinned(np.arange(8.0), np.ones(8), np.array([0, 0, 0, 0, 0, 1, 0, 0], np.bool_), 0, 8, 4)
    assert list(pieces(cut)) == [(0, 2), (2, 4)]


def test_spans_reach_to_the_row_after_them() -> None:
    inside = np.array([0, 1, 1, 0, 0, 1], np.bool_)
    assert spans(np.arange(6.0), inside, 0, 6, 1) == [(1.0, 3.0), (5.0, 5.0)]
    assert spans(np.arange(6.0), inside, 3, 5, 1) == []
    assert spans(np.arange(6.0), inside, 0, 6, 2) == [(0.0, 5.0)]


@given(moments, st.floats(0.2, 5000), st.floats(0.01, 100), st.floats(0, 1))
def test_zooming_keeps_a_moment_in_its_place_as_far_as_there_is_time(
    start: float, length: float, factor: float, share: float
) -> None:
    whole = (start, start + length)
    shown = zoomed(whole, 4, start + length / 2, whole)
    about = shown[0] + share * (shown[1] - shown[0])
    closer = zoomed(shown, factor, about, whole)
    assert whole[0] - 1e-6 <= closer[0] < closer[1] <= whole[1] + 1e-6
    assert closer[1] - closer[0] >= min(LEAST_S, length) - 1e-9
    if factor >= 1:
        place = (about - closer[0]) / (closer[1] - closer[0])
        assert place == pytest.approx(share, abs=1e-6)


@given(moments, st.floats(1, 50), moments)
def test_a_page_is_turned_only_where_the_playhead_leaves_it(
    start: float, length: float, now: float
) -> None:
    shown = followed((start, start + length), now)
    assert shown[0] <= now <= shown[1]
    assert shown[1] - shown[0] == pytest.approx(length)
    if start <= now <= start + length:
        assert shown == (start, start + length)


def test_moving_stops_at_the_ends() -> None:
    assert moved((2.0, 4.0), 100.0, (0.0, 10.0)) == (8.0, 10.0)
    assert moved((2.0, 4.0), -100.0, (0.0, 10.0)) == (0.0, 2.0)


def test_live_time_changes_its_scale_seldom_and_files_show_exactly_what_they_have() -> None:
    assert whole_time((0.0, 11.0), None, is_live=False) == (0.0, 11.0)
    held, changes = None, 0
    for second in range(1, 600):
        shown = whole_time((0.0, float(second)), held, is_live=True)
        assert shown[0] <= 0
        assert shown[1] >= second
        changes += shown != held
        held = shown
    assert changes < 35
    assert whole_time(None, None, is_live=False) == (0.0, 1.0)


@given(st.floats(-1e3, 1e3), st.floats(0, 1e3), st.booleans())
def test_values_fit_and_stay_put_while_they_do(low: float, length: float, zero: bool) -> None:
    found = (abs(low), abs(low) + length) if zero else (low, low + length)
    shown = value_range(found, None, least=4.0, from_zero=zero)
    assert shown[0] <= found[0]
    assert found[1] <= shown[1]
    assert shown[1] - shown[0] >= 4.0
    assert value_range(found, shown, least=4.0, from_zero=zero) == shown
    far = (found[1] + 1e4, found[1] + 2e4)
    moved_range = value_range(far, shown, least=4.0, from_zero=zero)
    assert moved_range[1] >= far[1]


@given(st.floats(0.01, 1e5), st.floats(1, 40))
def test_ticks_are_as_clocks_have_them_and_not_too_many(seconds: float, most: float) -> None:
    spacing = tick_spacing(seconds, most)
    assert seconds / spacing <= most * 1.001 or spacing == 1e-3
    assert spacing in (1, 2, 5, 10, 15, 30) or spacing < 1 or spacing % 60 == 0


@pytest.mark.parametrize(
    ("seconds", "spacing", "text"),
    [
        (2.5, 0.5, "2.5 s"), (0, 1, "0 s"), (59.96, 0.1, "1:00.0"), (62, 1, "1:02"),
        (62.25, 0.05, "1:02.25"), (3725, 60, "1:02:05"), (-1.5, 0.5, "−1.5 s"), (-0.001, 1, "0 s"),
    ],
)  # fmt: skip
def test_moments_are_written_as_clocks_show_them(seconds: float, spacing: float, text: str) -> None:
    assert time_text(seconds, spacing) == text


def test_the_nearest_frame_by_the_times_of_the_container() -> None:
    times = np.array([0.0, 0.1, 0.5, 0.6])
    info = SourceInfo("a", 4, 4, 4, 10.0, is_live=False)
    clock = clock_of(Snapshot(info=info, span=Span(20, 23, times)), [])
    assert [clock.frame_at(t) for t in (-1, 0.04, 0.29, 0.31, 9)] == [20, 20, 21, 22, 23]
    assert clock.range == (0.0, 0.6)


def test_without_times_tracked_rows_and_then_the_rate_tell_the_frame() -> None:
    info = SourceInfo("a", 4, 4, 100, 10.0, is_live=False)
    known = [(np.array([5, 6, 7]), np.array([0.52, 0.61, 0.69]))]
    clock = clock_of(Snapshot(info=info, span=Span(0, 99)), known)
    assert [clock.frame_at(t) for t in (0.60, 0.68, 4.0, 99.0)] == [6, 7, 40, 99]
    assert clock_of(Snapshot(info=info), []).frame_at(99.0) == 99
    assert clock_of(Snapshot(), []).range is None


@pytest.mark.parametrize("ground", ["#ffffff", "#16181c"])
def test_every_colour_can_be_seen_on_light_and_dark_and_stays_itself_where_it_can(
    ground: str,
) -> None:
    behind = QColor(ground)
    tints = [shown_tint(place, behind) for place in range(len(PALETTE))]
    assert min(contrast(tint, behind) for tint in tints) >= 2
    assert len({tint.rgb() for tint in tints}) == len(PALETTE)
    assert sum(tint == QColor(*PALETTE[place]) for place, tint in enumerate(tints)) >= 6


def test_values_are_told_with_their_units() -> None:
    scale = Scale((0, 0), (100, 0), 1.0, "m")
    series = measure(columns_of([4, 5, 6], [0.0, 0.1, 0.2], lambda t: (300 * t, 0), lost=[2]))
    assert value_text(Quantity.SPEED, series, 4, None, "lost") == "300 px/s"
    assert value_text(Quantity.SPEED, series, 4, scale, "lost") == "3 m/s"
    assert value_text(Quantity.SCORE, series, 6, scale, "lost") == "0.50"
    assert value_text(Quantity.X, series, 6, scale, "lost") == "lost"
    assert value_text(Quantity.X, series, 3, scale, "lost") == ""
    assert [number_text(v) for v in (12345.6, 12.345, 0.012345)] == ["12346", "12.3", "0.0123"]
    assert demo_targets()[0].label == "car"


@pytest.fixture
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if plots had never been seen."""
    for name in list(sys.modules):
        if name.split(".")[0] == "pyqtgraph" or name.startswith("app.ui.plots"):
            monkeypatch.delitem(sys.modules, name)


def test_plots_cost_nothing_until_they_are_seen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, nothing_loaded: None
) -> None:
    # None lets every import of it fail
    monkeypatch.setitem(sys.modules, "pyqtgraph", None)
    plots = importlib.import_module("app.ui.plots")
    qtbot.addWidget(plots.PlotsPanel())
    with pytest.raises(ImportError):
        importlib.import_module("app.ui.plots.stack")


def test_who_reports_errors_is_not_changed_by_loading(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, nothing_loaded: None
) -> None:
    # pyqtgraph takes the place of Python's own alone
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    loading = importlib.import_module("app.ui.plots.loading")
    loading.load_stack()
    assert "pyqtgraph" in sys.modules
    assert sys.excepthook is sys.__excepthook__
