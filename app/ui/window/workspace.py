"""Canvas, playback and timeline in the middle, panels around them that can be moved and closed."""

from functools import partial

from PyQt6.QtCore import QByteArray, QEvent, Qt
from PyQt6.QtGui import QAction, QShowEvent
from PyQt6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons
from app.ui.icon_button import IconButton

_VERSION = 1
"""Of the arrangement; an older one that was kept is not used any more."""
_RIGHT, _RIGHT_SHARE = 440, 0.36
"""Width of the panels on the right at first, logical pixels, and how much of the window's that may
be: in a small one the picture keeps the greater part."""
_HEIGHTS = (170, 250)
"""Heights of targets and memory at first, in proportion where there is more or less room."""
_ATTENTION, _PLOTS = 340, 300
"""Heights of panels that are hidden at first."""
_SHARE = 0.36
"""Of the height of the window that such a panel takes at most by itself."""
_TIMELINE, _TIMELINE_SHARE = 150, 0.25
"""Height of the timeline at first, and how much of the window's that may be."""

PANELS = ("targets", "memory", "attention", "plots")
"""Names of the panels, in the order of the menu."""
_HIDDEN = ("attention", "plots")
"""Not shown at first."""


class PanelTitle(QWidget):
    """The upper edge of a panel, by which it is moved; a double click tears it off."""

    def __init__(self, panel: QDockWidget) -> None:
        super().__init__(panel)
        self.text, self.close_ = QLabel(), IconButton(icons.cross, 12)
        font = self.text.font()
        font.setBold(True)
        self.text.setFont(font)
        self.close_.setAutoRaise(True)
        self.close_.clicked.connect(panel.close)
        self._extras = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(2)
        row.addWidget(self.text)
        row.addStretch(1)
        row.addLayout(self._extras)
        row.addWidget(self.close_)
        panel.windowTitleChanged.connect(self.text.setText)

    def add_button(self, button: QToolButton) -> None:
        """Put a button beside the one that closes."""
        button.setAutoRaise(True)
        self._extras.addWidget(button)


class Panel(QDockWidget):
    """A part of the window that can be moved, torn off and closed."""

    def __init__(self, name: str, content: QWidget) -> None:
        super().__init__()
        self.setObjectName(f"panel-{name}")
        self.name, self.title = name, PanelTitle(self)
        self.setTitleBarWidget(self.title)
        self.setWidget(content)

    @property
    def is_seen(self) -> bool:
        """Whether it is shown, and not behind another panel."""
        return self.isVisible() and not self.title.visibleRegion().isEmpty()


