"""The searched crop with its tokens, and where one of them looks."""

from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.core.overlay import PALETTE, Colour
from app.ui.keys import claim_key
from app.ui.memory import drawing
from app.ui.memory.keys import Command, command_of, step_of
from app.ui.memory.painting import Picture, paint_bar
from app.ui.memory.panels import Panels, panels
from app.ui.memory.tokens import cell_of, corresponding, token_at
from app.ui.memory.weights import Shown, grids
from model.geometry import Box
from model.images import Frame
from model.results import Attention

_Role = QPalette.ColorRole
_BAR, _MARGIN, _APART = 6.0, 10.0, 4.0


@dataclass(frozen=True)
class Caption:
    """What stands under a picture."""

    text: str = ""
    value: str = ""
    share: float | None = None
    """Fills a bar, 0..1; None for no bar."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What to show of a step."""

    attention: Attention
    token: int
    is_locked: bool
    """Whether the token was chosen by a click or key."""
    shown: Shown
    pictures: tuple[Frame, ...]
    """Under each map."""
    space: bool
    search_caption: Caption
    captions: tuple[Caption, ...]
    """Of each map."""
    tint: Colour = PALETTE[0]


class AttentionCanvas(QWidget):
    """Paints a scene; says which token the user means."""

    hovered = pyqtSignal(int)
    """The token under the mouse; -1 where there is none."""
    chosen = pyqtSignal(int)
    """The token that was clicked."""
    stepped = pyqtSignal(int, int)
    """An arrow key: columns and rows to go."""
    released = pyqtSignal()
    """Back to the target's centre."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._hint = ""
        self._pictures: dict[int, Picture] = {}
        self._hover = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 130)

    @property
    def scene(self) -> Scene | None:
        """What is shown."""
        return self._scene

    def show_scene(self, scene: Scene | None, hint: str = "") -> None:
        """Show this; where there is None, the hint."""
        self._scene, self._hint = scene, hint
        if scene is None:
            self._pictures.clear()
        self.update()

    @property
    def search_area(self) -> QRectF:
        """Where the searched crop is."""
        return QRectF(*self._panels().search)

    @property
    def other_areas(self) -> list[QRectF]:
        """Where each map is."""
        return [QRectF(*box) for box in self._panels().others]

    def cell(self, token: int) -> QRectF:
        """Where a token of the searched crop is."""
        assert self._scene is not None
        area = self.search_area
        grid, _ = grids(self._scene.attention)
        return QRectF(*cell_of(token, area.width(), grid)).translated(area.topLeft())

    def sizeHint(self) -> QSize:  # noqa: N802
        """Enough for a dock."""
        return QSize(560, 240)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Look where the token under the mouse looks."""
        if event is not None:
            self._set_hover(self._token_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Choose a token."""
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        token = self._token_at(event.position())
        if token >= 0:
            self.chosen.emit(token)

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Back to the token that was chosen."""
        super().leaveEvent(event)
        self._set_hover(-1)

    def event(self, event: QEvent | None) -> bool:
        """Keys that mean something here are no shortcuts of the window meanwhile."""
        return claim_key(event, self._has_use_for) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Go from token to token."""
        if event is None:
            return
        step = step_of(event)
        if self._scene is not None and step is not None:
            self.stepped.emit(*step)
        elif self._scene is not None and command_of(event) is Command.RELEASE:
            self.released.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint everything."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        drawing.ground(painter, QRectF(self.rect()), palette, focus=self.hasFocus())
        scene = self._scene
        if scene is None:
            painter.setPen(palette.color(_Role.PlaceholderText))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(16, 8, -16, -8), flags, self._hint)
            return
        found = self._panels()
        search = QRectF(*found.search)
        self._paint_search(painter, scene, search)
        others = [QRectF(*box) for box in found.others]
        for k, (area, caption) in enumerate(zip(others, scene.captions, strict=False)):
            self._paint_other(painter, scene, k, area)
            self._paint_caption(painter, area, caption, scene.tint)
        self._paint_caption(
            painter, search, scene.search_caption, scene.tint, above=not found.beside
        )
        if not scene.space and found.in_one_row:
            drawing.bands(
                painter, self.cell(scene.token), search, others, scene.shown.shares, scene.tint,
                beside=found.beside,
            )  # fmt: skip
        drawing.token(painter, self.cell(scene.token), locked=scene.is_locked)

    def _paint_search(self, painter: QPainter, scene: Scene, area: QRectF) -> None:
        attention = scene.attention
        grid, template_grid = grids(attention)
        self._paint_picture(painter, area, attention.search, 0)
        drawing.token_grid(painter, area, grid, None if scene.space else template_grid)
        drawing.target_box(painter, area, self._scaled(attention.box, area), scene.tint)

    def _paint_other(self, painter: QPainter, scene: Scene, place: int, area: QRectF) -> None:
        attention, shown = scene.attention, scene.shown
        self._paint_picture(painter, area, scene.pictures[place], place + 1)
        drawing.heat_over(painter, area, shown.maps[place] / max(shown.peak, 1e-9))
        grid, template_grid = grids(attention)
        side = grid if scene.space else template_grid
        if scene.space:
            drawing.target_box(painter, area, self._scaled(attention.box, area), scene.tint)
        spot = corresponding(scene.token, grid, side)
        if spot is not None:
            pitch = area.width() / side
            cell = QRectF(spot[1] * pitch, spot[0] * pitch, pitch, pitch)
            drawing.same_place(painter, cell.translated(area.topLeft()), area)

    def _paint_caption(
        self,
        painter: QPainter,
        area: QRectF,
        caption: Caption,
        tint: Colour,
        *,
        above: bool = False,
    ) -> None:
        palette, height = self.palette(), self.fontMetrics().lineSpacing()
        top = area.bottom() + 4 if not above else area.top() - height - _BAR - 4
        if caption.share is not None:
            bar = QRectF(area.left(), top, area.width(), _BAR)
            paint_bar(painter, bar, caption.share, tint, palette)
        painter.save()
        painter.setPen(palette.color(_Role.Text))
        # on one base line, as letters of some scripts are taller than those of the font
        left = QPointF(area.left(), top + _BAR + 1 + self.fontMetrics().ascent())
        bold = QFont(self.font())
        bold.setBold(True)
        room, taken = area.width(), QFontMetricsF(bold).horizontalAdvance(caption.value)
        right = left + QPointF(room - taken, 0)
        if taken + _APART + self.fontMetrics().horizontalAdvance(caption.text) > room:
            # in a line of its own it may be wider than the picture
            right += QPointF(0, height)
            room = self._free_right_of(area) - area.left()
        else:
            room -= taken
        mode = Qt.TextElideMode.ElideRight
        painter.drawText(left, self.fontMetrics().elidedText(caption.text, mode, round(room)))
        painter.setFont(bold)
        painter.drawText(right, caption.value)
        painter.restore()

    def _free_right_of(self, area: QRectF) -> float:
        """How far to the right nothing stands beside a picture, pixels of the widget."""
        lefts = [other.left() for other in (self.search_area, *self.other_areas)]
        edge = self.width() - _MARGIN
        return min((x - _APART for x in lefts if x >= area.right()), default=edge)

    def _panels(self) -> Panels:
        found = self._arranged(lines=1)
        bold = QFont(self.font())
        bold.setBold(True)
        captions = self._scene.captions if self._scene is not None else ()
        widest = max(
            (
                self.fontMetrics().horizontalAdvance(caption.text)
                + QFontMetricsF(bold).horizontalAdvance(caption.value)
                for caption in captions
                if caption.value
            ),
            default=0.0,
        )
        if widest + _APART > found.others[0][2]:
            found = self._arranged(lines=2)
        return found

    def _arranged(self, lines: int) -> Panels:
        count = len(self._scene.shown.maps) if self._scene is not None else 1
        bands = self._scene is not None and not self._scene.space
        caption = _BAR + 6 + lines * self.fontMetrics().lineSpacing()
        return panels(
            self.width(), self.height(), max(count, 1), caption, margin=_MARGIN, bands=bands
        )

    def _scaled(self, box: Box, area: QRectF) -> QRectF:
        assert self._scene is not None
        scale = area.width() / self._scene.attention.search.shape[0]
        x, y, w, h = (v * scale for v in box)
        return QRectF(area.left() + x, area.top() + y, w, h)

    def _paint_picture(self, painter: QPainter, area: QRectF, rgb: Frame, place: int) -> None:
        kept = self._pictures.setdefault(place, Picture())
        kept.paint(painter, area, rgb, self.devicePixelRatioF())

    def _has_use_for(self, key: QKeyEvent) -> bool:
        is_known = step_of(key) is not None or command_of(key) is Command.RELEASE
        return self._scene is not None and is_known

    def _token_at(self, at: QPointF) -> int:
        if self._scene is None:
            return -1
        grid, _ = grids(self._scene.attention)
        areas = [self.search_area, *(self.other_areas if self._scene.space else [])]
        for area in areas:
            inside = at - area.topLeft()
            token = token_at((inside.x(), inside.y()), area.width(), grid)
            if token is not None:
                return token
        return -1

    def _set_hover(self, token: int) -> None:
        if token != self._hover:
            self._hover = token
            self.setCursor(Qt.CursorShape.CrossCursor if token >= 0 else Qt.CursorShape.ArrowCursor)
            self.hovered.emit(token)


__all__ = ["AttentionCanvas", "Caption", "Scene"]
