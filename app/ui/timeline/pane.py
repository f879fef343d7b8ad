"""What ruler and lanes have in common: going to a frame by mouse, zoom and scroll."""

from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QMouseEvent, QNativeGestureEvent, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from app.ui.timeline.layout import MARGIN
from app.ui.timeline.scene import Scene

_SMALL, _LEAST_POINTS = 0.86, 7.0
_WHEEL_ZOOM = 1.2 ** (1 / 120)
"""Factor of zoom per eighth of a degree of the wheel."""


class Pane(QWidget):
    """A part of the timeline over which frames lie from left to right. It only reports."""

    went = pyqtSignal(int)
    """The user is at this frame: with each other frame of a drag."""
    let_go = pyqtSignal()
    """The drag ended."""
    zoom_wanted = pyqtSignal(float, float)
    """Factor, and about which place of the axis, logical pixels."""
    scroll_wanted = pyqtSignal(float, float)
    """Logical pixels to the right and down."""
    resized = pyqtSignal()

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._is_scrubbing = False
        self._panning_at: QPointF | None = None

    @property
    def is_scrubbing(self) -> bool:
        """Whether the mouse holds the playhead."""
        return self._is_scrubbing

    @property
    def is_panning(self) -> bool:
        """Whether the middle button holds the frames."""
        return self._panning_at is not None

    def frame_at(self, x: float) -> int:
        """The frame under a place of the widget, one that can be gone to."""
        return self.scene.clip(self.scene.axis.frame_at(x - MARGIN))

    def x_of(self, frame: int) -> float:
        """Where the middle of a frame is in the widget."""
        return self.scene.axis.x_of(frame) + MARGIN

    def edge_of(self, frame: float) -> float:
        """Where a frame begins in the widget."""
        return self.scene.axis.edge_of(frame) + MARGIN

    def scrub(self, frame: int) -> None:
        """Begin to go where the mouse goes."""
        self._is_scrubbing = True
        self.went.emit(frame)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if event is not None and event.button() is Qt.MouseButton.MiddleButton:
            self._panning_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        if self._panning_at is not None:
            by = self._panning_at - event.position()
            self._panning_at = event.position()
            self.scroll_wanted.emit(by.x(), by.y())
        elif self._is_scrubbing:
            frame = self.frame_at(event.position().x())
            if frame != self.scene.playhead:
                self.went.emit(frame)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        if event.button() is Qt.MouseButton.MiddleButton and self._panning_at is not None:
            self._panning_at = None
            self.unsetCursor()
        elif event.button() is Qt.MouseButton.LeftButton and self._is_scrubbing:
            self._is_scrubbing = False
            self.let_go.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        # two clicks quickly one after the other are two clicks
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_wanted.emit(_WHEEL_ZOOM ** (down or across), event.position().x() - MARGIN)
        else:
            by = QPointF(event.pixelDelta())
            if by.isNull():
                by = QPointF(across, down) / 2
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not by.x():
                by = by.transposed()
            self.scroll_wanted.emit(-by.x(), -by.y())
        event.accept()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.resized.emit()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and (
            event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_wanted.emit(1 + event.value(), event.position().x() - MARGIN)
            return True
        return super().event(event)


def small_font(font: QFont, *, bold: bool = False) -> QFont:
    """A font for what is written into the timeline."""
    small = QFont(font)
    small.setPointSizeF(max(small.pointSizeF() * _SMALL, _LEAST_POINTS))
    small.setBold(bold)
    return small
