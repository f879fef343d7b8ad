"""Colours of targets, where need be changed so that they show on a ground."""

from functools import cache

from PyQt6.QtGui import QColor

from app.core.overlay import PALETTE, Colour
from app.ui.theme import contrast

_READABLE = 2.0
"""Least contrast of a line to its ground."""
_STEPS = 20


def shown_tint(colour: int, ground: QColor) -> QColor:
    """The colour at a place of the palette, made darker on a light ground and lighter on a dark one
    as far as it takes to be seen."""
    return QColor(_shown(PALETTE[colour % len(PALETTE)], ground.rgb()))


@cache
def _shown(colour: Colour, ground: int) -> int:
    tint, behind = QColor(*colour), QColor(ground)
    towards = QColor("black") if behind.lightness() > 127 else QColor("white")
    for step in range(_STEPS):
        mixed = mix(tint, towards, step / _STEPS)
        if contrast(mixed, behind) >= _READABLE:
            return mixed.rgb()
    return towards.rgb()


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`one` with a share 0..1 of `other`; opaque, so that lines may cross themselves."""
    parts = zip(
        (one.red(), one.green(), one.blue()),
        (other.red(), other.green(), other.blue()),
        strict=True,
    )
    return QColor(*(round(a + (b - a) * share) for a, b in parts))
