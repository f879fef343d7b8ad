"""Pictures are scaled beside the window's thread, and are what that would have made."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.core.mailbox import Mailbox
from app.core.player.snapshot import Snapshot
from app.core.sources.base import SourceFrame
from app.ui.canvas import Canvas
from app.ui.canvas.picture import Scaled
from app.ui.window.preparing import Preparer, Ready
from model.images import Frame
from tests.ui.hands import pixels, show

RGB: Frame = np.random.default_rng(4).integers(0, 256, (90, 160, 3), np.uint8)


def snapshot_of(index: int, rgb: Frame = RGB) -> Snapshot:
    return Snapshot(frame=SourceFrame(index, index / 30, rgb))


class Scaler:
    """Scales nothing; waits for leave where it is told to."""

    def __init__(self) -> None:
        self.leave = threading.Event()
        self.leave.set()
        self.asked: list[Frame] = []
        self.error: Exception | None = None

    def __call__(self, rgb: Frame) -> Scaled | None:
        self.asked.append(rgb)
        self.leave.wait(10)
        if self.error is not None:
            raise self.error
        return Scaled(rgb, (0, 0, 1, 1, 1, 1), rgb)


@pytest.fixture
def scaler() -> Scaler:
    return Scaler()


@pytest.fixture
def mailbox() -> Mailbox[Snapshot]:
    return Mailbox()


@pytest.fixture
def arrived() -> threading.Semaphore:
    return threading.Semaphore(0)


@pytest.fixture
def preparer(
    mailbox: Mailbox[Snapshot], scaler: Scaler, arrived: threading.Semaphore
) -> Iterator[Preparer]:
    made = Preparer(mailbox, scaler, arrived.release)
    yield made
    scaler.leave.set()
    made.end()
    made.join(10)
    assert not made.is_alive()


def next_of(preparer: Preparer, arrived: threading.Semaphore) -> Ready:
    assert arrived.acquire(timeout=10)
    ready, _ = preparer.take()
    assert ready is not None
    return ready


def test_each_frame_is_scaled_once(
    preparer: Preparer, mailbox: Mailbox[Snapshot], scaler: Scaler, arrived: threading.Semaphore
) -> None:
    one, other = snapshot_of(0), snapshot_of(1, RGB.copy())
    mailbox.put(one)
    first = next_of(preparer, arrived)
    assert first.snapshot is one
    assert first.left_at == mailbox.left_at
    assert first.picture is not None
    assert first.picture.rgb is RGB
    mailbox.put(Snapshot(frame=one.frame, rate=3.0))
    assert next_of(preparer, arrived).picture is None
    mailbox.put(other)
    assert next_of(preparer, arrived).picture is not None
    mailbox.put(Snapshot())
    assert next_of(preparer, arrived).picture is None
    assert len(scaler.asked) == 2


def test_it_is_busy_until_the_window_can_have_it(
    preparer: Preparer, mailbox: Mailbox[Snapshot], scaler: Scaler, arrived: threading.Semaphore
) -> None:
    scaler.leave.clear()
    mailbox.put(snapshot_of(0))
    assert preparer.take() == (None, True)
    mailbox.put(snapshot_of(1))
    mailbox.put(snapshot_of(2))
    scaler.leave.set()
    seen = [next_of(preparer, arrived).snapshot.frame]
    is_late = True
    while is_late:
        ready, is_late = preparer.take()
        if ready is not None:
            seen.append(ready.snapshot.frame)
    assert [frame.index for frame in seen if frame is not None] in ([0, 2], [2])


def test_what_was_left_before_is_taken(scaler: Scaler, arrived: threading.Semaphore) -> None:
    mailbox: Mailbox[Snapshot] = Mailbox()
    mailbox.put(snapshot_of(5))
    made = Preparer(mailbox, scaler, arrived.release)
    assert next_of(made, arrived).snapshot.frame is not None
    made.end()
    made.join(10)
    assert not made.is_alive()


def test_picture_that_cannot_be_scaled_is_left_to_the_window(
    preparer: Preparer, mailbox: Mailbox[Snapshot], scaler: Scaler, arrived: threading.Semaphore,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    scaler.error = ValueError("too wide")
    mailbox.put(snapshot_of(0))
    assert next_of(preparer, arrived).picture is None
    assert "too wide" in caplog.text


@pytest.mark.parametrize("change", ["nothing", "size", "zoom", "frame"])
def test_offered_picture_is_shown_where_it_fits(qtbot: QtBot, change: str) -> None:
    offered, plain = Canvas(), Canvas()
    for canvas in (offered, plain):
        show(qtbot, canvas, (300, 220))
        canvas.show_rgb(np.zeros_like(RGB))
    offered.offer(offered.scaled(RGB))
    rgb = RGB[::-1].copy() if change == "frame" else RGB
    for canvas in (offered, plain):
        if change == "size":
            canvas.resize(340, 230)
        if change == "zoom":
            canvas.zoom_in()
        canvas.show_rgb(rgb)
    assert (pixels(offered) == pixels(plain)).all()


def test_offered_picture_is_not_scaled_again(qtbot: QtBot) -> None:
    canvas = Canvas()
    show(qtbot, canvas, (300, 220))
    canvas.show_rgb(np.zeros_like(RGB))
    ready = canvas.scaled(RGB)
    assert ready is not None
    ready.pixels[:] = 255  # to be told from what scaling gives
    canvas.offer(ready)
    canvas.show_rgb(RGB)
    assert (pixels(canvas)[110, 20:280] == 255).all()


def test_frames_of_another_size_are_not_scaled_for_this_view(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show_rgb(RGB)
    assert canvas.scaled(RGB[:50]) is None
    assert canvas.scaled(RGB.copy()) is not None
