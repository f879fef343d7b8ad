"""The colours lanes are painted in, by palette: each stands out from the ground it lies on."""

from dataclasses import dataclass
from functools import lru_cache

from PyQt6.QtGui import QColor, QPalette

from app.core.overlay import PALETTE, Colour
from app.core.player.document import TargetTrack
from app.ui.theme import contrast

STATES: tuple[Colour, Colour, Colour, Colour] = (
    (0, 158, 115), (86, 180, 233), (230, 159, 0), (213, 94, 0),
)  # fmt: skip
"""By rank: tracking, recovered, uncertain, lost; of Okabe and Ito as the palette."""
LINE_CONTRAST, TEXT_CONTRAST = 3.0, 4.5
"""What WCAG asks of signs and of texts."""
_SELECTED = 0.13
"""Share of the highlight in the ground of the lane that is selected."""
_Role = QPalette.ColorRole


@dataclass(frozen=True)
class Style:
    """Colours of lanes on one palette."""

    window: QColor
    ground: QColor
    selected: QColor
    """Ground of the lane that is selected."""
    guide: QColor
    text: QColor
    accent: QColor
    states: tuple[Colour, Colour, Colour, Colour]
    """By rank."""
    lost_text: QColor

    @classmethod
    def of(cls, palette: QPalette) -> "Style":
        """Those of a palette."""
        ground, accent = palette.color(_Role.Base), palette.color(_Role.Link)
        a, b, c, d = (readable(state, ground) for state in STATES)
        return cls(
            window=palette.color(_Role.Window),
            ground=ground,
            selected=mixed(ground, palette.color(_Role.Highlight), _SELECTED),
            guide=palette.color(_Role.Midlight),
            text=palette.color(_Role.Text),
            accent=accent,
            states=(a, b, c, d),
            lost_text=QColor(*readable(STATES[3], ground, TEXT_CONTRAST)),
        )


def tint_of(track: TargetTrack) -> Colour:
    """The colour of a target."""
    return PALETTE[track.colour % len(PALETTE)]


def readable(colour: Colour, ground: QColor, least: float = LINE_CONTRAST) -> Colour:
    """`colour`, made darker or lighter until its contrast to the ground is at least `least`."""
    return _readable(colour, ground.rgb(), least)


def mixed(ground: QColor, over: QColor, share: float) -> QColor:
    """`over` at an opacity of `share` on the ground."""
    parts = zip(rgb_of(ground), rgb_of(over), strict=True)
    return QColor(*(round(a + share * (b - a)) for a, b in parts))


def rgb_of(colour: QColor) -> Colour:
    """The same as three numbers."""
    return (colour.red(), colour.green(), colour.blue())


@lru_cache(maxsize=256)
def _readable(colour: Colour, ground: int, least: float) -> Colour:
    tint, under = QColor(*colour), QColor.fromRgb(ground)
    is_dark = under.lightness() < 128
    for _ in range(24):
        if contrast(tint, under) >= least:
            break
        tint = tint.lighter(110) if is_dark else tint.darker(110)
    return rgb_of(tint)
