"""Which colour is which target: a row of names that are clicked to select."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

_SAMPLE, _GAP, _PAD = 16.0, 6.0, 8.0
_ROW_GAP = 2.0
_MOST_ROWS = 2
_WIDEST = 180.0


@dataclass(frozen=True)
class Entry:
    """One target."""

    id: int
    text: str
    tint: QColor
    is_selected: bool = False


@dataclass(frozen=True)
class Chip:
    """Where an entry is drawn."""

    area: QRectF
    entry: Entry
    text: str


def arranged(entries: Sequence[Entry], font: QFont, width: float) -> tuple[list[Chip], float]:
    """Entries in as many rows as they need, up to two, and the height of all rows.

    Those that find no room are left out; the last chip then says how many, as an entry of id 0.
    """
    bold = QFont(font)
    bold.setBold(True)
    # room for the bold text, so that nothing moves with the selection
    metrics = QFontMetricsF(bold)
    height = metrics.height() + 4
    chips: list[Chip] = []
    x = y = 0.0
    for place, entry in enumerate(entries):
        text = metrics.elidedText(entry.text, Qt.TextElideMode.ElideRight, _WIDEST)
        wide = _SAMPLE + _GAP + metrics.horizontalAdvance(text) + 2 * _PAD
        if x and x + wide > width:
            x, y = 0.0, y + height + _ROW_GAP
        if y >= _MOST_ROWS * (height + _ROW_GAP):
            return _shortened(chips, len(entries) - place, height), y - _ROW_GAP
        chips.append(Chip(QRectF(x, y, wide, height), entry, text))
        x += wide
    return chips, y + height


def _shortened(chips: list[Chip], left: int, height: float) -> list[Chip]:
    area = chips[-1].area
    more = f"+{left + 1}"
    return [*chips[:-1], Chip(area, Entry(0, more, QColor(0, 0, 0, 0)), more)]


def paint_chips(
    painter: QPainter, chips: Sequence[Chip], origin: QPointF, palette: QPalette, font: QFont
) -> None:
    """Paint chips with their upper left corner at `origin`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for chip in chips:
        area = chip.area.translated(origin)
        own = QFont(font)
        own.setBold(chip.entry.is_selected)
        painter.setFont(own)
        pen = QPen(chip.entry.tint, 3.5 if chip.entry.is_selected else 2.2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        middle = area.center().y()
        left = area.left() + _PAD
        painter.drawLine(QPointF(left, middle), QPointF(left + _SAMPLE, middle))
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        text = area.adjusted(_PAD + _SAMPLE + _GAP, 0, 0, 0)
        painter.drawText(
            text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, chip.text
        )


class Legend(QWidget):
    """A click on a name selects the target, another one none; arrow keys go from one to the next.

    It takes the height that its names need.
    """

    selected = pyqtSignal(int)
    """Id of the target, -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._chips: list[Chip] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.retranslate()
        self._arrange()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is shown."""
        return self._entries

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these."""
        if entries != self._entries:
            self._entries = entries
            self._arrange()

    def area_of(self, id: int) -> QRectF:
        """Where the name of a target is; empty where it is not shown."""
        return next((chip.area for chip in self._chips if chip.entry.id == id), QRectF())

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Legend"))
        self.setToolTip(self.tr("Click a name to select the target"))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(200, self.minimumHeight())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.FontChange:
            self._arrange()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        hit = self._entry_at(event.position().toPoint())
        if hit is not None:
            self.selected.emit(-1 if hit.is_selected else hit.id)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        way = ways.get(Qt.Key(event.key()))
        if way is None or not self._entries:
            super().keyPressEvent(event)
            return
        places = [place for place, entry in enumerate(self._entries) if entry.is_selected]
        begin = places[0] + way if places else 0
        self.selected.emit(self._entries[begin % len(self._entries)].id)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        paint_chips(painter, self._chips, QPointF(0, 0), self.palette(), self.font())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _entry_at(self, point: QPoint) -> Entry | None:
        for chip in self._chips:
            if chip.area.contains(QPointF(point)):
                return chip.entry if chip.entry.id else None
        return None

    def _arrange(self) -> None:
        self._chips, height = arranged(self._entries, self.font(), max(self.width(), 1))
        self.setFixedHeight(round(height) if self._entries else 0)
        self.update()
