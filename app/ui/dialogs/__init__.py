"""Dialogs: choosing a source, settings, the list of shortcuts, errors."""

from app.ui.dialogs.camera import CameraChoice, CameraDialog
from app.ui.dialogs.error import ErrorDialog, show_error
from app.ui.dialogs.screen import ScreenDialog
from app.ui.dialogs.settings import SettingsDialog
from app.ui.dialogs.shortcuts import Shortcut, ShortcutsDialog
from app.ui.dialogs.stream import StreamDialog

__all__ = [
    "CameraChoice",
    "CameraDialog",
    "ErrorDialog",
    "ScreenDialog",
    "SettingsDialog",
    "Shortcut",
    "ShortcutsDialog",
    "StreamDialog",
    "show_error",
]
