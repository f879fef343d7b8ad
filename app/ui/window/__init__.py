"""The main window of the application."""

from app.ui.window.launch import run, run_demo
from app.ui.window.window import MainWindow

__all__ = ["MainWindow", "run", "run_demo"]
