"""The row of buttons over the plots."""

from collections.abc import Iterable

from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.core.measures import Quantity
from app.ui.tool_button import ToolButton

PLOTTED = (Quantity.X, Quantity.Y, Quantity.SIZE, Quantity.SPEED, Quantity.SCORE)
"""What can be plotted, from top to bottom."""
KINDS = ("png", "svg", "csv")


class Header(QWidget):
    """Chooses what is plotted; shows all of the time; exports."""

    chosen = pyqtSignal()
    """Another set of plots is wanted."""
    whole_wanted = pyqtSignal()
    export_wanted = pyqtSignal(str)
    """One of `KINDS`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices = {quantity: ToolButton() for quantity in PLOTTED}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        for button in self.choices.values():
            button.setCheckable(True)
            button.clicked.connect(self._clicked)
            row.addWidget(button)
        row.addStretch(1)
        self.whole, self.export = ToolButton(), ToolButton()
        self.whole.clicked.connect(self.whole_wanted)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.exports: dict[str, QAction] = {}
        for kind in KINDS:
            action = QAction(menu)
            action.triggered.connect(lambda _, kind=kind: self.export_wanted.emit(kind))
            menu.addAction(action)
            self.exports[kind] = action
        self.export.setMenu(menu)
        for button in (self.whole, self.export):
            row.addWidget(button)
        for each in self.findChildren(QToolButton):
            each.setAutoRaise(True)
        self.retranslate()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What is chosen, from top to bottom."""
        return tuple(q for q, button in self.choices.items() if button.isChecked())

    def choose(self, quantities: Iterable[Quantity]) -> None:
        """Show these as chosen; emits nothing."""
        wanted = set(quantities)
        for quantity, button in self.choices.items():
            button.setChecked(quantity in wanted)

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        names = {
            Quantity.X: (self.tr("x"), self.tr("Position of the centre from the left edge")),
            Quantity.Y: (self.tr("y"), self.tr("Position of the centre from the upper edge")),
            Quantity.SIZE: (self.tr("Size"), self.tr("Square root of the area of the box")),
            Quantity.SPEED: (
                self.tr("Speed"),
                self.tr("Of the centre; jumps of a single frame and jitter are smoothed away"),
            ),
            Quantity.SCORE: (self.tr("Score"), self.tr("How sure the tracker is, 0 to 1")),
        }
        for quantity, (name, tip) in names.items():
            self.choices[quantity].setText(name)
            self.choices[quantity].setToolTip(tip)
            self.choices[quantity].setAccessibleName(self.tr("Plot {name}").format(name=name))
        self.whole.setText(self.tr("Whole time"))
        self.whole.setToolTip(self.tr("Show everything from the first frame to the last (0)"))
        self.export.setText(self.tr("Export"))
        self.export.setToolTip(self.tr("Save the plots as a picture, or what they show as a table"))
        texts = {
            "png": (self.tr("Picture (PNG)…"), self.tr("As shown, in twice the resolution")),
            "svg": (self.tr("Drawing (SVG)…"), self.tr("As shown, in lines that stay sharp")),
            "csv": (
                self.tr("Table (CSV)…"),
                self.tr("All measures of all targets, a row for each frame"),
            ),
        }
        for kind, (text, tip) in texts.items():
            self.exports[kind].setText(text)
            self.exports[kind].setToolTip(tip)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def _clicked(self) -> None:
        if not self.quantities:
            # there is nothing to see without any
            sender = self.sender()
            if isinstance(sender, QToolButton):
                sender.setChecked(True)
            return
        self.chosen.emit()
