"""The menu bar: the actions of the table, recent files, panels, languages, themes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QMenuBar

from app.core.recent import Recent, list_recent
from app.core.settings import LANGUAGES, THEMES, Settings
from app.ui.background import Background
from app.ui.language import languages
from app.ui.window.actions import Actions
from app.ui.window.table import ActionTable

_RECENT = 10


class Menus(QObject):
    """Fills a menu bar."""

    recent_wanted = pyqtSignal(object)
    """A `Recent` is to be opened."""
    language_wanted = pyqtSignal(str)
    theme_wanted = pyqtSignal(str)

    def __init__(
        self, bar: QMenuBar, table: ActionTable, actions: Actions, panels: list[QAction]
    ) -> None:
        """Make every menu; `panels` show and hide the panels of the window."""
        super().__init__(bar)
        self._table = table
        self.menus: dict[str, QMenu] = {}
        for name in table.menus():
            menu = self.menus[name] = _menu(bar.addMenu(""))
            for section in actions.of_menu(name):
                if menu.actions():
                    menu.addSeparator()
                menu.addActions(section)
        self.recent = Recents(bar)
        self.recent.wanted.connect(self.recent_wanted)
        file, view = self.menus["file"], self.menus["view"]
        file.insertMenu(_after(file, actions["demo"]), self.recent.menu)
        self.panels = QMenu(bar)
        self.panels.addActions(panels)
        self.theme = _Choice(bar, THEMES, self.theme_wanted.emit)
        self.language = _Choice(bar, LANGUAGES, self.language_wanted.emit)
        end = actions["reset_layout"]
        for submenu in (self.panels, self.theme.menu, self.language.menu):
            view.insertMenu(end, submenu)
        self.retranslate()

    def show_settings(self, settings: Settings) -> None:
        """Mark the language and the theme that are set."""
        self.language.mark(settings.language)
        self.theme.mark(settings.theme)

    def retranslate(self) -> None:
        """Set all texts."""
        for name, title in self._table.menus().items():
            self.menus[name].setTitle(title)
        self.recent.menu.setTitle(self.tr("Open rece&nt"))
        self.recent.retranslate()
        self.panels.setTitle(self.tr("&Panels"))
        self.theme.menu.setTitle(self.tr("&Colours"))
        self.theme.name(
            {"system": self.tr("&System"), "light": self.tr("&Light"), "dark": self.tr("&Dark")}
        )
        self.language.menu.setTitle(self.tr("Lan&guage"))
        self.language.name({"": self.tr("&As the system"), **languages()})


class Recents(QObject):
    """What was opened lately, read in the background each time before it is shown."""

    wanted = pyqtSignal(object)

    def __init__(self, bar: QMenuBar) -> None:
        super().__init__(bar)
        self.menu = QMenu(bar)
        self.menu.aboutToShow.connect(self.refresh)
        self._background = Background(self)
        self._items: list[Recent] = []

    def refresh(self) -> None:
        """Read the list anew."""
        self._background.run(list_recent, self._show, name="recent files")

    def close(self, timeout_s: float) -> None:
        """Wait until nothing is read any more."""
        self._background.join(timeout_s)

    def retranslate(self) -> None:
        """Fill the menu, with all texts in the language of now."""
        self.menu.clear()
        for item in self._items:
            action = self.menu.addAction(self._title(item).replace("&", "&&"))
            assert action is not None
            action.setToolTip(item.text)
            action.triggered.connect(partial(self.wanted.emit, item))
        if not self._items:
            action = self.menu.addAction(self.tr("Nothing yet"))
            assert action is not None
            action.setEnabled(False)

    def _show(self, items: list[Recent]) -> None:
        found = [item for item in items if not item.is_missing][:_RECENT]
        if found != self._items:
            self._items = found
            self.retranslate()

    def _title(self, item: Recent) -> str:
        if item.kind == "camera":
            return self.tr("Camera {number}").format(number=item.text)
        if item.kind == "screen":
            return self.tr("Screen")
        if item.kind in ("video", "folder", "project"):
            return f"{item.name}  –  {Path(item.text).parent}"
        return item.name


class _Choice:
    """A menu of which one entry is chosen."""

    def __init__(
        self, bar: QMenuBar, values: tuple[str, ...], choose: Callable[[str], object]
    ) -> None:
        self.menu = QMenu(bar)
        group = QActionGroup(self.menu)
        self.actions: dict[str, QAction] = {}
        for value in values:
            action = QAction(self.menu)
            action.setCheckable(True)
            action.triggered.connect(partial(_chosen, choose, value))
            group.addAction(action)
            self.menu.addAction(action)
            self.actions[value] = action

    def mark(self, value: str) -> None:
        self.actions[value].setChecked(True)

    def name(self, names: dict[str, str]) -> None:
        for value, text in names.items():
            self.actions[value].setText(text)


def _chosen(choose: Callable[[str], object], value: str, _: bool = True) -> None:
    choose(value)


def _menu(menu: QMenu | None) -> QMenu:
    assert menu is not None
    return menu


def _after(menu: QMenu, action: QAction) -> QAction | None:
    """The entry after `action`."""
    entries = menu.actions()
    place = entries.index(action) + 1
    return entries[place] if place < len(entries) else None
