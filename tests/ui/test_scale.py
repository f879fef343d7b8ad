"""A line of known length, drawn over a real canvas by mouse and keys."""

import math
from dataclasses import replace
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QLocale, QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from app.core.player.document import DocumentState, Scale
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.canvas import Canvas
from app.ui.dialogs.base import button
from app.ui.scale import ScaleDialog, ScaleTool
from app.ui.scale.dialog import length_of, unit_fault
from app.ui.scale.measuring import Measuring, measuring
from assets.demo import clip_path
from tests.ui.hands import LEFT, MIDDLE, NONE, SHIFT, turn

OK = QDialogButtonBox.StandardButton.Ok
INFO = SourceInfo("clip.mp4", 640, 360, 330, 30.0, is_live=False)
WHEELS = ((110.0, 200.0), (230.0, 250.0))


def first_picture() -> SourceFrame:
    with av.open(str(clip_path())) as container:
        frame = next(container.decode(video=0))
        return SourceFrame(0, 0.0, frame.to_ndarray(format="rgb24"))


class Tool:
    """The tool over a canvas with the first picture of the demo, and what it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.canvas = Canvas()
        qtbot.addWidget(self.canvas)
        self.canvas.resize(800, 460)
        self.tool = ScaleTool(self.canvas)
        self.scales: list[Scale | None] = []
        self.modes: list[bool] = []
        self.drawn: list[Any] = []
        self.tool.scale_wanted.connect(self.scales.append)
        self.tool.mode_changed.connect(self.modes.append)
        self.canvas.box_drawn.connect(self.drawn.append)
        self.snapshot = Snapshot(info=INFO, frame=first_picture())
        with qtbot.waitActive(self.canvas):
            self.canvas.show()
            self.canvas.activateWindow()
        self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.canvas.show_snapshot(snapshot)
        self.tool.show_snapshot(snapshot)

    def at(self, point: tuple[float, float]) -> QPoint:
        return self.canvas.to_widget(QPointF(*point)).toPoint()

    def click(self, point: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.tool, LEFT, keys, self.at(point))

    def dialog(self) -> ScaleDialog:
        self.qtbot.waitUntil(lambda: self.tool.dialog is not None)
        assert self.tool.dialog is not None
        return self.tool.dialog

    def answer(self, length: str, unit: str) -> None:
        dialog = self.dialog()
        dialog.length.selectAll()
        QTest.keyClicks(dialog.length, length)
        line = dialog.unit.lineEdit()
        assert line is not None
        line.selectAll()
        QTest.keyClicks(line, unit)
        QTest.mouseClick(button(dialog.buttons, OK), LEFT)


@pytest.fixture
def tool(qtbot: QtBot) -> Tool:
    return Tool(qtbot)


def ends(scale: Scale | None) -> list[float]:
    assert scale is not None
    return [*scale.a, *scale.b]


def test_two_clicks_and_a_length_make_a_scale(tool: Tool) -> None:
    tool.tool.start()
    assert tool.modes == [True]
    tool.click(WHEELS[0])
    assert tool.tool.dialog is None
    tool.click(WHEELS[1])
    assert tool.scales == []
    tool.answer("2.6", "m")
    (scale,) = tool.scales
    assert ends(scale) == pytest.approx([*WHEELS[0], *WHEELS[1]], abs=1)
    assert scale is not None
    assert (scale.length, scale.unit) == (2.6, "m")
    assert scale.per_pixel == pytest.approx(2.6 / 130, rel=0.02)
    assert tool.modes == [True, False]
    assert not tool.tool.is_measuring
    assert tool.drawn == []
    # the picture has the mouse again
    QTest.mousePress(tool.canvas, LEFT, pos=tool.at((50, 50)))
    QTest.mouseMove(tool.canvas, tool.at((120, 120)))
    QTest.mouseRelease(tool.canvas, LEFT, pos=tool.at((120, 120)))
    assert len(tool.drawn) == 1


def test_a_drag_draws_the_line_too_and_shift_keeps_it_level(tool: Tool) -> None:
    tool.tool.start()
    QTest.mousePress(tool.tool, LEFT, NONE, tool.at((100, 200)))
    QTest.mouseMove(tool.tool, tool.at((250, 215)))
    QTest.mouseRelease(tool.tool, LEFT, SHIFT, tool.at((300, 220)))
    tool.answer("12", "floor tiles")
    assert ends(tool.scales[0]) == pytest.approx([100, 200, 300, 200], abs=1)
    assert tool.scales[0] is not None
    assert tool.scales[0].unit == "floor tiles"


def test_keys_alone_do_it(tool: Tool) -> None:
    tool.tool.start()
    assert tool.tool.hasFocus()
    QTest.keyClick(tool.tool, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(tool.tool, Qt.Key.Key_Up)
    QTest.keyClick(tool.tool, Qt.Key.Key_Return)
    for _ in range(3):
        QTest.keyClick(tool.tool, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(tool.tool, Qt.Key.Key_Down)
    QTest.keyClick(tool.tool, Qt.Key.Key_Space)
    dialog = tool.dialog()
    QTest.keyClicks(dialog.length, "3")
    QTest.keyClick(dialog.length, Qt.Key.Key_Return)
    assert tool.scales == [Scale((310, 179), (340, 180), 3.0, "m")]
    assert tool.canvas.hasFocus()


@pytest.mark.parametrize("clicks", [0, 1])
def test_esc_cancels(tool: Tool, clicks: int) -> None:
    tool.tool.start()
    for point in WHEELS[:clicks]:
        tool.click(point)
    QTest.keyClick(tool.tool, Qt.Key.Key_Escape)
    assert not tool.tool.is_measuring
    assert not tool.tool.isVisible()
    assert tool.modes == [True, False]
    assert tool.canvas.hasFocus()


def test_cancelling_the_dialog_changes_nothing(tool: Tool) -> None:
    tool.tool.start()
    tool.click(WHEELS[0])
    tool.click(WHEELS[1])
    QTest.keyClick(tool.dialog().length, Qt.Key.Key_Escape)
    assert (tool.scales, tool.modes) == ([], [True, False])
    assert tool.tool.dialog is None
    tool.tool.start()
    tool.click(WHEELS[0])
    assert tool.tool.dialog is None


def test_a_click_on_the_same_point_is_no_line(tool: Tool) -> None:
    tool.tool.start()
    for _ in range(3):
        tool.click(WHEELS[0])
    QTest.keyClick(tool.tool, Qt.Key.Key_Return)
    assert tool.tool.dialog is None
    tool.click(WHEELS[1])
    assert tool.dialog() is not None


def test_points_outside_the_picture_are_at_its_edge(tool: Tool) -> None:
    tool.canvas.resize(1000, 460)
    tool.tool.start()
    QTest.mouseClick(tool.tool, LEFT, NONE, QPoint(1, 1))
    QTest.mouseClick(tool.tool, LEFT, NONE, QPoint(998, 458))
    tool.answer("1", "ft")
    assert ends(tool.scales[0]) == pytest.approx([0, 0, 640, 360], abs=2)


def test_one_zooms_and_moves_in_between_to_hit_the_points(tool: Tool) -> None:
    tool.tool.start()
    tool.click(WHEELS[0])
    at, zoom = tool.at(WHEELS[1]), tool.canvas.zoom
    turn(tool.tool, at, 4)
    assert tool.canvas.zoom > 1.5 * zoom
    assert (tool.at(WHEELS[1]) - at).manhattanLength() <= 2
    QTest.mousePress(tool.tool, MIDDLE, NONE, QPoint(300, 200))
    assert tool.canvas.is_panning
    before = tool.at(WHEELS[1])
    QTest.mouseMove(tool.tool, QPoint(260, 180))
    QTest.mouseRelease(tool.tool, MIDDLE, NONE, QPoint(260, 180))
    assert not tool.canvas.is_panning
    assert tool.at(WHEELS[1]) == before - QPoint(40, 20)
    tool.click(WHEELS[1])
    tool.answer("1", "m")
    assert ends(tool.scales[0]) == pytest.approx([*WHEELS[0], *WHEELS[1]], abs=0.7)


def test_the_line_lies_over_the_picture_while_it_is_asked_for(tool: Tool) -> None:
    tool.show(replace(tool.snapshot, document=DocumentState(scale=Scale((50, 80), (250, 80), 2))))
    plain = tool.canvas.grab().toImage()
    assert plain.pixelColor(tool.at((60, 80))).lightness() < 240
    tool.tool.set_ruler_shown(True)
    for size, zooms in (((800, 460), 0), ((700, 500), 0), ((700, 500), 1)):
        tool.canvas.resize(*size)
        for _ in range(zooms):
            tool.canvas.zoom_in()
        image = tool.canvas.grab().toImage()
        for x in (100, 200, 240):
            place = tool.at((x, 80))
            rows = [image.pixelColor(place + QPoint(0, dy)).lightness() for dy in (-1, 0, 1)]
            assert max(rows) > 240, (size, zooms, x)
    # and lets the mouse through
    tool.canvas.zoom_fit()
    assert tool.canvas.childAt(tool.at((100, 80))) is None
    tool.tool.set_ruler_shown(False)
    assert not tool.tool.isVisible()
    tool.tool.set_ruler_shown(True)
    tool.show(replace(tool.snapshot, document=DocumentState()))
    assert not tool.tool.isVisible()


def test_the_line_follows_the_mouse_and_says_its_length(tool: Tool) -> None:
    tool.tool.start()
    tool.click((100, 200))
    tool.qtbot.mouseMove(tool.tool, tool.at((300, 200)))
    tool.qtbot.waitUntil(
        lambda: tool.canvas.grab().toImage().pixelColor(tool.at((150, 200))).lightness() > 240
    )


def test_an_existing_scale_is_changed_or_removed(tool: Tool) -> None:
    scale = Scale((50, 80), (250, 80), 2.5, "ft")
    tool.show(replace(tool.snapshot, document=DocumentState(scale=scale)))
    tool.tool.edit()
    dialog = tool.dialog()
    assert (dialog.length.text(), dialog.unit.currentText()) == ("2.5", "ft")
    tool.answer("5", "in")
    assert tool.scales == [Scale((50, 80), (250, 80), 5.0, "in")]
    tool.tool.edit()
    QTest.mouseClick(tool.dialog().remove, LEFT)
    assert tool.scales[1:] == [None]
    assert tool.modes == [True, False] * 2


def test_without_a_scale_changing_it_begins_with_the_line(tool: Tool) -> None:
    tool.tool.edit()
    assert tool.tool.is_measuring
    assert tool.tool.dialog is None


def test_another_source_ends_it(tool: Tool) -> None:
    tool.tool.start()
    tool.click(WHEELS[0])
    tool.click(WHEELS[1])
    dialog = tool.dialog()
    tool.show(replace(tool.snapshot, info=replace(INFO, name="other.mp4")))
    assert not tool.tool.is_measuring
    assert not dialog.isVisible()
    assert tool.modes == [True, False]
    tool.show(Snapshot())
    tool.tool.start()
    assert not tool.tool.is_measuring


def test_keys_that_are_shortcuts_of_the_window_go_to_the_line(tool: Tool) -> None:
    pressed: list[str] = []
    for key in ("Space", "Left"):
        action = QAction(tool.canvas)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _, key=key: pressed.append(key))
        tool.canvas.addAction(action)
    tool.tool.start()
    QTest.keyClick(tool.tool, Qt.Key.Key_Left)
    QTest.keyClick(tool.tool, Qt.Key.Key_Space)
    assert pressed == []
    QTest.keyClick(tool.tool, Qt.Key.Key_Escape)
    QTest.keyClick(tool.canvas, Qt.Key.Key_Space)
    assert pressed == ["Space"]


def test_the_dialog_says_what_is_wrong_and_what_a_pixel_is(qtbot: QtBot) -> None:
    dialog = ScaleDialog((0, 0), (30, 40))
    qtbot.addWidget(dialog)
    dialog.show()
    ok = button(dialog.buttons, OK)
    assert not ok.isEnabled()
    assert dialog.fault.text() == ""
    assert not dialog.remove.isVisible()
    for text, unit, fault in (
        ("-1", "m", "number above 0"), ("abc", "m", "number above 0"), ("1", "", "Give the unit"),
        ("1", "px", "in pixels already"), ("1", "furlongs of old", "12 letters"),
    ):  # fmt: skip
        dialog.length.setText(text)
        dialog.unit.setCurrentText(unit)
        assert fault in dialog.fault.text()
        assert not ok.isEnabled()
        assert dialog.scale is None
    dialog.length.setText("0.5")
    dialog.unit.setCurrentText(" m ")
    assert dialog.fault.text() == ""
    assert dialog.scale == Scale((0, 0), (30, 40), 0.5, "m")
    assert ok.isEnabled()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5", 2.5), (" 3 ", 3.0), ("2,5", 2.5), ("1e-3", 0.001), ("1,000", 1000.0), ("0", None),
        ("-2", None), ("", None), ("inf", None), ("nan", None), ("1e12", None), ("1,2,3", None),
    ],
)  # fmt: skip
def test_lengths_as_people_write_them(qapp: QApplication, text: str, value: float | None) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("en"))
    assert length_of(text) == value
    QLocale.setDefault(before)


def test_lengths_in_the_language_of_the_user(qapp: QApplication) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de"))
    assert (length_of("2,5"), length_of("2.5"), length_of("1.000,5")) == (2.5, 2.5, 1000.5)
    QLocale.setDefault(before)
    assert unit_fault("m") == ""


points = st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000))


@given(points, points)
def test_points_stay_inside_and_straight_lines_are_straight(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    state = measuring((640, 360)).at(a).begun()
    free, straight = state.at(b), state.at(b, straight=True)
    for found in (free, straight):
        assert 0 <= found.cursor[0] <= 640
        assert 0 <= found.cursor[1] <= 360
        assert found.begin is not None
        assert found.length == pytest.approx(math.dist(found.begin, found.cursor))
    assert straight.begin is not None
    assert straight.cursor[0] == straight.begin[0] or straight.cursor[1] == straight.begin[1]
    assert straight.length <= free.length + 1e-9
    assert straight.length >= free.length / math.sqrt(2) - 1e-9


def test_a_line_needs_two_places() -> None:
    state = Measuring((640, 360), (5, 5))
    assert not state.is_line
    assert not state.begun().is_line
    assert state.begun().moved(1, 0).is_line


def test_a_picture_of_the_line_is_readable(tool: Tool) -> None:
    tool.show(replace(tool.snapshot, document=DocumentState(scale=Scale((50, 80), (250, 80), 2))))
    tool.tool.set_ruler_shown(True)
    image = tool.canvas.grab().toImage()
    middle = tool.at((150, 80)) - QPoint(0, 24)
    ground = [image.pixelColor(middle + QPoint(dx, 0)) for dx in range(-25, 26)]
    assert any(colour.lightness() > 200 for colour in ground)
    assert sum(colour.lightness() < 70 for colour in ground) > 20
