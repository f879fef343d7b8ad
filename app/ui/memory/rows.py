"""Tiles in rows, with one of them in the order of Tab and arrow keys between them."""

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QWidget

from app.ui.memory.panels import flow
from app.ui.memory.tile import Tile

_GAP = 8


class TileRows(QScrollArea):
    """As many tiles as asked for, and one at the end that only shows."""

    pin_wanted = pyqtSignal(int)
    """Place of a tile."""
    forget_wanted = pyqtSignal(int)
    """Place of a tile."""
    menu_wanted = pyqtSignal(int, QPoint)
    """Place of a tile; a point of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground = QWidget()
        self._columns = 1
        self.tiles: list[Tile] = []
        self.last = Tile(self._ground, acts=False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(self._ground)

    def set_count(self, count: int) -> None:
        """Have this many tiles; the keyboard stays where it is, or goes to the last one left."""
        if count == len(self.tiles):
            return
        had_focus = any(tile.hasFocus() for tile in self.tiles)
        current = self._current()
        while len(self.tiles) < count:
            self.tiles.append(self._new_tile())
        gone, self.tiles = self.tiles[count:], self.tiles[:count]
        if self.tiles:
            self._make_current(min(current, count - 1), focus=had_focus)
        for tile in gone:
            tile.hide()
            tile.deleteLater()
        self.place()

    def place(self) -> None:
        """Put every tile where it belongs."""
        every = [*self.tiles, self.last]
        for tile in every:
            tile.set_room(self.height())
        size = self.last.sizeHint()
        view = self.viewport()
        width = view.width() if view is not None else self.width()
        places = flow(len(every), (size.width(), size.height()), width, _GAP)
        for tile, (x, y) in zip(every, places, strict=True):
            tile.setGeometry(x, y, size.width(), size.height())
        self._columns = sum(y == 0 for _, y in places)
        self._ground.setMinimumHeight(places[-1][1] + size.height() if self.tiles else 0)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Fill the rows anew."""
        super().resizeEvent(event)
        self.place()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the font, on which the size of a tile depends."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self.place()

    def _new_tile(self) -> Tile:
        tile = Tile(self._ground)
        tile.pin_wanted.connect(lambda: self.pin_wanted.emit(self.tiles.index(tile)))
        tile.forget_wanted.connect(lambda: self.forget_wanted.emit(self.tiles.index(tile)))
        tile.menu_wanted.connect(lambda at: self.menu_wanted.emit(self.tiles.index(tile), at))
        tile.moved.connect(lambda across, down: self._move(self.tiles.index(tile), across, down))
        tile.pressed.connect(lambda: self._make_current(self.tiles.index(tile)))
        tile.show()
        return tile

    def _current(self) -> int:
        strong = Qt.FocusPolicy.StrongFocus
        return next((k for k, tile in enumerate(self.tiles) if tile.focusPolicy() == strong), 0)

    def _make_current(self, place: int, *, focus: bool = False) -> None:
        """Let one tile be reached by Tab; the others are reached from it."""
        for k, tile in enumerate(self.tiles):
            strong = k == place
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if strong else Qt.FocusPolicy.ClickFocus)
        if focus:
            self.tiles[place].setFocus(Qt.FocusReason.OtherFocusReason)
            self.ensureWidgetVisible(self.tiles[place], _GAP, _GAP)

    def _move(self, place: int, across: int, down: int) -> None:
        place += across + down * self._columns
        if 0 <= place < len(self.tiles):
            self._make_current(place, focus=True)
