"""A button of which the icon is drawn in the colour of the text."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QKeyEvent, QPalette
from PyQt6.QtWidgets import QWidget

from app.ui.tool_button import ToolButton


class IconButton(ToolButton):
    """Draws its icon anew when the colours change, and opens its menu, if it has one, with the down
    key; all else is as with any tool button."""

    def __init__(
        self,
        draw: Callable[[QColor], QIcon],
        side: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make a button.

        Args:
            draw: makes the icon in the colour it is given.
            side: of the icon, logical pixels; None for what the style has.
            parent: what it lies on.
        """
        super().__init__(parent)
        self._draw = draw
        if side is not None:
            self.setIconSize(QSize(side, side))
        self.redraw()

    def redraw(self) -> None:
        """Draw the icon anew, where it shows something else from now on."""
        # not the colour of a disabled button: the icon has a fainter form for that
        palette, active = self.palette(), QPalette.ColorGroup.Active
        self.setIcon(self._draw(palette.color(active, QPalette.ColorRole.WindowText)))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Open the menu, whose arrow only the mouse could reach."""
        opens = event is not None and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Menu)
        if opens and self.menu() is not None:
            self.showMenu()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the colours."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.redraw()
