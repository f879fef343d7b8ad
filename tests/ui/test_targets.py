"""The list of targets with what a tracker found in the demo clip, by mouse and keys."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QModelIndex, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QAction, QColor, QContextMenuEvent, QHelpEvent, QKeySequence
from PyQt6.QtTest import QAbstractItemModelTester, QTest
from PyQt6.QtWidgets import QApplication, QLineEdit, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE, Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.canvas.menu import TargetMenu
from app.ui.targets import TargetPanel
from app.ui.targets.items import Item
from app.ui.targets.model import TargetModel
from app.ui.targets.places import Part, places_in, row_height
from app.ui.theme import palette_of
from tests.app.tracked import demo_targets
from tests.ui.hands import CTRL, LEFT, NONE, SHIFT, Heard, ask_menu

CAR, RIVAL, WINDOW = demo_targets()
LATE = TargetTrack(7, "late", 3, rows=CAR.rows.until(100))
ALL = (CAR, RIVAL, WINDOW, LATE)
INFO = SourceInfo("clip.mp4", 640, 360, 330, 30.0, is_live=False)
SIGNALS = (
    "selected", "rename_wanted", "colour_wanted", "visible_wanted", "remove_wanted",
    "remove_many_wanted",
)  # fmt: skip


def snapshot(*targets: TargetTrack, frame: int = 200) -> Snapshot:
    marks = (
        Mark(t.id, row.box, t.label, row.score, row.state, t.colour)
        for t in targets
        if (row := t.rows.at(frame)) is not None
    )
    return Snapshot(
        info=INFO, frame=SourceFrame(frame, frame / 30, np.zeros((4, 4, 3), np.uint8)),
        marks=tuple(marks), document=DocumentState(targets=targets),
    )  # fmt: skip


class Panel:
    """The panel, shown, and all that it asked for."""

    def __init__(self, qtbot: QtBot, *targets: TargetTrack) -> None:
        self.qtbot = qtbot
        self.panel = TargetPanel()
        qtbot.addWidget(self.panel)
        self.panel.setPalette(palette_of(dark=False))
        self.panel.resize(300, 420)
        self.heard = Heard(self.panel, *SIGNALS)
        with qtbot.waitActive(self.panel):
            self.panel.show()
            self.panel.activateWindow()
        self.panel.show_snapshot(snapshot(*targets))
        self.panel.view.setFocus()

    @property
    def viewport(self) -> Any:
        return self.panel.view.viewport()

    @property
    def names(self) -> list[str]:
        model = self.panel.model
        return [str(model.index(row).data()) for row in range(model.rowCount())]

    def text(self, id: int) -> str:
        """What is said of a target."""
        index = self.panel.model.index_of(id)
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    def show(self, shown: Snapshot) -> None:
        self.panel.show_snapshot(shown)
        self.qtbot.wait(130)

    def row(self, id: int) -> QPoint:
        """A place in the row of a target with no button."""
        return self.panel.view.visualRect(self.panel.model.index_of(id)).center()

    def click(self, id: int, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.viewport, LEFT, keys, self.row(id))

    def click_part(self, id: int, part: Part) -> None:
        at = self.panel.view.area_of(id, part).center().toPoint()
        QTest.mouseClick(self.viewport, LEFT, NONE, at)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.panel.view, key, keys)

    def menu(self) -> QMenu:
        self.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu

    def take(self) -> list[tuple[Any, ...]]:
        """What was heard since the last call."""
        heard, self.heard.all = self.heard.all, []
        return heard


@pytest.fixture
def panel(qtbot: QtBot) -> Panel:
    return Panel(qtbot, *ALL)


def test_all_targets_are_listed_with_how_they_fare(panel: Panel) -> None:
    assert panel.names == ["#1 car", "#2 rival", "#3 window", "#7 late"]
    score = CAR.rows[200].score
    assert panel.text(1) == f"#1 car, tracking {score:.2f}, 330 frames, 21 lost"
    assert panel.text(3).endswith(", 330 frames")
    assert panel.text(7) == "#7 late, not in this frame, 100 frames, 12 lost"
    panel.show(snapshot(CAR, replace(RIVAL, visible=False), frame=100))
    assert panel.text(1).startswith("#1 car, lost 0.0")
    assert panel.text(2).endswith(", hidden")
    assert panel.panel.title.text() == "2 targets"
    panel.show(snapshot(replace(CAR, rows=CAR.rows.until(1))))
    assert panel.panel.title.text() == "1 target"
    assert panel.text(1).endswith(", 1 frame")
    assert panel.heard.all == []


def test_a_target_without_a_mark_is_told_from_its_track(panel: Panel) -> None:
    panel.show(replace(snapshot(CAR, frame=100), marks=()))
    assert panel.text(1).startswith("#1 car, lost")


def test_a_click_selects_and_one_in_the_empty_part_selects_none(panel: Panel) -> None:
    panel.click(3)
    panel.click(1)
    QTest.mouseClick(panel.viewport, LEFT, NONE, QPoint(100, 380))
    assert panel.take() == [("selected", 3), ("selected", 1), ("selected", -1)]


def test_keys_go_through_the_list(panel: Panel) -> None:
    panel.panel.set_selection(1)
    panel.key(Qt.Key.Key_Down)
    panel.key(Qt.Key.Key_Down)
    panel.key(Qt.Key.Key_Up)
    panel.key(Qt.Key.Key_End)
    panel.key(Qt.Key.Key_Escape)
    assert [value for _, value in panel.take()] == [2, 3, 2, 7, -1]


def test_a_selection_from_elsewhere_is_shown_and_not_told_back(panel: Panel) -> None:
    panel.panel.set_selection(3)
    assert panel.panel.chosen == (3,)
    panel.panel.set_selection(-1)
    panel.panel.set_selection(99)
    assert panel.panel.chosen == ()
    assert panel.heard.all == []
    # of several the one that is told back does not lose the others
    panel.click(1)
    panel.click(3, CTRL)
    assert panel.take() == [("selected", 1), ("selected", 3)]
    panel.panel.set_selection(3)
    assert panel.panel.chosen == (1, 3)
    panel.panel.set_selection(2)
    assert panel.panel.chosen == (2,)


def test_the_selection_survives_that_others_come_and_go(panel: Panel) -> None:
    panel.click(3)
    panel.take()
    panel.show(snapshot(replace(CAR, id=2), WINDOW, LATE))
    panel.show(snapshot(*ALL, TargetTrack(9)))
    assert panel.panel.chosen == (3,)
    assert panel.heard.all == []
    panel.show(snapshot(CAR, RIVAL))
    assert panel.panel.chosen == ()
    assert panel.take() == [("selected", -1)]


def test_delete_removes_what_is_selected(panel: Panel) -> None:
    panel.click(3)
    panel.take()
    panel.key(Qt.Key.Key_Delete)
    assert panel.take() == [("remove_wanted", 3)]
    panel.click(1)
    panel.click(3, SHIFT)
    panel.take()
    panel.key(Qt.Key.Key_Backspace)
    assert panel.take() == [("remove_many_wanted", (1, 2, 3))]
    panel.key(Qt.Key.Key_A, CTRL)
    panel.take()
    QTest.mouseClick(panel.panel.remove, LEFT)
    assert panel.take() == [("remove_many_wanted", (1, 2, 3, 7))]
    panel.panel.set_selection(-1)
    assert not panel.panel.remove.isEnabled()
    panel.key(Qt.Key.Key_Delete)
    assert panel.heard.all == []


def test_the_buttons_of_a_row_act_on_it_and_select_nothing(panel: Panel) -> None:
    panel.click(1)
    panel.take()
    panel.click_part(3, Part.REMOVE)
    panel.click_part(2, Part.EYE)
    assert panel.take() == [("remove_wanted", 3), ("visible_wanted", 2, False)]
    panel.show(snapshot(CAR, replace(RIVAL, visible=False)))
    panel.click_part(2, Part.EYE)
    assert panel.take() == [("visible_wanted", 2, True)]
    assert panel.panel.chosen == (1,)
    # pressed there and let go elsewhere
    start = panel.panel.view.area_of(2, Part.REMOVE).center().toPoint()
    QTest.mousePress(panel.viewport, LEFT, NONE, start)
    QTest.mouseMove(panel.viewport, start - QPoint(120, 0))
    QTest.mouseRelease(panel.viewport, LEFT, NONE, start - QPoint(120, 0))
    assert panel.heard.all == []
    assert panel.panel.chosen == (1,)


def test_two_quick_clicks_on_an_eye_are_two(panel: Panel) -> None:
    at = panel.panel.view.area_of(2, Part.EYE).center().toPoint()
    QTest.mouseClick(panel.viewport, LEFT, NONE, at)
    QTest.mouseDClick(panel.viewport, LEFT, NONE, at)
    QTest.mouseRelease(panel.viewport, LEFT, NONE, at)
    assert panel.take() == [("visible_wanted", 2, False)] * 2
    assert panel.panel.view.state() is not panel.panel.view.State.EditingState


@pytest.mark.parametrize("how", ["double click", "F2", "Enter"])
def test_a_label_is_edited_in_its_place(panel: Panel, how: str) -> None:
    if how == "double click":
        QTest.mouseClick(panel.viewport, LEFT, NONE, panel.row(2))
        QTest.mouseDClick(panel.viewport, LEFT, NONE, panel.row(2))
    else:
        panel.panel.set_selection(2)
        panel.key(Qt.Key.Key_F2 if how == "F2" else Qt.Key.Key_Return)
    line = panel.panel.view.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "rival"
    line.selectAll()
    QTest.keyClicks(line, " blue car ")
    QTest.keyClick(line, Qt.Key.Key_Return)
    panel.qtbot.waitUntil(lambda: ("rename_wanted", 2, "blue car") in panel.heard.all)
    # until the document says so it is called as before
    assert panel.names[1] == "#2 rival"
    panel.show(snapshot(CAR, replace(RIVAL, label="blue car")))
    assert panel.names[1] == "#2 blue car"


def test_a_label_stays_as_it_was_with_esc_or_without_a_change(panel: Panel) -> None:
    panel.panel.set_selection(2)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        panel.key(Qt.Key.Key_F2)
        line = panel.panel.view.findChild(QLineEdit)
        assert line is not None
        if key == Qt.Key.Key_Escape:
            QTest.keyClicks(line, "x")
        QTest.keyClick(line, key)
        panel.qtbot.waitUntil(lambda: panel.panel.view.findChild(QLineEdit) is None)
    assert panel.heard.all == []
    assert panel.panel.chosen == (2,)


def test_an_edit_survives_snapshots(panel: Panel) -> None:
    panel.panel.set_selection(2)
    panel.key(Qt.Key.Key_F2)
    line = panel.panel.view.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "blue")
    panel.show(snapshot(*ALL, frame=210))
    QTest.keyClicks(line, " one")
    QTest.keyClick(line, Qt.Key.Key_Return)
    panel.qtbot.waitUntil(lambda: panel.heard.all == [("rename_wanted", 2, "blue one")])


def test_the_swatch_offers_the_colours_of_the_palette(panel: Panel) -> None:
    panel.click_part(3, Part.SWATCH)
    menu = panel.menu()
    assert len(menu.actions()) == len(PALETTE)
    assert [action.isChecked() for action in menu.actions()].index(True) == 2
    for _ in range(5):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert panel.take() == [("colour_wanted", 3, 4)]
    assert panel.panel.chosen == ()


def open_menu(panel: Panel, id: int) -> TargetMenu:
    menu = ask_menu(panel.viewport, panel.row(id))
    assert isinstance(menu, TargetMenu)
    return menu


def test_a_menu_offers_everything_by_keys_too(panel: Panel) -> None:
    panel.panel.set_selection(1)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint(), NONE)
    QApplication.sendEvent(panel.viewport, event)
    menu = panel.menu()
    assert isinstance(menu, TargetMenu)
    menu.hide_target.trigger()
    menu.close()
    assert panel.take() == [("visible_wanted", 1, False)]
    panel.show(snapshot(replace(CAR, visible=False), RIVAL, WINDOW))
    menu = open_menu(panel, 1)
    assert menu.hide_target.text() == "Show"
    menu.hide_target.trigger()
    menu.close()
    assert panel.take() == [("visible_wanted", 1, True)]
    menu = open_menu(panel, 2)
    assert panel.take() == [("selected", 2)]
    menu.rename.trigger()
    menu.close()
    line = panel.panel.view.findChild(QLineEdit)
    assert line is not None
    QTest.keyClick(line, Qt.Key.Key_Escape)
    panel.click(1, CTRL)
    panel.take()
    menu = open_menu(panel, 2)
    menu.remove.trigger()
    menu.close()
    assert panel.take() == [("remove_many_wanted", (1, 2))]


def test_without_targets_there_is_a_hint(panel: Panel) -> None:
    assert not panel.panel.hint.isVisible()
    panel.show(snapshot())
    assert panel.panel.hint.isVisible()
    assert "Drag a box" in panel.panel.hint.text()


def test_what_the_user_changed_shows_at_once_and_scores_within_a_while(panel: Panel) -> None:
    panel.show(snapshot(*ALL, frame=200))
    panel.panel.show_snapshot(snapshot(*ALL, frame=201))
    panel.panel.show_snapshot(snapshot(*ALL, frame=100))
    assert "tracking" in panel.text(1)
    panel.panel.show_snapshot(snapshot(replace(CAR, label="truck"), RIVAL, frame=100))
    assert panel.names == ["#1 truck", "#2 rival"]
    panel.panel.show_snapshot(snapshot(replace(CAR, label="truck"), RIVAL, frame=210))
    panel.qtbot.waitUntil(lambda: "tracking" in panel.text(1))


def test_a_hidden_panel_shows_what_there_is_when_it_is_seen_again(panel: Panel) -> None:
    panel.panel.hide()
    panel.show(snapshot(CAR))
    assert len(panel.names) == 4
    panel.panel.show()
    assert panel.names == ["#1 car"]


def test_rows_show_the_colour_and_the_score_of_their_target(panel: Panel) -> None:
    panel.show(snapshot(CAR, replace(RIVAL, colour=4)))
    image = panel.viewport.grab().toImage()
    for id, colour in ((1, PALETTE[0]), (2, PALETTE[4])):
        at = panel.panel.view.area_of(id, Part.SWATCH).center().toPoint()
        assert image.pixelColor(at) == QColor(*colour)
    row = QRectF(panel.panel.view.visualRect(panel.panel.model.index_of(1)))
    bar = panel.panel.view._delegate.places(row, panel.panel.view.font()).bar
    score = CAR.rows[200].score
    tint = QColor(*PALETTE[0])
    for share, is_filled in ((score - 0.08, True), (score + 0.08, False)):
        at = QPointF(bar.left() + share * bar.width(), bar.center().y()).toPoint()
        assert (image.pixelColor(at) == tint) is is_filled


def test_tips_say_what_a_button_does(panel: Panel) -> None:
    said = []
    for part in (*Part, None):
        area = panel.panel.view.area_of(2, part) if part else None
        at = panel.row(2) if area is None else area.center().toPoint()
        event = QHelpEvent(QHelpEvent.Type.ToolTip, at, panel.viewport.mapToGlobal(at))
        QApplication.sendEvent(panel.viewport, event)
        said.append(QToolTip.text())
    assert said[:3] == ["Choose another colour", "Hide in the picture", "Remove this target"]
    assert said[3].startswith("#2 rival, ")


def test_keys_of_the_window_keep_working_but_for_those_of_the_list(panel: Panel) -> None:
    pressed: list[str] = []
    for name in ("Space", "Del", "F2"):
        action = QAction(panel.panel)
        action.setShortcut(QKeySequence(name))
        action.triggered.connect(lambda _, name=name: pressed.append(name))
        panel.panel.addAction(action)
    panel.panel.set_selection(1)
    panel.key(Qt.Key.Key_Space)
    panel.key(Qt.Key.Key_Delete)
    assert pressed == ["Space"]
    assert panel.take() == [("remove_wanted", 1)]
    panel.panel.set_selection(-1)
    panel.key(Qt.Key.Key_Delete)
    assert pressed == ["Space", "Del"]


items = st.lists(st.builds(Item, st.integers(1, 9), st.sampled_from(["", "a"]), st.integers(0, 7),
                           st.booleans()), unique_by=lambda item: item.id)  # fmt: skip


@given(st.lists(items, max_size=5))
def test_the_model_tells_views_exactly_what_changed(lists: list[list[Item]]) -> None:
    model = TargetModel()
    tester = QAbstractItemModelTester(model)
    mirror: list[object] = []
    model.rowsInserted.connect(lambda _, a, b: mirror.insert(a, None))
    model.rowsRemoved.connect(lambda _, a, b: mirror.pop(a))
    for found in lists:
        wanted = tuple(sorted(found, key=lambda item: item.id))
        model.set_items(wanted)
        assert model.items == wanted
        assert len(mirror) == len(wanted)
        assert not model.index_of(99).isValid()
    assert model.rowCount(QModelIndex()) == len(model.items)
    del tester


@given(st.floats(120, 600), st.floats(10, 40), st.floats(10, 30))
def test_parts_of_a_row_lie_inside_it_and_apart(width: float, name: float, text: float) -> None:
    row = QRectF(5, 70, width, row_height(name, text))
    places = places_in(row, text)
    parts = [places.swatch, places.name, places.eye, places.remove, places.text, places.bar]
    for place, area in enumerate(parts):
        assert row.contains(area), place
        others = parts[:place] + parts[place + 1 :]
        assert not any(area.adjusted(0.1, 0.1, -0.1, -0.1).intersects(other) for other in others)
    for part in Part:
        assert places.part_at(places.area_of(part).center()) is part
    assert places.part_at(places.text.center()) is None
