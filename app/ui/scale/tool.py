"""Drawing a line of known length over the picture, and showing it there."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QWidget

from app.core.player.document import Point, Scale
from app.core.player.snapshot import Snapshot
from app.ui.canvas.overlays import paint_hint
from app.ui.canvas.surface import Surface
from app.ui.keys import DIRECTIONS, claim_key
from app.ui.scale.dialog import ScaleDialog
from app.ui.scale.measuring import Measuring, measuring
from app.ui.scale.ruler import paint_cross, paint_ruler

_LEFT = Qt.MouseButton.LeftButton
_CLICK = 4.0
"""A press and a release closer together, logical pixels, are a click."""
_FAR = 10.0
"""Pixels of the frame that an arrow key moves with Shift."""
_HINT_HEIGHT = 84
_SET = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ScaleTool(QWidget):
    """Lies over the picture. While a line is drawn it takes the mouse and the keys, otherwise it
    lets them through; the wheel and the middle button zoom and move the picture all the time."""

    scale_wanted = pyqtSignal(object)
    """A `Scale`, or None where there is to be none any more."""
    mode_changed = pyqtSignal(bool)
    """Whether a line is being drawn: the picture should stand still meanwhile."""

    def __init__(self, canvas: Surface) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._scale: Scale | None = None
        self._info: object = None
        self._measuring: Measuring | None = None
        self._pressed_at: QPointF | None = None
        self._is_ruler_shown = False
        self.dialog: ScaleDialog | None = None
        """Asks for the length of a line that was drawn."""
        self.setMouseTracking(True)
        canvas.installEventFilter(self)
        canvas.view_changed.connect(self.update)
        self.setGeometry(canvas.rect())
        self.retranslate()
        self._settle()

    @property
    def is_measuring(self) -> bool:
        """Whether a line is being drawn or its length asked for."""
        return self._measuring is not None

    @property
    def is_ruler_shown(self) -> bool:
        """Whether the line of the scale is shown over the picture."""
        return self._is_ruler_shown

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the scale of `snapshot`; another source ends what is being drawn."""
        self._scale = snapshot.document.scale
        if snapshot.info != self._info or not self._canvas.has_picture:
            self._info = snapshot.info
            self.cancel()
        self._settle()

    def set_ruler_shown(self, on: bool) -> None:
        """Show the line of the scale over the picture, or do not."""
        self._is_ruler_shown = on
        self._settle()

    def start(self) -> None:
        """Let the user draw a line, and ask for its length."""
        if not self._canvas.has_picture or self.dialog is not None:
            return
        picture, zoom = self._canvas.picture(), self._canvas.scale
        was_measuring = self.is_measuring
        self._measuring = measuring((picture.width() / zoom, picture.height() / zoom))
        self._settle()
        self.raise_()
        self.setFocus()
        if not was_measuring:
            self.mode_changed.emit(True)

    def edit(self) -> None:
        """Ask for another length of the line there is; without a scale, let the user draw one."""
        if self._scale is None or not self._canvas.has_picture:
            self.start()
        elif self.dialog is None:
            self.start()
            self._ask(self._scale.a, self._scale.b)

    def cancel(self) -> None:
        """Draw no line after all."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.close()
        if self._measuring is None:
            return
        had_focus = self.hasFocus()
        self._measuring = self._pressed_at = None
        self._settle()
        if had_focus:
            self._canvas.setFocus()
        self.mode_changed.emit(False)

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Line of known length"))
        self._hints = (
            self.tr(
                "Click one end of something whose length you know, or go there by arrow keys and "
                "press Enter; Esc cancels"
            ),
            self.tr("Now the other end; Shift keeps the line level or upright, Esc cancels"),
        )
        self.setAccessibleDescription(self._hints[0])
        self.update()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        if event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent | None) -> bool:
        return claim_key(event, self._action_of) or super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not _LEFT or self._measuring is None:
            super().mousePressEvent(event)
            return
        self._point_at(event)
        self._pressed_at = event.position()
        if self._measuring.begin is None:
            self._measuring = self._measuring.begun()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or self._measuring is None or self._canvas.is_panning:
            super().mouseMoveEvent(event)
            return
        self._point_at(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not _LEFT or self._measuring is None:
            super().mouseReleaseEvent(event)
            return
        began, self._pressed_at = self._pressed_at, None
        self._point_at(event)
        if began is None or self._measuring.begin is None:
            return
        first = self._canvas.to_widget(QPointF(*self._measuring.begin))
        # the release of the first click is no second end, that of a drag is
        if _far_apart(first, began) or _far_apart(began, event.position()):
            self._end()

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        # both have the same coordinates
        self._canvas.wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        if event is not None:
            # the menu of the picture is about targets
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        action = self._action_of(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        if not self._canvas.has_picture:
            return
        painter = QPainter(self)
        seen = self._canvas.picture().intersected(QRectF(self.rect()))
        state = self._measuring
        if state is not None and self.dialog is None:
            self._paint_line(painter, state, seen)
            # at the top: at the bottom is the hint of the picture itself
            top = QRectF(0, 0, self.width(), _HINT_HEIGHT)
            paint_hint(painter, top, self._hints[state.begin is not None])
        elif state is not None and state.begin is not None:
            self._paint_ruler(painter, state.begin, state.cursor, "", seen)
        elif self._scale is not None and self._is_ruler_shown:
            text = f"{self._scale.length:g} {self._scale.unit}"
            self._paint_ruler(painter, self._scale.a, self._scale.b, text, seen)

    def _paint_line(self, painter: QPainter, state: Measuring, seen: QRectF) -> None:
        if state.begin is not None and state.is_line:
            text = self.tr("{pixels} px").format(pixels=f"{state.length:.1f}")
            self._paint_ruler(painter, state.begin, state.cursor, text, seen)
        paint_cross(painter, self._canvas.to_widget(QPointF(*state.cursor)))

    def _paint_ruler(self, painter: QPainter, a: Point, b: Point, text: str, seen: QRectF) -> None:
        first, last = (self._canvas.to_widget(QPointF(*end)) for end in (a, b))
        paint_ruler(painter, first, last, text, seen)

    def _action_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key does while a line is drawn."""
        if self._measuring is None:
            return None
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            return self.cancel
        if key in _SET:
            return self._set_point
        if key in DIRECTIONS:
            is_far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            dx, dy = (v * (_FAR if is_far else 1.0) for v in DIRECTIONS[key])
            return lambda: self._move(dx, dy)
        return None

    def _move(self, dx: float, dy: float) -> None:
        if self._measuring is not None:
            self._measuring = self._measuring.moved(dx, dy)
            self.update()

    def _set_point(self) -> None:
        if self._measuring is None:
            return
        if self._measuring.begin is None:
            self._measuring = self._measuring.begun()
            self.update()
        else:
            self._end()

    def _point_at(self, event: QMouseEvent) -> None:
        if self._measuring is not None:
            point = self._canvas.to_frame(event.position())
            is_straight = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._measuring = self._measuring.at((point.x(), point.y()), straight=is_straight)
            self.update()

    def _end(self) -> None:
        """Both ends are set."""
        state = self._measuring
        if state is not None and state.begin is not None and state.is_line:
            self._ask(state.begin, state.cursor)

    def _ask(self, a: Point, b: Point) -> None:
        if self._measuring is not None:
            self._measuring = self._measuring.at(a).begun().at(b)
        self.dialog = ScaleDialog(a, b, self._scale, self.window())
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.chosen.connect(self._chosen)
        self.dialog.rejected.connect(self.cancel)
        self.dialog.open()
        self.update()

    def _chosen(self, scale: Scale | None) -> None:
        self.dialog = None
        self.setFocus()
        self.cancel()
        self.scale_wanted.emit(scale)

    def _settle(self) -> None:
        """Take the mouse or let it through; be there only where there is something to show."""
        is_on = self.is_measuring
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not is_on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_on else Qt.FocusPolicy.NoFocus)
        if is_on:
            self.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self.unsetCursor()
        self.setVisible(is_on or (self._is_ruler_shown and self._scale is not None))
        self.update()


def _far_apart(a: QPointF, b: QPointF) -> bool:
    return (a - b).manhattanLength() > _CLICK
