"""The panel that lists the targets: what each is, how it fares, and what to do with it."""

from PyQt6.QtCore import QEvent, QItemSelection, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.overlay import PALETTE
from app.core.player.snapshot import Snapshot
from app.ui import icons
from app.ui.canvas.menu import TargetMenu
from app.ui.icon_button import IconButton
from app.ui.targets.items import Items, is_same_but_for_now
from app.ui.targets.model import TargetModel
from app.ui.targets.places import Part
from app.ui.targets.view import TargetView
from app.ui.throttle import Throttle

_INTERVAL_MS = 100
_NONE = -1


class TargetPanel(QFrame):
    """All targets of the document, also those that are not in the frame. It only asks; the window
    acts."""

    selected = pyqtSignal(int)
    """Id of the target that the user selected; of several the last one; -1 for none."""
    rename_wanted = pyqtSignal(int, str)
    """Id of a target and its new label."""
    colour_wanted = pyqtSignal(int, int)
    """Id of a target and an index into the palette."""
    visible_wanted = pyqtSignal(int, bool)
    """Id of a target, and whether it is to be shown."""
    remove_wanted = pyqtSignal(int)
    """Id of a target."""
    remove_many_wanted = pyqtSignal(tuple)
    """Ids of several targets that are to go at once; `remove_wanted` does not come then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("targets")
        self._snapshot = Snapshot()
        self._items = Items()
        self._is_told = False
        self.model = TargetModel(self)
        self.view = TargetView(self.model)
        self.title, self.hint, self.remove = QLabel(), QLabel(), IconButton(icons.bin)
        self._throttle = Throttle(_INTERVAL_MS, self._refresh, self)
        self._arrange()
        self._connect()
        self.retranslate()
        self._settle()

    @property
    def chosen(self) -> tuple[int, ...]:
        """Ids of the selected targets."""
        return self.view.chosen

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the targets of `snapshot`: what the user changed at once, scores a bit later."""
        self._snapshot = snapshot
        if not self.isVisible():
            return
        if not is_same_but_for_now(self.model.items, self._items.of(snapshot)):
            self._refresh()
        else:
            self._throttle.call()

    def set_selection(self, target: int) -> None:
        """Show a target as selected, or none with -1; emits nothing."""
        if target == (self.view.current if self.view.current is not None else _NONE):
            # one of several stays one of several
            return
        self._is_told = True
        self.view.choose(None if target == _NONE else target)
        self._is_told = False
        self._settle()

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Targets"))
        self.view.setAccessibleName(self.tr("Targets"))
        self.view.setAccessibleDescription(
            self.tr("F2 renames, Delete removes, the menu key offers more")
        )
        self.hint.setText(
            self.tr("No targets yet.\n\nDrag a box around anything in the picture to follow it.")
        )
        self.remove.setToolTip(self.tr("Remove the selected targets (Del)"))
        self.remove.setAccessibleName(self.tr("Remove the selected targets"))
        colour, remove = self.tr("Choose another colour"), self.tr("Remove this target")
        hide, show = self.tr("Hide in the picture"), self.tr("Show in the picture")
        self.view.tips = {
            Part.SWATCH: lambda item: colour,
            Part.EYE: lambda item: hide if item.is_visible else show,
            Part.REMOVE: lambda item: remove,
        }
        self.model.retranslate()
        self._settle()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        super().showEvent(event)
        self._refresh()

    def _arrange(self) -> None:
        self.title.setObjectName("muted")
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.hint.setContentsMargins(12, 4, 12, 8)
        self.head = QWidget()
        """Title and button; a frame with a title of its own takes the button and hides the rest."""
        head = QHBoxLayout(self.head)
        head.setContentsMargins(12, 2, 6, 2)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.remove)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.pages, stretch=1)
        self.setMinimumWidth(200)

    def _connect(self) -> None:
        self.model.rename_wanted.connect(self.rename_wanted)
        self.view.part_clicked.connect(self._part_clicked)
        self.view.menu_wanted.connect(self._open_menu)
        self.view.remove_wanted.connect(self._remove_chosen)
        self.remove.clicked.connect(self._remove_chosen)
        selection = self.view.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._selection_changed)

    def _refresh(self) -> None:
        chosen = self.view.current
        self._is_told = True
        self.model.set_items(self._items.of(self._snapshot))
        self._is_told = False
        self._settle()
        current = self.view.current
        if current != chosen:
            # the selected target is gone
            self.selected.emit(_NONE if current is None else current)

    def _settle(self) -> None:
        count = self.model.rowCount()
        self.title.setText(
            self.tr("1 target") if count == 1 else self.tr("{count} targets").format(count=count)
        )
        for widget in (self.title, self.remove):
            widget.setVisible(count > 0)
        self.pages.setCurrentWidget(self.view if count else self.hint)
        self.remove.setEnabled(bool(self.view.chosen))

    def _selection_changed(self, come: QItemSelection, gone: QItemSelection) -> None:
        self._settle()
        if not self._is_told:
            current = self.view.current
            self.selected.emit(_NONE if current is None else current)

    def _part_clicked(self, id: int, part: Part) -> None:
        item = next(item for item in self.model.items if item.id == id)
        if part is Part.REMOVE:
            self.remove_wanted.emit(id)
        elif part is Part.EYE:
            self.visible_wanted.emit(id, not item.is_visible)
        else:
            menu = self._menu(id)
            self._pop_up(menu, menu.colours, id)

    def _open_menu(self, id: int) -> None:
        menu = self._menu(id)
        self._pop_up(menu, menu, id)

    def _menu(self, id: int) -> TargetMenu:
        item = next(item for item in self.model.items if item.id == id)
        menu = TargetMenu(PALETTE[item.colour % len(PALETTE)], self)
        menu.rename_wanted.connect(lambda: self.view.rename(id))
        menu.colour_wanted.connect(lambda index: self.colour_wanted.emit(id, index))
        menu.hide_wanted.connect(lambda: self.visible_wanted.emit(id, not item.is_visible))
        if not item.is_visible:
            menu.hide_target.setText(self.tr("Show"))
        menu.remove_wanted.connect(self._remove_chosen)
        return menu

    def _pop_up(self, menu: TargetMenu, shown: QMenu, id: int) -> None:
        """Open a menu, or a part of it, under the swatch of a target."""
        shown.aboutToHide.connect(menu.deleteLater)
        corner = self.view.area_of(id, Part.SWATCH).bottomLeft().toPoint() + QPoint(0, 4)
        viewport = self.view.viewport()
        assert viewport is not None
        shown.popup(viewport.mapToGlobal(corner))

    def _remove_chosen(self) -> None:
        chosen = self.view.chosen
        if len(chosen) > 1:
            self.remove_many_wanted.emit(chosen)
        elif chosen:
            self.remove_wanted.emit(chosen[0])
