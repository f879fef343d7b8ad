"""The ruler over the lanes: times, numbers of frames, the range and the playhead's head."""

import math

from PyQt6.QtCore import QEvent, QLine, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.timeline.layout import MARGIN
from app.ui.timeline.marks import HANDLE, HEAD, chip_area, paint_chip, paint_handle, paint_head
from app.ui.timeline.pane import Pane, small_font
from app.ui.timeline.scene import Scene
from app.ui.timeline.style import STATES
from app.ui.timeline.ticks import frame_ticks, time_ticks

_REACH = 5.0
"""How far beyond a handle it is hit, logical pixels."""
_Role = QPalette.ColorRole
_LIVE = QColor(*STATES[3]).darker(115)


class Ruler(Pane):
    """Click or drag: go there; on a handle: move an end of the range; with Shift: a new range."""

    range_moved = pyqtSignal(object, object)
    """In and out point while the mouse holds one."""
    range_set = pyqtSignal(object, object)
    """In and out point as they were let go."""
    menu_wanted = pyqtSignal(int, QPoint)
    """Frame, and where on the screen."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        self._scale: QPixmap | None = None
        super().__init__(scene, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._held: str | None = None
        self._anchor = 0
        """Frame where a new range was begun."""
        self._grip = 0.0
        """How far beside the edge that is held it was taken hold of, logical pixels."""
        self.live_text = ""

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as two lines of text."""
        return QSize(400, 2 * math.ceil(QFontMetricsF(small_font(self.font())).height()) + 10)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, and narrow."""
        return QSize(80, self.sizeHint().height())

    def redraw(self) -> None:
        """Draw the scale again, as it has changed."""
        self._scale = None
        self.update()

    def handle_at(self, x: float, y: float) -> str | None:
        """`in` or `out` where the handle of that point is under a place, the nearer of both."""
        if y > HANDLE[1] + _REACH:
            return None
        found = []
        begin, end = self.scene.range
        if begin is not None:
            found.append((abs(self.edge_of(begin) - HANDLE[0] / 2 - x), "in"))
        if end is not None:
            found.append((abs(self.edge_of(end + 1) + HANDLE[0] / 2 - x), "out"))
        distance, name = min(found, default=(float("inf"), ""))
        return name if distance <= HANDLE[0] / 2 + _REACH else None

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if event is None or event.button() is not Qt.MouseButton.LeftButton or self.scene.is_empty:
            return
        place = event.position()
        frame = self.frame_at(place.x())
        self._held = self.handle_at(place.x(), place.y())
        begin, end = self.scene.range
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._held, self._anchor = "new", frame
        elif self._held == "in" and begin is not None:
            self._grip = place.x() - self.edge_of(begin)
        elif self._held == "out" and end is not None:
            self._grip = place.x() - self.edge_of(end + 1)
        else:
            self.scrub(frame)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        if event is None:
            return
        place = event.position()
        if self._held is not None:
            self.range_moved.emit(*self._dragged(place.x()))
        elif not self.is_scrubbing:
            hit = self.handle_at(place.x(), place.y())
            shape = Qt.CursorShape.SizeHorCursor if hit else Qt.CursorShape.ArrowCursor
            if self.cursor().shape() is not shape:
                self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        is_left = event is not None and event.button() is Qt.MouseButton.LeftButton
        if event is not None and is_left and self._held is not None:
            found = self._dragged(event.position().x())
            self._held = None
            self.range_set.emit(*found)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        if event is not None and not self.scene.is_empty:
            self.menu_wanted.emit(self.frame_at(event.pos().x()), event.globalPos())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        self._scale = None

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._scale is None or not self._fits(self._scale):
            self._scale = self._drawn()
        painter.drawPixmap(0, 0, self._scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_range(painter)
        if self.scene.is_live and not self.scene.is_empty:
            self._paint_live(painter)
        playhead = self.scene.playhead
        if playhead is not None:
            tint = self.palette().color(_Role.Link)
            paint_head(painter, self.x_of(playhead), self.height(), tint)

    def head_area(self, frame: int) -> tuple[int, int]:
        """Left edge and width of what the playhead covers at a frame."""
        return round(self.x_of(frame) - HEAD[0] / 2) - 2, round(HEAD[0]) + 4

    def _fits(self, pixmap: QPixmap) -> bool:
        """Whether a pixmap is as large and as fine as the widget."""
        ratio = self.devicePixelRatioF()
        return pixmap.devicePixelRatio() == ratio and pixmap.size() == self._pixels()

    def _pixels(self) -> QSize:
        """Device pixels of the widget, those that it covers in part among them."""
        ratio = self.devicePixelRatioF()
        return QSize(
            max(math.ceil(self.width() * ratio), 1), max(math.ceil(self.height() * ratio), 1)
        )

    def _dragged(self, x: float) -> tuple[int | None, int | None]:
        """The range with what the mouse holds at a place."""
        document, frame = self.scene.snapshot.document, self.frame_at(x)
        begin, end = document.in_frame, document.out_frame
        if self._held == "new" and frame != self._anchor:
            return min(self._anchor, frame), max(self._anchor, frame)
        # where the edge is that is held, as it was taken hold of beside it
        axis = self.scene.axis
        edge = round(axis.start + (x - self._grip - MARGIN) / axis.scale)
        if self._held == "in" and begin is not None:
            frame = self.scene.clip(edge)
            begin = frame if end is None else min(frame, end)
        elif self._held == "out" and end is not None:
            frame = self.scene.clip(edge - 1)
            end = frame if begin is None else max(frame, begin)
        return begin, end

    def _drawn(self) -> QPixmap:
        """Ground and marks."""
        pixmap = QPixmap(self._pixels())
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        palette = self.palette()
        pixmap.fill(palette.color(_Role.Window))
        painter = QPainter(pixmap)
        painter.setFont(small_font(self.font()))
        metrics = QFontMetricsF(painter.font())
        bottom = self.height() - 1
        ink, muted = palette.color(_Role.WindowText), palette.color(_Role.PlaceholderText)
        line = palette.color(_Role.Mid)
        axis = self.scene.axis
        times = [] if self.scene.is_empty else time_ticks(axis, self.scene.stamps)
        frames = [] if self.scene.is_empty else frame_ticks(axis)
        long = [(round(tick.x) + MARGIN, tick.text) for tick in times if tick.text]
        short = [round(tick.x) + MARGIN for tick in times if not tick.text]
        low = [(round(tick.x) + MARGIN, tick.text) for tick in frames]
        painter.setPen(QPen(line, 1))
        _draw_lines(painter, short, 0, 5)
        _draw_lines(painter, [x for x, _ in low], bottom - 7, bottom)
        painter.setPen(QPen(ink, 1))
        _draw_lines(painter, [x for x, _ in long], 0, 12)
        room = self._live_area().left() if self.scene.is_live else float(self.width())
        for x, text in long:
            if x + 4 + metrics.horizontalAdvance(text) < room:
                painter.drawText(QPointF(x + 4, metrics.ascent() + 2), text)
        painter.setPen(muted)
        for x, text in low:
            if x + 4 + metrics.horizontalAdvance(text) < self.width():
                painter.drawText(QPointF(x + 4, bottom - metrics.descent() - 1), text)
        painter.setPen(QPen(palette.color(_Role.Mid), 1))
        painter.drawLine(0, bottom, self.width(), bottom)
        painter.end()
        return pixmap

    def _paint_range(self, painter: QPainter) -> None:
        begin, end = self.scene.range
        if begin is None and end is None:
            return
        first, last = self.scene.ends
        left = self.edge_of(first if begin is None else begin)
        right = self.edge_of((last if end is None else end) + 1)
        tint = self.palette().color(_Role.Link)
        band = QColor(tint)
        band.setAlphaF(0.14)
        painter.fillRect(QRectF(left, 0, max(right - left, 1), self.height() - 1), band)
        if begin is not None:
            paint_handle(painter, left, 0, tint, is_in=True)
        if end is not None:
            paint_handle(painter, right, 0, tint, is_in=False)

    def _paint_live(self, painter: QPainter) -> None:
        """The newest edge, filled while the newest frame is shown."""
        painter.setFont(small_font(self.font(), bold=True))
        if self.scene.snapshot.edge:
            ground, ink = _LIVE, QColor(255, 255, 255)
        else:
            ground, ink = self.palette().color(_Role.Midlight), self.palette().color(_Role.Text)
        area = self._live_area()
        paint_chip(painter, area.x(), area.center().y(), self.live_text, ground, ink)

    def _live_area(self) -> QRectF:
        """Where the word on the newest edge stands."""
        metrics = QFontMetricsF(small_font(self.font(), bold=True))
        area = chip_area(metrics, 0, metrics.height() / 2 + 2, self.live_text)
        right = min(self.edge_of(self.scene.ends[1] + 1), self.width() - 2.0)
        return area.translated(right - area.width(), 0)


def _draw_lines(painter: QPainter, xs: list[int], top: int, bottom: int) -> None:
    """Upright lines, at once."""
    if xs:
        painter.drawLines(*(QLine(x, top, x, bottom) for x in xs))