class Workspace(QMainWindow):
    """What is shown while something is open.

    A main window within the window, so that the start page has no panels.
    """

    def __init__(
        self, canvas: QWidget, transport: QWidget, timeline: QWidget, panels: dict[str, QWidget],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Arrange the parts; `panels` by the names of `PANELS`."""
        super().__init__(parent)
        self.setObjectName("workspace")
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, stretch=1)
        column.addWidget(transport)
        self.timeline = timeline
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setObjectName("timeline-splitter")
        self._splitter.addWidget(upper)
        self._splitter.addWidget(timeline)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.setCollapsible(0, False)
        self._splitter.setHandleWidth(5)
        self.setCentralWidget(self._splitter)
        self.panels = {name: Panel(name, panels[name]) for name in PANELS}
        self.show_timeline = QAction(self)
        self.show_timeline.setCheckable(True)
        self.show_timeline.setChecked(True)
        self.show_timeline.toggled.connect(timeline.setVisible)
        self._arrange()
        self._roomy = {"attention": _ATTENTION, "plots": _PLOTS}
        for panel in self.panels.values():
            panel.visibilityChanged.connect(partial(self._make_room, panel))
        self._first = self.saveState(_VERSION)
        self._kept: dict[str, str] | None = {}
        """The arrangement of an earlier run, until it is used."""
        self._left: dict[str, str] | None = None
        """The arrangement when the workspace was left, until it is shown again."""
        self._torn_off: list[Panel] = []
        """Panels that are to come back then."""
        self.retranslate()

    @property
    def toggles(self) -> list[QAction]:
        """Actions that show and hide the timeline and the panels."""
        found = [self.show_timeline]
        for panel in self.panels.values():
            action = panel.toggleViewAction()
            assert action is not None
            found.append(action)
        return found

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        """Arrange all; sizes come to nothing before those of the window are known."""
        super().showEvent(event)
        if self._kept is None:
            return
        kept, self._kept = self._kept, None
        if not self.restoreState(_bytes(kept.get("panels", "")), _VERSION):
            self._size_panels()
        if not self._splitter.restoreState(_bytes(kept.get("splitter", ""))):
            self._size_timeline()
        self.show_timeline.setChecked(kept.get("timeline") != "hidden")

    def reset(self) -> None:
        """Put everything back to where it was at the first start."""
        self.restoreState(self._first, _VERSION)
        self.show_timeline.setChecked(True)
        self._size_timeline()
        self._size_panels()

    def state(self) -> dict[str, str]:
        """The arrangement, to be kept between runs."""
        if self._left is not None:
            return self._left
        if self._kept is not None:
            return self._kept
        return {
            "panels": _text(self.saveState(_VERSION)),
            "splitter": _text(self._splitter.saveState()),
            "timeline": "shown" if self.show_timeline.isChecked() else "hidden",
        }

    def restore(self, state: dict[str, str]) -> None:
        """Arrange all as `state` says when it is shown first; what cannot be used of it is passed
        over."""
        names = ("panels", "splitter", "timeline")
        self._kept = {name: state[name] for name in names if name in state}

    def set_floating_shown(self, on: bool) -> None:
        """Panels that were torn off do not stay behind when the workspace is left, and come back
        with it. Meanwhile no panel can be shown or hidden."""
        if on:
            back, self._torn_off, self._left = self._torn_off, [], None
            for panel in back:
                panel.show()
        elif self._left is None:
            # before they are hidden: they are to come back after another start, too
            self._left = self.state()
            panels = self.panels.values()
            self._torn_off = [p for p in panels if p.isFloating() and not p.isHidden()]
            for panel in self._torn_off:
                panel.hide()
        for action in self.toggles:
            action.setEnabled(on)

    def retranslate(self) -> None:
        """Set all texts."""
        titles = {
            "targets": self.tr("Targets"),
            "memory": self.tr("Memory"),
            "attention": self.tr("Attention"),
            "plots": self.tr("Plots"),
        }
        tips = {
            "targets": self.tr("All targets, their states and scores"),
            "memory": self.tr("Frames that the tracker remembers of a target"),
            "attention": self.tr("Which places of the remembered frames the network looks at"),
            "plots": self.tr("Position, size, speed and score over time"),
        }
        for name, panel in self.panels.items():
            panel.setWindowTitle(titles[name])
            panel.title.setToolTip(self.tr("Drag to move this panel, double-click to tear it off"))
            panel.title.close_.setToolTip(self.tr("Hide this panel; the View menu shows it again"))
            panel.title.close_.setAccessibleName(
                self.tr("Hide the panel {name}").format(name=titles[name])
            )
            action = panel.toggleViewAction()
            assert action is not None
            action.setToolTip(tips[name])
            action.setStatusTip(tips[name])
        self.show_timeline.setText(self.tr("Timeline"))
        self.show_timeline.setToolTip(self.tr("One lane for each target, with its states"))

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _arrange(self) -> None:
        right, below = (
            Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea,
        )  # fmt: skip
        for name in ("targets", "memory", "attention"):
            self.addDockWidget(right, self.panels[name])
        self.addDockWidget(below, self.panels["plots"])
        for name in _HIDDEN:
            self.panels[name].hide()
        self._size_timeline()
        self._size_panels()

    def _make_room(self, panel: Panel, is_shown: bool) -> None:
        """Give a panel that is shown for the first time the height that it needs to be read, as far
        as the window has it."""
        if is_shown and panel.name in self._roomy and not panel.isFloating():
            wanted = max(self._roomy.pop(panel.name), panel.height())
            # in a small window the picture keeps the greater part
            height = min(wanted, round(_SHARE * self.height()))
            self.resizeDocks([panel], [height], Qt.Orientation.Vertical)

    def _size_timeline(self) -> None:
        self._splitter.setSizes([10_000, min(_TIMELINE, round(_TIMELINE_SHARE * self.height()))])

    def _size_panels(self) -> None:
        shown = [self.panels[name] for name in ("targets", "memory")]
        right = min(_RIGHT, round(_RIGHT_SHARE * self.width()))
        self.resizeDocks(shown[:1], [right], Qt.Orientation.Horizontal)
        self.resizeDocks(shown, list(_HEIGHTS), Qt.Orientation.Vertical)


def _text(data: QByteArray) -> str:
    return data.toBase64().data().decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode("ascii", "ignore"))
