"""The picture drawn through OpenGL; `test_card` runs this in a process that has a display.

What draws is Mesa's llvmpipe, which computes on the CPU what a card would: the same calls, the same
pixels but for rounding.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE
from app.core.player.snapshot import Response
from app.ui import graphics
from app.ui.canvas import Canvas, ViewOptions
from app.ui.canvas.card import CardError, CardPicture
from app.ui.graphics import Card
from app.ui.window import MainWindow
from model.images import Frame
from tests.ui.canvases import BIG, SMALL, click, drag, hear, picture, snapshot
from tests.ui.conftest import Drag, choose, shown
from tests.ui.hands import LEFT, pixels, rgb_of, show

LONG = 20_000
WORDS = 100
"""Logical pixels at the bottom of a canvas where it may say something."""
NOISE: Frame = np.random.default_rng(7).integers(0, 256, (270, 480, 3), np.uint8)


@pytest.fixture(scope="session")
def card(qapp: QApplication) -> Card:
    found = graphics.find_card()
    assert found is not None
    return found


@pytest.fixture
def both(qtbot: QtBot, card: Card) -> tuple[Canvas, Canvas]:
    """Two canvases that are alike, but that a card draws the first one."""
    canvases = (Canvas(), Canvas())
    canvases[0].draw_with(card)
    for canvas in canvases:
        show(qtbot, canvas, (403, 301))
    return canvases


def smooth(width: int, height: int) -> Frame:
    """A picture whose neighbouring pixels differ little, so that rounding does too."""
    x, y = np.linspace(0, 6, width), np.linspace(0, 4, height)[:, None]
    waves = [np.sin(x + y), np.cos(x - 2 * y), np.sin(2 * x) * np.cos(y)]
    return np.rint(127.5 + 127 * np.stack(waves, axis=2)).astype(np.uint8)


def assert_alike(canvases: tuple[Canvas, Canvas], most: float = 3.0) -> None:
    """Above the words at the bottom, whose letters each smooths in its own way."""
    end = round((canvases[0].height() - WORDS) * canvases[0].devicePixelRatioF())
    one, other = (pixels(canvas)[:end].astype(int) for canvas in canvases)
    difference = np.abs(one - other).max()
    assert one.shape == other.shape
    assert difference <= most


ZOOMS: dict[str, Callable[[Canvas], object]] = {
    "fit": lambda canvas: canvas.zoom_fit(),
    "closer": lambda canvas: canvas.zoom_in(),
    "actual": lambda canvas: canvas.zoom_actual(),
    "pixels": lambda canvas: [canvas.zoom_in() for _ in range(15)],
}


@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (333, 777), (2600, 1500)])
def test_card_paints_what_the_cpu_does(
    both: tuple[Canvas, Canvas], size: tuple[int, int], zoom: str
) -> None:
    rgb = smooth(*size)
    for canvas in both:
        canvas.show_rgb(rgb)
        ZOOMS[zoom](canvas)
    assert_alike(both)


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2001, 3), (480, 270)])
def test_odd_pictures_fill_their_place(both: tuple[Canvas, Canvas], size: tuple[int, int]) -> None:
    for canvas in both:
        canvas.show_rgb(picture(*size, level=200))
    assert_alike(both, 0)


def test_pixels_are_squares_where_they_are_large(both: tuple[Canvas, Canvas]) -> None:
    for canvas in both:
        canvas.show_rgb(NOISE)
        for _ in range(16):
            canvas.zoom_in()
    one, other = (pixels(canvas)[:190] for canvas in both)
    # where an edge falls on the middle of a pixel, either side is right
    assert (one == other).all(axis=2).mean() > 0.98
    assert len(np.unique(one.reshape(-1, 3), axis=0)) < 200


def test_each_frame_is_shown_and_no_former_one(both: tuple[Canvas, Canvas]) -> None:
    for size in ((480, 270), (480, 270), (270, 480), (480, 270)):
        rgb = smooth(*size)[::-1].copy()
        for canvas in both:
            canvas.show_rgb(rgb)
        assert_alike(both)
    for canvas in both:
        canvas.show_rgb(None)
    assert_alike(both, 0)


def test_what_is_over_the_picture_is_painted_too(both: tuple[Canvas, Canvas]) -> None:
    shot = snapshot(BIG, SMALL, rgb=picture(level=60))
    heat = Response(np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16), BIG)
    for canvas in both:
        canvas.set_view_options(ViewOptions(show_search=True, show_response=True))
        canvas.show_snapshot(replace(shot, responses={1: heat}))
        canvas.set_selection(2)
    one, other = (pixels(canvas).astype(int) for canvas in both)
    # edges are smoothed in other ways
    differs = np.abs(one - other).max(axis=2) > 40
    assert differs.mean() < 0.01
    for colour in (PALETTE[0], PALETTE[1], (255, 255, 255)):
        found = [int((np.abs(image - colour).max(axis=2) < 12).sum()) for image in (one, other)]
        assert found[0] == pytest.approx(found[1], rel=0.25)
        assert min(found) > 100


def test_mouse_is_for_the_canvas(qtbot: QtBot, card: Card) -> None:
    canvas = Canvas()
    canvas.draw_with(card)
    show(qtbot, canvas, (800, 600))
    canvas.show_snapshot(snapshot(BIG, SMALL))
    heard = hear(canvas)
    child = canvas.childAt(400, 300)
    assert child is None
    click(canvas, 130, 70)
    assert canvas.selection == 2
    drag(canvas, (250, 30), (330, 150))
    np.testing.assert_allclose(heard.only("box_drawn")[0], (250, 30, 80, 120), atol=1)


def test_prepared_pictures_are_taken(both: tuple[Canvas, Canvas]) -> None:
    canvas = both[0]
    canvas.show_rgb(np.zeros_like(NOISE))
    pixels(canvas)
    ready = canvas.scaled(NOISE)
    assert ready is not None
    # larger than the screen shows it is no frame handed over
    assert ready.pixels.shape[1] < 2 * canvas.width() * canvas.devicePixelRatioF()
    ready.pixels[:] = 255  # to be told from what it makes itself
    canvas.offer(ready)
    canvas.show_rgb(NOISE)
    assert (pixels(canvas)[150, 20:380] == 255).all()


@pytest.mark.parametrize("way", ["deleted", "replaced", "forgotten", "moved"])
def test_nothing_of_the_card_is_left_behind(
    qtbot: QtBot, card: Card, way: str, capfd: pytest.CaptureFixture[str]
) -> None:
    canvas = Canvas()
    canvas.draw_with(card)
    canvas.resize(300, 200)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.show_rgb(NOISE)
    before = pixels(canvas)
    if way == "deleted":
        sip.delete(canvas)
    elif way == "replaced":
        for _ in range(3):
            canvas.draw_with(None)
            assert np.abs(pixels(canvas).astype(int) - before).mean() < 2
            canvas.draw_with(card)
            qtbot.wait(20)
    elif way == "moved":
        # into another window: with its context
        other = QWidget()
        column = QVBoxLayout(other)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(canvas)
        other.resize(300, 200)
        other.show()
        qtbot.waitExposed(other)
        np.testing.assert_array_equal(pixels(canvas)[:90], before[:90])
        sip.delete(other)
    del canvas
    qtbot.wait(20)
    told = capfd.readouterr()
    assert "exture" not in told.err + told.out


def test_where_the_card_fails_the_cpu_draws(
    qtbot: QtBot, both: tuple[Canvas, Canvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CardError("no more memory")

    monkeypatch.setattr(CardPicture, "_load", fail)
    for canvas in both:
        canvas.show_rgb(smooth(480, 270))
    qtbot.waitUntil(lambda: not both[0].is_drawn_by_card)
    assert_alike(both, 0)
    assert not graphics.has_failed()


# the window


@pytest.fixture
def by_card(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window, whose settings were changed to that a card draws."""
    window.preferences.change(drawing="card")
    assert window.canvas.is_drawn_by_card
    assert "llvmpipe" in window.drawing.name
    return window


