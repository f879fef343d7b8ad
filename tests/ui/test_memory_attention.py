"""The attention view, driven by mouse and keys, with the attention of a real tracker."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE
from app.core.player.snapshot import Snapshot
from app.ui.application import dress
from app.ui.memory import AttentionView
from app.ui.memory.tokens import central
from app.ui.memory.weights import Choice, shown
from model.inspection import Attention
from model.presets import PRESETS
from tests.ui.hands import LEFT, pixels, show
from tests.ui.memory_clip import ID, full, snapshots, with_slots

GRID = PRESETS["small"].network.search.grid


def attention() -> Attention:
    found = full().attention
    assert found is not None
    return found


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> Iterator[AttentionView]:
    dress(qapp)
    view = AttentionView()
    show(qtbot, view, (900, 300))
    view.set_selection(ID)
    view.show_snapshot(full())
    move(view, QPoint(1, 1))
    yield view
    view.close()


def move(widget: QWidget, place: QPoint) -> None:
    """The mouse moves over the widget, whatever else is on the screen."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(widget.mapToGlobal(place)), none, none,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def at(view: AttentionView, token: int) -> QPoint:
    return view.canvas.cell(token).center().toPoint()


def begins(token: int) -> str:
    """How the sentence on a token begins."""
    row, column = divmod(token, GRID)
    return f"Token row {row + 1}, column {column + 1} gives "


def test_it_begins_at_the_centre_of_the_target_and_says_where_that_looks(
    view: AttentionView,
) -> None:
    token = central(attention().box, attention().search.shape[0], GRID)
    assert view.token == token
    seen = shown(attention(), Choice(), token)
    text = view.sentence.text()
    assert text.startswith(begins(token))
    assert text == view.canvas.accessibleDescription()
    # whole percents in falling order, itself last, a hundred in all
    said = [int(share) for share in re.findall(r"(\d+)\s%", text)]
    assert sum(said) == 100
    assert said[:-1] == sorted(said[:-1], reverse=True)
    assert abs(said[-1] - 100 * seen.own) < 1
    times = re.findall(r"frame (0:00\.\d)", text)
    order = sorted(range(3), key=lambda k: -seen.shares[k])
    slots = full().memory[ID]
    assert times == [f"0:00.{round(10 * slots[k].frame_time_s)}" for k in order]


def test_the_token_under_the_mouse_is_shown_a_click_keeps_it_and_escape_gives_it_back(
    view: AttentionView,
) -> None:
    canvas, first = view.canvas, view.token
    for token in (0, 37, GRID * GRID - 1):
        move(canvas, at(view, token))
        assert view.token == token
        assert view.sentence.text().startswith(begins(token))
    move(canvas, QPoint(3, 3))
    assert view.token == first
    move(canvas, at(view, 37))
    QTest.mouseClick(canvas, LEFT, pos=at(view, 37))
    move(canvas, QPoint(3, 3))
    assert view.token == 37
    view.show_snapshot(snapshots()[-1])
    assert view.token == 37
    assert canvas.scene is not None
    assert canvas.scene.is_locked
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    view.show_snapshot(full())
    assert view.token == first
    # a second click on the same token gives it back too
    for expected in (37, first):
        QTest.mouseClick(canvas, LEFT, pos=at(view, 37))
        move(canvas, QPoint(3, 3))
        assert view.token == expected


