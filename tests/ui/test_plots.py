"""The plots of the tracked demo clip, driven by mouse and keys, and looked at."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QWheelEvent
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.core.measures import Quantity, measure
from app.core.overlay import PALETTE
from app.core.player.document import DocumentState, Scale, TargetTrack
from app.core.player.snapshot import Playback, Snapshot, Span
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.plots import PlotsPanel
from app.ui.plots.curves import CurvesItem
from app.ui.plots.stack import PlotStack
from app.ui.theme import palette_of
from app.ui.tints import mix
from tests.app.tracked import demo_targets

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
X, Y, SPEED = Quantity.X, Quantity.Y, Quantity.SPEED
CAR, RIVAL, WINDOW = demo_targets()
INK = palette_of(dark=False).text().color()
"""Of the playhead."""
TIMES = np.array([row.time_s for row in CAR.rows])
LOST = [row.frame for row in CAR.rows if row.state == "lost"]
INFO = SourceInfo("clip.mp4", 640, 360, 330, 30.0, is_live=False)


def snapshot(
    *targets: TargetTrack, frame: int = 200, scale: Scale | None = None, is_live: bool = False
) -> Snapshot:
    return Snapshot(
        playback=Playback.PLAYING,
        info=replace(INFO, is_live=is_live),
        frame=SourceFrame(frame, float(TIMES[frame]), np.zeros((4, 4, 3), np.uint8)),
        span=Span(0, 329, TIMES),
        document=DocumentState(targets=targets, scale=scale),
    )


def until(frame: int, *targets: TargetTrack) -> tuple[TargetTrack, ...]:
    """Targets as they were when this frame was about to be tracked."""
    return tuple(replace(target, rows=target.rows.until(frame)) for target in targets)


class Plots:
    """A panel that is shown, with what it asked for."""

    def __init__(self, qtbot: QtBot, *targets: TargetTrack) -> None:
        self.panel = PlotsPanel()
        self.qtbot = qtbot
        self.sought: list[int] = []
        self.selected: list[int] = []
        self.panel.seek_wanted.connect(self.sought.append)
        self.panel.selected.connect(self.selected.append)
        qtbot.addWidget(self.panel)
        self.panel.setPalette(palette_of(dark=False))
        self.panel.resize(720, 420)
        self.panel.show()
        qtbot.waitExposed(self.panel)
        self.panel.show_snapshot(snapshot(*targets))
        qtbot.waitUntil(lambda: self.panel.pages.currentWidget() is self.panel.area, timeout=20000)
        self.settle()

    @property
    def stack(self) -> PlotStack:
        assert self.panel.stack is not None
        return self.panel.stack

    @property
    def view(self) -> Any:
        return self.stack.viewport()

    def show(self, shown: Snapshot) -> None:
        self.panel.show_snapshot(shown)
        self.settle()

    def settle(self) -> None:
        """Wait until a snapshot that was held back is shown."""
        self.qtbot.wait(150)

    def place(self, frame: int, value: float, quantity: Quantity = X) -> QPoint:
        """Where a value at a frame is in the view."""
        box = self.stack.plots[quantity].box
        scene = box.mapViewToScene(QPointF(float(TIMES[frame]), value))
        return self.stack.mapFromScene(scene)

    def middle(self, frame: int, quantity: Quantity = X) -> QPoint:
        """Half way up a plot at a frame."""
        low, high = self.stack.plots[quantity].box.viewRange()[1]
        return self.place(frame, (low + high) / 2, quantity)

    def picture(self) -> QImage:
        return self.view.grab().toImage()

    def has_colour(self, tint: QColor, at: QPoint, reach: int = 3) -> bool:
        """Whether a pixel near a point is of about this colour."""
        image = self.picture()
        return any(
            distance(image.pixelColor(at.x() + dx, at.y() + dy), tint) < 40
            for dx in range(-reach, reach + 1)
            for dy in range(-reach, reach + 1)
        )


def distance(one: QColor, other: QColor) -> int:
    return sum(
        abs(a - b)
        for a, b in zip(
            (one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()),
            strict=True,
        )
    )  # fmt: skip


@pytest.fixture
def make(qtbot: QtBot) -> Callable[..., Plots]:
    return lambda *targets: Plots(qtbot, *targets)


@pytest.fixture
def plots(qtbot: QtBot) -> Plots:
    return Plots(qtbot, CAR, RIVAL, WINDOW)


def wheel(plots: Plots, at: QPoint, steps: int, keys: Qt.KeyboardModifier = NONE) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(plots.view.mapToGlobal(at)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plots.view, event)


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
    wheel(plots, at, 5)
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
    wheel(plots, plots.middle(150), 6)
    at = plots.middle(150)
    QTest.mousePress(plots.view, MIDDLE, pos=at)
    QTest.mouseMove(plots.view, at - QPoint(60, 0))
    QTest.mouseRelease(plots.view, MIDDLE, pos=at - QPoint(60, 0))
    assert plots.stack.time_at(QPointF(at - QPoint(60, 0))) == pytest.approx(TIMES[150], abs=0.05)
    before = plots.stack.time_range
    wheel(plots, at, -2, SHIFT)
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


def test_another_video_is_shown_as_a_whole(plots: Plots) -> None:
    wheel(plots, plots.middle(150), 6)
    other = replace(snapshot(CAR), info=replace(INFO, name="other.mp4"))
    plots.show(other)
    assert plots.stack.time_range == (0.0, TIMES[-1])


def test_dark_and_light_are_followed(plots: Plots) -> None:
    plots.panel.setPalette(palette_of(dark=True))
    plots.settle()
    ground = palette_of(dark=True).base().color()
    assert distance(plots.picture().pixelColor(3, 3), ground) == 0
    assert plots.has_colour(QColor(palette_of(dark=True).text().color()), plots.middle(200))


def choose_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> list[str]:
    """Let the dialog answer `path`; what it suggested is noted."""
    suggested: list[str] = []

    def answer(parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        suggested.append(name)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return suggested


def export(plots: Plots, kind: str) -> str:
    """What the panel says of an export."""
    plots.panel.message.clear()
    plots.panel.header.exports[kind].trigger()
    plots.qtbot.waitUntil(lambda: bool(plots.panel.message.text()))
    assert plots.panel.message.isVisible()
    return plots.panel.message.text()


def test_the_plots_are_saved_as_a_picture_and_as_a_drawing(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggested = choose_file(monkeypatch, tmp_path / "a")
    plots.panel.set_folder(tmp_path)
    assert export(plots, "png") == "✓ Wrote a.png."
    assert suggested == [str(tmp_path / "clip-plots.png")]
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * plots.view.width()
    car = QColor(*PALETTE[0])
    colours = [image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, 60, 2)]
    # the legend, over the plots
    assert any(distance(colour, car) < 30 for colour in colours)
    choose_file(monkeypatch, tmp_path / "b.svg")
    assert export(plots, "svg") == "✓ Wrote b.svg."
    drawing = (tmp_path / "b.svg").read_text()
    assert "<image" not in drawing
    assert "Position x, px" in drawing
    assert "#1 car" in drawing
    assert "#e69f00" in drawing
    assert QSvgRenderer(str(tmp_path / "b.svg")).isValid()
    # on the screen nothing has changed
    assert plots.has_colour(car, plots.place(150, float(measure(CAR.rows.columns()).x[150])))


def test_what_was_measured_is_saved_as_a_table(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots.show(snapshot(CAR, RIVAL, scale=Scale((0, 0), (0, 50), 2.0, "ft")))
    suggested = choose_file(monkeypatch, tmp_path / "table.csv")
    assert export(plots, "csv") == "✓ Wrote table.csv."
    assert suggested[0].endswith("clip-measures.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text())))
    assert len(rows) == 660
    assert "speed [ft/s]" in rows[0]


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_an_export_that_fails_says_so_in_one_sentence(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    choose_file(monkeypatch, tmp_path / "no" / f"a.{kind}")
    said = export(plots, kind)
    assert "cannot be written: no such file or directory; choose a folder" in said
    assert said.count(".") - said.count(f".{kind}") == 1
    assert list(tmp_path.iterdir()) == []
    choose_file(monkeypatch, Path())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: ("", ""))
    plots.panel.header.exports[kind].trigger()
    assert plots.panel.message.text() == said


def test_live_time_leaves_room_for_what_comes(make: Callable[..., Plots]) -> None:
    plots = make(CAR)
    times = TIMES[:100]
    live = replace(snapshot(*until(100, CAR), frame=99, is_live=True), span=Span(0, 99, times))
    plots.show(live)
    assert plots.stack.time_range[1] == pytest.approx(1.25 * times[-1])
