"""The column beside the lanes: colour, name, state and score of each target."""

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.ui.timeline import layout
from app.ui.timeline.curve import LOST, RANKS, RECOVERED, TRACKING, UNCERTAIN
from app.ui.timeline.lane import Lane
from app.ui.timeline.scene import Scene
from app.ui.timeline.style import STATES, mixed, readable, tint_of

WIDTH = 192
_BAR = 4
_SWATCH = 14
_LEFT = 14
_GAP = 8
_SCORE = 46
"""Width of the column of scores."""
_FADED = 0.5
_MOST = 200
"""Drawn parts to keep."""
_Role = QPalette.ColorRole
_TEXT = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)
"""Letters of some scripts are taller than those of the font."""


class Headers(QWidget):
    """A press selects; a double click renames."""

    chosen = pyqtSignal(int)
    """Id of the target that was pressed; -1 under the last."""
    rename_wanted = pyqtSignal(int)
    menu_wanted = pyqtSignal(int, QPoint)
    """Id of the target, and where on the screen."""
    scroll_wanted = pyqtSignal(float, float)
    """Logical pixels to the right and down."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        self._plates: dict[tuple[object, ...], QPixmap] = {}
        """Drawn parts by what they show."""
        super().__init__(parent)
        self.scene = scene
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._words: dict[str, str] = {}

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for a name of some length."""
        return QSize(WIDTH, layout.LEAST)

    def set_words(self, words: dict[str, str]) -> None:
        """What states are called, by state; also `hidden`, `work` with its `{share}`, and the empty
        word for where a target is not."""
        self._words = words
        self._plates.clear()
        self.update()

    def update_scores(self) -> None:
        """Paint the scores again, which change with every frame."""
        self.update(QRect(self.width() - _SCORE, 0, _SCORE, self.height()))

    def text_of(self, lane: Lane) -> str:
        """What is said of a target in the frame that is shown."""
        if lane.work:
            done = sum(work.done for work in lane.work)
            share = 100 * done // max(sum(work.total for work in lane.work), 1)
            return self._words.get("work", "").format(share=share)
        if not lane.track.visible:
            return self._words.get("hidden", "")
        return self._words.get(lane.row.state if lane.row is not None else "", "")

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        self._plates.clear()

    def event(self, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.DevicePixelRatioChange:
            self._plates.clear()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and event.button() is Qt.MouseButton.LeftButton:
            lane = self._lane_at(event.position().y())
            self.chosen.emit(-1 if lane is None else lane.track.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        lane = self._lane_at(event.position().y())
        if lane is not None:
            self.rename_wanted.emit(lane.track.id)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        lane = self._lane_at(event.pos().y()) if event is not None else None
        if event is not None and lane is not None:
            self.menu_wanted.emit(lane.track.id, event.globalPos())

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        if event is not None:
            by = QPointF(event.pixelDelta())
            self.scroll_wanted.emit(0.0, -(by.y() if by.y() else event.angleDelta().y() / 2))
            event.accept()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        painter = QPainter(self)
        area = event.rect()
        painter.fillRect(area, self.palette().color(_Role.Window))
        for index in self.scene.rows.between(area.top(), area.bottom()):
            lane, top = self.scene.lanes[index], self.scene.rows.top_of(index)
            painter.drawPixmap(0, top, self._plate(lane))
            self._paint_score(painter, lane, top)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self.palette().color(_Role.Mid))

    def _plate(self, lane: Lane) -> QPixmap:
        """All but the score, which changes more often."""
        rank = RANKS[lane.row.state] if lane.row is not None and lane.track.visible else None
        is_selected = lane.track.id == self.scene.selection
        look = (
            lane.name, self.text_of(lane), lane.track.colour, rank, lane.track.visible, is_selected,
            self.width(), self.scene.rows.height,
        )  # fmt: skip
        plate = self._plates.get(look)
        if plate is None:
            if len(self._plates) >= _MOST:
                self._plates.clear()
            plate = self._plates[look] = self._drawn(lane, rank, is_selected=is_selected)
        return plate

    def _drawn(self, lane: Lane, rank: int | None, *, is_selected: bool) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = QSizeF(self.width(), self.scene.rows.height) * ratio
        pixmap = QPixmap(size.toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.palette().color(_Role.Window))
        painter = QPainter(pixmap)
        self._paint_ground(painter, is_selected=is_selected)
        self._paint_name(painter, lane, rank)
        painter.end()
        return pixmap

    def _paint_ground(self, painter: QPainter, *, is_selected: bool) -> None:
        palette, width, height = self.palette(), self.width(), self.scene.rows.height
        if is_selected:
            tint = mixed(palette.color(_Role.Window), palette.color(_Role.Highlight), 0.2)
            painter.fillRect(0, 0, width, height - 1, tint)
            painter.fillRect(0, 0, _BAR, height - 1, palette.color(_Role.Link))
        painter.fillRect(0, height - 1, width, 1, palette.color(_Role.Midlight))

    def _paint_name(self, painter: QPainter, lane: Lane, rank: int | None) -> None:
        """Colour and name, under it sign and word of the state."""
        line = QFontMetricsF(self.font()).height() + 1
        middle = (self.scene.rows.height - 1) / 2
        left = _LEFT + _SWATCH + _GAP
        name = QRectF(left, middle - line, self.width() - left - _SCORE, line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if lane.track.visible else _FADED)
        painter.setPen(QPen(self.palette().color(_Role.PlaceholderText), 1))
        painter.setBrush(QColor(*tint_of(lane.track)))
        swatch = QRectF(_LEFT, name.y() + (line - _SWATCH) / 2, _SWATCH, _SWATCH)
        painter.drawRoundedRect(swatch, 4, 4)
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        shown = QFontMetricsF(font).elidedText(lane.name, Qt.TextElideMode.ElideRight, name.width())
        painter.setPen(self.palette().color(_Role.WindowText))
        painter.drawText(name, _TEXT, shown)
        painter.setOpacity(1.0)
        if rank is not None:
            self._paint_sign(painter, swatch.center() + QPointF(0, line), rank)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(_Role.PlaceholderText))
        word = QFontMetricsF(self.font()).elidedText(
            self.text_of(lane), Qt.TextElideMode.ElideRight, name.width()
        )
        painter.drawText(name.translated(0, line), _TEXT, word)

    def _paint_score(self, painter: QPainter, lane: Lane, top: int) -> None:
        area = QRect(self.width() - _SCORE, top, _SCORE - 10, self.scene.rows.height - 1)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(self.font())
        painter.setPen(self.palette().color(_Role.WindowText))
        painter.drawText(area, flags, "–" if lane.row is None else f"{lane.row.score:.2f}")

    def _paint_sign(self, painter: QPainter, middle: QPointF, rank: int) -> None:
        """A disc, a triangle, half a disc or a cross: the state without its colour."""
        tint = QColor(*readable(STATES[rank], self.palette().color(_Role.Window)))
        side = 4.5
        box = QRectF(middle.x() - side, middle.y() - side, 2 * side, 2 * side)
        painter.setPen(QPen(tint, 1.8, cap=Qt.PenCapStyle.RoundCap))
        painter.setBrush(tint if rank == TRACKING else Qt.BrushStyle.NoBrush)
        if rank == LOST:
            box = box.adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.bottomLeft(), box.topRight())
        elif rank == RECOVERED:
            painter.setBrush(tint)
            painter.drawPolygon(box.bottomLeft(), box.bottomRight(), QPointF(middle.x(), box.y()))
        else:
            painter.drawEllipse(box)
            if rank == UNCERTAIN:
                painter.setBrush(tint)
                painter.drawChord(box, 90 * 16, 180 * 16)

    def _lane_at(self, y: float) -> Lane | None:
        index = self.scene.rows.at(y)
        return None if index is None else self.scene.lanes[index]
