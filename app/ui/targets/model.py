"""The targets as a model of Qt: rows come, go and change without disturbing the selection."""

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, pyqtSignal

from app.ui.canvas.scene import name_of
from app.ui.targets.items import Item

ItemRole = Qt.ItemDataRole.UserRole
_Role = Qt.ItemDataRole


class TargetModel(QAbstractListModel):
    """One row for each target, in order of id."""

    rename_wanted = pyqtSignal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self.retranslate()

    @property
    def items(self) -> tuple[Item, ...]:
        """What is listed."""
        return tuple(self._items)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._items)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == ItemRole:
            return item
        if role == _Role.DisplayRole:
            return name_of(item.id, item.label)
        if role == _Role.EditRole:
            return item.label
        if role == _Role.AccessibleTextRole:
            return self.description(item)
        return None

    def setData(  # noqa: N802
        self, index: QModelIndex, value: object, role: int = _Role.EditRole
    ) -> bool:
        if not index.isValid() or role != _Role.EditRole:
            return False
        item, label = self._items[index.row()], str(value).strip()
        if label != item.label:
            # shown when the document says so
            self.rename_wanted.emit(item.id, label)
        return True

    def index_of(self, id: int) -> QModelIndex:
        """The place of a target; not valid where there is none."""
        rows = [row for row, item in enumerate(self._items) if item.id == id]
        return self.index(rows[0]) if rows else QModelIndex()

    def set_items(self, items: tuple[Item, ...]) -> None:
        """List these, which are in order of id."""
        wanted = {item.id for item in items}
        for row in range(len(self._items) - 1, -1, -1):
            if self._items[row].id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._items[row]
                self.endRemoveRows()
        for row, item in enumerate(items):
            if row == len(self._items) or self._items[row].id != item.id:
                self.beginInsertRows(QModelIndex(), row, row)
                self._items.insert(row, item)
                self.endInsertRows()
            elif self._items[row] != item:
                self._items[row] = item
                self.dataChanged.emit(self.index(row), self.index(row))

    def state_text(self, item: Item) -> str:
        """State and score as words."""
        if item.score is None:
            return self._not_here
        return f"{self._states.get(item.state, item.state)} {item.score:.2f}"

    def count_texts(self, item: Item) -> tuple[str, ...]:
        """How long it was followed, and how much of that it was lost; then shorter."""
        frames = self._one if item.frames == 1 else self._frames.format(frames=item.frames)
        if not item.lost:
            return (frames,)
        lost = self._only_lost.format(lost=item.lost)
        return (f"{frames}{self._comma}{lost}", lost)

    def description(self, item: Item) -> str:
        """All that a row shows, as a sentence."""
        parts = [name_of(item.id, item.label), self.state_text(item), self.count_texts(item)[0]]
        return self._comma.join(parts if item.is_visible else [*parts, self._hidden])

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self._states = {
            "tracking": self.tr("tracking"),
            "uncertain": self.tr("uncertain"),
            "lost": self.tr("lost"),
            "recovered": self.tr("found again"),
        }
        self._not_here = self.tr("not in this frame")
        self._frames = self.tr("{frames} frames")
        self._one = self.tr("1 frame")
        self._only_lost = self.tr("{lost} lost")
        self._hidden = self.tr("hidden")
        self._comma = self.tr(", ")
        if self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))
