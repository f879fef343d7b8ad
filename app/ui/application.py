"""The Qt application: one per process, in the system's light or dark colours."""

import os
import sys

from PyQt6.QtGui import QFont, QSurfaceFormat
from PyQt6.QtWidgets import QApplication

from app.ui.theme import apply_theme

_SWITCH_S = 0.001


def application() -> QApplication:
    """The application, made on the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # OpenCV's wheel points these at a Qt of its own, which ours cannot use
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    # for so long, at most, the window's thread waits while another one computes in Python
    sys.setswitchinterval(_SWITCH_S)
    # nor is it to wait for the display where a graphics card draws
    drawn = QSurfaceFormat.defaultFormat()
    drawn.setSwapInterval(0)
    QSurfaceFormat.setDefaultFormat(drawn)
    app = QApplication(sys.argv[:1])
    dress(app)
    return app


def dress(app: QApplication) -> None:
    """Give `app` its name, style and font."""
    app.setApplicationName("spacetime-tracker")
    app.setApplicationDisplayName("SpaceTime Tracker")
    app.setStyle("Fusion")
    font = QFont(app.font())
    font.setPointSizeF(max(font.pointSizeF(), 10.0))
    app.setFont(font)
    apply_theme(app, "system")
