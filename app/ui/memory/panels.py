"""Where pictures lie: the searched crop and what it looks at, and tiles in rows. Pure; no Qt."""

from dataclasses import dataclass

from model.geometry import Box

GAP = 12.0
"""Between pictures, pixels."""
_WAY = 30.0
"""From the searched crop to the others: room for the bands that go there."""
_LANE = 30.0
"""Above pictures beside the searched crop, for the same."""


@dataclass(frozen=True)
class Panels:
    """Squares `(x, y, w, h)` in pixels of the widget. Captions lie under them; that of the searched
    crop above it where the others are under it."""

    search: Box
    others: tuple[Box, ...]
    beside: bool
    """Whether the others are beside the searched crop; else under it."""
    columns: int
    """Of the others."""

    @property
    def in_one_row(self) -> bool:
        return len(self.others) <= self.columns


def panels(
    width: float, height: float, count: int, caption: float, *, margin: float = 0.0,
    bands: bool = True,
) -> Panels:  # fmt: skip
    """The arrangement in which the pictures are largest.

    Args:
        width, height: room, pixels.
        count: pictures besides the searched crop, at least 1.
        caption: height of what is written with each picture.
        margin: what is left free all around.
        bands: whether bands go from the crop to the pictures.
    """
    room = (max(width - 2 * margin, 1.0), max(height - 2 * margin, 1.0))
    best = max(
        (
            _arranged(*room, count, columns, caption, beside, bands)
            for beside in (True, False)
            for columns in range(1, count + 1)
        ),
        key=lambda found: found.search[2] * found.others[0][2],
    )
    moved = [(x + margin, y + margin, w, h) for x, y, w, h in (best.search, *best.others)]
    return Panels(moved[0], tuple(moved[1:]), best.beside, best.columns)


def _arranged(
    width: float, height: float, count: int, columns: int, caption: float, beside: bool,
    bands: bool,
) -> Panels:  # fmt: skip
    rows = -(-count // columns)
    gaps_x, gaps_y = (columns - 1) * GAP, (rows - 1) * GAP + rows * caption
    lane = _LANE if rows == 1 and bands else 0.0
    if beside:
        search = min(height - caption, 0.5 * width)
        side = min((width - search - _WAY - gaps_x) / columns, (height - lane - gaps_y) / rows)
    else:
        search = min(width, 0.6 * (height - caption - _WAY - gaps_y))
        side = min((width - gaps_x) / columns, (height - search - caption - _WAY - gaps_y) / rows)
    search = max(search, 1.0)
    side = max(min(side, search), 1.0)
    across, down = columns * side + gaps_x, rows * side + gaps_y
    if beside:
        x, y = (width - search - _WAY - across) / 2, (height - search - caption) / 2
        left = x + search + _WAY
        # one row stands on the same line as the crop
        top = y + search - side if rows == 1 else (height - down) / 2
    else:
        x, y = (width - search) / 2, (height - search - caption - _WAY - down) / 2 + caption
        left, top = (width - across) / 2, y + search + _WAY
    others = tuple(
        (
            left + (k % columns) * (side + GAP),
            top + (k // columns) * (side + caption + GAP),
            side,
            side,
        )
        for k in range(count)
    )
    return Panels((x, y, search, search), others, beside, columns)


def flow(count: int, tile: tuple[int, int], width: int, gap: int) -> list[tuple[int, int]]:
    """Corners of `count` tiles `(w, h)` in rows from the left, in a room of a width; pixels."""
    columns = max(1, (width + gap) // (tile[0] + gap))
    return [
        ((k % columns) * (tile[0] + gap), (k // columns) * (tile[1] + gap)) for k in range(count)
    ]
