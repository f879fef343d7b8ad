"""The picture with its targets, as a snapshot says; nothing that changes them."""

from collections.abc import Mapping

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QFont, QPainter, QPalette, QPen
from PyQt6.QtWidgets import QWidget

from app.core.overlay import Mark
from app.core.player.snapshot import Snapshot
from app.ui.canvas import overlays
from app.ui.canvas.hits import Hit, hit
from app.ui.canvas.options import ViewOptions
from app.ui.canvas.painting import REACH, beside, paint_items, shown_area, words_area
from app.ui.canvas.scene import items_of, name_of, shown_marks
from app.ui.canvas.surface import Surface
from app.ui.keys import came_by_key
from model.geometry import Box

_BACKGROUND = QColor(16, 17, 20)
_SLACK = 3.0
"""Logical pixels beyond its edges at which a box can still be taken hold of."""
_HINT_ROOM = (360, 160)
"""Width and height of the picture from which the hint stands inside it."""
NO_TARGET = -1


class Display(Surface):
    """Shows snapshots, and which target is selected."""

    selected = pyqtSignal(int)
    """Id of the target that the user selected; -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot = Snapshot()
        self._marks: tuple[Mark, ...] = ()
        self._options = ViewOptions()
        self._selection: int | None = None
        self._shows_focus = False
        self.retranslate()

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self._snapshot

    @property
    def selection(self) -> int:
        """Id of the selected target; -1 for none."""
        return NO_TARGET if self._selection is None else self._selection

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the frame and the targets of `snapshot` from now on."""
        is_other = snapshot.info != self._snapshot.info
        self._snapshot, self._marks = snapshot, shown_marks(snapshot)
        self.show_rgb(snapshot.frame.rgb if snapshot.frame is not None else None)
        if is_other:
            self.zoom_fit()
        known = {mark.id for mark in snapshot.marks} | {t.id for t in snapshot.document.targets}
        if self._selection is not None and self._selection not in known:
            self.select(None)
        self._describe()

    def set_view_options(self, options: ViewOptions) -> None:
        """Show trails, scores and maps as `options` says."""
        self._options = options
        self.redraw()

    def set_selection(self, target: int) -> None:
        """Select a target, or none with -1; for what was selected elsewhere: no signal comes."""
        self._selection = None if target == NO_TARGET else target
        self._describe()
        self.redraw()

    def select(self, target: int | None) -> None:
        """Select a target, or none, as the user asked here, and say so."""
        if target != self._selection:
            self.set_selection(NO_TARGET if target is None else target)
            self.selected.emit(self.selection)

    def mark_at(self, point: QPointF) -> Mark | None:
        """The target with the smallest box under a point of the widget."""
        found = self.hit(point)
        return self.mark(found.id) if found is not None else None

    def mark(self, target: int | None) -> Mark | None:
        """The mark of a target that shows on this frame."""
        return next((mark for mark in self._marks if mark.id == target), None)

    def hit(self, point: QPointF) -> Hit | None:
        """What a press at a point of the widget takes hold of."""
        boxes = {mark.id: mark.box for mark in self._marks} | dict(self.edited_boxes())
        return hit(
            boxes, self._view.to_frame((point.x(), point.y())), selected=self._selection,
            reach=REACH / self.scale, slack=_SLACK / self.scale,
        )  # fmt: skip

    def edited_boxes(self) -> Mapping[int, Box]:
        """Boxes to show in place of those of the snapshot, by id."""
        return {}

    def current_hint(self) -> str:
        """A sentence on what to do, shown over the picture; empty for none."""
        if not self._snapshot.marks and not self._snapshot.document.targets:
            return self._hint
        track = self._snapshot.document.target(self.selection)
        if track is not None and track.visible and self.mark(track.id) is None:
            return self._absent_hint.format(name=name_of(track.id, track.label))
        return ""

    def retranslate(self) -> None:
        """Set every text in the language of the application."""
        self._words = {
            "uncertain": self.tr("uncertain"),
            "lost": self.tr("lost"),
            "recovered": self.tr("found again"),
        }
        self._hint = self.tr("Drag a box around what you want to follow")
        self._absent_hint = self.tr("{name} has no box in this frame; Ctrl and a drag draw one")
        self.setAccessibleName(self.tr("Video picture"))
        self._describe()
        self.redraw()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusInEvent(event)
        # the mouse shows by itself where it is
        self._shows_focus = came_by_key(event)
        self.redraw()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.redraw()

    def paint(self, painter: QPainter) -> None:
        covered = self.picture().adjusted(1, 1, -1, -1).toRect()
        for rect in beside(self.rect(), covered):
            painter.fillRect(rect, _BACKGROUND)
        if self.has_picture:
            super().paint(painter)
            self._paint_targets(painter)
            self._paint_notes(painter)
        if self._shows_focus and self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 2))
            # the handles are filled
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_targets(self, painter: QPainter) -> None:
        items = items_of(
            self._snapshot, self._options, selection=self._selection,
            edited=self.edited_boxes(), words=self._words,
        )  # fmt: skip
        font = QFont(self.font())
        font.setBold(True)
        paint_items(painter, self._view, items, font)

    def _paint_notes(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, note = shown_area(self._view), None
        if not self.is_fit:
            corner = words_area(self._view).bottomRight() - QPointF(8, 8)
            note = overlays.paint_note(painter, corner, f"{100 * self.zoom:.0f} %")
        hint = self.current_hint()
        if hint:
            is_large = area.width() >= _HINT_ROOM[0] and area.height() >= _HINT_ROOM[1]
            overlays.paint_hint(painter, area if is_large else QRectF(self.rect()), hint, note)

    def _describe(self) -> None:
        """Say in words what the picture shows, for those who do not see it."""
        mark = self.mark(self._selection)
        if not self._marks:
            text = self._hint if self.has_picture else self.tr("No picture")
        elif mark is None:
            text = self.tr("{count} targets; Tab selects one").format(count=len(self._marks))
        else:
            text = self.tr("{count} targets; {name} is selected").format(
                count=len(self._marks), name=name_of(mark.id, mark.label)
            )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
