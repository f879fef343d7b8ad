"""The lanes and what moves over them: playhead, range, work in the background."""

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.core.player.snapshot import Work
from app.ui.sentences import worded
from app.ui.timeline import layout, marks
from app.ui.timeline.axis import Axis
from app.ui.timeline.lane import Lane, reach_of
from app.ui.timeline.lanes import LanePainter, paint_hint
from app.ui.timeline.layer import Layer
from app.ui.timeline.pane import Pane, small_font
from app.ui.timeline.scene import Scene
from app.ui.timeline.style import Style, tint_of
from app.ui.transport.timecode import clock
from model.sentences import Sentence

_SPOT = 3.0
"""A frame wider than this is shaded under the playhead, logical pixels."""
_SHADE = 0.66
"""How far what is outside of the range sinks into the ground."""


class Body(Pane):
    """Click or drag: go there, and select the lane; on a diamond: go to that correction."""

    chosen = pyqtSignal(int)
    """Id of the target whose lane was pressed; -1 under the last."""
    menu_wanted = pyqtSignal(int, int, QPoint)
    """Id of the target, frame, and where on the screen."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        self._layer = Layer()
        self._lanes: LanePainter | None = None
        super().__init__(scene, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.phase = 0.0
        """Of the stripes of what goes on in the background, 0..1."""
        self.shows_focus = False
        self._hot: tuple[int, int] | None = None
        self._words: dict[str, str] = {}
        self._hint = ""

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for three lanes."""
        return QSize(400, 3 * layout.LEAST)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for one."""
        return QSize(80, layout.LEAST)

    def set_texts(self, words: dict[str, str], hint: str) -> None:
        """What states are called, and what to say where there is no target."""
        self._words, self._hint = words, hint
        self._lanes = None
        self.redraw()

    def redraw(self, area: QRect | None = None) -> None:
        """Draw lanes again, in an area or all of them, as they have changed."""
        self._layer.spoil(area)
        if area is None:
            self.update()
        else:
            self.update(area)

    def follow_axis(self, before: Axis) -> None:
        """Draw lanes where frames lie now; what can be moved there is not drawn again."""
        axis, lanes = self.scene.axis, self._painter()
        by = lanes.origin_of(before) - lanes.origin_of(axis)
        width, edge = self.width(), 4 * marks.DIAMOND
        moved = abs(by) / lanes.ratio
        if (axis.scale, axis.width) != (before.scale, before.width) or moved > width / 2:
            self.redraw()
            return
        self._layer.scroll(by)
        # what stands at an edge was cut off there
        coming = int(moved + edge) + 1
        self._layer.spoil(QRect(0 if by > 0 else width - coming, 0, coming, self.height()))
        first = axis.frame_at(0.0)
        if any(lane.lost.near(first - 1, first) for lane in self.scene.lanes):
            # words stay in sight
            self._layer.spoil(QRect(0, 0, int(lanes.word_room + edge), self.height()))
        self.update()

    def correction_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Id and frame of the diamond under a place."""
        index = self.scene.rows.at(y)
        if index is None:
            return None
        lane, top = self.scene.lanes[index], self.scene.rows.top_of(index)
        if abs(y - top - layout.strip_middle(self.scene.rows.height)) > layout.REACH:
            return None
        axis = self.scene.axis
        near = lane.corrections_between(
            axis.frame_at(x - layout.MARGIN - layout.REACH),
            axis.frame_at(x - layout.MARGIN + layout.REACH),
        )
        found = layout.nearest([self.x_of(frame) for frame in near], x, layout.REACH)
        return None if found is None else (lane.track.id, near[found])

    def area_of(self, lane: int, first: int, last: int) -> QRect:
        """The part of the widget that frames of a lane cover, with what sticks out of it."""
        rows = self.scene.rows
        beside = marks.DIAMOND + 2
        if self.scene.lanes[lane].lost.near(first - 1, last + 1):
            # the word on a lost span comes, goes and moves with its ends
            beside += self._painter().word_room
        left, right = int(self.edge_of(first) - beside), int(self.edge_of(last + 1) + beside)
        return QRect(left, rows.top_of(lane), right - left, rows.height)

    def playhead_area(self, frame: int) -> QRect:
        """The part of the widget that the playhead covers."""
        left = int(min(self.edge_of(frame), self.x_of(frame) - 2)) - 1
        right = int(max(self.edge_of(frame + 1), self.x_of(frame) + 2)) + 2
        return QRect(left, 0, right - left, self.height())

    def tip_at(self, x: float, y: float) -> str:
        """What is known of the place under the mouse; empty where nothing is."""
        index = self.scene.rows.at(y)
        if index is None or self.scene.is_empty:
            return ""
        lane = self.scene.lanes[index]
        hit = self.correction_at(x, y)
        frame = self.frame_at(x) if hit is None else hit[1]
        time_s = self.scene.stamps.time_of(frame)
        head = [lane.name, self.tr("frame {number}").format(number=frame)]
        head += [clock(time_s)] if time_s is not None else []
        lines = [" · ".join(head)]
        row = lane.track.rows.at(frame)
        if row is not None:
            reason = f" ({worded(Sentence(row.reason))})" if row.reason else ""
            state = f"{self._words.get(row.state, row.state)}{reason}"
            text = self.tr("{state}, {score}")
            lines.append(text.format(state=state, score=f"{row.score:.2f}"))
        if frame == lane.track.begun and hit is not None:
            lines.append(self.tr("Here the target was drawn"))
        elif hit is not None:
            lines.append(self.tr("Here you corrected it; click to go there"))
        return "\n".join(lines)

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.x(), event.y()), self)
            return True
        if event is not None and event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lanes = None
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mousePressEvent(event)
        if event is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position()
        index = self.scene.rows.at(place.y())
        self.chosen.emit(-1 if index is None else self.scene.lanes[index].track.id)
        if not self.scene.is_empty:
            hit = self.correction_at(place.x(), place.y())
            self.scrub(self.frame_at(place.x()) if hit is None else hit[1])

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        if event is not None and not self.is_scrubbing and not self.is_panning:
            self._heat(self.correction_at(event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._heat(None)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        index = self.scene.rows.at(event.pos().y()) if event is not None else None
        if event is not None and index is not None:
            frame = self.frame_at(event.pos().x())
            self.menu_wanted.emit(self.scene.lanes[index].track.id, frame, event.globalPos())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        self._lanes = None
        self._layer.spoil()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        painter = QPainter(self)
        lanes = self._painter()
        self._layer.show(painter, event.rect(), self.size(), lanes.ratio, lanes.paint)
        for index, lane in enumerate(self.scene.lanes):
            for work in lane.work:
                self._paint_work(painter, event.rect(), lane, work, index)
        self._paint_range(painter, lanes.style)
        if not self.scene.lanes:
            ink = self.palette().color(QPalette.ColorRole.PlaceholderText)
            paint_hint(painter, self.rect(), self._hint, ink)
        self._paint_playhead(painter, lanes.style.accent)
        if self._hot is not None:
            self._paint_hot(painter, *self._hot)
        if self.shows_focus:
            painter.setPen(QPen(lanes.style.accent, 2))
            # a diamond under the mouse is filled
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _painter(self) -> LanePainter:
        if self._lanes is None:
            self._lanes = LanePainter(
                self.scene, Style.of(self.palette()), self.devicePixelRatioF(),
                small_font(self.font()), self._words.get("lost", ""),
            )  # fmt: skip
        return self._lanes

    def _paint_work(
        self, painter: QPainter, area: QRect, lane: Lane, work: Work, index: int
    ) -> None:
        """Stripes over the frames that are still to come, and a line where work is."""
        reach = reach_of(work, lane, self.scene.playhead or 0)
        top = self.scene.rows.top_of(index)
        left, right = self.edge_of(reach.first), self.edge_of(reach.last + 1)
        done = (right - left) * reach.done
        left, right = (left, right - done) if reach.is_backwards else (left + done, right)
        height = self.scene.rows.height - 1
        tint = self._painter().style.accent
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marks.paint_stripes(
            painter, QRectF(left, top, max(right - left, 2.0), height), QRectF(area), tint,
            1 - self.phase if reach.is_backwards else self.phase,
        )  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        front = right if reach.is_backwards else left
        painter.fillRect(QRectF(front - 1, top, 2, height), tint)

    def _paint_range(self, painter: QPainter, style: Style) -> None:
        """Shade what is outside of the range, and where a live source has nothing yet."""
        begin, end = self.scene.range
        shade = QColor(style.window)
        shade.setAlphaF(_SHADE)
        width, height = self.width(), self.height()
        if begin is not None:
            x = self.edge_of(begin)
            painter.fillRect(QRectF(0, 0, x, height), shade)
            painter.fillRect(QRectF(x - 1, 0, 1, height), style.accent)
        if end is not None:
            x = self.edge_of(end + 1)
            painter.fillRect(QRectF(x, 0, max(width - x, 0.0), height), shade)
            painter.fillRect(QRectF(x, 0, 1, height), style.accent)
        first = self.scene.ends[0]
        if self.scene.is_live and self.scene.axis.first < first:
            painter.fillRect(QRectF(0, 0, self.edge_of(first), height), style.window)

    def _paint_playhead(self, painter: QPainter, tint: QColor) -> None:
        frame = self.scene.playhead
        if frame is None:
            return
        x, width = self.x_of(frame), self.scene.axis.scale
        if width > _SPOT:
            spot = QColor(tint)
            spot.setAlphaF(0.16)
            painter.fillRect(QRectF(self.edge_of(frame), 0, width, self.height()), spot)
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, self.height()), tint)

    def _paint_hot(self, painter: QPainter, target: int, frame: int) -> None:
        """The diamond under the mouse, larger."""
        index = self.scene.index_of(target)
        if index is None or frame not in self.scene.lanes[index].track.corrections:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y = self.scene.rows.top_of(index) + layout.strip_middle(self.scene.rows.height)
        tint, rim = tint_of(self.scene.lanes[index].track), self._painter().style.text
        marks.paint_diamond(painter, self.x_of(frame), y, tint, rim, is_hot=True)

    def _heat(self, hit: tuple[int, int] | None) -> None:
        """Mark the diamond under the mouse."""
        if hit != self._hot:
            self._hot = hit
            if hit is None:
                self.unsetCursor()
            else:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.update()
