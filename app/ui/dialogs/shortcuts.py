"""The list of keyboard shortcuts, to be searched."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.dialogs.base import Dialog, plain

_Button = QDialogButtonBox.StandardButton


@dataclass(frozen=True)
class Shortcut:
    """An action and its keys."""

    group: str
    """Where it stands in the menu, as shown."""
    text: str
    """What it does, as shown; a `&` of a menu is left out."""
    keys: tuple[str, ...]
    """Key sequences in Qt's portable form."""


class ShortcutsDialog(Dialog):
    """All shortcuts by group; a word in the field leaves those that match it."""

    def __init__(self, rows: Sequence[Shortcut], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        header = self.list.header()
        if header is not None:
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
            header.setStretchLastSection(False)
        self._none = QLabel()
        self._none.setObjectName("muted")
        self._none.hide()
        self._buttons = QDialogButtonBox(_Button.Close)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, stretch=1)
        column.addWidget(self._none)
        column.addWidget(self._buttons)
        self._fill(rows)
        self.resize(520, 560)
        self.retranslate()
        self.search.setFocus()

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.search.setPlaceholderText(self.tr("Search for an action or a key"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setToolTip(self.tr("Part of what an action does, or of its keys"))
        self.list.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self.list.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._none.setText(self.tr("No shortcut matches; try another word."))

    def shown(self) -> list[str]:
        """Texts of the actions that are listed now."""
        return [item.text(0) for item in self._items() if not item.isHidden()]

    def _fill(self, rows: Sequence[Shortcut]) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for row in rows:
            if row.group not in groups:
                group = QTreeWidgetItem(self.list, [row.group])
                font = group.font(0)
                font.setBold(True)
                group.setFont(0, font)
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                group.setExpanded(True)
                groups[row.group] = group
            native = QKeySequence.SequenceFormat.NativeText
            keys = ", ".join(QKeySequence(keys).toString(native) for keys in row.keys)
            QTreeWidgetItem(groups[row.group], [plain(row.text).removesuffix("…"), keys])

    def _items(self) -> list[QTreeWidgetItem]:
        found = []
        for number in range(self.list.topLevelItemCount()):
            group = self.list.topLevelItem(number)
            assert group is not None
            children = (group.child(k) for k in range(group.childCount()))
            found += [child for child in children if child is not None]
        return found

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            group = item.parent()
            about = f"{group.text(0) if group else ''} {item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in about for word in words))
        for number in range(self.list.topLevelItemCount()):
            group = self.list.topLevelItem(number)
            assert group is not None
            children = [group.child(k) for k in range(group.childCount())]
            group.setHidden(all(child is None or child.isHidden() for child in children))
        self._none.setVisible(not self.shown())
