"""What is drawn of a document: curves, names, and the values at a moment. No widgets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor

from app.core.measures import Quantity, Series
from app.core.measures.series import factor_of, unit_of
from app.core.player.document import DocumentState, Scale
from app.ui.canvas.scene import name_of
from app.ui.plots.legend import Entry
from app.ui.tints import mix, shown_tint

FEW = 4
"""Up to so many curves are drawn wider than a pixel and in every pixel, which takes more time."""
_THIN, _LINE, _BOLD = 1.0, 1.6, 2.6
_DIMMED = 0.45
"""Share of the ground in curves of targets that are not the selected one."""
_SHADE, _FAINT_SHADE = 60, 34
"""Opacities of what lies behind the times a target is lost, of 255."""
_MOST_VALUES = 6


@dataclass(frozen=True)
class Curve:
    """One target in one plot: N values over time."""

    time_s: NDArray[np.float64]
    values: NDArray[np.float64]
    """`(N,)`, pixels; NaN where there is none."""
    begins: NDArray[np.bool_]
    """`(N,)` whether no line leads to a row from the one before."""
    is_lost: NDArray[np.bool_]
    """`(N,)`."""
    tint: QColor
    width: float
    """Of the line, logical pixels."""
    shade: QColor | None = None
    """Behind the times it is lost; None for no shade."""
    factor: float = 1.0
    """What values are multiplied with."""


def curves_of(
    quantity: Quantity, document: DocumentState, series: Mapping[int, Series], selection: int,
    ground: QColor,
) -> tuple[Curve, ...]:  # fmt: skip
    """The curves of one plot, the selected target's last, so that it lies on top.

    Args:
        quantity: what is plotted.
        document: with the targets; those without a series are left out.
        series: by id, in pixels.
        selection: id of the selected target; it is drawn bold, and only where it is lost is shaded.
        ground: colour behind the curves.
    """
    targets = [t for t in document.targets if t.id in series]
    has_selection = any(t.id == selection for t in targets)
    line = _LINE if len(targets) <= FEW else _THIN
    curves = []
    for target in sorted(targets, key=lambda t: t.id == selection):
        found = series[target.id]
        is_selected = target.id == selection
        tint = shown_tint(target.colour, ground)
        shade = QColor(tint)
        shade.setAlpha(_SHADE if is_selected else _FAINT_SHADE)
        curves.append(
            Curve(
                found.time_s, found[quantity], found.is_apart, found.is_lost,
                mix(tint, ground, _DIMMED) if has_selection and not is_selected else tint,
                _BOLD if is_selected else line,
                shade if is_selected or not has_selection else None,
                factor_of(quantity, document.scale),
            )
        )  # fmt: skip
    return tuple(curves)


def entries_of(
    document: DocumentState, series: Mapping[int, Series], selection: int, ground: QColor
) -> tuple[Entry, ...]:
    """The names of the targets, in order of id."""
    return tuple(
        Entry(t.id, name_of(t.id, t.label), shown_tint(t.colour, ground), t.id == selection)
        for t in document.targets if t.id in series
    )  # fmt: skip


def value_text(
    quantity: Quantity, series: Series, frame: int, scale: Scale | None, lost: str
) -> str:
    """The value at a frame with its unit; the word `lost` where the target is; empty where it has
    no row or no value.

    Args:
        quantity: what is asked for.
        series: in pixels.
        frame: number of the frame.
        scale: for the unit.
        lost: what to say of a lost target.
    """
    place = int(np.searchsorted(series.frame, frame))
    if place == len(series) or series.frame[place] != frame:
        return ""
    if series.is_lost[place] and quantity is not Quantity.SCORE:
        return lost
    value = float(series[quantity][place]) * factor_of(quantity, scale)
    if np.isnan(value):
        return ""
    unit = quantity.unit(unit_of(scale))
    text = f"{value:.2f}" if quantity is Quantity.SCORE else number_text(value)
    return f"{text} {unit}".rstrip()


def number_text(value: float) -> str:
    """Three digits or more, without an exponent where that stays short."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.2g}"


def tip_of(
    quantity: Quantity, document: DocumentState, series: Mapping[int, Series], selection: int,
    frame: int, heading: str, say: Callable[[Quantity, Series, int], str],
) -> str:  # fmt: skip
    """A few lines: the heading, then the value of each target at a frame, the selected one first.

    Args:
        quantity: of the plot.
        document: with the targets.
        series: by id, in pixels.
        selection: id of the selected target.
        frame: number of the frame.
        heading: first line.
        say: the text of a value.
    """
    targets = sorted(
        (t for t in document.targets if t.id in series), key=lambda t: t.id != selection
    )
    said = [(t, say(quantity, series[t.id], frame)) for t in targets]
    lines = [f"{name_of(t.id, t.label)}: {text}" for t, text in said if text]
    return "\n".join([heading, *lines[:_MOST_VALUES]])
