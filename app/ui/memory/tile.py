"""One frame in a target's memory, and the frame that is searched now."""

from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.core.overlay import PALETTE, Colour
from app.ui.keys import claim_key
from app.ui.memory.keys import Command, command_of, step_of
from app.ui.memory.painting import (
    CORNER,
    Picture,
    paint_bar,
    paint_cross,
    paint_pin,
)
from model.images import Frame

_Role = QPalette.ColorRole
_PAD, _BAR = 6.0, 7.0
_LEAST, _MOST = 5.6, 7.6
"""Sides of a picture in heights of the font: there must be room for a time and a share."""


@dataclass(frozen=True)
class TileLook:
    """What a tile shows besides its picture."""

    title: str = ""
    detail: str = ""
    share: float | None = None
    """0..1; None where it is not known (yet)."""
    share_text: str = ""
    pinned: bool = False
    fixed: bool = False
    """The first frame: it is neither unpinned nor forgotten."""
    tint: Colour = PALETTE[0]


class Tile(QAbstractButton):
    """A picture over a bar for its share of attention. It only asks; whoever holds it acts."""

    pin_wanted = pyqtSignal()
    forget_wanted = pyqtSignal()
    moved = pyqtSignal(int, int)
    """An arrow key: columns and rows to go."""
    menu_wanted = pyqtSignal(QPoint)
    """At a point of the screen."""

    def __init__(self, parent: QWidget | None = None, *, acts: bool = True) -> None:
        """Make a tile; one that does not act only shows."""
        super().__init__(parent)
        self._acts = acts
        self._look = TileLook()
        self._rgb: Frame | None = None
        self._picture = Picture()
        self._room = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if acts else Qt.FocusPolicy.NoFocus)

    @property
    def look(self) -> TileLook:
        """What it shows."""
        return self._look

    @property
    def has_picture(self) -> bool:
        return self._rgb is not None

    def show_look(self, look: TileLook, rgb: Frame | None) -> None:
        """Show this from now on."""
        if rgb is not self._rgb:
            self._rgb = rgb
            self.update()
        if look != self._look:
            self._look = look
            self.update()

    @property
    def picture(self) -> QRectF:
        """Where the picture is."""
        side = self.side
        return QRectF((self.width() - side) / 2, _PAD, side, side)

    @property
    def side(self) -> float:
        """Of the picture, pixels."""
        line = self.fontMetrics().height()
        return min(max(self._room - self._below - 2 * _PAD, _LEAST * line), _MOST * line)

    def set_room(self, height: int) -> None:
        """Let the picture be as large as a row of this height allows, within limits."""
        self._room = height

    @property
    def _below(self) -> float:
        """Height of bar and texts."""
        return _BAR + 8 + 2 * self.fontMetrics().lineSpacing()

    def button(self, name: str) -> QRectF:
        """Where `pin` and `forget` are to be clicked."""
        size, picture = self.fontMetrics().height() * 1.3, self.picture
        left = picture.right() - size - 3 if name == "pin" else picture.left() + 3
        return QRectF(left, picture.top() + 3, size, size)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Picture, bar and two lines of text."""
        return QSize(round(self.side + 2 * _PAD), round(self.side + self._below + 2 * _PAD))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same."""
        return self.sizeHint()

    def event(self, event: QEvent | None) -> bool:
        """Keys that mean something here are no shortcuts of the window meanwhile."""
        return claim_key(event, self._has_use_for) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Move, pin, forget."""
        if event is None:
            return
        step, command = step_of(event), command_of(event)
        if step is not None:
            self.moved.emit(*step)
        elif command is Command.PIN:
            self.pin_wanted.emit()
        elif command is Command.FORGET:
            self.forget_wanted.emit()
        else:
            event.ignore()  # space and others belong to the window

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pin or forget where that is clicked."""
        super().mousePressEvent(event)
        if event is None or not self._acts or event.button() != Qt.MouseButton.LeftButton:
            return
        over = self._part(event.position())
        if over == "pin":
            self.pin_wanted.emit()
        elif over == "forget":
            self.forget_wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Show what a click would do."""
        super().mouseMoveEvent(event)
        if event is not None and self._acts:
            over = self._part(event.position())
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        """Ask for the menu."""
        if event is not None and self._acts:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.menu_wanted.emit(event.globalPos())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Repaint in other colours or another font."""
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint card, picture, bar and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_card(painter)
        picture = self.picture
        if self._rgb is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(_Role.Midlight))
            painter.drawRoundedRect(picture, CORNER, CORNER)
        else:
            self._picture.paint(painter, picture, self._rgb, self.devicePixelRatioF())
        if not self._acts:
            pen = QPen(self.palette().color(_Role.PlaceholderText), 1.4)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(picture.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
        self._paint_buttons(painter)
        self._paint_texts(painter, picture)

    def _paint_card(self, painter: QPainter) -> None:
        if not self._acts:
            return
        palette = self.palette()
        pen = QPen(palette.color(_Role.Midlight), 1)
        if self.hasFocus():
            pen = QPen(palette.color(_Role.Link), 2)
        elif self.underMouse():
            pen = QPen(palette.color(_Role.Link), 1.2)
        painter.setPen(pen)
        painter.setBrush(palette.color(_Role.Base))
        inset = pen.widthF() / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 7, 7)

    def _paint_buttons(self, painter: QPainter) -> None:
        if not self._acts:
            return
        reached = self.underMouse() or self.hasFocus()
        if self._look.pinned or reached:
            paint_pin(painter, self.button("pin"), pinned=self._look.pinned)
        if reached and not self._look.fixed:
            paint_cross(painter, self.button("forget"))

    def _paint_texts(self, painter: QPainter, picture: QRectF) -> None:
        look, palette = self._look, self.palette()
        bar = QRectF(picture.left(), picture.bottom() + 5, picture.width(), _BAR)
        paint_bar(painter, bar, look.share or 0.0, look.tint, palette)
        font = self.font()
        line = self.fontMetrics().lineSpacing()
        # on one base line, as letters of some scripts are taller than those of the font
        left = QPointF(picture.left(), bar.bottom() + 3 + self.fontMetrics().ascent())
        painter.setPen(palette.color(_Role.Text))
        font.setBold(True)
        painter.setFont(font)
        room = picture.width() - QFontMetricsF(font).horizontalAdvance(look.share_text)
        painter.drawText(left + QPointF(room, 0), look.share_text)
        font.setBold(False)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        mode = Qt.TextElideMode.ElideRight
        painter.drawText(left, metrics.elidedText(look.title, mode, room - 6))
        painter.setPen(palette.color(_Role.PlaceholderText))
        below = left + QPointF(0, line)
        painter.drawText(below, metrics.elidedText(look.detail, mode, picture.width()))

    def _has_use_for(self, key: QKeyEvent) -> bool:
        return step_of(key) is not None or command_of(key) in (Command.PIN, Command.FORGET)

    def _part(self, at: QPointF) -> str:
        """`pin` or `forget` where that lies under a point."""
        names = ("pin",) if self._look.fixed else ("pin", "forget")
        return next((name for name in names if self.button(name).contains(at)), "")
