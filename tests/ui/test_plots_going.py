"""Going to frames and zooming in the plots of the tracked demo clip, by mouse and keys."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest

from app.core.measures import measure
from app.core.player.snapshot import Span
from tests.ui.hands import LEFT, MIDDLE, NONE, SHIFT, turn
from tests.ui.plotted import CAR, INFO, INK, SPEED, TIMES, Plots, X, Y, make, plots, snapshot, until

__all__ = ["make", "plots"]


def test_a_click_goes_to_the_frame_under_it(plots: Plots) -> None:
    for frame in (100, 7, 320):
        QTest.mouseClick(plots.view, LEFT, pos=plots.middle(frame, SPEED))
    assert plots.sought == [100, 7, 320]


def test_a_drag_goes_along_and_the_playhead_with_it(plots: Plots) -> None:
    ends = plots.middle(50), plots.middle(120)
    QTest.mousePress(plots.view, LEFT, pos=ends[0])
    for share in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(plots.view, ends[0] + (ends[1] - ends[0]) * share)
        plots.show(snapshot(CAR, frame=300))
        assert plots.sought == sorted(set(plots.sought))
    # a picture of somewhere else does not pull the playhead out of the hand
    assert plots.has_colour(INK, plots.middle(120))
    QTest.mouseRelease(plots.view, LEFT, pos=ends[1])
    assert (plots.sought[0], plots.sought[-1]) == (50, 120)
    plots.show(snapshot(CAR, frame=300))
    assert plots.has_colour(INK, plots.middle(300))
    assert not plots.has_colour(INK, plots.middle(120))
    QTest.mouseMove(plots.view, plots.middle(10))
    assert plots.sought[-1] == 120


def test_a_drag_beyond_the_plots_stops_at_their_end(plots: Plots) -> None:
    QTest.mousePress(plots.view, LEFT, pos=plots.middle(300))
    QTest.mouseMove(plots.view, plots.middle(329) + QPoint(400, 0))
    assert plots.sought == [300, 329]


def test_keys_go_to_other_frames(plots: Plots) -> None:
    for key, keys in (
        (Qt.Key.Key_Left, NONE), (Qt.Key.Key_Right, NONE), (Qt.Key.Key_Right, SHIFT),
        (Qt.Key.Key_Home, NONE), (Qt.Key.Key_End, NONE),
    ):  # fmt: skip
        QTest.keyClick(plots.stack, key, keys)
    assert plots.sought == [199, 201, 210, 0, 329]
    plots.show(snapshot(CAR, frame=0))
    QTest.keyClick(plots.stack, Qt.Key.Key_Left)
    assert plots.sought[-1] == 0


def test_the_wheel_zooms_about_the_mouse_and_a_button_shows_everything_again(
    plots: Plots,
) -> None:
    whole, highest = plots.stack.time_range, plots.stack.plots[X].box.viewRange()[1][1]
    at = plots.middle(250)
    turn(plots.view, at, 5)
    start, end = plots.stack.time_range
    assert (end - start) < 0.5 * (whole[1] - whole[0])
    assert plots.stack.time_at(QPointF(at)) == pytest.approx(TIMES[250], abs=0.03)
    for quantity in (X, Y, SPEED):
        assert plots.stack.plots[quantity].time_range == pytest.approx((start, end))
    # values are those of the part that is shown
    shown = measure(CAR.rows.columns()).x[int(start * 30) : int(end * 30) + 2]
    low, high = plots.stack.plots[X].box.viewRange()[1]
    assert low <= shown.min()
    assert shown.max() <= high < highest
    QTest.mouseClick(plots.panel.header.whole, LEFT)
    assert plots.stack.time_range == whole


def test_a_zoomed_part_is_moved_by_the_middle_button_and_by_shift(plots: Plots) -> None:
    turn(plots.view, plots.middle(150), 6)
    at = plots.middle(150)
    QTest.mousePress(plots.view, MIDDLE, pos=at)
    QTest.mouseMove(plots.view, at - QPoint(60, 0))
    QTest.mouseRelease(plots.view, MIDDLE, pos=at - QPoint(60, 0))
    assert plots.stack.time_at(QPointF(at - QPoint(60, 0))) == pytest.approx(TIMES[150], abs=0.05)
    before = plots.stack.time_range
    turn(plots.view, at, -2, SHIFT)
    assert plots.stack.time_range[0] > before[0]
    assert plots.sought == []


def test_keys_zoom_about_the_playhead_which_stays_in_sight_while_it_plays(plots: Plots) -> None:
    for _ in range(5):
        QTest.keyClick(plots.stack, Qt.Key.Key_Plus)
    start, end = plots.stack.time_range
    assert start < TIMES[200] < end < TIMES[320]
    plots.show(snapshot(CAR, frame=320))
    assert plots.stack.time_range[0] < TIMES[320] < plots.stack.time_range[1]
    QTest.keyClick(plots.stack, Qt.Key.Key_0)
    assert plots.stack.time_range == (0.0, TIMES[-1])


def test_another_video_is_shown_as_a_whole(plots: Plots) -> None:
    turn(plots.view, plots.middle(150), 6)
    other = replace(snapshot(CAR), info=replace(INFO, name="other.mp4"))
    plots.show(other)
    assert plots.stack.time_range == (0.0, TIMES[-1])


def test_live_time_leaves_room_for_what_comes(make: Callable[..., Plots]) -> None:
    plots = make(CAR)
    times = TIMES[:100]
    live = replace(snapshot(*until(100, CAR), frame=99, is_live=True), span=Span(0, 99, times))
    plots.show(live)
    assert plots.stack.time_range[1] == pytest.approx(1.25 * times[-1])
