"""Targets in the window: drawn, followed, corrected, undone, named, hidden, removed."""

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from app.core.player.document import TargetTrack
from app.core.player.snapshot import Playback
from app.ui.window import MainWindow
from model.geometry import Box, iou
from tests.app.square import HEIGHT, WIDTH, square_at
from tests.ui.conftest import Drag, choose, pause, shown
from tests.ui.hands import LEFT


def targets(window: MainWindow) -> tuple[TargetTrack, ...]:
    return window.snapshot.document.targets


def boxes_of(window: MainWindow) -> list[Box]:
    return [mark.box for mark in window.snapshot.marks]


def overlap(box: Box, frame: int) -> float:
    return float(iou(np.array(box), np.array(square_at(frame))))


def around(box: Box, by: float = 3) -> tuple[tuple[float, float], tuple[float, float]]:
    """The corners of a box that is a little larger."""
    x, y, w, h = box
    return (x - by, y - by), (x + w + by, y + h + by)


def follow(window: MainWindow, qtbot: QtBot, drag: Drag, to: int) -> None:
    """Draw a box around the square on the frame that is shown, and play up to frame `to`."""
    drag(window, *around(square_at(shown(window))))
    qtbot.waitUntil(lambda: len(targets(window)) == 1)
    play_to(window, qtbot, to)


def resize(window: MainWindow, qtbot: QtBot, width: int, height: int) -> None:
    """Resize, and wait until everything has found its place."""
    window.resize(width, height)
    seen: list[object] = []

    def is_at_rest() -> bool:
        seen.append(window.canvas.size())
        return len(seen) > 10 and seen[-10:] == [seen[-1]] * 10

    qtbot.waitUntil(is_at_rest)


def play_to(window: MainWindow, qtbot: QtBot, frame: int) -> None:
    choose(window, "play")
    qtbot.waitUntil(lambda: shown(window) >= frame, timeout=20_000)
    pause(window, qtbot)


@pytest.mark.parametrize("size", [(1100, 700), (640, 900), (1500, 600)])
def test_drag_adds_a_target_where_it_was_drawn(
    paused: MainWindow, qtbot: QtBot, drag: Drag, size: tuple[int, int]
) -> None:
    resize(paused, qtbot, *size)
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(boxes_of(paused)) == 1)
    # a pixel of the screen may be more or less than one of the frame
    slack = 1.0 / paused.canvas.scale + 0.01
    np.testing.assert_allclose(boxes_of(paused)[0], (100, 30, 80, 80), atol=slack)


