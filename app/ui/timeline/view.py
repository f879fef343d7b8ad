"""The parts of the timeline put together: what is shown of it, how far, and how it keeps up."""

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PyQt6.QtGui import QFocusEvent, QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QScrollBar, QSizePolicy, QStyle, QWidget

from app.core.player.snapshot import Snapshot
from app.ui.keys import came_by_key
from app.ui.texts import InheritedTexts
from app.ui.timeline.axis import Axis
from app.ui.timeline.body import Body
from app.ui.timeline.corner import Corner
from app.ui.timeline.headers import Headers
from app.ui.timeline.layout import GRID, MARGIN, Rows, lane_height
from app.ui.timeline.ruler import Ruler
from app.ui.timeline.scene import Changes, Scene

NO_TARGET = -1
_STEP_ZOOM = 1.5
_WORK_MS = 60
_AT_ONCE = 3
"""Lanes of which a part is drawn with one snapshot."""
_REST_MS = 25
"""The others follow after this time, or with the next snapshot."""
_READ_MS = 100
"""Scores in figures change no sooner than after this time."""
_WORK_STEP = 0.09
"""How far stripes wander with each step, as a share of their distance."""
_TURN = 0.1
"""Where the playhead stands after a page is turned, as a share of the width."""


class TimelineView(InheritedTexts, QWidget):
    """Shows snapshots, and which target is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.scene = Scene()
        self.corner = Corner()
        self.ruler = Ruler(self.scene)
        self.headers = Headers(self.scene)
        self.body = Body(self.scene)
        self.across = QScrollBar(Qt.Orientation.Horizontal)
        self.down = QScrollBar(Qt.Orientation.Vertical)
        self._is_settling = False
        self._arrange()
        self._connect_view()
        self._waiting: dict[int, tuple[int, int]] = {}
        """First and last frame still to be drawn, by id of the target."""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._draw_some)
        self._scores_wait = False
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READ_MS)
        self._reading.timeout.connect(self._score_was_read)
        self._work = QTimer(self)
        self._work.setInterval(_WORK_MS)
        self._work.timeout.connect(self._animate)
        self.retranslate()

    @property
    def selection(self) -> int:
        """Id of the selected target; -1 for none."""
        return NO_TARGET if self.scene.selection is None else self.scene.selection

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the targets, the frames and the playhead of `snapshot` from now on."""
        before, axis, was_seen = self.scene.playhead, self.scene.axis, self._sees_playhead()
        changes = self.scene.show(snapshot)
        if changes.looks:
            self._fit_lanes()
            self._describe()
        playhead = self.scene.playhead
        if playhead is not None and playhead != before:
            self._follow(playhead, was_seen)
        if changes.looks:
            self._refresh()
        else:
            self._refresh_parts(changes, before, axis)
        self._run_work()

    def set_selection(self, target: int) -> None:
        """Select a target, or none with -1; for what was selected elsewhere: no signal comes."""
        wanted = None if target == NO_TARGET else target
        if wanted != self.scene.selection:
            self.scene.selection = wanted
            self._reveal_lane()
            self._describe()
            self.headers.update()
            self.body.redraw()

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Zoom about a place of the axis, by default about the playhead if it is seen."""
        axis = self.scene.axis
        if about is None:
            about = axis.width / 2
            playhead = self.scene.playhead
            if playhead is not None and axis.shows(playhead):
                about = axis.x_of(playhead)
        self.set_axis(axis.zoomed(factor, about))

    def zoom_in(self) -> None:
        """A step closer."""
        self.zoom(_STEP_ZOOM)

    def zoom_out(self) -> None:
        """A step back, at most to where all frames are shown."""
        self.zoom(1 / _STEP_ZOOM)

    def zoom_fit(self) -> None:
        """Show all frames, also when the window changes its size."""
        self.set_axis(self.scene.axis.fitted())

    def set_axis(self, axis: Axis) -> None:
        """Show this part of the time."""
        before, self.scene.axis = self.scene.axis, axis
        if axis != before:
            self._refresh_axis(before)

    def scroll_by(self, across: float, down: float) -> None:
        """Scroll by logical pixels."""
        self.set_axis(self.scene.axis.scrolled(across))
        self.down.setValue(self.down.value() + round(down))

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        words = {
            "tracking": self.tr("tracking"),
            "uncertain": self.tr("uncertain"),
            "lost": self.tr("lost"),
            "recovered": self.tr("found again"),
            "hidden": self.tr("hidden"),
            "work": self.tr("working, {share} %"),
            "": self.tr("not here"),
        }
        self.headers.set_words(words)
        hint = self.tr("Drag a box around what you want to follow; it gets a lane here")
        self.body.set_texts(words, hint)
        self.ruler.live_text = self.tr("LIVE")
        self.ruler.setToolTip(
            self.tr("Click or drag: go there. Shift and drag: set the range. Ctrl and wheel: zoom.")
        )
        self.headers.setToolTip(self.tr("Click: select. Double click: rename. Right click: more."))
        self.across.setToolTip(self.tr("Scroll through time"))
        self.down.setToolTip(self.tr("Scroll through the targets"))
        self.setAccessibleName(self.tr("Timeline"))
        self._describe()
        self.ruler.redraw()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for three targets."""
        return QSize(800, self.ruler.sizeHint().height() + self.body.sizeHint().height())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._settle()

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusInEvent(event)
        # the mouse shows by itself where it is
        self.body.shows_focus = came_by_key(event)
        self.body.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.body.shows_focus = False
        self.body.update()

    def event(self, event: QEvent | None) -> bool:
        handled = super().event(event)
        # a bar that comes or goes leaves the lanes another room
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._settle()
        return handled

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self.corner, 0, 0)
        grid.addWidget(self.ruler, 0, 1)
        grid.addWidget(self.headers, 1, 0)
        grid.addWidget(self.body, 1, 1)
        grid.addWidget(self.down, 0, 2, 2, 1)
        grid.addWidget(self.across, 2, 0, 1, 3)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)
        for bar in (self.across, self.down):
            bar.hide()
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.down.setSingleStep(24)
        self.across.setSingleStep(40)

    def _connect_view(self) -> None:
        for pane in (self.ruler, self.body):
            pane.zoom_wanted.connect(self.zoom)
            pane.scroll_wanted.connect(self.scroll_by)
            pane.resized.connect(self._settle)
        self.headers.scroll_wanted.connect(self.scroll_by)
        self.corner.zoom_in_wanted.connect(self.zoom_in)
        self.corner.zoom_out_wanted.connect(self.zoom_out)
        self.corner.zoom_fit_wanted.connect(self.zoom_fit)
        self.across.valueChanged.connect(self._scroll_across)
        self.down.valueChanged.connect(self._scroll_down)

    def _scroll_across(self, value: int) -> None:
        if not self._is_settling:
            self.set_axis(self.scene.axis.scrolled_to(value))

    def _scroll_down(self, value: int) -> None:
        rows, scroll = self.scene.rows, value // GRID * GRID
        if scroll != rows.scroll:
            self.scene.rows = Rows(rows.count, rows.height, scroll)
            self.headers.update()
            self.body.redraw()

    def _settle(self) -> None:
        """Fit everything to the room there is."""
        self._fit_lanes()
        self.scene.axis = self.scene.axis.resized(float(self.body.width() - 2 * MARGIN))
        self._refresh()

    def _fit_lanes(self) -> None:
        room, count = self.body.height(), len(self.scene.lanes)
        rows = Rows(count, lane_height(count, room), self.scene.rows.scroll)
        # the last lane is seen whole, wherever scrolls end
        most = -(-max(rows.length - room, 0) // GRID) * GRID
        self.scene.rows = Rows(count, rows.height, min(rows.scroll, most))
        self.down.setRange(0, most)
        self.down.setPageStep(max(room, 1))
        self.down.setValue(self.scene.rows.scroll)
        self.down.setVisible(most > 0)

    def _refresh(self) -> None:
        """Paint everything again."""
        self._waiting.clear()
        self._show_bar()
        self.ruler.redraw()
        self.headers.update()
        self.body.redraw()

    def _refresh_axis(self, before: Axis) -> None:
        """Paint what the place of frames changed."""
        self._show_bar()
        self.ruler.redraw()
        self.body.follow_axis(before)

    def _refresh_parts(self, changes: Changes, before: int | None, axis: Axis) -> None:
        """Paint what a snapshot changed, and no more.

        Args:
            changes: what it changed.
            before: the frame that was shown before.
            axis: where frames lay before.
        """
        if axis != self.scene.axis:
            self._refresh_axis(axis)
        elif changes.ruler:
            self.ruler.redraw()
        for target, (first, last) in changes.lanes.items():
            known = self._waiting.get(target, (first, last))
            self._waiting[target] = (min(first, known[0]), max(last, known[1]))
        self._draw_some()
        if changes.playhead:
            self.ruler.update()
            for frame in {before, self.scene.playhead} - {None}:
                self.body.update(self.body.playhead_area(frame or 0))
        if changes.range:
            self.ruler.update()
        if changes.range or changes.work:
            self.body.update()
        if changes.states or changes.work:
            self.headers.update()
        elif changes.scores:
            self._show_scores()

    def _show_bar(self) -> None:
        """Show in the scroll bar which part of the time is seen."""
        axis = self.scene.axis
        self._is_settling = True
        self.across.setRange(0, max(round(axis.length - axis.width), 0))
        self.across.setPageStep(max(round(axis.width), 1))
        self.across.setValue(round(axis.offset))
        self.across.setVisible(not axis.is_fit)
        self._is_settling = False
        self.corner.show_zoom(is_fit=axis.is_fit, is_closest=axis.is_closest)

    def _draw_some(self) -> None:
        """Draw some of the lanes that changed, those that have waited longest, and the others soon:
        curves that grow may lag by some frames, the picture may not."""
        some = list(self._waiting)[:_AT_ONCE]
        for target in some:
            frames, index = self._waiting.pop(target), self.scene.index_of(target)
            if index is not None:
                self.body.redraw(self.body.area_of(index, *frames))
        if self._waiting:
            self._rest.start()

    def _show_scores(self) -> None:
        """Show the scores of now, but no more often than they can be read."""
        self._scores_wait = self._reading.isActive()
        if not self._scores_wait:
            self.headers.update_scores()
            self._reading.start()

    def _score_was_read(self) -> None:
        if self._scores_wait:
            self._show_scores()

    def _follow(self, playhead: int, was_seen: bool) -> None:
        """Turn the page when the playhead leaves it; whoever looks elsewhere while it plays is let
        alone."""
        axis = self.scene.axis
        if axis.shows(playhead) or (self.scene.is_playing and not was_seen):
            return
        if self.ruler.is_scrubbing or self.body.is_scrubbing:
            self.scene.axis = axis.revealing(playhead, 2.0)
        else:
            self.scene.axis = axis.turned_to(playhead, _TURN)

    def _sees_playhead(self) -> bool:
        playhead = self.scene.playhead
        return playhead is None or self.scene.axis.shows(playhead)

    def _reveal_lane(self) -> None:
        """Scroll to the lane that is selected."""
        index = self.scene.index_of(self.scene.selection)
        if index is not None:
            self.down.setValue(self.scene.rows.revealing(index, self.body.height()))

    def _run_work(self) -> None:
        """Let stripes wander while something goes on, unless movement is not wanted."""
        style = self.style()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        moves = style is not None and style.styleHint(hint, None, self) > 0
        goes_on = moves and any(lane.work for lane in self.scene.lanes)
        if goes_on and not self._work.isActive():
            self._work.start()
        elif not goes_on and self._work.isActive():
            self._work.stop()

    def _animate(self) -> None:
        self.body.phase = (self.body.phase + _WORK_STEP) % 1.0
        for index, lane in enumerate(self.scene.lanes):
            if lane.work:
                top = self.scene.rows.top_of(index)
                self.body.update(QRect(0, top, self.body.width(), self.scene.rows.height))

    def _describe(self) -> None:
        """Say in words what is selected, for those who do not see it."""
        lane = self.scene.lane(self.scene.selection)
        if lane is None:
            text = self.tr("{count} targets").format(count=len(self.scene.lanes))
        else:
            text = self.tr("{name} is selected").format(name=lane.name)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
