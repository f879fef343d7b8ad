"""The picture on which targets are drawn and changed: mouse and keys. The widget only routes
events: what they mean is decided by pure functions, what they lead to by who hears the signals."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QMenu, QWidget

from app.core.overlay import Mark
from app.ui.canvas.cursors import cursor_for
from app.ui.canvas.editor import Editor
from app.ui.canvas.gestures import Dragging, Nudging, Placing, begun
from app.ui.canvas.hits import following
from app.ui.canvas.keys import Command, command_of, nudge_of
from app.ui.canvas.menu import PictureMenu, TargetMenu
from app.ui.canvas.painting import area_of, shown_area
from app.ui.canvas.scene import tint_of
from app.ui.keys import claim_key


class Canvas(Editor):
    """Drag: a new target; on a box: move it; on a handle of the selected one: resize it.

    With Shift a drag draws a new target wherever it begins; with Ctrl it draws the box of the
    selected target anew.
    """

    remove_wanted = pyqtSignal(int)
    colour_wanted = pyqtSignal(int, int)
    """Id of a target and an index into the palette."""
    visible_wanted = pyqtSignal(int, bool)
    """Id of a target, and whether it is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._tab_enters = False
        super().__init__(parent)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if event is None or event.button() is not Qt.MouseButton.LeftButton or not self.has_picture:
            return
        has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        gesture = begun(
            self.hit(event.position()), self._frame_point(event),
            draw_anywhere=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier),
            redraw=self._selection if has_ctrl else None,
        )  # fmt: skip
        self.begin(gesture)
        if isinstance(gesture, Dragging):
            self.select(gesture.id)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        if event is None or self.is_panning:
            return
        if not event.buttons() & Qt.MouseButton.LeftButton:
            # it was let go of where that was not heard: over a dialog that came up
            self.cancel_stroke()
        if not self.follow(self._frame_point(event)):
            self._show_cursor(event.position(), event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        if event is None:
            return
        if event.button() is Qt.MouseButton.LeftButton and self.follow(self._frame_point(event)):
            self.end_drag()
        self._show_cursor(event.position(), event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        mark = self.mark_at(event.position())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.button() is Qt.MouseButton.LeftButton and is_plain and mark is not None:
            self.rename(mark.id)
        else:
            # two boxes drawn quickly one after the other
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        if event is None or not self.has_picture:
            return
        self.cancel_drag()
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        point = QPointF(event.pos())
        mark = self.mark(self._selection) if by_key else self.mark_at(point)
        if by_key:
            area = shown_area(self._view) if mark is None else area_of(self._view, mark.box)
            point = area.center()
        if mark is not None:
            self.select(mark.id)
        menu = self._picture_menu(point) if mark is None else self._target_menu(mark)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(point.toPoint()))

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        super().hideEvent(event)
        # nor is it heard while the window is minimised, and what is live would stand still
        self.cancel_stroke()

    def event(self, event: QEvent | None) -> bool:
        return claim_key(event, self._takes) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        nudge = self._nudge_of(event)
        if nudge is not None:
            self.nudge(nudge)
        elif not self._obey(command_of(event)):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        """Tab goes from target to target, and on to the next widget after the last."""
        current = None if self._tab_enters else self._selection
        target = following([mark.id for mark in self._marks], current, 1 if next else -1)
        self._tab_enters = False
        if target is None:
            return super().focusNextPrevChild(next)
        self.select(target)
        return True

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusInEvent(event)
        self._tab_enters = self._shows_focus

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusOutEvent(event)
        if isinstance(self._gesture, Nudging):
            self.end_drag()
        passing = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
        is_left = event is not None and event.reason() not in passing
        if isinstance(self._gesture, Placing) and is_left:
            # or the picture would stand still with nothing to be seen of why
            self.cancel_drag()

    def _nudge_of(self, event: QKeyEvent) -> Nudging | None:
        """What an arrow key does to the box it is for; None where it is for none."""
        if isinstance(self._gesture, Placing):
            return nudge_of(event)
        if self._selection is None or self.mark(self._selection) is None:
            return None
        return nudge_of(event, self._selection)

    def _takes(self, event: QKeyEvent) -> bool:
        """Whether a key is meant for the picture, though it may be a shortcut of the window."""
        command = command_of(event)
        if command is Command.CANCEL:
            return self.is_dragging or self._selection is not None
        if command is Command.TAKE:
            return isinstance(self._gesture, Placing)
        if command in (Command.REMOVE, Command.RENAME):
            return self._selection is not None
        return self._nudge_of(event) is not None

    def _obey(self, command: Command | None) -> bool:
        """Carry out a command; False where there is nothing to carry out."""
        plain: dict[Command, Callable[[], None]] = {
            Command.ZOOM_IN: self.zoom_in, Command.ZOOM_OUT: self.zoom_out,
            Command.ZOOM_FIT: self.zoom_fit, Command.ZOOM_ACTUAL: self.zoom_actual,
            Command.NEW: self.place_new,
        }  # fmt: skip
        if command in plain:
            plain[command]()
        elif command is Command.CANCEL and self.is_dragging:
            self.cancel_drag()
        elif command is Command.TAKE and isinstance(self._gesture, Placing):
            self.end_drag()
        elif self._selection is None or command in (None, Command.TAKE):
            return False
        elif command is Command.CANCEL:
            self.select(None)
        elif command is Command.RENAME:
            self.rename(self._selection)
        elif command is Command.REMOVE:
            self.cancel_drag()
            self.remove_wanted.emit(self._selection)
        return True

    def _target_menu(self, mark: Mark) -> QMenu:
        menu = TargetMenu(tint_of(mark), self)
        menu.rename_wanted.connect(lambda: self.rename(mark.id))
        menu.colour_wanted.connect(lambda index: self.colour_wanted.emit(mark.id, index))
        menu.hide_wanted.connect(lambda: self.visible_wanted.emit(mark.id, False))
        menu.remove_wanted.connect(lambda: self.remove_wanted.emit(mark.id))
        return menu

    def _picture_menu(self, point: QPointF) -> QMenu:
        targets = self._snapshot.document.targets
        menu = PictureMenu({t.id: t.label for t in targets if not t.visible}, self)
        menu.new_wanted.connect(lambda: self.place_new(point))
        menu.fit_wanted.connect(self.zoom_fit)
        menu.actual_wanted.connect(self.zoom_actual)
        menu.show_wanted.connect(lambda number: self.visible_wanted.emit(number, True))
        return menu

    def _show_cursor(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        keys = Qt.KeyboardModifier.ShiftModifier
        if self._selection is not None:
            keys |= Qt.KeyboardModifier.ControlModifier
        shape = cursor_for(
            self.hit(point), has_picture=self.has_picture, draws_anywhere=bool(modifiers & keys)
        )
        if self.cursor().shape() is not shape:
            self.setCursor(shape)

    def _frame_point(self, event: QMouseEvent) -> tuple[float, float]:
        return self._view.to_frame((event.position().x(), event.position().y()))
