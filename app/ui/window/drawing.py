"""Who draws the picture: the graphics card or the CPU, as the settings say and as it goes."""

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QSurface
from PyQt6.QtWidgets import QApplication, QWidget

from app.core.settings import Settings
from app.ui import graphics
from app.ui.canvas import Canvas

_FILLS = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


class Drawing(QObject):
    """Lets one of them draw on a canvas, and says where it is not the one that was wished for."""

    said = pyqtSignal(str)
    """A sentence for the user."""

    def __init__(self, canvas: Canvas, parent: QObject) -> None:
        """The CPU draws until something else is wished for."""
        super().__init__(parent)
        self._canvas = canvas
        self._card: graphics.Card | None = None
        canvas.card_failed.connect(self._failed)

    @property
    def name(self) -> str:
        """What draws, for developers."""
        return self._card.name if self._card is not None else "the CPU"

    def use(self, drawing: str) -> None:
        """Let what is wished for draw, or what there is.

        Args:
            drawing: one of `app.core.settings.DRAWINGS`.
        """
        if drawing != "cpu" and graphics.has_failed():
            self.said.emit(
                self.tr(
                    "The program ended while the graphics card began to draw the picture, so the "
                    "CPU draws it; another choice in the settings, under Picture, has the card "
                    "tried again."
                )
            )
        self._card = graphics.card_for(drawing)
        if drawing == "card" and self._card is None and not graphics.has_failed():
            self.said.emit(
                self.tr(
                    "No graphics card draws here through OpenGL 2.0 or later; the CPU draws the "
                    "picture."
                )
            )
        if self._card is not None or self._canvas.is_drawn_by_card:
            self._draw_with(self._card)

    def change(self, before: Settings, now: Settings) -> None:
        """Where the user wishes for something else, what failed before may be tried again."""
        if before.drawing != now.drawing:
            graphics.forgive()
            self.use(now.drawing)

    def _draw_with(self, card: graphics.Card | None) -> None:
        window, active = self._canvas.window(), QApplication.activeWindow()
        before = window.windowHandle() if window is not None else None
        if window is None or before is None:
            self._canvas.draw_with(card)
            return
        has_context = before.surfaceType() is QSurface.SurfaceType.OpenGLSurface
        if card is not None and not has_context and window.windowState() & _FILLS:
            self._draw_from_hidden(card, window)
        else:
            self._canvas.draw_with(card)
        if window.windowHandle() is not before:
            _join_again(window)
            if active is window:
                active.activateWindow()
            elif active is not None:
                # it has the keyboard already, for the system; Qt forgot that when it was hidden
                QApplication.setActiveWindow(active)

    def _draw_from_hidden(self, card: graphics.Card, window: QWidget) -> None:
        """Made anew while it is shown, a window that fills the screen is told to the system at that
        size, and has none to go back to."""
        was_visible, geometry = window.isVisible(), window.saveGeometry()
        window.hide()
        self._canvas.draw_with(card)
        window.restoreGeometry(geometry)
        window.setVisible(was_visible)

    def _failed(self) -> None:
        self._card = None
        self.said.emit(self.tr("The graphics card failed to draw the picture; the CPU draws it."))


def _join_again(window: QWidget) -> None:
    """Have dialogs and panels stay above a window in which a card draws for the first time: for the
    system it is another one then, and a dialog under it would block it with nothing to be seen."""
    for widget in QApplication.topLevelWidgets():
        parent, handle = widget.parentWidget(), widget.windowHandle()
        if parent is None or parent.window() is not window or handle is None:
            continue
        was_visible, place = widget.isVisible(), widget.pos()
        # the system is told what a window belongs to when it is shown
        widget.hide()
        handle.setTransientParent(window.windowHandle())
        if was_visible:
            widget.move(place)
            widget.show()