def on_screen(window: MainWindow) -> Frame:
    """What the display shows of the canvas, device pixels."""
    screen = window.screen()
    assert screen is not None
    corner = window.canvas.mapToGlobal(QPointF(0, 0)).toPoint()
    size = window.canvas.size()
    shot = screen.grabWindow(0, corner.x(), corner.y(), size.width(), size.height())  # type: ignore[arg-type]
    return rgb_of(shot.toImage().convertToFormat(QImage.Format.Format_RGB888))


def count(image: Frame, colour: tuple[int, int, int]) -> int:
    return int((np.abs(image.astype(int) - colour).max(axis=2) < 12).sum())


def test_target_is_drawn_and_followed(
    by_card: MainWindow, video: Path, qtbot: QtBot, drag: Drag
) -> None:
    window = by_card
    window.open_text(str(video))
    qtbot.waitUntil(lambda: bool(window.snapshot.tracker), timeout=LONG)
    choose(window, "play")
    at = shown(window)
    drag(window, (100, 60), (160, 120))
    qtbot.waitUntil(lambda: len(window.snapshot.document.targets) == 1, timeout=LONG)
    choose(window, "play")
    qtbot.waitUntil(lambda: shown(window) > at + 5, timeout=LONG)
    choose(window, "play")
    qtbot.waitUntil(lambda: count(on_screen(window), PALETTE[0]) > 200, timeout=LONG)
    assert count(pixels(window.canvas), PALETTE[0]) > 200
    assert window.latency.mean_s is not None
    if folder := os.environ.get("PICTURES"):
        window.grab().save(f"{folder}/card.png")


