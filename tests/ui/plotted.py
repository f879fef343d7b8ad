"""A panel that is shown with the plots of the tracked demo clip."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.core.measures import Quantity
from app.core.player.document import DocumentState, Scale, TargetTrack
from app.core.player.snapshot import Playback, Snapshot, Span
from app.core.sources.base import SourceFrame, SourceInfo
from app.ui.plots import PlotsPanel
from app.ui.plots.stack import PlotStack
from app.ui.theme import palette_of
from tests.app.tracked import demo_targets
from tests.ui.hands import show

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
        self.panel.setPalette(palette_of(dark=False))
        show(qtbot, self.panel, (720, 420))
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
