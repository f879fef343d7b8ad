"""The picture of a lane, kept in tiles, of which only what changed is drawn again."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter

from app.core.player.document import TrackRows
from app.ui.timeline.changes import Change, change_of
from app.ui.timeline.curve import decimate
from app.ui.timeline.raster import Look, draw_columns

_SIDE = 512
"""Width of a tile, device pixels."""
_MOST = 64
"""Tiles to keep; beyond that those out of sight are let go."""
_Columns = tuple[int, int]
"""Half-open range of columns of device pixels, counted from frame 0."""


@dataclass
class _Tile:
    """Columns of a lane, and which of them are out of date."""

    pixels: NDArray[np.uint32]
    """`(H, _SIDE)`."""
    stale: _Columns | None


class LaneTiles:
    """Draws the rows of one target."""

    def __init__(self) -> None:
        self._rows = TrackRows()
        self._look: Look | None = None
        self._scale = 1.0
        self._bridge = 1
        self._tiles: dict[int, _Tile] = {}

    def show_rows(self, rows: TrackRows) -> Change | None:
        """Show these rows from now on.

        Returns:
            What looks different; None where nothing does.
        """
        change = change_of(self._rows, rows)
        self._rows = rows
        if change is not None:
            begin = math.floor(change.first * self._scale) - 1
            end = math.ceil((change.last + 1) * self._scale) + 1
            for index in self._tiles:
                self._mark(index, (begin, end))
        return change

    def set_look(self, look: Look, scale: float, bridge: int) -> None:
        """Draw with this look, at `scale` device pixels per frame, and with lines over gaps of at
        most `bridge` frames."""
        if (look, scale, bridge) != (self._look, self._scale, self._bridge):
            self._look, self._scale, self._bridge = look, scale, bridge
            self._tiles.clear()

    def paint(self, painter: QPainter, origin: int, columns: _Columns, top: float) -> None:
        """Paint some columns.

        Args:
            painter: in logical pixels.
            origin: the column at the painter's x = 0.
            columns: which ones at least.
            top: y of the lane, logical pixels.
        """
        look = self._look
        if look is None:
            return
        ratio = look.ratio
        for index in range(columns[0] // _SIDE, (columns[1] - 1) // _SIDE + 1):
            pixels = self._current(index, columns, look)
            image = QImage(
                pixels.data,  # type: ignore[call-overload]
                _SIDE, look.height, 4 * _SIDE, QImage.Format.Format_RGB32,
            )  # fmt: skip
            x = (index * _SIDE - origin) / ratio
            painter.drawImage(QRectF(x, top, _SIDE / ratio, look.height / ratio), image)
        self._let_go(columns)

    def _mark(self, index: int, columns: _Columns) -> None:
        """Note that some columns of a tile, if they are in it, have to be drawn again."""
        tile = self._tiles[index]
        begin, end = max(columns[0], index * _SIDE), min(columns[1], (index + 1) * _SIDE)
        if begin < end:
            if tile.stale is not None:
                begin, end = min(begin, tile.stale[0]), max(end, tile.stale[1])
            tile.stale = (begin, end)

    def _current(self, index: int, columns: _Columns, look: Look) -> NDArray[np.uint32]:
        """The pixels of a tile, up to date in these columns."""
        left = index * _SIDE
        tile = self._tiles.get(index)
        if tile is None:
            pixels = np.zeros((look.height, _SIDE), np.uint32)
            tile = self._tiles[index] = _Tile(pixels, (left, left + _SIDE))
        if tile.stale is not None:
            now, tile.stale = _split(tile.stale, columns)
            if now is not None:
                begin, end = now
                tile.pixels[:, begin - left : end - left] = self._drawn(begin, end, look)
        return tile.pixels

    def _drawn(self, begin: int, end: int, look: Look) -> NDArray[np.uint32]:
        columns = decimate(
            self._rows.columns(), scale=self._scale, left=begin, columns=end - begin,
            bridge=self._bridge,
        )  # fmt: skip
        return draw_columns(columns, begin, look)

    def _let_go(self, shown: _Columns) -> None:
        if len(self._tiles) > _MOST:
            near = range(shown[0] // _SIDE - 16, shown[1] // _SIDE + 17)
            for index in [index for index in self._tiles if index not in near]:
                del self._tiles[index]


def _split(stale: _Columns, wanted: _Columns) -> tuple[_Columns | None, _Columns | None]:
    """What of the stale columns to draw now so that the wanted ones are drawn, and what is left;
    both are in one piece."""
    begin, end = max(stale[0], wanted[0]), min(stale[1], wanted[1])
    if begin >= end:
        return None, stale
    if begin > stale[0] and end == stale[1]:
        return (begin, end), (stale[0], begin)
    return (stale[0], end), ((end, stale[1]) if end < stale[1] else None)
