"""Paints the lanes: everything but what moves over them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from app.ui.timeline import layout, marks
from app.ui.timeline.axis import Axis
from app.ui.timeline.curve import RECOVERED
from app.ui.timeline.lane import Lane
from app.ui.timeline.raster import Look
from app.ui.timeline.scene import Scene
from app.ui.timeline.style import Style, readable, rgb_of, tint_of

HIDDEN = 0.35
"""Opacity of the lane of a target that is not shown."""
_PAD = 6
"""Room left and right of the word on a lost span."""


@dataclass(frozen=True)
class LanePainter:
    """Paints parts of the lanes of a scene."""

    scene: Scene
    style: Style
    ratio: float
    """Device pixels per logical pixel."""
    font: QFont
    word: str
    """What lost spans are named."""

    @cached_property
    def word_room(self) -> float:
        """Least width of a lost span that is named."""
        return QFontMetricsF(self.font).horizontalAdvance(self.word) + 2 * _PAD + 10

    def origin_of(self, axis: Axis) -> int:
        """Which column of device pixels, from frame 0, is at the left edge."""
        return round(axis.start * axis.scale * self.ratio) - round(layout.MARGIN * self.ratio)

    def edge_of(self, frame: float) -> float:
        """Where a frame begins, in step with the pixels of the curve: marks stay where they are
        on it however far it is scrolled."""
        axis = self.scene.axis
        return frame * axis.scale - self.origin_of(axis) / self.ratio

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Paint what lies in an area, which the painter is clipped to."""
        rows = self.scene.rows
        for index in rows.between(area.top(), area.bottom()):
            lane, top = self.scene.lanes[index], rows.top_of(index)
            self._paint_curve(painter, area, lane, top)
            self._paint_marks(painter, area, lane, top)
        rest = area.intersected(
            QRect(area.x(), rows.top_of(rows.count), area.width(), area.bottom() + 1)
        )
        if not rest.isEmpty():
            painter.fillRect(rest, self.style.window)

    def _paint_curve(self, painter: QPainter, area: QRect, lane: Lane, top: int) -> None:
        axis, style, ratio = self.scene.axis, self.style, self.ratio
        ground = style.selected if lane.track.id == self.scene.selection else style.ground
        look = Look(
            height=round(self.scene.rows.height * ratio), ratio=ratio, ground=rgb_of(ground),
            guide=rgb_of(style.guide), curve=readable(tint_of(lane.track), style.ground),
            states=style.states, strength=1.0 if lane.track.visible else HIDDEN,
        )  # fmt: skip
        scale = axis.scale * ratio
        lane.tiles.set_look(look, scale, lane.bridge)
        origin = self.origin_of(axis)
        begin = origin + int(area.left() * ratio)
        lane.tiles.paint(painter, origin, (begin, begin + round(area.width() * ratio) + 1), top)

    def _paint_marks(self, painter: QPainter, area: QRect, lane: Lane, top: int) -> None:
        """What stands on the curve: words, pennant, triangles, diamonds."""
        axis = self.scene.axis
        side = 2 * marks.DIAMOND + layout.MARGIN
        first, last = axis.frame_at(area.left() - side), axis.frame_at(area.right() + side)
        named = axis.frame_at(area.left() - layout.MARGIN - self.word_room)
        lost = lane.lost.near(named, last, self.word_room / axis.scale)
        found = lane.recovered.near(first, last)
        corrections = lane.corrections_between(first, last)
        begun = first <= lane.track.begun + 1 and lane.track.begun <= last and lane.corrections
        if not (lost or found or corrections or begun):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if lane.track.visible else HIDDEN + 0.2)
        for span in lost:
            self._paint_word(painter, span, top)
        if begun:
            self._paint_begin(painter, lane, top)
        self._paint_found(painter, [begin for begin, _ in found], top)
        middle = top + layout.strip_middle(self.scene.rows.height)
        for frame in corrections:
            x = self.edge_of(frame + 0.5)
            marks.paint_diamond(painter, x, middle, tint_of(lane.track), self.style.text)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_word(self, painter: QPainter, span: tuple[int, int], top: int) -> None:
        """Name a lost span from where it begins, or begins to be seen, if there is room."""
        style = self.style
        x = max(self.edge_of(span[0]), 0.0)
        if self.edge_of(span[1]) - x < self.word_room:
            return
        painter.setFont(self.font)
        middle = top + (self.scene.rows.height - layout.STRIP - layout.STRIP_PAD) / 2
        marks.paint_chip(painter, x + _PAD, middle, self.word, style.ground, style.lost_text)

    def _paint_begin(self, painter: QPainter, lane: Lane, top: int) -> None:
        x = self.edge_of(lane.track.begun)
        tint = readable(tint_of(lane.track), self.style.ground)
        marks.paint_begin(painter, x, top + 2, top + self.scene.rows.height - 3, tint)

    def _paint_found(self, painter: QPainter, frames: list[int], top: int) -> None:
        """Where the target was found again, as far as there is room for all."""
        scale = self.scene.axis.scale
        foot = top + layout.strip_middle(self.scene.rows.height) + layout.STRIP / 2
        tint, rim = self.style.states[RECOVERED], QColor(self.style.ground)
        for k in layout.thinned(np.array(frames) * scale, 2 * marks.TRIANGLE):
            x = self.edge_of(frames[k] + 0.5)
            marks.paint_triangle(painter, x, foot, tint, rim)


def paint_hint(painter: QPainter, area: QRect, hint: str, ink: QColor) -> None:
    """Say what to do where there is no lane."""
    painter.setPen(ink)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(area.adjusted(12, 4, -12, -4), flags, hint)