def test_who_draws_is_changed_while_it_plays(
    by_card: MainWindow, video: Path, qtbot: QtBot
) -> None:
    window = by_card
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=LONG)
    choose(window, "loop")
    for drawing, is_by_card in (("cpu", False), ("card", True), ("auto", False)):
        # llvmpipe is no hardware, so nothing is to be had of it by itself
        window.preferences.change(drawing=drawing)
        assert window.canvas.is_drawn_by_card == is_by_card
        qtbot.waitUntil(lambda: on_screen(window).std() > 20, timeout=LONG)
        assert window.isVisible()
        assert not window.banner.strips


def test_dialogs_and_panels_stay_above_when_a_card_begins_to_draw(
    window: MainWindow, video: Path, qtbot: QtBot
) -> None:
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=LONG)
    panel = window.workspace.panels["targets"]
    QTest.mouseDClick(panel.title, LEFT)
    qtbot.waitUntil(panel.isFloating)
    choose(window, "settings")
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    before, place = window.windowHandle(), dialog.pos()
    window.preferences.change(drawing="card")
    # the window is made anew for it
    assert window.windowHandle() is not before
    for above in (dialog, panel):
        handle = above.windowHandle()
        assert handle is not None
        assert above.isVisible()
        assert handle.transientParent() is window.windowHandle()
    assert dialog.pos() == place
    assert QApplication.activeModalWidget() is dialog
    assert dialog.isActiveWindow()
    dialog.close()
    qtbot.waitUntil(lambda: on_screen(window).std() > 20, timeout=LONG)


def test_failure_is_told(
    by_card: MainWindow, video: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = by_card

    def fail(*_: object) -> None:
        raise CardError("no more memory")

    monkeypatch.setattr(CardPicture, "_load", fail)
    window.open_text(str(video))
    qtbot.waitUntil(lambda: not window.canvas.is_drawn_by_card, timeout=LONG)
    (strip,) = window.banner.strips
    assert "graphics card failed" in strip.sentence
    qtbot.waitUntil(lambda: on_screen(window).std() > 20, timeout=LONG)
    assert window.drawing.name == "the CPU"


def test_full_screen_and_back(by_card: MainWindow, video: Path, qtbot: QtBot) -> None:
    window = by_card
    window.open_text(str(video))
    qtbot.waitUntil(lambda: window.snapshot.frame is not None, timeout=LONG)
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_F11)
        qtbot.waitUntil(lambda: on_screen(window).std() > 20, timeout=LONG)


@pytest.mark.parametrize("fill", [MainWindow.showMaximized, MainWindow.showFullScreen])
def test_size_to_go_back_to_is_kept_when_a_card_begins_to_draw(
    window: MainWindow, qtbot: QtBot, fill: Callable[[MainWindow], None]
) -> None:
    size = window.size()
    fill(window)
    handle = window.windowHandle()
    assert handle is not None
    # as a window manager would, which this display has not
    handle.resize(1440, 880)
    qtbot.waitUntil(lambda: window.width() == 1440)
    window.preferences.change(drawing="card")
    handle = window.windowHandle()
    assert handle is not None
    # the system makes it large from this size, and small to it
    assert handle.size() == window.normalGeometry().size() == size
    assert window.isVisible()
    assert window.isMaximized() or window.isFullScreen()


@pytest.mark.usefixtures("home")
def test_card_is_not_on_trial_while_a_minimised_window_shows_nothing(
    qtbot: QtBot, card: Card
) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.draw_with(card)
    canvas.showMinimized()
    assert not graphics.has_failed()
    canvas.showNormal()
    qtbot.waitExposed(canvas)
    qtbot.waitUntil(lambda: not graphics.has_failed())


@pytest.mark.usefixtures("home")
def test_card_is_on_trial_until_something_is_on_the_screen(qtbot: QtBot, card: Card) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.draw_with(card)
    canvas.show()
    assert graphics.has_failed()
    qtbot.waitUntil(lambda: not graphics.has_failed())
