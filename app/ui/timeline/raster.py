"""Pixels of a lane: ground, curve, states as washes and hatches, strip. Pure; no Qt.

Any columns can be made by themselves: they look the same whatever is made beside them.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.core.overlay import Colour
from app.ui.timeline.curve import LOST, UNCERTAIN, Decimated
from app.ui.timeline.layout import GAP, PAD, STRIP, STRIP_PAD

_Floats = NDArray[np.float32]

_LINE = 1.6
_FILL, _FAINT = 0.30, 0.5
"""Opacity of the area under the curve, and of the curve of a lost target."""
_PERIOD = 14.0
"""Logical pixels after which patterns repeat."""
_THIN = 2.0
"""Height of the strip where the target is lost."""


@dataclass(frozen=True)
class Look:
    """How a lane is to look."""

    height: int
    """Device pixels, with the line that parts it from the next."""
    ratio: float
    """Device pixels per logical pixel."""
    ground: Colour
    guide: Colour
    """Of the lines at half the score and at the lower edge."""
    curve: Colour
    states: tuple[Colour, Colour, Colour, Colour]
    """By rank."""
    strength: float = 1.0
    """Opacity of curve and states."""


def draw_columns(columns: Decimated, left: int, look: Look) -> NDArray[np.uint32]:
    """A lane.

    Args:
        columns: C columns of a track.
        left: number of the first one.
        look: colours and sizes.

    Returns:
        `(H, C)` pixels `0xffrrggbb`.
    """
    grounds = _grounds(look)
    phase = np.arange(left, left + len(columns.ranks)) % grounds.shape[1]
    image = grounds[columns.ranks, phase]
    cover = _curve(columns, look)[:, None, :]
    under = image[..., : cover.shape[2]]
    under += cover * (_channels(look.curve) - under)
    # half a step more, as what follows the point is cut off
    image += 0.5
    red, green, blue = image.astype(np.uint32).transpose(1, 2, 0)
    return (red << 16) | (green << 8) | blue | np.uint32(0xFF000000)


def _curve(columns: Decimated, look: Look) -> _Floats:
    """Opacity `(C, h)` of a line with the area under it filled; of a lost target a faint line."""
    bottom = look.height - round((STRIP + STRIP_PAD + GAP) * look.ratio)
    half = _LINE * look.ratio / 2
    span = bottom - PAD * look.ratio
    # with a line of no height far below where there is none
    nowhere = np.isnan(columns.low)
    upper = np.where(nowhere, bottom + 2.0, bottom - half - columns.high * span)
    lower = np.where(nowhere, 0.0, bottom + half - columns.low * span)
    y = _rising(bottom)
    below = y - (upper[:, None] - 1).astype(np.float32)
    _limit(below, 1.0)
    line = lower[:, None].astype(np.float32) - y
    _limit(line, look.strength)
    line *= below
    fill = np.full((1, 1), _FILL * look.strength, np.float32)
    is_lost = columns.ranks == LOST
    if is_lost.any():
        line *= np.where(is_lost, np.float32(_FAINT), np.float32(1))[:, None]
        fill = fill * ~is_lost[:, None]
    below *= fill
    below *= 1 - line
    line += below
    return line


def _limit(values: _Floats, most: float) -> None:
    np.maximum(values, 0, out=values)
    np.minimum(values, np.float32(most), out=values)


@lru_cache(maxsize=32)
def _rising(count: int) -> _Floats:
    return np.arange(count, dtype=np.float32)


@lru_cache(maxsize=64)
def _channels(colour: Colour) -> _Floats:
    return np.array(colour, np.float32)[:, None]


@lru_cache(maxsize=64)
def _grounds(look: Look) -> _Floats:
    """What lies under the curve, by rank and by place in the pattern: `(5, P, 3, H)` 0..255.

    The last one is that of no state.
    """
    period = max(round(_PERIOD * look.ratio), 4)
    # the pattern fits its period whatever the ratio
    xs = (np.arange(period) + 0.5)[:, None] / period * _PERIOD
    ys = ((np.arange(look.height) + 0.5) / look.ratio)[None, :]
    grounds = np.empty((5, period, 3, look.height), np.float32)
    grounds[:] = _channels(look.ground)
    _lay(grounds, _guides(look), look.guide)
    for rank, colour in enumerate(look.states):
        for cover in (_wash(xs, ys, rank), _strip(xs, ys, rank, look)):
            _lay(grounds[rank], cover[:, None, :] * look.strength, colour)
    return grounds


def _lay(ground: _Floats, cover: NDArray[np.floating], colour: Colour) -> None:
    ground += cover.astype(np.float32) * (_channels(colour) - ground)


def _guides(look: Look) -> NDArray[np.floating]:
    """Lines at half the score and at the lower edge, a logical pixel high: `(H,)`."""
    thick = max(round(look.ratio), 1)
    bottom = look.height - round((STRIP + STRIP_PAD + GAP) * look.ratio)
    half = round((bottom + PAD * look.ratio) / 2)
    cover = np.zeros(look.height)
    cover[half : half + thick] = 0.8
    cover[-thick:] = 1.0
    return cover


def _wash(xs: NDArray[np.floating], ys: NDArray[np.floating], rank: int) -> NDArray[np.floating]:
    """Slanting lines on a faint ground: rising and close where lost, falling and wide apart where
    uncertain."""
    if rank == LOST:
        return _lines(xs + ys, _PERIOD / 2, width=1.5, line=0.42, ground=0.13)
    if rank == UNCERTAIN:
        return _lines(xs - ys, _PERIOD, width=1.3, line=0.38, ground=0.07)
    return np.zeros(np.broadcast_shapes(xs.shape, ys.shape))


def _lines(
    slant: NDArray[np.floating], distance: float, *, width: float, line: float, ground: float
) -> NDArray[np.floating]:
    off = np.abs(slant % distance - distance / 2)
    # along the slant lines are wider than across it
    return ground + (line - ground) * np.clip((width * 0.7 - off) / 1.4 + 0.5, 0, 1)


def _strip(
    xs: NDArray[np.floating], ys: NDArray[np.floating], rank: int, look: Look
) -> NDArray[np.floating]:
    """Full while tracked, in pieces while uncertain, a thread while lost."""
    height = look.height / look.ratio
    half = (_THIN if rank == LOST else STRIP) / 2
    off = np.abs(ys - (height - STRIP_PAD - STRIP / 2))
    cover = np.clip((half - off) * look.ratio + 0.5, 0, 1)
    if rank == UNCERTAIN:
        off = np.abs((xs - ys) % (_PERIOD / 2) - _PERIOD / 4)
        cover = cover * np.clip((_PERIOD / 7 - off) * look.ratio + 0.5, 0, 1)
    return np.broadcast_to(cover, np.broadcast_shapes(xs.shape, ys.shape))