def test_arrow_keys_go_from_token_to_token_and_stop_at_the_border(view: AttentionView) -> None:
    canvas = view.canvas
    canvas.setFocus()
    first = view.token
    assert first is not None
    for key, step in (
        (Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, GRID), (Qt.Key.Key_Left, -1),
        (Qt.Key.Key_Up, -GRID), (Qt.Key.Key_Up, -GRID),
    ):  # fmt: skip
        before = view.token
        assert before is not None
        QTest.keyClick(canvas, key)
        assert view.token == before + step
    for _ in range(GRID):
        QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert view.token == (first // GRID - 1) * GRID
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert view.token == first


def choose(box: QComboBox, text: str) -> None:
    """With the keyboard, as a user would."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentText() != text:
        place = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() == place + 1


def test_layers_and_heads_are_chosen_alone_and_together(view: AttentionView) -> None:
    token = view.token
    assert token is not None
    layers, heads = attention().own.shape[:2]
    assert view.layer.count() == layers + 1
    assert view.head.count() == heads + 1
    seen = {view.sentence.text()}
    for layer, head, choice in (
        ("Layer 2", "All heads", Choice(False, 1, None)),
        ("Layer 2", "Head 3", Choice(False, 1, 2)),
        ("All layers", "Head 3", Choice(False, None, 2)),
    ):
        choose(view.layer, layer)
        choose(view.head, head)
        assert view.choice == choice
        scene = view.canvas.scene
        assert scene is not None
        expected = shown(attention(), choice, token)
        assert np.array_equal(scene.shown.maps, expected.maps)
        assert scene.shown.own == expected.own
        said = [int(share) for share in re.findall(r"(\d+)\s%", view.sentence.text())]
        assert abs(said[-1] - 100 * expected.own) < 1
        seen.add(view.sentence.text())
    assert len(seen) == 4


def test_the_hottest_place_of_a_frame_is_the_brightest(view: AttentionView) -> None:
    scene = view.canvas.scene
    assert scene is not None
    place, i, j = np.unravel_index(scene.shown.maps.argmax(), scene.shown.maps.shape)
    area = view.canvas.other_areas[int(place)]
    pitch = area.width() / 8
    cell = QRectF(j * pitch, i * pitch, pitch, pitch).translated(area.topLeft())
    red, green, blue = pixels(view.canvas, cell.adjusted(3, 3, -3, -3)).mean((0, 1))
    assert red > 190  # the yellow end of viridis
    assert green > 180
    assert blue < 110


def test_space_attention_lies_over_the_searched_crop_itself(view: AttentionView) -> None:
    QTest.mouseClick(view.space, LEFT)
    token, canvas = view.token, view.canvas
    assert token is not None
    assert view.choice.space
    assert not view.time.isChecked()
    (area,) = canvas.other_areas
    assert area.width() == pytest.approx(canvas.search_area.width())
    scene = canvas.scene
    assert scene is not None
    weights = attention().space.mean((0, 1))[token]
    assert scene.shown.maps[0].ravel() == pytest.approx(weights)
    best = int(weights.argmax())
    text = view.sentence.text()
    assert f"to row {best // GRID + 1}, column {best % GRID + 1}." in text
    assert f"{100 * weights.max():.1f}\N{NO-BREAK SPACE}%" in text
    # a token can be pointed at in either picture
    spot = canvas.cell(GRID * GRID - 3).center() - canvas.search_area.topLeft() + area.topLeft()
    move(canvas, QPointF(spot).toPoint())
    assert view.token == GRID * GRID - 3
    QTest.mouseClick(view.time, LEFT)
    assert len(canvas.other_areas) == 3


def test_captions_give_times_and_shares_in_the_target_s_colour(view: AttentionView) -> None:
    scene = view.canvas.scene
    assert scene is not None
    assert scene.tint == PALETTE[2]
    captions = [*scene.captions, scene.search_caption]
    assert sum(numbers(caption.value)[0] for caption in captions) == 100
    for area, caption in zip(view.canvas.other_areas, scene.captions, strict=True):
        bar = QRectF(area.left(), area.bottom() + 6, area.width(), 2)
        coloured = np.abs(pixels(view.canvas, bar).astype(int) - PALETTE[2]).max(-1) < 12
        assert coloured.any(0).mean() == pytest.approx(caption.share, abs=0.05)


def test_a_caption_wider_than_its_picture_is_written_into_the_free_room(
    view: AttentionView,
) -> None:
    view.resize(420, 230)
    QTest.mouseClick(view.space, LEFT)
    QApplication.processEvents()
    (area,) = view.canvas.other_areas
    assert view.fontMetrics().horizontalAdvance("Where the token looks") > area.width()
    right = QRectF(area.right() + 1, area.bottom() + 6, 40, view.fontMetrics().height() + 6)
    written = pixels(view.canvas, right).astype(int)
    assert np.ptp(written, axis=(0, 1)).max() > 100


def test_without_attention_it_says_when_there_will_be_some(view: AttentionView) -> None:
    view.show_snapshot(replace(full(), attention=None))
    assert view.token is None
    assert view.canvas.scene is None
    assert view.sentence.text() == ""
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Escape):
        QTest.keyClick(view.canvas, key)
    QTest.mouseClick(view.canvas, LEFT, pos=QPoint(200, 100))
    QTest.mouseClick(view.space, LEFT)
    view.show_snapshot(Snapshot())
    view.show_snapshot(full())
    assert view.token is not None
    assert view.choice.space


def test_frames_without_a_known_time_are_called_by_their_slot(view: AttentionView) -> None:
    view.show_snapshot(replace(full(), memory={}))
    assert "slot 0" in view.sentence.text()


def test_a_network_of_another_shape_falls_back_to_the_mean(view: AttentionView) -> None:
    view.choose(space=False, layer=2, head=3)
    small = attention()
    small = replace(
        small, time=small.time[:1, :2], own=small.own[:1, :2], space=small.space[:1, :2]
    )
    view.show_snapshot(replace(full(), attention=small))
    assert view.choice == Choice()
    assert (view.layer.count(), view.head.count()) == (2, 3)
    assert (view.layer.currentIndex(), view.head.currentIndex()) == (0, 0)


def test_another_selection_begins_at_its_own_centre(view: AttentionView) -> None:
    first = view.token
    QTest.mouseClick(view.canvas, LEFT, pos=at(view, 37))
    move(view.canvas, QPoint(3, 3))
    assert view.token == 37
    view.set_selection(None)
    view.set_selection(ID)
    assert view.token == first


@pytest.mark.parametrize("size", [(900, 300), (340, 700), (240, 240)])
def test_every_token_can_be_pointed_at_in_any_dock(
    view: AttentionView, size: tuple[int, int]
) -> None:
    view.resize(*size)
    QApplication.processEvents()
    canvas = view.canvas
    assert QRectF(canvas.rect()).contains(canvas.search_area)
    for area in canvas.other_areas:
        assert QRectF(canvas.rect()).contains(area)
    for token in (0, GRID - 1, GRID * GRID // 2, GRID * (GRID - 1), GRID * GRID - 1):
        move(canvas, at(view, token))
        assert view.token == token
    QApplication.sendEvent(view, QEvent(QEvent.Type.LanguageChange))
    assert view.token == GRID * GRID - 1
    assert not canvas.grab().isNull()


def test_frames_stand_in_order_of_time_with_their_own_heat(view: AttentionView) -> None:
    first, second, third = full().memory[ID]
    late = replace(second, frame_time_s=6.0)
    view.show_snapshot(with_slots(full(), first, late, third))
    scene, token = view.canvas.scene, view.token
    assert scene is not None
    assert token is not None
    assert [caption.text for caption in scene.captions] == [
        "0:00.0", f"0:00.{round(10 * third.frame_time_s)}", "0:06.0",
    ]  # fmt: skip
    plain = shown(attention(), Choice(), token)
    places = [attention().slots.index(slot.slot) for slot in (first, third, late)]
    assert np.array_equal(scene.shown.maps, plain.maps[places])
    assert scene.pictures == tuple(attention().templates[k] for k in places)
    for caption, place in zip(scene.captions, places, strict=True):
        assert caption.share == plain.shares[place]


def test_pictures_keep_their_place_while_the_mouse_moves(view: AttentionView) -> None:
    view.resize(560, 300)
    QApplication.processEvents()
    places = set()
    for token in range(0, 256, 15):
        move(view.canvas, at(view, token))
        QApplication.processEvents()
        places.add(view.canvas.search_area.getRect())
    assert len(places) <= 2  # the sentence may take another line once, and keeps it


def test_arrow_keys_of_the_view_are_no_shortcuts_meanwhile(view: AttentionView) -> None:
    taken: list[str] = []
    for name in ("Left", "Esc"):
        shortcut = QShortcut(QKeySequence(name), view)
        shortcut.activated.connect(lambda name=name: taken.append(name))
    first = view.token
    assert first is not None
    view.canvas.setFocus()
    QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    assert view.token == first - 1
    QTest.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert view.token == first
    assert taken == []
    view.show_snapshot(Snapshot())
    QTest.keyClick(view.canvas, Qt.Key.Key_Left)
    assert taken == ["Left"]
