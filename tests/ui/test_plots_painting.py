"""The plots of the tracked demo clip, looked at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtTest import QTest

from app.core.measures import Quantity, measure
from app.core.overlay import PALETTE
from app.core.player.document import Scale
from app.ui.plots.curves import CurvesItem
from app.ui.theme import palette_of
from app.ui.tints import mix
from tests.ui.hands import LEFT
from tests.ui.plotted import (
    CAR,
    INK,
    LOST,
    RIVAL,
    SPEED,
    TIMES,
    WINDOW,
    Plots,
    X,
    Y,
    distance,
    make,
    plots,
    snapshot,
    until,
)

__all__ = ["make", "plots"]


def test_curves_run_through_what_was_measured_in_the_colours_of_their_targets(
    plots: Plots,
) -> None:
    for target in (CAR, RIVAL, WINDOW):
        # by itself: where curves cross, one covers the other
        plots.show(snapshot(target))
        tint = QColor(*PALETTE[target.colour])
        found = measure(target.rows.columns())
        for quantity in (X, Y, SPEED):
            for frame in (140, 200, 300):
                place = plots.place(frame, found[quantity][frame], quantity)
                assert plots.has_colour(tint, place), (target.label, quantity, frame)


def test_the_times_a_target_is_lost_are_shaded(plots: Plots) -> None:
    image = plots.picture()
    low, high = plots.stack.plots[SPEED].box.viewRange()[1]
    level = high - 0.1 * (high - low)
    inside, outside = (
        image.pixelColor(plots.place(frame, level, SPEED)) for frame in (LOST[10], LOST[-1] + 8)
    )
    assert distance(outside, QColor("white")) < 30
    shade = QColor(*PALETTE[CAR.colour])
    assert distance(inside, QColor("white")) > 20
    assert inside.blue() < inside.red()
    assert shade.blue() < shade.red()
    # of a selected target only its own
    plots.panel.set_selection(WINDOW.id)
    plots.settle()
    assert plots.picture().pixelColor(plots.place(LOST[10], level, SPEED)) == outside


def test_the_selected_target_is_bold_and_the_legend_selects(plots: Plots) -> None:
    tint = QColor(*PALETTE[RIVAL.colour])
    value = float(measure(RIVAL.rows.columns()).x[100])
    before = plots.place(100, value)

    def thickness() -> int:
        image = plots.picture()
        column = (image.pixelColor(before.x(), before.y() + dy) for dy in range(-8, 9))
        return sum(distance(colour, tint) < 60 for colour in column)

    thin = thickness()
    area = plots.panel.legend.area_of(RIVAL.id)
    QTest.mouseClick(plots.panel.legend, LEFT, pos=area.center().toPoint())
    plots.settle()
    assert plots.selected == [RIVAL.id]
    assert thickness() > thin
    car = QColor(*PALETTE[CAR.colour])
    place = plots.place(150, float(measure(CAR.rows.columns()).x[150]))
    assert not plots.has_colour(car, place)
    assert plots.has_colour(mix(car, QColor("white"), 0.45), place)
    QTest.mouseClick(plots.panel.legend, LEFT, pos=area.center().toPoint())
    plots.settle()
    QTest.keyClick(plots.panel.legend, Qt.Key.Key_Right)
    assert plots.selected == [RIVAL.id, -1, CAR.id]
    plots.panel.set_selection(WINDOW.id)
    assert plots.selected == [RIVAL.id, -1, CAR.id]
    plots.settle()
    assert [e.is_selected for e in plots.panel.legend.entries] == [False, False, True]


def test_values_at_the_playhead_are_told_of_the_selected_target(plots: Plots) -> None:
    assert "Select a target" in plots.panel.readout.text()
    plots.panel.set_selection(CAR.id)
    plots.settle()
    speed = measure(CAR.rows.columns()).speed[200]
    assert f"Speed {speed:.3g} px/s" in plots.panel.readout.text()
    plots.show(snapshot(CAR, RIVAL, frame=LOST[3]))
    assert "Speed lost" in plots.panel.readout.text()


def test_what_is_said_of_a_moment_names_time_frame_and_values(plots: Plots) -> None:
    plots.panel.set_selection(WINDOW.id)
    lines = plots.stack.tip(X, float(TIMES[150])).split("\n")
    assert lines[0] == "5.00 s, frame 150"
    assert lines[1].startswith("#3 window: ")
    assert lines[1].endswith(" px")
    assert len(lines) == 4


def test_hidden_targets_are_not_plotted_and_other_colours_come_at_once(plots: Plots) -> None:
    pink = replace(CAR, colour=4)
    plots.show(snapshot(pink, replace(RIVAL, visible=False)))
    place = plots.place(150, float(measure(CAR.rows.columns()).x[150]))
    assert plots.has_colour(QColor(*PALETTE[4]), place)
    assert [entry.text for entry in plots.panel.legend.entries] == ["#1 car"]
    _low, high = plots.stack.plots[X].box.viewRange()[1]
    assert high < 500


def test_a_scale_gives_units(plots: Plots) -> None:
    pixels = plots.stack.plots[X].box.viewRange()[1]
    plots.show(snapshot(CAR, RIVAL, WINDOW, scale=Scale((0, 0), (0, 50), 2.0, "ft")))
    assert plots.stack.plots[X].title.text() == "Position x, ft"
    assert plots.stack.plots[SPEED].title.text() == "Speed, ft/s"
    feet = plots.stack.plots[X].box.viewRange()[1]
    assert feet == pytest.approx([0.04 * v for v in pixels])
    value = float(measure(CAR.rows.columns()).x[150])
    assert plots.has_colour(QColor(*PALETTE[0]), plots.place(150, 0.04 * value))


def test_the_user_chooses_what_is_plotted_but_something_is(plots: Plots) -> None:
    header = plots.panel.header
    with plots.qtbot.waitSignal(plots.panel.quantities_changed):
        QTest.mouseClick(header.choices[Quantity.SCORE], LEFT)
    for quantity in (X, Y, SPEED):
        QTest.mouseClick(header.choices[quantity], LEFT)
    plots.settle()
    assert plots.stack.shown == (Quantity.SCORE,)
    assert plots.stack.plots[Quantity.SCORE].box.sceneBoundingRect().width() > 500
    score = float(CAR.rows[150].score)
    assert plots.has_colour(QColor(*PALETTE[0]), plots.place(150, score, Quantity.SCORE))
    QTest.mouseClick(header.choices[Quantity.SCORE], LEFT)
    assert plots.panel.quantities == (Quantity.SCORE,)
    plots.panel.set_quantities((Quantity.SIZE, X))
    plots.settle()
    assert plots.stack.shown == (X, Quantity.SIZE)


@pytest.mark.parametrize("selection", [-1, 1])
def test_a_growing_track_looks_as_if_it_was_painted_in_one_piece(
    make: Callable[..., Plots], selection: int
) -> None:
    plots = make(*until(60, CAR, RIVAL, WINDOW))
    plots.panel.set_selection(selection)
    for frame in (61, 75, 90, 91, 110, 200, 203):
        plots.show(snapshot(*until(frame, CAR, RIVAL, WINDOW), frame=frame - 1))
    grown = plots.picture()
    for plot in plots.stack.plots.values():
        plot.show_all()
    whole = plots.picture()
    assert grown.size() == whole.size()
    # lines that were painted in pieces may differ by a shade where those meet
    differing = sum(
        distance(grown.pixelColor(x, y), whole.pixelColor(x, y)) > 60
        for x in range(0, whole.width())
        for y in range(0, whole.height(), 3)
    )
    assert differing < 20


@pytest.mark.parametrize("size", [(720, 420), (2600, 1500)])
def test_a_playhead_that_passes_by_paints_no_curve(
    plots: Plots, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    plots.panel.resize(*size)
    plots.panel.set_quantities(plots.panel.header.choices)
    plots.settle()
    painted: list[object] = []
    paint = CurvesItem.paint

    def note(item: CurvesItem, *values: Any) -> None:
        painted.append(item)
        paint(item, *values)

    monkeypatch.setattr(CurvesItem, "paint", note)
    for frame in (100, 50, 300):
        plots.show(snapshot(CAR, RIVAL, WINDOW, frame=frame))
        assert plots.has_colour(INK, plots.middle(frame))
    assert painted == []
    plots.show(snapshot(replace(CAR, colour=3), RIVAL, WINDOW))
    assert len(set(map(id, painted))) == 5


def test_in_a_low_panel_plots_stay_readable_and_scroll(plots: Plots) -> None:
    plots.panel.set_quantities(plots.panel.header.choices)
    plots.panel.resize(720, 190)
    plots.settle()
    heights = [plot.box.sceneBoundingRect().height() for plot in plots.stack.plots.values()]
    assert min(heights) >= 50
    bar = plots.panel.area.verticalScrollBar()
    assert bar is not None
    assert bar.maximum() > 0
    plots.panel.resize(720, 900)
    plots.settle()
    assert bar.maximum() == 0


def test_a_correction_in_the_middle_is_shown(plots: Plots) -> None:
    rows = [replace(row, box=(20.0, 300.0, 40.0, 40.0)) for row in list(CAR.rows)[200:230]]
    plots.show(snapshot(replace(CAR, rows=CAR.rows.merged(rows))))
    assert plots.has_colour(QColor(*PALETTE[0]), plots.place(215, 40.0))
    old = float(measure(CAR.rows.columns()).x[215])
    assert not plots.has_colour(QColor(*PALETTE[0]), plots.place(215, old))


def test_of_many_snapshots_in_a_row_the_last_one_is_shown(
    make: Callable[..., Plots], monkeypatch: pytest.MonkeyPatch
) -> None:
    plots = make(CAR)
    seen: list[int] = []
    draw = plots.panel._draw

    def note(*values: Any) -> None:
        assert plots.panel._snapshot.frame is not None
        seen.append(plots.panel._snapshot.frame.index)
        draw(*values)

    monkeypatch.setattr(plots.panel, "_draw", note)
    for frame in range(40):
        plots.panel.show_snapshot(snapshot(CAR, frame=frame))
    plots.settle()
    assert seen[-1] == 39
    assert len(seen) <= 2


def test_nothing_is_drawn_while_it_is_not_seen(plots: Plots) -> None:
    plots.panel.hide()
    plots.show(snapshot(replace(CAR, label="truck")))
    assert next(entry.text for entry in plots.panel.legend.entries) == "#1 car"
    plots.panel.show()
    plots.settle()
    assert [entry.text for entry in plots.panel.legend.entries] == ["#1 truck"]


def test_without_targets_a_hint_is_shown_and_there_is_nothing_to_export(plots: Plots) -> None:
    plots.show(snapshot())
    assert plots.panel.pages.currentWidget() is plots.panel.hint
    assert not plots.panel.header.export.isEnabled()


def test_dark_and_light_are_followed(plots: Plots) -> None:
    plots.panel.setPalette(palette_of(dark=True))
    plots.settle()
    ground = palette_of(dark=True).base().color()
    assert distance(plots.picture().pixelColor(3, 3), ground) == 0
    assert plots.has_colour(QColor(palette_of(dark=True).text().color()), plots.middle(200))
