"""Plots over each other with one axis of time, and the mouse and keys that go through it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPalette,
    QPen,
    QPixmapCache,
    QWheelEvent,
)
from PyQt6.QtWidgets import QGraphicsLineItem, QToolTip, QWidget

from app.core.measures import Quantity
from app.ui.plots.header import PLOTTED
from app.ui.plots.plot import Plot
from app.ui.plots.ranges import Range, followed, moved, zoomed

_WHEEL_ZOOM = 1.2 ** (1 / 120)
"""Factor of zoom per eighth of a degree of the wheel."""
_STEP_ZOOM = 1.5
_LEAST_HEIGHT, _OTHERS = 62, 36
"""Of a plot, and of what is around the plots."""
_CACHE_KB = 128_000
_FAR = 10
"""Frames that an arrow key goes with Shift."""
_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


class PlotStack(pg.GraphicsLayoutWidget):
    """Left button: go there. Wheel: zoom in time. Middle button, or Shift and wheel: move."""

    time_wanted = pyqtSignal(float)
    """A moment the user points at, seconds."""
    frames_wanted = pyqtSignal(int)
    """How many frames to go on; negative for back."""
    end_wanted = pyqtSignal(bool)
    """To the last frame, or else to the first."""
    range_changed = pyqtSignal()
    """Another part of time is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, show=False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # the pixels that are kept of all plots on a large screen; Qt's own limit is 10 MB
        QPixmapCache.setCacheLimit(max(QPixmapCache.cacheLimit(), _CACHE_KB))
        self.tip: Callable[[Quantity, float], str] = lambda quantity, time_s: ""
        """What to say of a moment in a plot."""
        self.plots = {quantity: Plot(quantity) for quantity in PLOTTED}
        self._shown: tuple[Quantity, ...] = ()
        self._whole: Range = (0.0, 1.0)
        self._range = self._whole
        self._is_zoomed = self._is_seeking = False
        self._now: float | None = None
        self._pulled_at: float | None = None
        self._playhead = QGraphicsLineItem()
        self._playhead.setZValue(1000)
        self.scene().addItem(self._playhead)
        layout = self.ci.layout
        layout.setContentsMargins(2, 6, 12, 2)
        layout.setHorizontalSpacing(0)
        layout.setVerticalSpacing(3)
        for plot in self.plots.values():
            plot.box.sigResized.connect(self._place_playhead)

    @property
    def shown(self) -> tuple[Quantity, ...]:
        """What is plotted, from top to bottom."""
        return self._shown

    @property
    def time_range(self) -> Range:
        """What is shown of time, seconds."""
        return self._range

    @property
    def whole(self) -> Range:
        """The time there is, seconds."""
        return self._whole

    @property
    def is_zoomed(self) -> bool:
        """Whether a part of time is shown that the user chose."""
        return self._is_zoomed

    @property
    def is_seeking(self) -> bool:
        """Whether the left button is held."""
        return self._is_seeking

    def show_plots(self, quantities: Iterable[Quantity]) -> None:
        """Show these plots from top to bottom."""
        for quantity in self._shown:
            plot = self.plots[quantity]
            for item in (plot.values, plot.box, plot.time):
                self.ci.removeItem(item)
        self._shown = tuple(quantities)
        for place, quantity in enumerate(self._shown):
            plot = self.plots[quantity]
            self.ci.addItem(plot.values, 2 * place, 0)
            self.ci.addItem(plot.box, 2 * place, 1)
            self.ci.addItem(plot.time, 2 * place + 1, 1)
            plot.show_time_axis(place == len(self._shown) - 1)
            plot.set_time_range(self._range)
        self.setMinimumHeight(_LEAST_HEIGHT * len(self._shown) + _OTHERS)
        # without its items the layout shrank
        self.ci.setGeometry(self.range)
        self._place_playhead()

    def set_colours(self, palette: QPalette) -> None:
        """Follow the colours of the application."""
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        pen = QPen(palette.color(QPalette.ColorRole.Text), 1.4)
        pen.setCosmetic(True)
        self._playhead.setPen(pen)
        for plot in self.plots.values():
            plot.set_colours(palette)

    def set_whole(self, whole: Range) -> None:
        """The time there is; shown as a whole until the user zooms."""
        if whole != self._whole:
            self._whole = whole
            self._show(moved(self._range, 0.0, whole) if self._is_zoomed else whole)

    def show_whole(self) -> None:
        """Show all of the time there is."""
        self._is_zoomed = False
        self._show(self._whole)

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Show a part `1 / factor` as long, about a moment or else about the playhead."""
        start, end = self._range
        if about is None:
            is_seen = self._now is not None and start <= self._now <= end
            about = self._now if is_seen and self._now is not None else (start + end) / 2
        shown = zoomed(self._range, factor, about, self._whole)
        self._is_zoomed = shown != self._whole
        self._show(shown)

    def move(self, seconds: float) -> None:
        """Show a later part."""
        self._show(moved(self._range, seconds, self._whole))

    def set_now(self, now: float | None, *, follow: bool = False) -> None:
        """Where the playhead stands, seconds; with `follow` it is kept in sight."""
        self._now = now
        if follow and now is not None and self._is_zoomed and not self._is_seeking:
            self._show(followed(self._range, now))
        self._place_playhead()

    @contextmanager
    def painting_anew(self) -> Iterator[None]:
        """Within, curves are painted as lines and not as the pixels that are kept of them."""
        items = [plot.curves for plot in self.plots.values()]
        for item in items:
            item.keep_pixels(False)
        try:
            yield
        finally:
            for item in items:
                item.keep_pixels(True)

    def time_at(self, point: QPointF) -> float:
        """The moment at a point of the widget, inside of what is shown."""
        if not self._shown:
            return self._range[0]
        box = self.plots[self._shown[0]].box
        time_s = float(box.mapSceneToView(self.mapToScene(point.toPoint())).x())
        return min(max(time_s, self._range[0]), self._range[1])

    def place_of(self, time_s: float) -> float:
        """The x of a moment, in the widget."""
        box = self.plots[self._shown[0]].box
        scene = box.mapViewToScene(QPointF(time_s, 0))
        return float(self.mapFromScene(scene).x())

    def plot_at(self, point: QPointF) -> Plot | None:
        """The plot under a point of the widget."""
        scene = self.mapToScene(point.toPoint())
        plots = (self.plots[quantity] for quantity in self._shown)
        return next((p for p in plots if p.box.sceneBoundingRect().contains(scene)), None)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        if event.button() is _LEFT and self._shown:
            self._is_seeking = True
            self._seek(event.position())
        elif event.button() is _MIDDLE:
            self._pulled_at = self.time_at(event.position())
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        if self._is_seeking:
            self._seek(event.position())
        elif self._pulled_at is not None:
            self.move(self._pulled_at - self.time_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() is _LEFT:
            self._is_seeking = False
        elif event is not None and event.button() is _MIDDLE:
            self._pulled_at = None
            self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not down:
            # some systems turn the wheel sideways by themselves
            self.move(-(across or down) / 1200 * (self._range[1] - self._range[0]))
        else:
            self.zoom(_WHEEL_ZOOM**down, self.time_at(event.position()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        key = Qt.Key(event.key())
        frames = _FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.frames_wanted.emit(frames if key == Qt.Key.Key_Right else -frames)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.end_wanted.emit(key == Qt.Key.Key_End)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_STEP_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _STEP_ZOOM)
        elif key == Qt.Key.Key_0:
            self.show_whole()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is not None:
            event.ignore()

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        if isinstance(event, QHelpEvent):
            plot = self.plot_at(QPointF(event.pos()))
            if plot is not None:
                time_s = self.time_at(QPointF(event.pos()))
                QToolTip.showText(event.globalPos(), self.tip(plot.quantity, time_s), self)
                return True
        return bool(super().viewportEvent(event))

    def _seek(self, point: QPointF) -> None:
        time_s = self.time_at(point)
        self.set_now(time_s)
        self.time_wanted.emit(time_s)

    def _show(self, shown: Range) -> None:
        if shown == self._range:
            return
        self._range = shown
        for quantity in self._shown:
            self.plots[quantity].set_time_range(shown)
        self._place_playhead()
        self.range_changed.emit()

    def _place_playhead(self) -> None:
        start, end = self._range
        is_seen = self._now is not None and bool(self._shown) and start <= self._now <= end
        self._playhead.setVisible(is_seen)
        if self._now is None or not is_seen:
            return
        first, last = (self.plots[self._shown[k]].box for k in (0, -1))
        x = first.mapViewToScene(QPointF(self._now, 0)).x()
        area = first.sceneBoundingRect().united(last.sceneBoundingRect())
        self._playhead.setLine(x, area.top(), x, area.bottom())
