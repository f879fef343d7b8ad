"""Dialogs of the window that are about what is open: settings, and the name of a target."""

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QInputDialog, QWidget

from app.core.player.player import Player
from app.ui.dialogs import SettingsDialog
from app.ui.window.commands import Commands
from app.ui.window.preferences import Preferences


class Asking(QObject):
    """Opens them over the window, without holding up what goes on in it."""

    def __init__(self, window: QWidget, preferences: Preferences, commands: Commands) -> None:
        super().__init__(window)
        self._window, self._preferences, self._commands = window, preferences, commands
        commands.name_wanted.connect(self.ask_name)

    def ask_settings(self) -> None:
        """Let the user change the settings."""
        dialog = SettingsDialog(self._preferences.now, self._window)
        dialog.applied.connect(self._preferences.apply)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def ask_name(self, target: int, label: str) -> None:
        """Let the user change the label of a target that cannot be seen."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle(self.tr("Rename"))
        dialog.setLabelText(self.tr("Name of target {number}:").format(number=target))
        dialog.setTextValue(label)
        rename = self._commands.passing(Player.rename)
        dialog.textValueSelected.connect(lambda text: rename(target, text))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
