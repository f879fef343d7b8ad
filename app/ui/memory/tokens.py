"""Tokens of a square crop: which one lies where. Pure; no Qt.

Tokens are numbered row by row, from 0 at the top left. Points and boxes are in pixels of the crop
or of its picture on the screen; `side` is its width in the same unit.
"""

from model.geometry import Box

Point = tuple[float, float]


def token_at(point: Point, side: float, grid: int) -> int | None:
    """The token under a point that is given from the crop's corner; None beside the crop."""
    x, y = point
    if side <= 0 or not (0 <= x < side and 0 <= y < side):
        return None
    row, column = (min(grid - 1, int(v * grid / side)) for v in (y, x))
    return row * grid + column


def cell_of(token: int, side: float, grid: int) -> Box:
    """Where a token's cell lies, from the crop's corner."""
    row, column = divmod(token, grid)
    pitch = side / grid
    return (column * pitch, row * pitch, pitch, pitch)


def stepped(token: int, across: int, down: int, grid: int) -> int:
    """The token so many columns and rows away, held at the border."""
    row, column = divmod(token, grid)
    row, column = (min(max(v, 0), grid - 1) for v in (row + down, column + across))
    return row * grid + column


def central(box: Box, side: float, grid: int) -> int:
    """The token at the centre of a box; the nearest one where that lies beside the crop."""
    x, y, w, h = box
    row, column = (
        min(max(int(v * grid / side), 0), grid - 1) if side > 0 else 0
        for v in (y + h / 2, x + w / 2)
    )
    return row * grid + column


def under(box: Box, side: float, grid: int) -> list[int]:
    """Tokens whose centres lie in a box; the one at its centre if there is none."""
    x, y, w, h = box
    pitch = side / grid
    centres = [(k + 0.5) * pitch for k in range(grid)]
    rows = [k for k, v in enumerate(centres) if y <= v < y + h]
    columns = [k for k, v in enumerate(centres) if x <= v < x + w]
    return [r * grid + c for r in rows for c in columns] or [central(box, side, grid)]


def corresponding(token: int, grid: int, template_grid: int) -> tuple[float, float] | None:
    """Row and column of the same place in a template, whose tokens are as large and whose centre is
    the same; None where the template does not reach so far."""
    row, column = divmod(token, grid)
    margin = (grid - template_grid) / 2
    place = (row - margin, column - margin)
    return place if all(-0.5 <= v <= template_grid - 0.5 for v in place) else None
