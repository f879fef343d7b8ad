"""Paints the items of a scene over the picture, in order: maps, regions, trails, boxes, handles."""

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QFont, QPainter

from app.ui.canvas import boxes, overlays
from app.ui.canvas.heat import paint_heat
from app.ui.canvas.hits import handles_of, place_of
from app.ui.canvas.scene import Item, Trail
from app.ui.canvas.view import View
from model.geometry import Box

REACH = 9.0
"""How near to a handle a press takes hold of it, logical pixels."""
_READABLE = 0.8
"""Least opacity of a caption."""
_WORDS_ROOM = (150.0, 60.0)
"""Width and height of the picture from which words about it stand inside it."""


def area_of(view: View, box: Box) -> QRectF:
    """A box of the frame, in the widget."""
    x, y = view.to_widget(box[:2])
    return QRectF(x, y, box[2] * view.scale, box[3] * view.scale)


def shown_area(view: View) -> QRectF:
    """The part of the widget that the picture covers."""
    return QRectF(*view.area).intersected(QRectF(0, 0, *view.widget))


def words_area(view: View) -> QRectF:
    """Where words may stand: on the picture, and beside it where it is too narrow or too low."""
    area, (width, height) = shown_area(view), view.widget
    if area.width() < _WORDS_ROOM[0]:
        area = QRectF(0, area.y(), width, area.height())
    if area.height() < _WORDS_ROOM[1]:
        area = QRectF(area.x(), 0, area.width(), height)
    return area


def beside(whole: QRect, covered: QRect) -> list[QRect]:
    """What of a rectangle another one leaves uncovered: above, below, left and right of it."""
    hole = covered.intersected(whole)
    # Qt takes a rectangle of negative size for one that reaches the other way
    if not covered.isValid() or hole.isEmpty():
        return [whole]
    left, top, right, bottom = hole.x(), hole.y(), hole.x() + hole.width(), hole.y() + hole.height()
    ends = (whole.x() + whole.width(), whole.y() + whole.height())
    parts = (
        QRect(whole.x(), whole.y(), whole.width(), top - whole.y()),
        QRect(whole.x(), bottom, whole.width(), ends[1] - bottom),
        QRect(whole.x(), top, left - whole.x(), hole.height()),
        QRect(right, top, ends[0] - right, hole.height()),
    )
    return [part for part in parts if not part.isEmpty()]


def paint_items(painter: QPainter, view: View, items: Sequence[Item], font: QFont) -> None:
    """Paint every target; nothing but handles reaches beyond the picture, and captions where they
    find no room on it."""
    area = shown_area(view)
    painter.save()
    painter.setClipRect(area)
    for item in items:
        if item.response is not None:
            paint_heat(painter, area_of(view, item.response.region), item.response.map)
    for item in items:
        if item.region is not None:
            overlays.paint_region(painter, area_of(view, item.region), item.tint)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for item in items:
        if item.trail is not None:
            _paint_trail(painter, view, item.trail, item)
    painter.setFont(font)
    taken: list[QRectF] = []
    for item in items:
        painter.setClipRect(area)
        _paint_item(painter, view, item, taken)
    painter.restore()
    for item in items:
        if item.is_selected:
            _paint_handles(painter, view, item)


def _paint_trail(painter: QPainter, view: View, trail: Trail, item: Item) -> None:
    x, y, _, _ = view.area
    points = trail.points * view.scale + np.array([x, y])
    overlays.paint_trail(painter, points, trail.strength, item.tint)


def _paint_item(painter: QPainter, view: View, item: Item, taken: list[QRectF]) -> None:
    area, bounds = area_of(view, item.box), words_area(view)
    painter.setOpacity(boxes.opacity_of(item.state))
    boxes.paint_box(painter, area, item.tint, item.state, is_selected=item.is_selected)
    painter.setOpacity(max(boxes.opacity_of(item.state), _READABLE))
    if area.intersects(shown_area(view)):
        painter.setClipRect(bounds)
        taken.append(boxes.paint_caption(painter, area, bounds, item, taken))
    painter.setOpacity(1.0)


def _paint_handles(painter: QPainter, view: View, item: Item) -> None:
    area = area_of(view, item.box)
    box = (area.x(), area.y(), area.width(), area.height())
    places = [QPointF(*place_of(box, handle)) for handle in handles_of(box, REACH)]
    boxes.paint_handles(painter, places, item.tint)