def test_target_drawn_while_the_video_plays_is_followed(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    qtbot.waitUntil(lambda: shown(playing) < 30, timeout=10_000)
    drag(playing, *around(square_at(shown(playing) + 2)))
    qtbot.waitUntil(lambda: len(boxes_of(playing)) == 1)
    began = shown(playing)
    qtbot.waitUntil(lambda: shown(playing) >= began + 20, timeout=20_000)
    pause(playing, qtbot)
    assert overlap(boxes_of(playing)[0], shown(playing)) > 0.5


def test_picture_stands_still_while_a_box_is_drawn(
    playing: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(playing, (20, 20), (60, 60), release=False)
    qtbot.wait(100)
    held = playing.snapshot.frame
    qtbot.wait(200)
    assert playing.snapshot.frame is held
    QTest.keyClick(playing.canvas, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: playing.snapshot.frame is not held)
    assert boxes_of(playing) == []


def test_drag_without_size_adds_nothing(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    drag(paused, (100, 100), (100, 100))
    drag(paused, (100, 100), (160, 100))
    choose(paused, "play")
    qtbot.waitUntil(lambda: paused.snapshot.playback is Playback.PLAYING)
    assert targets(paused) == ()
    assert paused.banner.isHidden()


def test_drag_beyond_the_picture_is_clipped(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    resize(paused, qtbot, 1500, 600)
    drag(paused, (250, 100), (WIDTH + 30, HEIGHT + 200))
    qtbot.waitUntil(lambda: len(boxes_of(paused)) == 1)
    np.testing.assert_allclose(boxes_of(paused)[0], (250, 100, WIDTH - 250, HEIGHT - 100), atol=1)


def test_drag_wholly_beside_the_picture_adds_nothing(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    resize(paused, qtbot, 1500, 600)
    drag(paused, (-40, 20), (-10, 90))
    drag(paused, (10, 20), (50, 90))
    qtbot.waitUntil(lambda: len(boxes_of(paused)) >= 1)
    assert len(boxes_of(paused)) == 1, "only the second"


def test_window_resized_while_dragging_keeps_the_corner(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(paused, (60, 50), (80, 70), release=False)
    paused.resize(760, 560)
    qtbot.wait(50)
    end = paused.canvas.to_widget(QPointF(160, 130)).toPoint()
    QTest.mouseRelease(paused.canvas, LEFT, pos=end)
    qtbot.waitUntil(lambda: len(boxes_of(paused)) == 1)
    np.testing.assert_allclose(boxes_of(paused)[0], (60, 50, 100, 80), atol=1.5)


def test_corrected_box_is_followed_anew_and_can_be_undone(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    """On a wrong box first: the ground, which stays, while the square moves away."""
    drag(paused, (200, 20), (240, 60))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    play_to(paused, qtbot, 30)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: shown(paused) == 0 or paused.snapshot.span is None)
    paused.commands.seek(12)
    qtbot.waitUntil(lambda: shown(paused) == 12)
    paused.canvas.select(1)
    qtbot.waitUntil(lambda: paused.actions_["confirm"].isEnabled())
    # with Ctrl the box of the selected target is drawn anew
    first, last = (paused.canvas.to_widget(QPointF(*p)).toPoint() for p in around(square_at(12), 0))
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.mousePress(paused.canvas, LEFT, ctrl, first)
    QTest.mouseMove(paused.canvas, (first + last) / 2)
    QTest.mouseMove(paused.canvas, last)
    QTest.mouseRelease(paused.canvas, LEFT, ctrl, last)
    qtbot.waitUntil(lambda: 12 in targets(paused)[0].corrections)

    def is_followed_anew() -> bool:
        row = targets(paused)[0].rows.at(28)
        return row is not None and overlap(row.box, 28) > 0.5

    qtbot.waitUntil(is_followed_anew, timeout=20_000)
    before = targets(paused)[0].rows.at(8)
    assert before is not None
    assert overlap(before.box, 8) < 0.1, "what lies before the correction stays"
    assert "correction" in paused.actions_["undo"].text()
    choose(paused, "undo")
    qtbot.waitUntil(lambda: 12 not in targets(paused)[0].corrections)
    choose(paused, "redo")
    qtbot.waitUntil(lambda: 12 in targets(paused)[0].corrections)


def test_every_change_can_be_undone(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not targets(paused))
    assert not paused.actions_["undo"].isEnabled()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(paused.canvas, Qt.Key.Key_Z, both)
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)


def test_selection_is_the_same_everywhere(paused: MainWindow, qtbot: QtBot, drag: Drag) -> None:
    for k in range(2):
        drag(paused, (20 + 150 * k, 20), (90 + 150 * k, 90))
        qtbot.waitUntil(lambda k=k: len(targets(paused)) == k + 1)
    # memory is that of the first while none is selected
    qtbot.waitUntil(lambda: len(paused.parts.memory.tiles) > 0)
    click = paused.canvas.to_widget(QPointF(200, 50)).toPoint()
    QTest.mouseClick(paused.canvas, LEFT, pos=click)
    assert paused.selection.id == 2
    assert paused.parts.timeline.selection == 2
    paused.parts.timeline.select(1)
    assert paused.canvas.selection == 1
    QTest.keyClick(paused.canvas, Qt.Key.Key_Escape)
    assert paused.selection.id == -1
    assert paused.parts.timeline.selection == -1


def test_arrow_keys_nudge_what_is_selected_and_step_otherwise(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    at = shown(paused)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown(paused) == at + 1)
    paused.canvas.select(1)
    x = boxes_of(paused)[0][0]
    QTest.keyClick(paused.canvas, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: boxes_of(paused)[0][0] == pytest.approx(x + 1), timeout=5000)
    assert shown(paused) == at + 1
    assert at + 1 in targets(paused)[0].corrections


def test_a_nudge_holds_on_its_frame_when_another_one_is_shown_at_once(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    at = shown(paused)
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    given = targets(paused)[0].corrections[at]
    choose(paused, "step_on")
    qtbot.waitUntil(lambda: shown(paused) == at + 1 and bool(boxes_of(paused)))
    paused.canvas.select(1)
    x = boxes_of(paused)[0][0]
    QTest.keyClick(paused.canvas, Qt.Key.Key_Right)
    choose(paused, "last_correction")
    qtbot.waitUntil(lambda: shown(paused) == at)
    qtbot.waitUntil(lambda: at + 1 in targets(paused)[0].corrections)
    assert targets(paused)[0].corrections[at + 1][0] == pytest.approx(x + 1)
    assert not paused.canvas.is_dragging
    assert targets(paused)[0].corrections[at] == given


@pytest.mark.parametrize("action", ["undo", "confirm"])
def test_what_follows_a_nudge_at_once_is_about_it(
    paused: MainWindow, qtbot: QtBot, drag: Drag, action: str
) -> None:
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    choose(paused, "step_on")
    qtbot.waitUntil(lambda: bool(paused.snapshot.marks[0].score < 1))
    paused.canvas.select(1)
    x = boxes_of(paused)[0][0]
    qtbot.waitUntil(lambda: paused.actions_["confirm"].isEnabled())
    QTest.keyClick(paused.canvas, Qt.Key.Key_Right)
    choose(paused, action)
    document = paused.host.document
    assert document is not None
    qtbot.waitUntil(lambda: (document.redo_text or document.undo_text) == "Correct box")
    qtbot.wait(50)
    assert len(targets(paused)) == 1
    moved = 0 if action == "undo" else 1
    qtbot.waitUntil(lambda: boxes_of(paused)[0][0] == pytest.approx(x + moved))
    assert len(document.history) == 2


def test_target_is_named_over_its_box_or_in_a_dialog(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    drag(paused, (100, 30), (180, 110))
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)
    paused.canvas.select(1)
    qtbot.waitUntil(lambda: paused.actions_["rename"].isEnabled())
    choose(paused, "rename")
    line = paused.canvas.findChild(QLineEdit)
    assert line is not None
    # the keys of the window are letters here
    QTest.keyClicks(line, "n, l.")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: targets(paused)[0].label == "n, l.")
    choose(paused, "visible")
    qtbot.waitUntil(lambda: not targets(paused)[0].visible)
    qtbot.waitUntil(lambda: not paused.actions_["visible"].isChecked())
    choose(paused, "rename")
    dialog = paused.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("car")
    dialog.accept()
    qtbot.waitUntil(lambda: targets(paused)[0].label == "car")


@pytest.mark.parametrize("how", ["key", "all", "menu"])
def test_targets_are_removed(paused: MainWindow, qtbot: QtBot, drag: Drag, how: str) -> None:
    for k in range(3):
        drag(paused, (20 + 80 * k, 20), (80 + 80 * k, 90))
        qtbot.waitUntil(lambda k=k: len(targets(paused)) == k + 1)
    if how == "all":
        choose(paused, "remove_all")
        qtbot.waitUntil(lambda: not targets(paused))
        return
    paused.canvas.select(2)
    if how == "key":
        QTest.keyClick(paused.canvas, Qt.Key.Key_Delete)
    else:
        qtbot.waitUntil(lambda: paused.actions_["remove"].isEnabled())
        choose(paused, "remove")
    qtbot.waitUntil(lambda: [t.id for t in targets(paused)] == [1, 3])
    assert paused.selection.id == -1


def test_box_is_placed_and_taken_by_keys_alone(paused: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(paused.canvas, Qt.Key.Key_Insert)
    assert paused.canvas.is_dragging
    QTest.keyClick(paused.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(paused.canvas, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(targets(paused)) == 1)


def test_doubtful_places_and_corrections_are_gone_to(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    at = shown(paused)
    follow(paused, qtbot, drag, at + 20)
    QTest.keyClick(paused.canvas, Qt.Key.Key_BracketLeft)
    qtbot.waitUntil(lambda: shown(paused) == at)
    QTest.keyClick(paused.canvas, Qt.Key.Key_N)
    qtbot.wait(50)
    assert shown(paused) == at, "there is no doubt about it"


def test_attention_is_looked_into_only_while_it_is_seen(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    follow(paused, qtbot, drag, shown(paused) + 3)
    assert paused.snapshot.attention is None
    qtbot.waitUntil(lambda: paused.parts.memory.look.isEnabled())
    QTest.mouseClick(paused.parts.memory.look, LEFT)
    qtbot.waitUntil(lambda: paused.snapshot.attention is not None)
    assert paused.workspace.panels["attention"].isVisible()
    qtbot.waitUntil(lambda: paused.parts.attention.token is not None)
    QTest.mouseClick(paused.parts.memory.look, LEFT)
    qtbot.waitUntil(lambda: paused.snapshot.attention is None)
    assert not paused.workspace.panels["attention"].isVisible()


def test_response_map_is_asked_for_only_while_it_is_shown(
    paused: MainWindow, qtbot: QtBot, drag: Drag
) -> None:
    follow(paused, qtbot, drag, shown(paused) + 3)
    assert not paused.snapshot.responses
    choose(paused, "response")
    qtbot.waitUntil(lambda: 1 in paused.snapshot.responses)
    assert paused.actions_["response"].isChecked()
    choose(paused, "response")
    qtbot.waitUntil(lambda: not paused.snapshot.responses)
