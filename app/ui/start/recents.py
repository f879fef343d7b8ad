"""What was opened lately, as cards with pictures."""

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFont,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PyQt6.QtWidgets import QAbstractButton, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.core.recent import Recent, forget, list_recent
from app.core.thumbnails import thumbnail
from app.ui.background import Background
from app.ui.start.glyphs import GLYPHS, paint_glyph
from app.ui.start.grid import FlowGrid
from model.images import Frame

_SHOWN = 8
_PICTURE = (320, 180)
_MARGIN = 10
_Role = QPalette.ColorRole


class RecentCard(QAbstractButton):
    """One thing that was opened: its first picture, its name, where it is."""

    forget_wanted = pyqtSignal(str)
    clear_wanted = pyqtSignal()

    def __init__(self, item: Recent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.item = item
        self._picture = QPixmap()
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.retranslate()

    @property
    def has_picture(self) -> bool:
        """Whether its first picture is shown."""
        return not self._picture.isNull()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setText(self._title())
        tip = self.item.text
        if self.item.is_missing:
            tip += "\n" + self.tr("This is not there any more. Del takes it off the list.")
        self.setToolTip(tip)
        self.setAccessibleName(self._title())
        self.setAccessibleDescription(tip)
        self.update()

    def show_picture(self, rgb: Frame) -> None:
        """Show `rgb` `(H, W, 3)`."""
        height, width = rgb.shape[:2]
        image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._picture = QPixmap.fromImage(image)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """A picture in the proportions of a film, and two lines."""
        return QSize(176, 84 + 2 * self.fontMetrics().lineSpacing() + 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As high, and narrow; long names are cut then."""
        return QSize(96, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint picture and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = self.palette()
        marked = self.hasFocus() or self.underMouse()
        width = 2.0 if self.hasFocus() else 1.5 if marked else 1.0
        painter.setPen(QPen(palette.color(_Role.Link if marked else _Role.Mid), width))
        painter.setBrush(palette.color(_Role.AlternateBase if marked else _Role.Base))
        rim = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(rim, 10, 10)
        self._paint_picture(painter, palette)
        self._paint_texts(painter, palette)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Open with Enter, take off the list with Del."""
        if event is not None and event.key() == Qt.Key.Key_Delete:
            self.forget_wanted.emit(self.item.text)
        elif event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow language and colours."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        self.update()

    def _title(self) -> str:
        if self.item.kind == "camera":
            return self.tr("Camera {number}").format(number=self.item.text)
        if self.item.kind == "screen":
            return self.tr("Screen")
        return self.item.name

    def _where(self) -> str:
        if self.item.is_missing:
            return self.tr("not there any more")
        if self.item.kind in ("video", "folder", "project"):
            folder = str(Path(self.item.text).parent)
            home = str(Path.home())
            return f"~{folder.removeprefix(home)}" if folder.startswith(home) else folder
        if self.item.kind == "screen":
            return self.item.text.removeprefix("screen:") or self.tr("all of it")
        return self.tr("live") if self.item.kind == "camera" else self.tr("stream")

    def _paint_picture(self, painter: QPainter, palette: QPalette) -> None:
        area = QRectF(2, 2, self.width() - 4, 82 + _MARGIN / 2)
        painter.save()
        shape = QPainterPath()
        shape.addRoundedRect(area, 8, 8)
        painter.setClipPath(shape)
        painter.fillRect(area, palette.color(_Role.Midlight))
        if self._picture.isNull():
            side = 40.0
            where = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
            colour = palette.color(_Role.PlaceholderText)
            paint_glyph(painter, where, GLYPHS[self.item.kind], colour)
        else:
            size = self._picture.size().scaled(
                area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
            )
            target = QRectF(0, 0, size.width(), size.height())
            target.moveCenter(area.center())
            painter.setOpacity(0.4 if self.item.is_missing else 1.0)
            painter.drawPixmap(target, self._picture, QRectF(self._picture.rect()))
        painter.restore()

    def _paint_texts(self, painter: QPainter, palette: QPalette) -> None:
        metrics = self.fontMetrics()
        line = metrics.lineSpacing()
        room = QRect(_MARGIN, 84 + _MARGIN, self.width() - 2 * _MARGIN, line)
        font = QFont(self.font())
        font.setStrikeOut(self.item.is_missing)
        painter.setFont(font)
        faint = palette.color(_Role.PlaceholderText)
        painter.setPen(faint if self.item.is_missing else palette.color(_Role.Text))
        middle = Qt.TextElideMode.ElideMiddle
        text = metrics.elidedText(self.text(), middle, room.width())
        # letters of some scripts are taller than those of the font
        flags = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextDontClip)
        painter.drawText(room, flags, text)
        painter.setFont(self.font())
        painter.setPen(faint)
        text = metrics.elidedText(self._where(), Qt.TextElideMode.ElideLeft, room.width())
        painter.drawText(room.translated(0, line), flags, text)

    def _show_menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        forget_one = menu.addAction(self.tr("Take off the list"))
        clear = menu.addAction(self.tr("Clear the list"))
        assert forget_one is not None
        assert clear is not None
        forget_one.triggered.connect(lambda: self.forget_wanted.emit(self.item.text))
        clear.triggered.connect(self.clear_wanted)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(where))


class RecentList(QWidget):
    """The cards; hidden while there are none."""

    wanted = pyqtSignal(object)
    """Something shall be opened: a `Recent`."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._pictures: dict[str, Frame] = {}
        self._round = 0
        self.cards: list[RecentCard] = []
        self._heading = QLabel()
        self._heading.setObjectName("heading")
        self._grid = FlowGrid(172, (1, 2, 4, 8))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addWidget(self._grid)
        self.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Set all texts."""
        self._heading.setText(self.tr("Recent"))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def refresh(self) -> None:
        """Read the list anew, in the background."""
        self._background.run(list_recent, self.show_items, name="recent files")

    def show_items(self, items: list[Recent]) -> None:
        """Show the first of `items`, then their pictures as they come."""
        self._round += 1
        cards = []
        for item in items[:_SHOWN]:
            card = RecentCard(item)
            card.clicked.connect(partial(self.wanted.emit, item))
            card.forget_wanted.connect(self._forget)
            card.clear_wanted.connect(partial(self._forget, None))
            if item.text in self._pictures:
                card.show_picture(self._pictures[item.text])
            cards.append(card)
        self.cards = cards
        self._grid.set_widgets(cards)
        self.setVisible(bool(cards))
        self._next_picture(self._round)

    def _next_picture(self, round_: int) -> None:
        """Have the first picture that is missing made, one after another."""
        waiting = [card for card in self.cards if self._is_waiting(card)]
        if not waiting or round_ != self._round:
            return
        text = waiting[0].item.text

        def done(rgb: Frame | None) -> None:
            self._show_picture(text, rgb)
            self._next_picture(round_)

        self._background.run(
            lambda: thumbnail(Path(text), *_PICTURE), done, name="picture of a recent file"
        )

    def _is_waiting(self, card: RecentCard) -> bool:
        item = card.item
        shows = item.kind in ("video", "folder") and not item.is_missing
        return shows and not card.has_picture and item.text not in self._pictures

    def _show_picture(self, text: str, rgb: Frame | None) -> None:
        if rgb is None:
            # asked for once only
            self.cards = [card for card in self.cards if card.item.text != text]
            return
        self._pictures[text] = rgb
        for card in self.cards:
            if card.item.text == text:
                card.show_picture(rgb)

    def _forget(self, text: str | None) -> None:
        def work() -> list[Recent]:
            forget(text)
            return list_recent()

        self._background.run(work, self.show_items, name="recent files")
