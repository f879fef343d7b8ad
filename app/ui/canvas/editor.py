"""The picture with its targets, and what can be done to them, by whatever means."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QPointF, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import QWidget

from app.core.player.snapshot import Snapshot
from app.ui.canvas import overlays
from app.ui.canvas.display import Display
from app.ui.canvas.editing import drawn
from app.ui.canvas.gestures import (
    Dragging,
    Drawing,
    Gesture,
    Nudging,
    Placing,
    continued,
    edited,
    nudged,
    placed,
)
from app.ui.canvas.painting import area_of, shown_area, words_area
from app.ui.canvas.rename import RenameEdit
from model.geometry import Box

_SMALLEST_DRAG = 4.0
"""A drag of fewer logical pixels, in width or height, is a click."""
_NUDGE_ENDS_MS = 500
"""Arrow keys that come within this time of each other are one change."""
_ANSWER_MS = 1000
"""How long a drawn or changed box is shown while no snapshot has come that answers it, once the
model is loaded."""


class Editor(Display):
    """Keeps the box that is being drawn or changed, and says what came of it."""

    drag_began = pyqtSignal()
    """The picture should stand still from now on."""
    drag_ended = pyqtSignal()
    box_drawn = pyqtSignal(tuple)
    """`(x, y, w, h)` in pixels of the frame, inside it; comes before `drag_ended`."""
    box_changed = pyqtSignal(int, tuple)
    """Id of a target and its new box, inside the frame; comes before `drag_ended`."""
    rename_wanted = pyqtSignal(int, str)
    """Id of a target and its new label."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._gesture: Gesture | None = None
        self._unanswered: dict[int, Box] = {}
        self._awaited: list[Box] = []
        """Boxes of targets that are not begun yet: the model may still be loading."""
        self._line: RenameEdit | None = None
        super().__init__(parent)
        self._nudge_ends = self._timer(_NUDGE_ENDS_MS, self.end_drag)
        self._answer_ends = self._timer(_ANSWER_MS, self._end_answer)

    @property
    def is_dragging(self) -> bool:
        """Whether a box is being drawn, moved or resized."""
        return self._gesture is not None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        before, marks = self._snapshot, self._marks
        super().show_snapshot(snapshot)
        if snapshot.frame is not before.frame or self._marks != marks:
            self._unanswered.clear()
            self._awaited.clear()
        is_gone = isinstance(self._gesture, Dragging | Nudging) and not self.mark(self._gesture.id)
        if is_gone or snapshot.info != before.info or not self.has_picture:
            self.cancel_drag()
        if self._line is not None and self.mark(self._line.target) is None:
            self._line.cancel()
        self.view_moved()

    def set_selection(self, target: int) -> None:
        if target != self.selection:
            self.end_nudge()
        super().set_selection(target)

    def begin(self, gesture: Gesture) -> None:
        """Begin to draw or change a box; what was being done is ended first."""
        if isinstance(self._gesture, Placing):
            self.cancel_drag()
        self.end_drag()
        self._gesture = gesture
        self.drag_began.emit()
        self.redraw()

    def follow(self, point: tuple[float, float]) -> bool:
        """Let the box reach to where the mouse is now, in pixels of the frame; False where the
        mouse draws and changes none."""
        if not isinstance(self._gesture, Drawing | Dragging):
            return False
        self._gesture = continued(self._gesture, point, _SMALLEST_DRAG / self.scale)
        self.redraw()
        return True

    def nudge(self, nudge: Nudging) -> None:
        """Move or resize the box that is being placed, or that of a target on this frame, which
        then is changed when no further nudge comes for a while."""
        size = self._picture.size
        if isinstance(self._gesture, Placing) and size is not None:
            self._gesture = Placing(nudged(self._gesture.box, nudge, size))
        elif isinstance(self._gesture, Nudging):
            self._gesture = self._gesture.and_then(nudge)
            self._nudge_ends.start()
        elif self._gesture is None and self.mark(nudge.id) is not None:
            self.begin(nudge)
            self._nudge_ends.start()
        self.redraw()

    def place_new(self, centre: QPointF | None = None) -> None:
        """Put a box on the picture that arrow keys move, Enter takes and Esc takes back.

        Args:
            centre: where, in the widget; without it in the middle of what is shown.
        """
        size = self._picture.size
        if size is not None:
            point = shown_area(self._view).center() if centre is None else centre
            self.begin(placed(self._view.to_frame((point.x(), point.y())), size))
            self.setFocus()

    def end_nudge(self) -> bool:
        """Change the box that is being nudged at once, as another frame may come; False where there
        is none."""
        is_nudged = isinstance(self._gesture, Nudging)
        if is_nudged:
            self.end_drag()
        return is_nudged

    def cancel_drag(self) -> None:
        """Draw or change no box after all."""
        self._nudge_ends.stop()
        if self._gesture is not None:
            self._gesture = None
            self.drag_ended.emit()
            self.redraw()

    def cancel_stroke(self) -> None:
        """Draw or change no box after all, where that is done by the mouse."""
        if isinstance(self._gesture, Drawing | Dragging):
            self.cancel_drag()

    def end_drag(self) -> None:
        """Draw or change the box as it is now, if there is one."""
        self._nudge_ends.stop()
        gesture, boxes = self._gesture, self.edited_boxes()
        if gesture is None:
            return
        box = self._new_box()
        self._gesture = None
        if isinstance(gesture, Dragging | Nudging):
            self._change(gesture.id, boxes.get(gesture.id))
        elif isinstance(gesture, Drawing) and gesture.id is not None:
            self._change(gesture.id, box)
        elif box is not None:
            self._awaited.append(box)
            self._answer_ends.start()
            self.box_drawn.emit(box)
        else:
            self.select(None)
        self.drag_ended.emit()
        self.redraw()

    def forget_wishes(self) -> None:
        """Show boxes as they are, though some were drawn or changed: that may have been refused."""
        self._unanswered.clear()
        self._awaited.clear()
        self.redraw()

    def rename(self, target: int) -> None:
        """Let the user edit the label of a target over its box, if it shows on this frame."""
        if self._line is not None:
            self._line.take()
        mark = self.mark(target)
        if mark is None:
            return
        self.select(target)
        self._line = RenameEdit(target, mark.label, self)
        self._line.ended.connect(self._renamed)
        self.view_moved()
        self._line.show()
        self._line.setFocus()

    def edited_boxes(self) -> Mapping[int, Box]:
        boxes = dict(self._unanswered)
        if isinstance(self._gesture, Dragging | Nudging):
            mark, size = self.mark(self._gesture.id), self._picture.size
            if mark is not None and size is not None:
                boxes[mark.id] = edited(self._gesture, boxes.get(mark.id, mark.box), size)
        return boxes

    def view_moved(self) -> None:
        if self._line is not None:
            mark = self.mark(self._line.target)
            if mark is not None:
                self._line.place(area_of(self._view, mark.box), words_area(self._view))

    def retranslate(self) -> None:
        super().retranslate()
        self._placing_hint = self.tr(
            "Arrow keys move the box, with Ctrl they resize it, with Shift faster; "
            "Enter follows what is inside, Esc cancels"
        )
        self._loading_hint = self.tr("This is followed as soon as the model is loaded")

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._new_box()
        for drawn_box in (*self._awaited, *((box,) if box is not None else ())):
            overlays.paint_drawn(painter, area_of(self._view, drawn_box))
        if isinstance(self._gesture, Dragging) and self._gesture.handle is not None:
            box = self.edited_boxes().get(self._gesture.id)
        if box is not None:
            overlays.paint_size(painter, area_of(self._view, box), self.rect(), box[2], box[3])

    def current_hint(self) -> str:
        if isinstance(self._gesture, Placing):
            return self._placing_hint
        if self._awaited and not self._snapshot.tracker:
            return self._loading_hint
        return super().current_hint()

    def _new_box(self) -> Box | None:
        """The box that is being drawn or placed."""
        size = self._picture.size
        if isinstance(self._gesture, Placing):
            return self._gesture.box
        if size is None or not isinstance(self._gesture, Drawing):
            return None
        return drawn(self._gesture.start, self._gesture.now, size, _SMALLEST_DRAG / self.scale)

    def _change(self, target: int, box: Box | None) -> None:
        mark = self.mark(target)
        before = self._unanswered.get(target, mark.box if mark is not None else None)
        if box is not None and box != before:
            self._unanswered[target] = box
            self._answer_ends.start()
            self.box_changed.emit(target, box)

    def _end_answer(self) -> None:
        if self.has_picture and not self._snapshot.tracker:
            # it waits for the model
            self._answer_ends.start()
        else:
            self.forget_wishes()

    def _renamed(self, label: str | None) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if line.hasFocus():
            self.setFocus()
        line.hide()
        line.deleteLater()
        if label is not None:
            self.rename_wanted.emit(line.target, label)

    def _timer(self, interval: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(act)
        return timer
