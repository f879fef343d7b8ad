"""The Qt application: one per process, in the system's light or dark colours."""

import os
import sys

from PyQt6.QtGui import QFont
from PyQt6.QtWidgets import QApplication

STYLE = """
QToolTip { padding: 4px; }
QStatusBar { border-top: 1px solid palette(midlight); }
QStatusBar::item { border: none; }
#banner { background: #b3261e; border: none; }
#banner QLabel { color: white; padding: 2px; }
#banner QToolButton { color: white; border: none; font-weight: bold; padding: 4px 8px; }
#banner QToolButton:hover { background: rgba(255, 255, 255, 45); border-radius: 4px; }
#startTitle { font-size: 24px; font-weight: 600; }
#startHint, #muted { color: palette(placeholder-text); }
#startCard { border: 2px dashed palette(mid); border-radius: 14px; }
#startCard[over="true"] { border-color: #0a84c6; background: rgba(10, 132, 198, 28); }
QPushButton#choice {
  padding: 11px 20px; border-radius: 8px; border: 1px solid palette(mid);
  background: palette(button); min-width: 108px;
}
QPushButton#choice:hover { border-color: #0a84c6; }
QPushButton#choice:focus { border: 2px solid #0a84c6; padding: 10px 19px; }
QPushButton#mainChoice {
  padding: 12px 26px; border-radius: 8px; border: none; color: white; font-weight: 600;
  background: #0a74b0;
}
QPushButton#mainChoice:hover { background: #0b86cb; }
QPushButton#mainChoice:focus { border: 2px solid palette(text); padding: 10px 24px; }
#targets { border-left: 1px solid palette(midlight); }
#targets QScrollArea { border: none; }
#controls QToolButton { border: none; border-radius: 6px; padding: 6px; }
#controls QToolButton:hover, #targets QToolButton:hover { background: palette(midlight); }
#targets QToolButton { border: none; border-radius: 4px; padding: 3px; }
QProgressBar { border: none; border-radius: 3px; background: palette(midlight); }
QProgressBar::chunk { border-radius: 3px; background: #0a84c6; }
"""


def application() -> QApplication:
    """The application, made on the first call."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    # OpenCV's wheel points these at a Qt of its own, which ours cannot use
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
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
    app.setStyleSheet(STYLE)
