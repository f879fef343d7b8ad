"""The list itself: clicks on the parts of rows, and keys."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QListView, QToolTip, QWidget

from app.ui.keys import claim_key
from app.ui.targets.delegate import TargetDelegate
from app.ui.targets.items import Item
from app.ui.targets.model import ItemRole, TargetModel
from app.ui.targets.places import Part

_LEFT = Qt.MouseButton.LeftButton
_Flag = QItemSelectionModel.SelectionFlag


class TargetView(QListView):
    """Clicks and keys select rows, several with Ctrl and Shift; the parts of rows are buttons."""

    part_clicked = pyqtSignal(int, object)
    """Id of a target, and a `Part`."""
    menu_wanted = pyqtSignal(int)
    """Id of a target."""
    remove_wanted = pyqtSignal()
    """The selected targets are to go."""

    def __init__(self, model: TargetModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._delegate = TargetDelegate(model, self)
        self._pressed: tuple[int, Part] | None = None
        self.tips: dict[Part, Callable[[Item], str]] = {}
        """What to say of a part."""
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QListView.EditTrigger.DoubleClicked | QListView.EditTrigger.EditKeyPressed
        )
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the selected targets, in order."""
        return tuple(sorted(self._item(index).id for index in self.selectedIndexes()))

    @property
    def current(self) -> int | None:
        """Id of the selected target that was chosen last; None where none is selected."""
        index, chosen = self.currentIndex(), self.chosen
        if index.isValid() and self._item(index).id in chosen:
            return self._item(index).id
        return chosen[-1] if chosen else None

    def choose(self, id: int | None) -> None:
        """Select one target alone, or none."""
        index = self._model.index_of(id) if id is not None else QModelIndex()
        selection = self.selectionModel()
        if selection is None:
            return
        if index.isValid():
            selection.setCurrentIndex(index, _Flag.ClearAndSelect)
            self.scrollTo(index)
        else:
            selection.clearSelection()

    def area_of(self, id: int, part: Part) -> QRectF:
        """Where a part of the row of a target is."""
        row = QRectF(self.visualRect(self._model.index_of(id)))
        return self._delegate.places(row, self.font()).area_of(part)

    def rename(self, id: int) -> None:
        """Let the user edit the label of a target."""
        index = self._model.index_of(id)
        if index.isValid():
            self.choose(id)
            self.edit(index)

    def event(self, event: QEvent | None) -> bool:
        return claim_key(event, self._action_of) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        action = self._action_of(event)
        if action is not None:
            action()
        elif event.key() == Qt.Key.Key_Space:
            # of the window: play and pause
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        self._pressed = self._part_at(event.position()) if event is not None else None
        if event is None or event.button() is not _LEFT or self._pressed is None:
            self._pressed = None
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        pressed, self._pressed = self._pressed, None
        if event is None or pressed is None:
            super().mouseReleaseEvent(event)
        elif self._part_at(event.position()) == pressed:
            self.part_clicked.emit(self._model.items[pressed[0]].id, pressed[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if event is not None and self._part_at(event.position()) is not None:
            # two clicks on a button
            self.mousePressEvent(event)
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        if self._pressed is None:
            super().mouseMoveEvent(event)
        if event is not None:
            self._hover(self._part_at(event.position()))

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._hover(None)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:  # noqa: N802
        if event is None:
            return
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            if self._item(index).id not in self.chosen:
                self.choose(self._item(index).id)
            self.menu_wanted.emit(self._item(index).id)

    def viewportEvent(self, event: QEvent | None) -> bool:  # noqa: N802
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            if index.isValid():
                part, item = self._part_at(QPointF(event.pos())), self._item(index)
                say = self.tips.get(part[1]) if part is not None else None
                text = self._model.description(item) if say is None else say(item)
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().viewportEvent(event)

    def _action_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key does with the selected targets."""
        current, key = self.current, Qt.Key(event.key())
        if current is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return self.remove_wanted.emit
        if key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return lambda: self.rename(current)
        if key == Qt.Key.Key_Escape:
            return self.clearSelection
        return None

    def _part_at(self, point: QPointF) -> tuple[int, Part] | None:
        index = self.indexAt(point.toPoint())
        if not index.isValid():
            return None
        places = self._delegate.places(QRectF(self.visualRect(index)), self.font())
        part = places.part_at(point)
        return (index.row(), part) if part is not None else None

    def _hover(self, part: tuple[int, Part] | None) -> None:
        if part != self._delegate.hovered:
            self._delegate.hovered = part
            viewport = self.viewport()
            if viewport is not None:
                viewport.update()

    def _item(self, index: QModelIndex) -> Item:
        item = index.data(ItemRole)
        assert isinstance(item, Item)
        return item
