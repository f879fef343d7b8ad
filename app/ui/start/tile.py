"""A large button: picture, title and a line on what it is for."""

from PyQt6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.ui.start.glyphs import GLYPHS, paint_glyph

_MARGIN, _GAP = 14, 14
_Role = QPalette.ColorRole


class Tile(QAbstractButton):
    """Shows its text as a title, and `explanation` under it."""

    def __init__(self, glyph: str, parent: QWidget | None = None) -> None:
        """Show the picture `glyph`, one of `GLYPHS`."""
        super().__init__(parent)
        self._glyph = GLYPHS[glyph]
        self._explanation = ""
        self.setObjectName(glyph)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_texts(self, title: str, explanation: str, tip: str) -> None:
        """Say what it does, in two words, in a line, and in full."""
        self.setText(title)
        self._explanation = explanation
        self.setToolTip(tip)
        self.setAccessibleName(title.removesuffix("…"))
        self.setAccessibleDescription(explanation)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """High enough for a title and two lines."""
        title, line = QFontMetrics(self._title_font()), self.fontMetrics()
        return QSize(248, title.height() + 2 * line.lineSpacing() + 4 + 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, and narrow; a long title is cut then."""
        return QSize(128, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint card, picture and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        self._paint_card(painter, palette)
        side = self._picture_side()
        picture = QRectF(_MARGIN, (self.height() - side) / 2, side, side)
        paint_glyph(painter, picture, self._glyph, palette.color(_Role.Link))
        left = round(picture.right()) + _GAP
        title_font = self._title_font()
        title_font = self._title_font()
        title_height = QFontMetrics(title_font).height()
        room = QRect(left, 0, self.width() - left - _MARGIN, self.height())
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        lines = self.fontMetrics().boundingRect(room, flags, self._explanation).height()
        lines = min(lines, 2 * self.fontMetrics().lineSpacing() + 1)
        top = (self.height() - title_height - 4 - lines) // 2
        painter.setPen(palette.color(_Role.Text))
        painter.setFont(title_font)
        title = QRect(left, top, room.width(), title_height)
        shown = QFontMetrics(title_font).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, shown)
        painter.setPen(palette.color(_Role.PlaceholderText))
        painter.setFont(self.font())
        below = QRect(left, top + title_height + 4, room.width(), lines)
        painter.drawText(below, flags, self._explanation)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Repaint in other colours or another font."""
        super().changeEvent(event)
        self.updateGeometry()
        self.update()

    def _paint_card(self, painter: QPainter, palette: QPalette) -> None:
        pressed = self.isDown()
        ground = _Role.Midlight if pressed else _Role.Base
        pen = QPen(palette.color(_Role.Mid), 1)
        if self.hasFocus() or self.underMouse():
            pen = QPen(palette.color(_Role.Link), 2 if self.hasFocus() else 1.5)
        if self.underMouse() and not pressed:
            ground = _Role.AlternateBase
        painter.setPen(pen)
        painter.setBrush(palette.color(ground))
        inset = pen.widthF() / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 10, 10)

    def _picture_side(self) -> int:
        return round(self.fontMetrics().height() * 2.4)

    def _title_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.12)
        font.setWeight(QFont.Weight.DemiBold)
        return font
