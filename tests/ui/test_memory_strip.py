"""The strip of remembered frames, driven by mouse and keys, with what a real tracker remembers."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE, Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.player.snapshot import Snapshot, Work
from app.ui.application import dress
from app.ui.elided import ElidedLabel
from app.ui.memory import MemoryStrip
from app.ui.memory.tile import Tile
from app.ui.theme import apply_theme
from tests.ui.hands import LEFT, Heard, ask_menu, pick, pixels, show
from tests.ui.memory_clip import ID, full, snapshots, with_slots


@pytest.fixture
def strip(qtbot: QtBot, qapp: QApplication) -> Iterator[MemoryStrip]:
    dress(qapp)
    ground = QWidget()
    column = QVBoxLayout(ground)
    before, strip = QPushButton("before"), MemoryStrip()
    column.addWidget(before)
    column.addWidget(strip, 1)
    show(qtbot, ground, (760, 300))
    ground.activateWindow()
    before.setFocus()
    strip.set_selection(ID)
    strip.show_snapshot(full())
    yield strip
    ground.close()


@pytest.fixture
def heard(strip: MemoryStrip) -> Heard:
    return Heard(strip, "pin_wanted", "forget_wanted", "look_wanted")


def focused(strip: MemoryStrip) -> int:
    return next((k for k, tile in enumerate(strip.tiles) if tile.hasFocus()), -1)


def in_bar(tile: Tile, colour: tuple[int, int, int]) -> float:
    """Part of the line through the bar that has a colour."""
    line = pixels(tile)[round(tile.picture.bottom() + 8)].astype(int)
    return float((np.abs(line - colour).max(1) < 12).sum() / tile.picture.width())


def test_frames_are_shown_with_time_score_pin_and_share(strip: MemoryStrip) -> None:
    slots = full().memory[ID]
    looks = [tile.look for tile in strip.tiles]
    assert [look.title for look in looks] == [f"0:00.{round(10 * s.frame_time_s)}" for s in slots]
    assert [look.pinned for look in looks] == [True, False, False]
    assert looks[1].detail == f"score {slots[1].score:.2f}"
    numbers = [int(look.share_text.removesuffix(" %")) for look in (*looks, strip.now.look)]
    assert sum(numbers) == 100
    for look, slot, number in zip(looks, slots, numbers, strict=False):
        assert look.share == slot.share
        assert abs(number - 100 * slot.share) < 1
    assert strip.now.look.share == pytest.approx(1 - sum(s.share for s in slots))
    for tile, slot in zip(strip.tiles, slots, strict=True):
        assert in_bar(tile, PALETTE[2]) == pytest.approx(slot.share, abs=0.06)
        assert tile.accessibleName().startswith("Frame at 0:00")
        assert "% of the attention" in tile.accessibleDescription()


def test_thumbnails_are_those_of_the_tracker(strip: MemoryStrip) -> None:
    for tile, slot in zip(strip.tiles, full().memory[ID], strict=True):
        area = tile.picture.toRect()
        shown = pixels(tile)[area.top() : area.bottom() + 1, area.left() : area.right() + 1]
        size = (shown.shape[1], shown.shape[0])
        expected = cv2.resize(slot.thumbnail, size, interpolation=cv2.INTER_AREA)
        below = slice(40, -8)  # the pin covers some of what is above
        difference = np.abs(shown.astype(int) - expected.astype(int))[below, 8:-8].mean()
        assert difference < 6
    assert strip.now.has_picture


def test_arrows_go_from_frame_to_frame_and_tab_reaches_one(
    strip: MemoryStrip, qtbot: QtBot
) -> None:
    first = strip.tiles[0]
    QTest.mouseClick(first, LEFT, pos=QPoint(20, first.height() - 10))
    assert focused(strip) == 0
    for key, place in (
        (Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Up, 1), (Qt.Key.Key_Down, 1),
    ):  # fmt: skip
        QTest.keyClick(strip.tiles[focused(strip)], key)
        assert focused(strip) == place
    # with Tab one leaves the frames, and comes back to the same one
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_Backtab)
    assert focused(strip) == -1
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert focused(strip) == 1


def test_in_a_narrow_strip_arrows_go_up_and_down(strip: MemoryStrip) -> None:
    window = strip.window()
    assert window is not None
    window.resize(strip.now.width() * 2 + 70, 500)
    QApplication.processEvents()
    assert strip.tiles[2].y() > strip.tiles[0].y() == strip.tiles[1].y()
    strip.tiles[0].setFocus()
    QTest.keyClick(strip.tiles[0], Qt.Key.Key_Down)
    assert focused(strip) == 2
    QTest.keyClick(strip.tiles[2], Qt.Key.Key_Up)
    assert focused(strip) == 0


def test_p_pins_and_lets_go_and_delete_forgets(strip: MemoryStrip, heard: Heard) -> None:
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_P)
    QTest.keyClick(strip.tiles[2], Qt.Key.Key_Delete)
    first, second, third = full().memory[ID]
    strip.show_snapshot(with_slots(full(), first, replace(second, pinned=True), third))
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_P)
    slot = second.slot
    assert heard.all == [
        ("pin_wanted", ID, slot, True), ("forget_wanted", ID, third.slot),
        ("pin_wanted", ID, slot, False),
    ]  # fmt: skip


def test_the_first_frame_stays_and_the_strip_says_why(strip: MemoryStrip, heard: Heard) -> None:
    first = strip.tiles[0]
    QTest.keyClick(first, Qt.Key.Key_Delete)
    assert "cannot be forgotten" in strip.hint.text()
    strip.show_snapshot(full())
    assert "cannot be forgotten" in strip.hint.text()  # it can be read while the video plays
    QTest.keyClick(first, Qt.Key.Key_P)
    assert "always stays" in strip.hint.text()
    QTest.mouseClick(first, LEFT, pos=first.button("forget").center().toPoint())
    assert heard.all == []
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_P)
    assert strip.hint.text() == ""
    assert len(heard.all) == 1


def test_pin_and_cross_are_clicked_on_the_picture(strip: MemoryStrip, heard: Heard) -> None:
    tile, slot = strip.tiles[1], full().memory[ID][1].slot
    QTest.mouseMove(tile, tile.button("pin").center().toPoint())
    QTest.mouseClick(tile, LEFT, pos=tile.button("pin").center().toPoint())
    QTest.mouseClick(tile, LEFT, pos=tile.button("forget").center().toPoint())
    QTest.mouseClick(tile, LEFT, pos=QPoint(tile.width() // 2, tile.height() // 2))
    assert heard.all == [("pin_wanted", ID, slot, True), ("forget_wanted", ID, slot)]


def open_menu(strip: MemoryStrip, place: int) -> QMenu:
    tile = strip.tiles[place]
    return ask_menu(tile, tile.rect().center())


def test_the_menu_pins_forgets_and_shows_the_attention(strip: MemoryStrip, heard: Heard) -> None:
    pick(open_menu(strip, 1), "Pin")
    pick(open_menu(strip, 2), "Forget")
    pick(open_menu(strip, 1), "Show attention")
    slots = full().memory[ID]
    assert heard.all == [
        ("pin_wanted", ID, slots[1].slot, True), ("forget_wanted", ID, slots[2].slot),
        ("look_wanted", ID),
    ]  # fmt: skip
    menu = open_menu(strip, 0)
    disabled = {a.text(): a.toolTip() for a in menu.actions() if not a.isEnabled()}
    assert set(disabled) == {"Let it go again", "Forget"}
    assert all("always stays" in tip for tip in disabled.values())
    menu.close()


def test_the_button_shows_and_hides_the_attention_and_goes_along(
    strip: MemoryStrip, heard: Heard
) -> None:
    QTest.mouseClick(strip.look, LEFT)
    strip.set_selection(None)
    strip.set_selection(ID)
    QTest.mouseClick(strip.look, LEFT)
    # without a target it stays shown, and waits for one
    assert heard.all == [("look_wanted", ID), ("look_wanted", ID), ("look_wanted", -1)]
    strip.set_looking(True)
    assert strip.look.isChecked()
    assert len(heard.all) == 3


def test_without_a_target_or_memory_it_says_so(strip: MemoryStrip) -> None:
    strip.set_selection(None)
    assert "Select a target" in strip.hint.text()
    assert strip.tiles == []
    assert not strip.look.isEnabled()
    strip.set_selection(ID)
    assert len(strip.tiles) == 3
    strip.show_snapshot(with_slots(full()))
    assert "nothing yet" in strip.hint.text()
    anew = replace(with_slots(full()), work=(Work(ID, "forwards", 3, 9),))
    strip.show_snapshot(anew)
    assert "followed anew" in strip.hint.text()
    strip.set_selection(99)
    assert "Select a target" in strip.hint.text()
    strip.show_snapshot(Snapshot())


def test_a_long_name_ends_in_an_ellipsis_beside_the_whole_button(strip: MemoryStrip) -> None:
    name = "the red car that comes last, from the left, out of the tunnel under the old tower"
    strip.show_snapshot(replace(full(), document=DocumentState((TargetTrack(ID, name, colour=2),))))
    ground = strip.window()
    assert ground is not None
    ground.resize(400, 300)
    QApplication.processEvents()
    label = strip.findChild(ElidedLabel)
    assert label is not None
    assert label.shown.endswith("…")
    assert label.toolTip() == label.text() == f"#{ID} {name}"
    assert strip.look.width() >= strip.look.sizeHint().width()
    ground.resize(1400, 300)
    QApplication.processEvents()
    assert label.shown == label.text()
    assert label.toolTip() == ""


def test_what_is_missing_is_said_in_the_whole_width(strip: MemoryStrip) -> None:
    strip.show_snapshot(with_slots(full()))
    QApplication.processEvents()
    assert strip.hint.width() > strip.width() - 30
    strip.show_snapshot(full())
    assert not strip.hint.isVisible()


@pytest.mark.parametrize("selected", [None, ID])
def test_as_narrow_as_it_may_be_the_button_is_whole(
    strip: MemoryStrip, selected: int | None
) -> None:
    ground = strip.window()
    assert ground is not None
    strip.set_selection(selected)
    ground.resize(1, 300)
    QApplication.processEvents()
    assert strip.width() <= strip.minimumSizeHint().width()
    assert strip.look.width() >= strip.look.sizeHint().width()


def test_through_the_clip_a_frame_that_enters_is_new_and_the_rest_is_kept(
    strip: MemoryStrip,
) -> None:
    own = None
    seen_new = 0
    for snapshot in snapshots():
        strip.show_snapshot(snapshot)
        slots = snapshot.memory[ID]
        assert len(strip.tiles) == len(slots)
        for tile, slot in zip(strip.tiles, slots, strict=True):
            assert (tile.look.share_text == "new") == (slot.share == 0)
        if any(slot.share == 0 for slot in slots):
            seen_new += 1
            assert strip.now.look.share == own
        own = strip.now.look.share
    assert seen_new >= 2


def test_when_a_frame_is_forgotten_the_others_keep_their_shares(strip: MemoryStrip) -> None:
    before = [tile.look.share for tile in (*strip.tiles, strip.now)]
    first, second, _ = full().memory[ID]
    strip.show_snapshot(with_slots(full(), first, second))
    strip.show_snapshot(with_slots(full(), first, replace(second, pinned=True)))
    after = [tile.look.share for tile in (*strip.tiles, strip.now)]
    assert after == [before[0], before[1], before[3]]


def test_what_was_searched_stays_while_one_looks_back(strip: MemoryStrip) -> None:
    searched = pixels(strip.now)
    strip.show_snapshot(replace(full(), search={}))
    assert (pixels(strip.now) == searched).all()
    other = Mark(ID + 1, (10.0, 10.0, 20.0, 20.0), "", 0.9, "tracking")
    memory = {**full().memory, other.id: full().memory[ID]}
    strip.show_snapshot(replace(full(), search={}, marks=(other,), memory=memory))
    strip.set_selection(other.id)
    assert not strip.now.has_picture


def test_what_was_searched_for_another_target_is_found_while_one_looks_back(
    strip: MemoryStrip,
) -> None:
    now = full()
    other = Mark(ID + 1, (10.0, 10.0, 20.0, 20.0), "", 0.9, "tracking")
    both = replace(
        now, marks=(*now.marks, other), memory={**now.memory, other.id: now.memory[ID]},
        search={**now.search, other.id: (0.0, 0.0, 60.0, 60.0)},
    )  # fmt: skip
    strip.show_snapshot(both)
    mine = pixels(strip.now)
    strip.show_snapshot(replace(both, search={}))
    strip.set_selection(other.id)
    assert strip.now.has_picture
    assert (pixels(strip.now) != mine).any()
    strip.show_snapshot(Snapshot())
    strip.show_snapshot(replace(both, search={}))
    assert not strip.now.has_picture


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_can_be_seen_whether_the_attention_is_shown(
    strip: MemoryStrip, qapp: QApplication, theme: str
) -> None:
    apply_theme(qapp, theme)
    off = pixels(strip.look).astype(int)
    strip.set_looking(True)
    ground = np.abs(pixels(strip.look).astype(int) - off).max(-1)
    assert np.median(ground) > 40
    apply_theme(qapp, "system")


def test_the_keyboard_stays_with_what_is_left(strip: MemoryStrip) -> None:
    strip.tiles[2].setFocus()
    strip.tiles[2].pressed.emit()
    first, second, _ = full().memory[ID]
    strip.show_snapshot(with_slots(full(), first, second))
    assert focused(strip) == 1
    strip.show_snapshot(full())
    assert focused(strip) == 1


def test_space_is_left_to_the_window(strip: MemoryStrip, heard: Heard, qtbot: QtBot) -> None:
    taken: list[int] = []
    window = strip.window()
    assert window is not None
    window.keyPressEvent = lambda event: taken.append(event.key())  # type: ignore[method-assign]
    strip.tiles[1].setFocus()
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_Space)
    assert taken == [Qt.Key.Key_Space]
    assert heard.all == []


def test_colours_follow_the_theme(strip: MemoryStrip, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    dark = pixels(strip.tiles[1])[-12, 30].mean()
    apply_theme(qapp, "light")
    assert pixels(strip.tiles[1])[-12, 30].mean() > dark + 100
    apply_theme(qapp, "system")
    QApplication.sendEvent(strip, QEvent(QEvent.Type.LanguageChange))
    assert strip.look.text() == "Show attention"


def test_frames_stand_in_order_of_time_and_the_first_before_them(
    strip: MemoryStrip, heard: Heard
) -> None:
    first, second, third = full().memory[ID]
    # a frame that entered later may have taken an earlier slot
    strip.show_snapshot(with_slots(full(), replace(first, frame_time_s=7.0),
                                   replace(second, frame_time_s=6.0), third))  # fmt: skip
    titles = [tile.look.title for tile in strip.tiles]
    assert titles == ["0:07.0", f"0:00.{round(10 * third.frame_time_s)}", "0:06.0"]
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_Delete)
    assert heard.all == [("forget_wanted", ID, third.slot)]


@pytest.mark.parametrize("key", [Qt.Key.Key_P, Qt.Key.Key_Delete, Qt.Key.Key_Right])
def test_keys_of_the_strip_are_no_shortcuts_meanwhile(
    strip: MemoryStrip, heard: Heard, key: Qt.Key
) -> None:
    window, taken = strip.window(), []
    assert window is not None
    shortcut = QShortcut(QKeySequence(key), window)
    shortcut.activated.connect(lambda: taken.append(key))
    strip.tiles[1].setFocus()
    QTest.keyClick(strip.tiles[1], key)
    assert taken == []
    assert heard.all or focused(strip) == 2
    QTest.keyClick(strip.look, key)
    assert taken == [key]


def test_a_key_without_a_name_in_qt_and_keys_with_ctrl_do_nothing(
    strip: MemoryStrip, heard: Heard
) -> None:
    none = Qt.KeyboardModifier.NoModifier
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(strip.tiles[1], QKeyEvent(kind, 0x424, none, "\u0444"))
    QTest.keyClick(strip.tiles[1], Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert heard.all == []
