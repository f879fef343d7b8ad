"""Paints the rows of the list and edits their labels."""

from typing import cast

from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette
from PyQt6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.overlay import FADED, PALETTE
from app.ui.targets import glyphs
from app.ui.targets.items import Item
from app.ui.targets.model import ItemRole, TargetModel
from app.ui.targets.places import Part, Places, places_in, row_height
from app.ui.tints import mix, shown_tint

_SMALL = 0.92
_LONGEST = 60
_FADE = 1 - FADED
_FAINT = 0.86
"""How much of what is behind a bar is the ground."""
_HIDDEN = 0.45
"""Opacity of the name of a hidden target."""
_Index = QModelIndex | QPersistentModelIndex


class TargetDelegate(QStyledItemDelegate):
    """A row: swatch, name, eye and cross; below, state, score and numbers of frames."""

    def __init__(self, model: TargetModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.hovered: tuple[int, Part] | None = None
        """Row and part under the mouse."""

    def places(self, row: QRectF, font: QFont) -> Places:
        """Where the parts of a row are."""
        return places_in(row, QFontMetricsF(_small(font)).height())

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        name, text = QFontMetricsF(option.font), QFontMetricsF(_small(option.font))
        return QSize(160, round(row_height(name.height(), text.height())))

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        if painter is None:
            return
        item = cast(Item, index.data(ItemRole))
        row = QRectF(option.rect)
        places = self.places(row, option.font)
        palette = option.palette
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, muted = _inks(palette, is_selected=is_selected)
        ground = palette.color(_ground(option.state))
        painter.fillRect(row, ground)
        self._paint_buttons(painter, places, item, text, index.row())
        colour = QColor(*PALETTE[item.colour % len(PALETTE)])
        glyphs.paint_swatch(painter, places.swatch, colour, text)
        self._paint_texts(painter, places, item, option.font, text, muted)
        bar = mix(shown_tint(item.colour, ground), ground, _FADE if item.state == "lost" else 0.0)
        glyphs.paint_bar(painter, places.bar, item.score or 0.0, bar, mix(text, ground, _FAINT))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(muted)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(row.adjusted(0.5, 0.5, -1.5, -1.5))
        painter.restore()

    def createEditor(  # noqa: N802
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        line = QLineEdit(parent)
        line.setMaxLength(_LONGEST)
        line.setPlaceholderText(self.tr("Name of the target"))
        line.setAccessibleName(self.tr("Name of the target"))
        return line

    def setEditorData(  # noqa: N802
        self, editor: QWidget | None, index: QModelIndex
    ) -> None:
        # called again with every new score, which must not undo what was typed
        if isinstance(editor, QLineEdit) and not editor.isModified():
            super().setEditorData(editor, index)

    def updateEditorGeometry(  # noqa: N802
        self, editor: QWidget | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        if editor is None:
            return
        name = self.places(QRectF(option.rect), option.font).name
        height = editor.sizeHint().height()
        top = name.center().y() - height / 2
        editor.setGeometry(round(name.left()) - 4, round(top), round(name.width()) + 4, height)

    def _paint_buttons(
        self, painter: QPainter, places: Places, item: Item, ink: QColor, row: int
    ) -> None:
        if self.hovered is not None and self.hovered[0] == row:
            ground = QColor(ink)
            ground.setAlpha(40)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            area = places.area_of(self.hovered[1])
            painter.drawRoundedRect(area.adjusted(-2, -2, 2, 2), 6, 6)
        glyphs.paint_eye(painter, places.eye, ink, is_open=item.is_visible)
        glyphs.paint_cross(painter, places.remove, ink)

    def _paint_texts(
        self, painter: QPainter, places: Places, item: Item, font: QFont, ink: QColor, muted: QColor
    ) -> None:
        bold = QFont(font)
        bold.setBold(True)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(bold)
        painter.setPen(ink)
        painter.setOpacity(1.0 if item.is_visible else _HIDDEN)
        name = str(self._model.data(self._model.index_of(item.id)) or "")
        painter.drawText(places.name, middle, _fitting(bold, name, places.name.width()))
        painter.setOpacity(1.0)
        small = _small(font)
        painter.setFont(small)
        painter.setPen(muted)
        state = self._model.state_text(item)
        room = places.text.width() - QFontMetricsF(small).horizontalAdvance(state) - 10
        counts = _first_fitting(small, self._model.count_texts(item), room)
        painter.drawText(places.text, middle, _fitting(small, state, places.text.width()))
        painter.drawText(places.text, middle | Qt.AlignmentFlag.AlignRight, counts)


def _inks(palette: QPalette, *, is_selected: bool) -> tuple[QColor, QColor]:
    """For names and for what is less important."""
    if is_selected:
        ink = palette.color(QPalette.ColorRole.HighlightedText)
        return ink, ink
    return (
        palette.color(QPalette.ColorRole.WindowText),
        palette.color(QPalette.ColorRole.PlaceholderText),
    )


def _ground(state: QStyle.StateFlag) -> QPalette.ColorRole:
    """The colour behind a row."""
    if state & QStyle.StateFlag.State_Selected:
        return QPalette.ColorRole.Highlight
    if state & QStyle.StateFlag.State_MouseOver:
        return QPalette.ColorRole.AlternateBase
    return QPalette.ColorRole.Base


def _small(font: QFont) -> QFont:
    small = QFont(font)
    small.setPointSizeF(_SMALL * font.pointSizeF())
    return small


def _fitting(font: QFont, text: str, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0))


def _first_fitting(font: QFont, texts: tuple[str, ...], width: float) -> str:
    """The first of some texts that has room; none where none has."""
    metrics = QFontMetricsF(font)
    return next((text for text in texts if metrics.horizontalAdvance(text) <= width), "")
