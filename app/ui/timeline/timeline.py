"""What mouse and keys do on the timeline. It only asks; the window acts."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent
from PyQt6.QtWidgets import QMenu, QWidget

from app.core.player.snapshot import Snapshot
from app.ui.keys import claim_key
from app.ui.timeline.keys import Command, command_of
from app.ui.timeline.layout import following
from app.ui.timeline.menu import LaneMenu, RulerMenu
from app.ui.timeline.view import NO_TARGET, TimelineView
from app.ui.transport.marking import with_point

_FAR = 10
"""Frames of a step with Shift."""
_ANSWER_MS = 1000
"""How long the playhead stays where the user put it while no snapshot shows that frame."""


class Timeline(TimelineView):
    """One lane per target with its score, states and corrections; a ruler with range and playhead.

    Click or drag: go there. Click a diamond: go to that correction. Ctrl and wheel, or a pinch:
    zoom. Left and right, Home and End: step and go; up and down: choose a lane; I and O: set the
    range; [ and ]: go to the previous and next correction; F2 and Delete: rename and remove.
    """

    seek_wanted = pyqtSignal(int)
    step_wanted = pyqtSignal(int)
    """Frames, signed."""
    selected = pyqtSignal(int)
    """Id of the target that the user selected; -1 for none."""
    range_wanted = pyqtSignal(object, object)
    """In and out point, each a frame or None."""
    track_backwards_wanted = pyqtSignal(int)
    """Id; from the correction at or before the frame that is shown, or that a seek just asked for.
    """
    remove_wanted = pyqtSignal(int)
    rename_wanted = pyqtSignal(int)
    visible_wanted = pyqtSignal(int, bool)
    """Id, and whether it is to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer_ends = QTimer(self)
        self._answer_ends.setSingleShot(True)
        self._answer_ends.setInterval(_ANSWER_MS)
        self._answer_ends.timeout.connect(self._forget_scrub)
        for pane in (self.ruler, self.body):
            pane.went.connect(self._go_by_mouse)
            pane.let_go.connect(self._answer_ends.start)
        for part in (self.headers, self.body):
            part.chosen.connect(self.select)
        self.headers.rename_wanted.connect(self.rename_wanted)
        self.headers.menu_wanted.connect(self._ask_lane)
        self.body.menu_wanted.connect(lambda id, frame, where: self._ask_lane(id, where, frame))
        self.ruler.range_moved.connect(self._drag_range)
        self.ruler.range_set.connect(self._set_range)
        self.ruler.menu_wanted.connect(self._ask_range)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if self.scene.selection is not None and self.scene.lane(self.scene.selection) is None:
            self.select(NO_TARGET)

    def select(self, target: int) -> None:
        """Select a target, or none with -1, as the user asked here, and say so."""
        if target != self.selection:
            self.set_selection(target)
            self.selected.emit(self.selection)

    def go(self, frame: int) -> None:
        """Go to a frame, or to the nearest there is."""
        self._put_playhead(self.scene.clip(frame))
        self._answer_ends.start()
        self.seek_wanted.emit(self.scene.clip(frame))

    def event(self, event: QEvent | None) -> bool:
        if claim_key(event, lambda key: self._takes(command_of(key))):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is not None and not self._obey(command_of(event)):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        index = self.scene.index_of(self.scene.selection)
        if event is None or event.reason() is not QContextMenuEvent.Reason.Keyboard:
            return
        if index is not None:
            place = QPoint(self.headers.width() // 2, self.scene.rows.top_of(index + 1))
            self._ask_lane(self.selection, self.headers.mapToGlobal(place))

    def _takes(self, command: Command | None) -> bool:
        """Whether a key is meant for the timeline, though it may be a shortcut of the window."""
        if command in (Command.REMOVE, Command.RENAME, Command.UNSELECT):
            return self.scene.selection is not None
        return command is not None and not self.scene.is_empty

    def _obey(self, command: Command | None) -> bool:
        """Carry out a command; False where there is nothing to carry out."""
        if not self._takes(command):
            return False
        acts: dict[Command | None, Callable[[], object]] = {
            Command.BACK: lambda: self.step_wanted.emit(-1),
            Command.ON: lambda: self.step_wanted.emit(1),
            Command.FAR_BACK: lambda: self.step_wanted.emit(-_FAR),
            Command.FAR_ON: lambda: self.step_wanted.emit(_FAR),
            Command.START: lambda: self.go(self.scene.ends[0]),
            Command.END: lambda: self.go(self.scene.ends[1]),
            Command.LANE_UP: lambda: self._choose_lane(-1),
            Command.LANE_DOWN: lambda: self._choose_lane(1),
            Command.SET_IN: lambda: self._set_point(is_in=True),
            Command.SET_OUT: lambda: self._set_point(is_in=False),
            Command.PREVIOUS: lambda: self._go_to_correction(-1),
            Command.NEXT: lambda: self._go_to_correction(1),
            Command.REMOVE: lambda: self.remove_wanted.emit(self.selection),
            Command.RENAME: lambda: self.rename_wanted.emit(self.selection),
            Command.UNSELECT: lambda: self.select(NO_TARGET),
            Command.ZOOM_IN: self.zoom_in,
            Command.ZOOM_OUT: self.zoom_out,
            Command.ZOOM_FIT: self.zoom_fit,
        }
        acts[command]()
        return True

    def _go_by_mouse(self, frame: int) -> None:
        self._answer_ends.stop()
        self._put_playhead(frame)
        self.seek_wanted.emit(frame)

    def _put_playhead(self, frame: int) -> None:
        """Show the playhead at a frame before a snapshot does."""
        before, axis = self.scene.playhead, self.scene.axis
        self.scene.scrubbed = frame
        if frame == before:
            return
        self._follow(frame, was_seen=True)
        if self.scene.axis != axis:
            self._refresh_axis(axis)
            return
        self.ruler.update()
        for each in (before, frame):
            if each is not None:
                self.body.update(self.body.playhead_area(each))

    def _forget_scrub(self) -> None:
        """The frame that was asked for did not come: show the one there is."""
        if self.scene.scrubbed is not None:
            self.scene.scrubbed = None
            self.ruler.update()
            self.body.update()

    def _choose_lane(self, step: int) -> None:
        ids = [lane.track.id for lane in self.scene.lanes]
        index = self.scene.index_of(self.scene.selection)
        if not ids:
            return
        if index is None:
            self.select(ids[0] if step > 0 else ids[-1])
        else:
            self.select(ids[min(max(index + step, 0), len(ids) - 1)])

    def _go_to_correction(self, step: int) -> None:
        """To the next correction of the selected target, or of any."""
        lane, playhead = self.scene.lane(self.scene.selection), self.scene.playhead
        lanes = self.scene.lanes if lane is None else [lane]
        places = sorted({frame for each in lanes for frame in each.corrections})
        found = following(places, playhead, step) if playhead is not None else None
        if found is not None:
            self.go(found)

    def _set_point(self, *, is_in: bool, frame: int | None = None) -> None:
        """Set one end of the range at a frame, by default at the playhead."""
        at = self.scene.playhead if frame is None else frame
        if at is not None:
            self.range_wanted.emit(*with_point(self.scene.range, at, is_in=is_in))

    def _drag_range(self, begin: int | None, end: int | None) -> None:
        self.scene.dragged = (begin, end)
        self.ruler.update()
        self.body.update()

    def _set_range(self, begin: int | None, end: int | None) -> None:
        self.scene.dragged = None
        self.ruler.update()
        self.body.update()
        document = self.scene.snapshot.document
        if (begin, end) != (document.in_frame, document.out_frame):
            self.range_wanted.emit(begin, end)

    def _ask_range(self, frame: int, where: QPoint) -> None:
        menu = RulerMenu(has_range=self.scene.range != (None, None), parent=self)
        menu.in_wanted.connect(lambda: self._set_point(is_in=True, frame=frame))
        menu.out_wanted.connect(lambda: self._set_point(is_in=False, frame=frame))
        menu.clear_wanted.connect(lambda: self.range_wanted.emit(None, None))
        _open(menu, where)

    def _ask_lane(self, target: int, where: QPoint, frame: int | None = None) -> None:
        """Offer what can be done with a target at a frame, by default at the playhead."""
        lane = self.scene.lane(target)
        if lane is None:
            return
        self.select(target)
        at = frame if frame is not None else self.scene.playhead or 0
        menu = LaneMenu(lane, at, self.scene.ends[0], self)
        menu.track_backwards_wanted.connect(lambda: self._track_backwards(target, menu.correction))
        menu.rename_wanted.connect(lambda: self.rename_wanted.emit(target))
        menu.visible_wanted.connect(lambda on: self.visible_wanted.emit(target, on))
        menu.remove_wanted.connect(lambda: self.remove_wanted.emit(target))
        _open(menu, where)

    def _track_backwards(self, target: int, correction: int | None) -> None:
        """Ask for it, from the correction that the menu named."""
        lane, playhead = self.scene.lane(target), self.scene.playhead
        if lane is None or correction is None:
            return
        if playhead is None or lane.correction_before(playhead) != correction:
            self.go(correction)
        self.track_backwards_wanted.emit(target)


def _open(menu: QMenu, where: QPoint) -> None:
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(where)
