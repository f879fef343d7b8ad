"""Light and dark colours of the whole application, and the style sheet on top of them."""

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

_Role = QPalette.ColorRole
_Group = QPalette.ColorGroup

_LIGHT = {
    _Role.Window: "#f4f5f7", _Role.WindowText: "#1a1d21",
    _Role.Base: "#ffffff", _Role.AlternateBase: "#eef0f3", _Role.Text: "#1a1d21",
    _Role.PlaceholderText: "#59606b",
    _Role.Button: "#eceef1", _Role.ButtonText: "#1a1d21",
    _Role.Highlight: "#0a6aa6", _Role.HighlightedText: "#ffffff", _Role.Accent: "#0a6aa6",
    _Role.Link: "#0a5f96", _Role.LinkVisited: "#6b4a8f", _Role.BrightText: "#8c1d18",
    _Role.ToolTipBase: "#ffffff", _Role.ToolTipText: "#1a1d21",
    _Role.Light: "#ffffff", _Role.Midlight: "#e1e4e8", _Role.Mid: "#b4bac3",
    _Role.Dark: "#8b919b", _Role.Shadow: "#5f656e",
}  # fmt: skip
_DARK = {
    _Role.Window: "#1e2126", _Role.WindowText: "#e8eaed",
    _Role.Base: "#16181c", _Role.AlternateBase: "#22262c", _Role.Text: "#e8eaed",
    _Role.PlaceholderText: "#a2a9b4",
    _Role.Button: "#2b2f36", _Role.ButtonText: "#e8eaed",
    _Role.Highlight: "#1f73ad", _Role.HighlightedText: "#ffffff", _Role.Accent: "#1f73ad",
    _Role.Link: "#6cb8ee", _Role.LinkVisited: "#c3a5e6", _Role.BrightText: "#ff9d94",
    _Role.ToolTipBase: "#2b2f36", _Role.ToolTipText: "#e8eaed",
    _Role.Light: "#3d434c", _Role.Midlight: "#343942", _Role.Mid: "#4d545f",
    _Role.Dark: "#0f1114", _Role.Shadow: "#000000",
}  # fmt: skip
_FAINT = {True: "#7d8590", False: "#757c87"}
"""Texts of what is disabled, in dark and light."""

_RIMMED = (
    "QLineEdit",
    "QAbstractSpinBox",
    "QComboBox",
    "QPushButton",
    "QCheckBox",
    "QListWidget",
    "QMenu",
)
"""What is told from its ground by its rim."""
_RIM = {True: "#7d8590", False: "#7c828b"}
"""In dark and light; at a contrast of 3:1 or more to the ground."""
_RIM_OF_GROUND = 140
"""Fusion takes a ground, darkened by so many percent, for rims."""

STYLE = """
QToolTip { padding: 4px; }
QStatusBar { border-top: 1px solid palette(midlight); }
QStatusBar::item { border: none; }
#fault-strip { background: #b3261e; border: none; }
#fault-strip QLabel { color: white; padding: 2px; }
#fault-strip QToolButton { color: white; border: none; font-weight: bold; padding: 4px 8px; }
#fault-strip QToolButton:hover { background: rgba(255, 255, 255, 45); border-radius: 4px; }
#notice-strip {
  background: palette(alternate-base); border: none; border-bottom: 1px solid palette(midlight);
}
#notice-strip QLabel { padding: 2px; }
#notice-strip QToolButton { border: none; font-weight: bold; padding: 4px 8px; }
#notice-strip QToolButton:hover { background: palette(midlight); border-radius: 4px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { width: 5px; height: 5px; background: palette(window); }
QMainWindow::separator:hover { background: palette(mid); }
QSplitter#timeline-splitter::handle { background: palette(window); }
QSplitter#timeline-splitter::handle:hover { background: palette(mid); }
#fault { color: palette(bright-text); }
#muted { color: palette(placeholder-text); }
#notice {
  background: palette(alternate-base); border: 1px solid palette(mid); border-radius: 8px;
}
#look { padding: 3px 9px; border: 1px solid palette(mid); border-radius: 5px; }
#look:hover { background: palette(midlight); }
#look:checked { background: palette(highlight); color: palette(highlighted-text); }
#targets QScrollArea { border: none; }
#targets QToolButton { border: none; border-radius: 4px; padding: 3px; }
#targets QToolButton:hover { background: palette(midlight); }
QCheckBox::indicator:unchecked, QAbstractItemView::indicator:unchecked {
  border: 1px solid palette(placeholder-text); border-radius: 3px; background: palette(base);
}
QRadioButton::indicator:unchecked {
  border: 1px solid palette(placeholder-text); border-radius: 7px; background: palette(base);
}
QRadioButton::indicator:checked {
  border: 1px solid palette(placeholder-text); border-radius: 7px;
  background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 palette(link), stop: 0.5 palette(link), stop: 0.6 palette(base), stop: 1 palette(base));
}
QRadioButton::indicator:checked:disabled {
  background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 palette(mid), stop: 0.5 palette(mid), stop: 0.6 palette(base), stop: 1 palette(base));
}
QTabWidget::pane { border: none; border-top: 1px solid palette(mid); }
QTabBar::tab {
  padding: 6px 14px; border: none; border-bottom: 2px solid transparent;
  color: palette(placeholder-text);
}
QTabBar::tab:selected { border-bottom-color: palette(link); color: palette(window-text); }
QTabBar::tab:hover { color: palette(window-text); }
QTabBar:focus::tab:selected { color: palette(link); }
QPlainTextEdit { border: 1px solid palette(placeholder-text); border-radius: 3px; }
QPlainTextEdit:focus { border-color: palette(link); }
QProgressBar { border: none; border-radius: 3px; background: palette(midlight); }
QProgressBar::chunk { border-radius: 3px; background: palette(highlight); }
"""


