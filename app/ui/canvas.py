"""The picture with its boxes, and the mouse that draws new ones."""

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt6.QtWidgets import QMenu, QWidget

from app.core.overlay import FADED, Mark, caption, colour_of, contrasting
from app.core.pipeline import Snapshot
from model.geometry import Box

_BACKGROUND = QColor(16, 17, 20)
_SMALLEST_DRAG = 4
"""A drag of fewer pixels of the screen, in width or height, is a click."""


class Canvas(QWidget):
    """Shows a snapshot, scaled to fit; a drag with the left button draws a box."""

    drag_began = pyqtSignal()
    drag_ended = pyqtSignal()
    box_drawn = pyqtSignal(tuple)
    """`(x, y, w, h)` in pixels of the frame, inside it; comes before `drag_ended`."""
    remove_wanted = pyqtSignal(int)
    """Id of the target that the user asked to remove."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video picture")
        self._snapshot = Snapshot()
        self._image: QImage | None = None
        # corners in pixels of the frame, so that resizing the window in a drag moves nothing
        self._drag: tuple[QPointF, QPointF] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self._snapshot

    @property
    def is_dragging(self) -> bool:
        """Whether a box is being drawn."""
        return self._drag is not None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the frame and boxes of `snapshot` from now on."""
        if snapshot.frame is None:
            self._image = None
        elif self._image is None or snapshot.frame is not self._snapshot.frame:
            rgb = np.ascontiguousarray(snapshot.frame.rgb)
            height, width = rgb.shape[:2]
            self._pixels = rgb  # the image below does not copy them
            self._image = QImage(
                rgb.data,  # type: ignore[call-overload]
                width, height, 3 * width, QImage.Format.Format_RGB888,
            )  # fmt: skip
        self._snapshot = snapshot
        self.update()

    def picture(self) -> QRectF:
        """Where the picture is painted, in the widget's coordinates; empty without a picture."""
        if self._image is None:
            return QRectF()
        w, h = self._image.width(), self._image.height()
        scale = min(self.width() / w, self.height() / h)
        return QRectF((self.width() - w * scale) / 2, (self.height() - h * scale) / 2,
                      w * scale, h * scale)  # fmt: skip

    def to_frame(self, point: QPointF) -> QPointF:
        """Widget coordinates to pixels of the frame, which may lie outside it."""
        area = self.picture()
        scale = self._scale
        return QPointF((point.x() - area.x()) / scale, (point.y() - area.y()) / scale)

    def to_widget(self, point: QPointF) -> QPointF:
        """Pixels of the frame to widget coordinates."""
        area = self.picture()
        scale = self._scale
        return QPointF(area.x() + point.x() * scale, area.y() + point.y() * scale)

    def cancel_drag(self) -> None:
        """Draw no box after all."""
        if self._drag is not None:
            self._drag = None
            self.drag_ended.emit()
            self.update()

    @property
    def _scale(self) -> float:
        return self.picture().width() / self._image.width() if self._image is not None else 1.0

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not Qt.MouseButton.LeftButton or self._image is None:
            return
        point = self.to_frame(event.position())
        self._drag = (point, point)
        self.drag_began.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and self._drag is not None:
            self._drag = (self._drag[0], self.to_frame(event.position()))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not Qt.MouseButton.LeftButton or self._drag is None:
            return
        self._drag = (self._drag[0], self.to_frame(event.position()))
        box = self._dragged()
        self._drag = None
        if box is not None:
            self.box_drawn.emit(box)
        self.drag_ended.emit()
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is not None and event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self.cancel_drag()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        mark = self.mark_at(QPointF(event.pos())) if event is not None else None
        if event is None or mark is None:
            return
        menu = QMenu(self)
        action = menu.addAction(f"Remove target {mark.id}")
        if menu.exec(event.globalPos()) is action:
            self.remove_wanted.emit(mark.id)

    def mark_at(self, point: QPointF) -> Mark | None:
        """The smallest box under a point of the widget."""
        at = self.to_frame(point)
        under = [m for m in self._snapshot.marks if QRectF(*m.box).contains(at)]
        return min(under, key=lambda m: m.box[2] * m.box[3], default=None)

    def _dragged(self) -> Box | None:
        """The box of the drag inside the frame; None where it is a mere click or lies outside."""
        if self._drag is None or self._image is None:
            return None
        box = QRectF(*self._drag).normalized()
        box = box.intersected(QRectF(0, 0, self._image.width(), self._image.height()))
        least = _SMALLEST_DRAG / self._scale
        if box.isEmpty() or box.width() < least or box.height() < least:
            return None
        return (box.x(), box.y(), box.width(), box.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), _BACKGROUND)
        if self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.picture(), self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self._snapshot.marks:
            self._paint_mark(painter, mark)
        if self._drag is not None:
            area = self._on_widget(QRectF(*self._drag).normalized()).intersected(self.picture())
            painter.setBrush(QColor(255, 255, 255, 40))
            painter.setPen(QPen(QColor(255, 255, 255), 1.5))
            painter.drawRect(area)

    def _on_widget(self, box: QRectF) -> QRectF:
        return QRectF(self.to_widget(box.topLeft()), self.to_widget(box.bottomRight()))

    def _paint_mark(self, painter: QPainter, mark: Mark) -> None:
        area = self._on_widget(QRectF(*mark.box))
        tint = colour_of(mark.id)
        style = (
            Qt.PenStyle.DashLine if mark.state in ("uncertain", "lost") else Qt.PenStyle.SolidLine
        )
        painter.save()
        painter.setOpacity(FADED if mark.state == "lost" else 1.0)
        painter.setClipRect(self.picture())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 150), 4.5), (QColor(*tint), 2.5)):
            pen = QPen(colour, width, style, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)
            if style is Qt.PenStyle.DashLine:
                # the pattern counts in widths of the pen: the same dashes for both strokes
                pen.setDashPattern([18 / width, 12 / width])
            painter.setPen(pen)
            painter.drawRect(area)
        self._paint_caption(painter, mark, area)
        painter.restore()

    def _paint_caption(self, painter: QPainter, mark: Mark, area: QRectF) -> None:
        font = QFont(self.font())
        font.setBold(True)
        text = caption(mark)
        size = QFontMetricsF(font).boundingRect(text).size()
        width, height = size.width() + 14, size.height() + 5
        picture = self.picture()
        x = min(max(area.x() - 1.2, picture.x()), max(picture.x(), picture.right() - width))
        y = area.y() - height - 2
        if y < picture.y():
            y = min(area.bottom() + 2, picture.bottom() - height)
        ground = QRectF(x, y, width, height)
        tint = colour_of(mark.id)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(*tint))
        painter.drawRoundedRect(ground, 4, 4)
        painter.setFont(font)
        painter.setPen(QColor(*contrasting(tint)))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, text)
