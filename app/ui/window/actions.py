"""The actions of the table as Qt has them, kept up with the situation and the language."""

from PyQt6.QtGui import QAction, QKeySequence

from app.core.settings import Settings
from app.ui.dialogs import Shortcut
from app.ui.dialogs.base import plain
from app.ui.window.situation import Situation
from app.ui.window.table import ActionTable, Spec

_ROLES = {
    "about": QAction.MenuRole.AboutRole,
    "settings": QAction.MenuRole.PreferencesRole,
    "quit": QAction.MenuRole.QuitRole,
}


class Actions:
    """One `QAction` for each row of the table, by name."""

    def __init__(self, table: ActionTable) -> None:
        self._table = table
        self._specs = {spec.name: spec for spec in table.specs()}
        self.all: dict[str, QAction] = {}
        for spec in self._specs.values():
            self.all[spec.name] = self._made(spec)
        self._situation, self._settings = Situation(), Settings()
        self.retranslate()

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def of_menu(self, menu: str) -> list[list[QAction]]:
        """The actions of a menu by sections."""
        sections: dict[int, list[QAction]] = {}
        for spec in self._specs.values():
            if spec.menu == menu:
                sections.setdefault(spec.section, []).append(self.all[spec.name])
        return [sections[number] for number in sorted(sections)]

    def refresh(self, situation: Situation, settings: Settings) -> None:
        """Let those be chosen that can be in this situation."""
        if (situation, settings) == (self._situation, self._settings):
            return
        self._situation, self._settings = situation, settings
        self._show()

    def retranslate(self) -> None:
        """Set all texts in the language of the moment."""
        self._specs = {spec.name: spec for spec in self._table.specs()}
        for spec in self._specs.values():
            self.all[spec.name].setText(spec.text)
            self._explain(self.all[spec.name], spec)
        self._show()

    def shortcuts(self) -> list[Shortcut]:
        """Everything that has keys, by menus."""
        titles = {name: plain(text) for name, text in self._table.menus().items()}
        return [
            Shortcut(titles[spec.menu], spec.text, spec.keys)
            for spec in self._specs.values()
            if spec.keys
        ]

    def _show(self) -> None:
        for spec in self._specs.values():
            action = self.all[spec.name]
            action.setEnabled(spec.when(self._situation))
            if spec.checked is not None:
                action.setChecked(spec.checked(self._situation, self._settings))
            if spec.naming is not None:
                action.setText(spec.naming(self._situation))

    def _made(self, spec: Spec) -> QAction:
        action = QAction(self._table.parent())
        action.setObjectName(spec.name)
        action.setCheckable(spec.checked is not None)
        # macOS would guess by the words, which are other ones in other languages
        action.setMenuRole(_ROLES.get(spec.name, QAction.MenuRole.NoRole))
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        name = spec.name
        action.triggered.connect(lambda: self._act(name))
        return action

    def _act(self, name: str) -> None:
        self._specs[name].act()
        # what is on or off goes by what came of it
        self._show()

    @staticmethod
    def _explain(action: QAction, spec: Spec) -> None:
        native = QKeySequence.SequenceFormat.NativeText
        keys = QKeySequence(spec.keys[0]).toString(native) if spec.keys else ""
        action.setToolTip(f"{spec.tip} ({keys})" if keys else spec.tip)
        action.setStatusTip(spec.tip)
