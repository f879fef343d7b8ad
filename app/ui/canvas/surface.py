"""A widget with a picture that can be zoomed and moved."""

from functools import partial

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QWidget

from app.ui.canvas.card import CardPicture
from app.ui.canvas.pane import Pane
from app.ui.canvas.picture import Picture, Scaled
from app.ui.canvas.view import Point, View
from app.ui.graphics import Card
from app.ui.texts import InheritedTexts
from model.images import Frame

_WHEEL_ZOOM = 1.2 ** (1 / 120)
"""Factor of zoom per eighth of a degree of the wheel."""
_STEP_ZOOM = 1.25


class Surface(InheritedTexts, QWidget):
    """Wheel: zoom about the mouse. Shift and wheel, or a drag with the middle button: pan."""

    view_changed = pyqtSignal()
    """The picture was zoomed or moved, or is another one."""
    card_failed = pyqtSignal()
    """The CPU draws from now on, for the graphics card does not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self._picture = Picture()
        self._pane: Pane | None = None
        self._view = View()
        self._panning_at: Point | None = None

    @property
    def scale(self) -> float:
        """Logical pixels of the screen per pixel of the frame."""
        return self._view.scale

    @property
    def zoom(self) -> float:
        """Pixels of the screen's device per pixel of the frame: 1 at the actual size."""
        return self._view.scale * self._view.ratio

    @property
    def is_fit(self) -> bool:
        """Whether the whole picture is shown, whatever the size of the widget."""
        return self._view.is_fit

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self._picture.size is not None

    @property
    def is_panning(self) -> bool:
        """Whether the middle button holds the picture."""
        return self._panning_at is not None

    def draw_with(self, card: Card | None) -> None:
        """Let a graphics card draw from now on; None: the CPU, as at first and where it fails."""
        if self._pane is not None:
            self._pane.hide()
            self._pane.deleteLater()
            self._pane = None
        picture = Picture() if card is None else CardPicture(card.largest)
        picture.show(self._picture.rgb)
        self._picture = picture
        if isinstance(picture, CardPicture):
            self._pane = Pane(self, picture, self.paint)
            self._pane.failed.connect(self._draw_without_card)
            self._pane.show()
        self.redraw()

    @property
    def is_drawn_by_card(self) -> bool:
        """Whether a graphics card draws."""
        return self._pane is not None

    def redraw(self) -> None:
        """Paint anew, soon."""
        (self._pane or self).update()

    def paint(self, painter: QPainter) -> None:
        """Paint all there is to be seen; `painter` is for logical pixels of the widget."""
        self._picture.paint(painter, self._view)

    def show_rgb(self, rgb: Frame | None) -> None:
        """Show these pixels `(H, W, 3)` from now on; one of another size is shown whole."""
        before = self._picture.size
        self._picture.show(rgb)
        size = self._picture.size
        if size is not None and size != before:
            self._view = View((float(size[0]), float(size[1])))
            self._fit_widget()
            self.view_changed.emit()
        self.redraw()

    def scaled(self, rgb: Frame) -> Scaled | None:
        """What would be shown of a frame, to be offered before it is shown; from any thread."""
        return self._picture.scaled(rgb, self._view)

    def offer(self, ready: Scaled | None) -> None:
        """Show this in place of scaling its frame again, if the view is the same then."""
        self._picture.offer(ready)

    def zoom_in(self) -> None:
        """A step closer, about the middle."""
        self._set_view(self._view.zoomed(_STEP_ZOOM, self._middle()))

    def zoom_out(self) -> None:
        """A step back, at most to where the whole picture is shown."""
        self._set_view(self._view.zoomed(1 / _STEP_ZOOM, self._middle()))

    def zoom_fit(self) -> None:
        """The whole picture, also when the window changes its size."""
        self._set_view(self._view.fitted())

    def zoom_actual(self) -> None:
        """One pixel of the frame on one pixel of the screen."""
        self._set_view(self._view.actual())

    def picture(self) -> QRectF:
        """Where the picture lies, in the widget's coordinates, which it may exceed; empty without
        a picture."""
        return QRectF(*self._view.area) if self.has_picture else QRectF()

    def to_frame(self, point: QPointF) -> QPointF:
        """Widget coordinates to pixels of the frame, which may lie outside it."""
        return QPointF(*self._view.to_frame((point.x(), point.y())))

    def to_widget(self, point: QPointF) -> QPointF:
        """Pixels of the frame to widget coordinates."""
        return QPointF(*self._view.to_widget((point.x(), point.y())))

    def view_moved(self) -> None:
        """Called when places in the widget mean other pixels of the frame than before."""

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        if event is None or not self.has_picture:
            return
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            by = event.pixelDelta()
            if by.isNull():
                # a wheel that turns one way only moves the picture sideways, as lists do
                by = event.angleDelta() / 2 if across else event.angleDelta().transposed() / 2
            self._set_view(self._view.panned(by.x(), by.y()))
        else:
            self._zoom_about(_WHEEL_ZOOM**down, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() is Qt.MouseButton.MiddleButton:
            self._panning_at = (event.position().x(), event.position().y())
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or self._panning_at is None:
            return
        if not event.buttons() & Qt.MouseButton.MiddleButton:
            # it was let go of where that was not heard
            self._panning_at = None
            return
        x, y = event.position().x(), event.position().y()
        self._set_view(self._view.panned(x - self._panning_at[0], y - self._panning_at[1]))
        self._panning_at = (x, y)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() is Qt.MouseButton.MiddleButton:
            self._panning_at = None

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        if self._pane is None:
            painter = QPainter(self)
            self.paint(painter)
            painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        if self._pane is not None:
            self._pane.setGeometry(self.rect())
        self._fit_widget()

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and (
            event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._zoom_about(1 + event.value(), event.position())
            return True
        handled = super().event(event)
        if event is not None and event.type() is QEvent.Type.DevicePixelRatioChange:
            self._fit_widget()
        return handled

    def _draw_without_card(self) -> None:
        # later: it fails while it paints
        QTimer.singleShot(0, partial(self.draw_with, None))
        self.card_failed.emit()

    def _zoom_about(self, factor: float, point: QPointF) -> None:
        self._set_view(self._view.zoomed(factor, (point.x(), point.y())))

    def _middle(self) -> Point:
        return (self.width() / 2, self.height() / 2)

    def _fit_widget(self) -> None:
        size = (float(self.width()), float(self.height()))
        self._view = self._view.resized(size, self.devicePixelRatioF())
        self.view_moved()
        self.redraw()

    def _set_view(self, view: View) -> None:
        if self.has_picture and view != self._view:
            self._view = view
            self.view_moved()
            self.view_changed.emit()
            self.redraw()
