"""The window as a process of its own starts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLOSES_EARLY = """
import atexit, sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from app.ui.window import launch

def close():
    if "torch" not in sys.modules:
        QTimer.singleShot(5, close)
    else:
        QApplication.closeAllWindows()

launch.application()
QTimer.singleShot(0, close)
atexit.register(lambda: print("network" if "model.network" in sys.modules else "nothing"))
sys.exit(launch.run(None))
"""


@pytest.mark.usefixtures("home")
def test_network_is_imported_while_nothing_is_open_and_closing_meanwhile_is_clean() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSES_EARLY], cwd=Path(__file__).parents[2],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "network\n"), done.stderr
