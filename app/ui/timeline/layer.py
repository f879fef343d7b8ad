"""A picture that is kept, and painted again only where it changed."""

from collections.abc import Callable

from PyQt6.QtCore import QPoint, QRect, QRectF, QSize
from PyQt6.QtGui import QPainter, QPixmap

Paint = Callable[[QPainter, QRect], None]
"""Paints what lies in an area, which the painter is clipped to."""


class Layer:
    """What lies under the things that move."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._size, self._ratio = QSize(), 0.0
        self._dirty: list[QRect] = []

    def spoil(self, area: QRect | None = None) -> None:
        """Let an area, or everything, be painted again before it is shown."""
        if area is None:
            self._size = QSize()
        else:
            if not any(known.contains(area) for known in self._dirty):
                self._dirty.append(area)

    def scroll(self, right: int) -> None:
        """Move everything by device pixels; what comes in is to be spoiled."""
        # what was spoiled is painted where it goes
        by = round(right / self._ratio) if self._ratio else 0
        self._dirty = [area.adjusted(min(by, 0) - 1, 0, max(by, 0) + 1, 0) for area in self._dirty]
        self._pixmap.scroll(right, 0, self._pixmap.rect())

    def show(self, painter: QPainter, area: QRect, size: QSize, ratio: float, paint: Paint) -> None:
        """Show the area with `painter`; the whole picture is `size` logical pixels large."""
        if size != self._size or ratio != self._ratio:
            self._size, self._ratio = size, ratio
            device = QRectF(0, 0, size.width() * ratio, size.height() * ratio).toAlignedRect()
            if self._pixmap.size() != device.size():
                self._pixmap = QPixmap(device.size())
            self._pixmap.setDevicePixelRatio(ratio)
            self._dirty = [QRect(QPoint(), size)]
        if self._dirty:
            self._paint_dirty(paint)
        source = QRectF(
            area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio
        )
        painter.drawPixmap(QRectF(area), self._pixmap, source)

    def _paint_dirty(self, paint: Paint) -> None:
        within = QPainter(self._pixmap)
        for area in self._dirty:
            seen = area.intersected(QRect(QPoint(), self._size))
            if not seen.isEmpty():
                within.setClipRect(seen)
                paint(within, seen)
        within.end()
        self._dirty = []
