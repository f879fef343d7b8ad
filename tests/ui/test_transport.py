"""A real bar of playback, driven by mouse and keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QColor, QIcon
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.player.document import Document
from app.core.player.snapshot import Playback, Snapshot, Span
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui import icons
from app.ui.theme import apply_theme, palette_of
from app.ui.transport import TransportBar, glyphs
from app.ui.transport.bar import SPEEDS
from app.ui.transport.position import position_of
from app.ui.transport.timecode import clock
from tests.ui.hands import LEFT, Heard, show

Key = Qt.Key
PIXELS = np.zeros((4, 4, 3), np.uint8)
TIMES = np.arange(300) / 30 + np.where(np.arange(300) > 100, 0.5, 0.0)
"""Of a file with a pause of half a second in it."""


def snapshot(frame: int = 90, **changes: Any) -> Snapshot:
    shown = Snapshot(
        Playback.PAUSED, SourceInfo("clip.mp4", 4, 4, 300, 30.0, is_live=False),
        SourceFrame(frame, float(TIMES[frame]), PIXELS), span=Span(0, 299, TIMES),
    )  # fmt: skip
    return replace(shown, **changes)


def live(frame: int, last: int) -> Snapshot:
    return Snapshot(
        Playback.PLAYING, SourceInfo("Camera 0", 4, 4, None, 30.0, is_live=True),
        SourceFrame(frame, frame / 30, PIXELS), edge=frame == last,
        span=Span(last - 99, last, np.arange(last - 99, last + 1) / 30),
    )  # fmt: skip


@pytest.fixture
def bar(qtbot: QtBot, qapp: QApplication) -> TransportBar:
    bar = TransportBar()
    show(qtbot, bar, (900, 48))
    bar.show_snapshot(snapshot())
    return bar


@pytest.fixture
def heard(bar: TransportBar) -> Heard:
    return Heard(
        bar, "toggle_wanted", "step_wanted", "seek_wanted", "speed_wanted", "loop_wanted",
        "go_live_wanted", "range_wanted",
    )  # fmt: skip


def click(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)


def look(icon: QIcon, side: int = 22) -> np.ndarray:
    image = icon.pixmap(QSize(side, side)).toImage()
    return np.array([
        [image.pixelColor(x, y).alpha() for x in range(image.width())]
        for y in range(image.height())
    ])  # fmt: skip


class TestButtons:
    @pytest.mark.parametrize(
        ("name", "signal"),
        [
            ("toggle", ("toggle_wanted",)), ("step_back", ("step_wanted", -1)),
            ("step_on", ("step_wanted", 1)), ("to_start", ("seek_wanted", 0)),
            ("to_end", ("seek_wanted", 299)), ("loop", ("loop_wanted", True)),
            ("set_in", ("range_wanted", 90, None)), ("set_out", ("range_wanted", None, 90)),
        ],
    )  # fmt: skip
    def test_each_asks_for_one_thing_by_mouse_and_by_key(
        self, bar: TransportBar, heard: Heard, name: str, signal: tuple[Any, ...]
    ) -> None:
        click(getattr(bar, name))
        bar.loop.setChecked(False)
        QTest.keyClick(getattr(bar, name), Key.Key_Space)
        assert heard.all == [signal, signal]

    def test_every_control_is_named_explained_and_reached_by_keys(self, bar: TransportBar) -> None:
        bar.show_snapshot(live(500, 520))
        controls: list[QWidget] = [*bar.findChildren(QAbstractButton), bar.speed]
        assert len(controls) == 11
        for control in controls:
            assert control.accessibleName()
            assert control.toolTip()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        names = [control.accessibleName() for control in controls]
        assert len(set(names)) == len(names)

    def test_play_becomes_pause(self, bar: TransportBar) -> None:
        paused = look(bar.toggle.icon())
        assert bar.toggle.accessibleName() == "Play"
        bar.show_snapshot(snapshot(playback=Playback.PLAYING))
        assert bar.toggle.accessibleName() == "Pause"
        assert (look(bar.toggle.icon()) != paused).any()
        bar.show_snapshot(snapshot(299, playback=Playback.ENDED))
        assert bar.toggle.accessibleName() == "Play"
        assert "again" in bar.toggle.toolTip()

    @pytest.mark.parametrize(
        ("frame", "off"), [(0, {"to_start", "step_back"}), (299, {"to_end", "step_on"}), (5, set())]
    )
    def test_at_an_end_nothing_leads_beyond_it(
        self, bar: TransportBar, frame: int, off: set[str]
    ) -> None:
        bar.show_snapshot(snapshot(frame))
        ways = ("to_start", "step_back", "step_on", "to_end")
        assert {name for name in ways if not getattr(bar, name).isEnabled()} == off

    def test_without_a_picture_nothing_can_be_pressed(self, qtbot: QtBot) -> None:
        bar = TransportBar()
        qtbot.addWidget(bar)
        bar.show()
        heard = Heard(bar)
        for button in bar.findChildren(QAbstractButton):
            if button.isVisible():
                click(button)
        assert heard.all == []
        assert not bar.toggle.isEnabled()
        assert not bar.speed.isEnabled()
        assert bar.time.text() == ""

    def test_a_step_repeats_while_it_is_held(
        self, bar: TransportBar, heard: Heard, qtbot: QtBot
    ) -> None:
        QTest.mousePress(bar.step_on, LEFT)
        qtbot.waitUntil(lambda: len(heard.all) >= 3, timeout=5000)
        QTest.mouseRelease(bar.step_on, LEFT)
        assert set(heard.all) == {("step_wanted", 1)}

    def test_a_source_that_failed_is_not_played(self, bar: TransportBar) -> None:
        bar.show_snapshot(snapshot(playback=Playback.FAILED))
        assert not bar.toggle.isEnabled()

    def test_a_widget_is_put_at_the_right_end(self, bar: TransportBar) -> None:
        label = QLabel("record")
        bar.add_widget(label)
        QApplication.processEvents()
        right = label.mapTo(bar, label.rect().topRight()).x()
        assert right > bar.width() - 12
        assert all(
            button.mapTo(bar, button.rect().topRight()).x() < right
            for button in bar.findChildren(QAbstractButton)
        )


class TestSpeedAndLoop:
    def test_keys_choose_a_speed(self, bar: TransportBar, heard: Heard) -> None:
        QTest.keyClick(bar.speed, Key.Key_Down)
        QTest.keyClick(bar.speed, Key.Key_Down)
        assert heard.all == [("speed_wanted", 2.0), ("speed_wanted", 4.0)]

    def test_all_speeds_are_offered(self, bar: TransportBar) -> None:
        shown = [bar.speed.itemText(k) for k in range(bar.speed.count())]
        assert shown == ["0.1×", "0.25×", "0.5×", "1×", "2×", "4×", "8×"]

    @pytest.mark.parametrize("speed", SPEEDS)
    def test_the_speed_of_now_is_shown_and_not_asked_for(
        self, bar: TransportBar, heard: Heard, speed: float
    ) -> None:
        bar.show_snapshot(snapshot(speed=speed))
        assert bar.speed.currentData() == speed
        assert heard.all == []

    def test_a_speed_of_another_kind_is_shown_as_it_is(self, bar: TransportBar) -> None:
        bar.show_snapshot(snapshot(speed=3.0))
        assert bar.speed.currentIndex() == -1
        assert bar.speed.placeholderText() == "3×"

    def test_loop_shows_what_is_so(self, bar: TransportBar, heard: Heard) -> None:
        bar.show_snapshot(snapshot(loop=True))
        assert bar.loop.isChecked()
        assert heard.all == []
        click(bar.loop)
        assert heard.all == [("loop_wanted", False)]
        # refused
        bar.show_snapshot(snapshot(91, loop=True))
        assert bar.loop.isChecked()


class TestRange:
    def test_it_is_cleared_when_there_is_one(self, bar: TransportBar, heard: Heard) -> None:
        assert not bar.clear_range.isEnabled()
        document = Document()
        document.set_view("Range", in_frame=10)
        bar.show_snapshot(snapshot(document=document.state))
        click(bar.clear_range)
        assert heard.all == [("range_wanted", None, None)]

    @pytest.mark.parametrize(
        ("frame", "button", "wanted"),
        [
            (100, "set_in", (100, 200)), (250, "set_in", (250, None)), (200, "set_in", (200, 200)),
            (100, "set_out", (50, 100)), (20, "set_out", (None, 20)), (50, "set_out", (50, 50)),
        ],
    )  # fmt: skip
    def test_an_end_on_the_other_side_is_let_go(
        self, bar: TransportBar, heard: Heard, frame: int, button: str, wanted: Any
    ) -> None:
        document = Document()
        document.set_view("Range", in_frame=50, out_frame=200)
        bar.show_snapshot(snapshot(frame, document=document.state))
        click(getattr(bar, button))
        assert heard.all == [("range_wanted", *wanted)]


class TestTime:
    def test_it_is_that_of_the_stamps(self, bar: TransportBar) -> None:
        assert bar.time.text() == "0:03.000 / 0:10.467 · frame 90"
        bar.show_snapshot(snapshot(101))
        assert bar.time.text() == "0:03.867 / 0:10.467 · frame 101"

    def test_without_stamps_the_end_goes_by_the_rate(self, bar: TransportBar) -> None:
        bar.show_snapshot(snapshot(span=None))
        assert bar.time.text() == "0:03.000 / 0:09.967 · frame 90"

    def test_where_nothing_is_known_of_the_end_there_is_none(self, bar: TransportBar) -> None:
        info = SourceInfo("pipe", 4, 4, None, None, is_live=False)
        bar.show_snapshot(snapshot(info=info, span=Span(0, None)))
        assert bar.time.text() == "0:03.000 · frame 90"
        assert not bar.to_end.isEnabled()
        assert bar.step_on.isEnabled()

    def test_what_stands_beside_it_does_not_jump(self, bar: TransportBar) -> None:
        bar.show_snapshot(snapshot(299))
        QApplication.processEvents()
        before = bar.time.width()
        bar.show_snapshot(snapshot(0))
        QApplication.processEvents()
        assert bar.time.width() == before

    @pytest.mark.parametrize(
        ("seconds", "digits", "text"),
        [
            (0, 3, "0:00.000"), (12.3454, 3, "0:12.345"), (59.9996, 3, "1:00.000"),
            (3599.9999, 0, "1:00:00"), (3727.5, 1, "1:02:07.5"), (61, 0, "1:01"),
            (-1.5, 1, "−0:01.5"), (-0.0001, 3, "0:00.000"),
        ],
    )  # fmt: skip
    def test_clock(self, seconds: float, digits: int, text: str) -> None:
        assert clock(seconds, digits) == text

    @given(st.floats(0, 1e6), st.integers(0, 3))
    def test_a_clock_can_be_read_back(self, seconds: float, digits: int) -> None:
        value = 0.0
        for part in clock(seconds, digits).split(":"):
            value = 60 * value + float(part)
        assert value == pytest.approx(seconds, abs=0.51 / 10**digits)


class TestLive:
    def test_a_file_has_no_live_button(self, bar: TransportBar) -> None:
        assert not bar.go_live.isVisible()

    def test_it_says_how_far_behind_and_leads_back(self, bar: TransportBar, heard: Heard) -> None:
        bar.show_snapshot(live(450, 525))
        assert bar.go_live.isVisible()
        assert bar.go_live.text() == "Go live · 2.5 s behind"
        behind = look(bar.go_live.icon())
        click(bar.go_live)
        click(bar.to_end)
        assert heard.all == [("go_live_wanted",), ("go_live_wanted",)]
        bar.show_snapshot(live(526, 526))
        assert bar.go_live.text() == "Live"
        assert (look(bar.go_live.icon()) != behind).any()

    def test_the_oldest_picture_that_is_still_there_is_the_start(
        self, bar: TransportBar, heard: Heard
    ) -> None:
        bar.show_snapshot(live(450, 525))
        click(bar.to_start)
        assert heard.all == [("seek_wanted", 426)]

    def test_speed_and_loop_are_of_files(self, bar: TransportBar) -> None:
        bar.show_snapshot(live(525, 525))
        assert not bar.speed.isEnabled()
        assert not bar.loop.isEnabled()
        bar.show_snapshot(snapshot())
        assert bar.speed.isEnabled()
        assert bar.loop.isEnabled()

    def test_how_far_behind_is_never_below_nothing(self) -> None:
        shown = replace(live(525, 525), edge=False, span=Span(400, 520, np.arange(400, 521) / 30))
        assert position_of(shown).behind_s == 0


class TestIcons:
    ALL = (
        icons.play, icons.pause, icons.cross, icons.bin, icons.plus, icons.minus, icons.fit_width,
        glyphs.to_start, glyphs.to_end, glyphs.step_back, glyphs.step_on, glyphs.loop,
        glyphs.mark_in, glyphs.mark_out, glyphs.clear_range,
    )  # fmt: skip

    @pytest.mark.parametrize("draw", ALL)
    @pytest.mark.parametrize("side", [16, 20, 22, 28, 33, 40, 44, 56, 66])
    def test_no_icon_is_scaled_on_screens_in_use(
        self, qapp: QApplication, draw: Callable[[QColor], QIcon], side: int
    ) -> None:
        icon = draw(QColor("black"))
        assert QSize(side, side) in icon.availableSizes()
        alpha = look(icon, side)
        assert alpha.shape == (side, side)
        assert alpha.max() > 200
        # nothing is cut off at an edge
        assert alpha[0].max() == alpha[-1].max() == alpha[:, 0].max() == alpha[:, -1].max() == 0

    def test_every_icon_has_a_shape_of_its_own(self, qapp: QApplication) -> None:
        shapes = {look(draw(QColor("black"))).tobytes() for draw in self.ALL}
        assert len(shapes) == len(self.ALL)

    def test_forth_is_back_mirrored(self, qapp: QApplication) -> None:
        for back, forth in (
            (glyphs.to_start, glyphs.to_end), (glyphs.step_back, glyphs.step_on),
            (glyphs.mark_in, glyphs.mark_out),
        ):  # fmt: skip
            a, b = (look(draw(QColor("black")), 44).astype(int) for draw in (back, forth))
            assert np.abs(a - b[:, ::-1]).mean() < 2

    def test_they_follow_the_theme(self, bar: TransportBar, qapp: QApplication) -> None:
        for dark in (True, False):
            apply_theme(qapp, "dark" if dark else "light")
            image = bar.toggle.icon().pixmap(QSize(28, 28)).toImage()
            tint = palette_of(dark).windowText().color()
            assert image.pixelColor(14, 14) == tint
        apply_theme(qapp, "system")

    def test_what_is_disabled_is_faint(self, qapp: QApplication) -> None:
        icon = icons.play(QColor("black"))
        size = QSize(22, 22)
        faint, full = (
            icon.pixmap(size, mode).toImage().pixelColor(11, 11).alpha()
            for mode in (QIcon.Mode.Disabled, QIcon.Mode.Normal)
        )
        assert 50 < faint < 120
        assert full == 255


def test_texts_are_set_again_with_the_language(bar: TransportBar) -> None:
    bar.to_start.setToolTip("")
    QApplication.sendEvent(bar, QEvent(QEvent.Type.LanguageChange))
    assert bar.to_start.toolTip() == "Go to the first frame"
