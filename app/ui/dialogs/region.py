"""A window over a whole screen, through which one sees, and on which a rectangle is drawn."""

import sys

from PyQt6.QtCore import QPoint, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QScreen,
)
from PyQt6.QtWidgets import QWidget

_LEAST = 8
"""Pixels; a smaller rectangle was a click."""
_SHADE = QColor(0, 0, 0, 110)
_LINE = QColor(86, 180, 233)


class RegionPicker(QWidget):
    """Asks for a rectangle on one screen; Esc gives up."""

    picked = pyqtSignal(QRect)
    """In pixels of the desktop, as screen capture counts them."""
    cancelled = pyqtSignal()

    def __init__(self, screen: QScreen) -> None:
        super().__init__(None, Qt.WindowType.FramelessWindowHint
                         | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool)  # fmt: skip
        self._screen = screen
        self._from: QPoint | None = None
        self._to = QPoint()
        self._behind = QPixmap()
        """What the screen showed; null where one sees through."""
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMouseTracking(True)
        self.setGeometry(screen.geometry())
        self.setWindowTitle(self.tr("Draw the region"))
        self.setAccessibleName(self.tr("Draw the region with the mouse; Esc gives up"))

    def begin(self) -> None:
        """Cover the screen and wait for the mouse."""
        if QGuiApplication.platformName() == "xcb":
            # not every desktop of X lets one see through a window
            self._behind = self._screen.grabWindow()
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begin at the pointer."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._from = self._to = event.position().toPoint()
            self.update()
        elif event is not None:
            self._give_up()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Draw to the pointer."""
        if event is not None and self._from is not None:
            self._to = event.position().toPoint()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Take the rectangle; a mere click begins anew."""
        if event is None or self._from is None:
            return
        self._to = event.position().toPoint()
        drawn, self._from = self._rectangle(), None
        if drawn.width() < _LEAST or drawn.height() < _LEAST:
            self.update()
            return
        self.close()
        self.picked.emit(to_desktop(drawn, self._screen))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Give up with Esc."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._give_up()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Shade everything but the rectangle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(self.rect(), self._behind)
        painter.fillRect(self.rect(), _SHADE)
        if self._from is None:
            text = self.tr("Drag a rectangle around what you want to capture. Esc: give up")
            self._paint_words(painter, text, QPoint(self.width() // 2, self.height() // 2))
            return
        area = self._rectangle()
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.fillRect(area, Qt.GlobalColor.transparent)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setClipRect(area)
        painter.drawPixmap(self.rect(), self._behind)
        painter.setClipping(False)
        painter.setPen(QPen(_LINE, 2))
        painter.drawRect(area)
        size = to_desktop(area, self._screen).size()
        below = min(area.bottom() + 24, self.height() - 16)
        place = QPoint(area.center().x(), below)
        self._paint_words(painter, f"{size.width()} × {size.height()}", place)

    def _paint_words(self, painter: QPainter, text: str, middle: QPoint) -> None:
        room = QRectF(self.fontMetrics().boundingRect(text)).adjusted(-12, -6, 12, 6)
        room.moveCenter(middle.toPointF())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 200))
        painter.drawRoundedRect(room, 6, 6)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _rectangle(self) -> QRect:
        """What is drawn now, within the screen, whichever way it was dragged."""
        if self._from is None:
            return QRect()
        a, b = self._from, self._to
        left, top = min(a.x(), b.x()), min(a.y(), b.y())
        drawn = QRect(left, top, abs(a.x() - b.x()), abs(a.y() - b.y()))
        return drawn.intersected(self.rect())

    def _give_up(self) -> None:
        self._from = None
        self.close()
        self.cancelled.emit()


def to_desktop(area: QRect, screen: QScreen) -> QRect:
    """`area`, in Qt's pixels from the corner of `screen`, in those of screen capture.

    Qt shrinks the size of a scaled screen, and leaves its corner where the system has it; macOS
    captures in Qt's pixels.
    """
    factor = 1.0 if sys.platform == "darwin" else screen.devicePixelRatio()
    corner = screen.geometry().topLeft()
    left, top = round(area.x() * factor), round(area.y() * factor)
    right = round((area.x() + area.width()) * factor)
    bottom = round((area.y() + area.height()) * factor)
    return QRect(corner.x() + left, corner.y() + top, right - left, bottom - top)
