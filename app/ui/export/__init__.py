"""The export dialog, and the question about unsaved work."""

from app.ui.export.dialog import ExportDialog
from app.ui.export.unsaved import UnsavedAnswer, UnsavedQuestion, ask_unsaved

__all__ = ["ExportDialog", "UnsavedAnswer", "UnsavedQuestion", "ask_unsaved"]