def palette_of(dark: bool) -> QPalette:
    """The palette for light or dark, every text at a contrast of 4.5:1 or more to its ground."""
    palette = QPalette()
    for role, colour in (_DARK if dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.PlaceholderText):
        palette.setColor(_Group.Disabled, role, QColor(_FAINT[dark]))
    muted = palette.color(_Role.Mid)
    palette.setColor(_Group.Disabled, _Role.Highlight, muted)
    return palette


def rimmed_palette_of(dark: bool) -> QPalette:
    """The palette of fields and buttons, whose ground nobody sees: it is there for their rims."""
    palette = palette_of(dark)
    palette.setColor(_Role.Window, QColor(_RIM[dark]).lighter(_RIM_OF_GROUND))
    if dark:
        # the rim of what has the keyboard is a darker one of these
        palette.setColor(_Role.Highlight, QColor("#58a9e2"))
        palette.setColor(_Role.HighlightedText, QColor("#101214"))
        palette.setColor(_Group.Disabled, _Role.Highlight, palette.color(_Role.Mid))
    return palette


def is_dark(palette: QPalette) -> bool:
    """Whether texts are lighter than their ground."""
    text, ground = palette.color(_Role.WindowText), palette.color(_Role.Window)
    return text.lightness() > ground.lightness()


def contrast(one: QColor, other: QColor) -> float:
    """Ratio of luminances as WCAG 2 defines it, 1..21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def apply_theme(app: QApplication, theme: str) -> None:
    """Show everything in `theme`: `light`, `dark`, or `system`, which follows the system's."""
    follower = app.findChild(_Follower)
    if follower is None:
        follower = _Follower(app)
    follower.show(theme)


class _Follower(QObject):
    """Keeps the application in the chosen theme while the system's changes."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app, self._theme = app, "system"
        # before any palette of ours is set, this one is the system's
        self._began_dark = is_dark(app.palette())
        self._dark: bool | None = None
        hints = app.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._refresh)

    def show(self, theme: str) -> None:
        self._theme = theme
        self._refresh()

    def _refresh(self) -> None:
        dark = self._system_is_dark() if self._theme == "system" else self._theme == "dark"
        if dark is not self._dark:
            self._dark = dark
            self._app.setPalette(palette_of(dark))
            for name in _RIMMED:
                self._app.setPalette(rimmed_palette_of(dark), name)
            # the ground of these can be seen, in a list as well
            self._app.setPalette(palette_of(dark), "QScrollBar")
            # the sheet keeps colours of the palette it was read with
            self._app.setStyleSheet(STYLE)

    def _system_is_dark(self) -> bool:
        hints = self._app.styleHints()
        scheme = hints.colorScheme() if hints is not None else Qt.ColorScheme.Unknown
        if scheme == Qt.ColorScheme.Unknown:
            return self._began_dark
        return scheme == Qt.ColorScheme.Dark


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
