"""Which part of time and which values plots show. Pure; no Qt."""

import math
from collections.abc import Iterable

Range = tuple[float, float]

LEAST_S = 0.05
"""Zooming leads no closer than this many seconds."""
_ROUND = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
_MARGIN = 0.08
_SLACK = 0.25
"""How far ahead of live pictures time is shown, as a share of what there is."""
_WORTH = 0.4
"""Values that need less than this share of the height get another range."""


def union(ranges: Iterable[Range | None]) -> Range | None:
    """The range around all of them."""
    known = [r for r in ranges if r is not None]
    return (min(a for a, _ in known), max(b for _, b in known)) if known else None


def whole_time(wanted: Range | None, held: Range | None, *, is_live: bool) -> Range:
    """The time to show where all of it is wanted.

    Args:
        wanted: what there is, seconds; None where there is nothing.
        held: what is shown.
        is_live: leave room for what comes, so that the scale changes seldom.
    """
    if wanted is None:
        return (0.0, 1.0) if held is None else held
    start, end = wanted
    length = max(end - start, 20 * LEAST_S)
    if not is_live:
        return (start, start + length)
    if held is not None and held[0] <= start and end <= held[1] < start + 2 * length:
        return held
    return (start, start + length * (1 + _SLACK))


def followed(shown: Range, now: float) -> Range:
    """The same length of time, turned on like a page where `now` is outside."""
    start, end = shown
    if start <= now <= end:
        return shown
    start = now - 0.1 * (end - start) if now > end else now - 0.9 * (end - start)
    return (start, start + shown[1] - shown[0])


def zoomed(shown: Range, factor: float, about: float, whole: Range) -> Range:
    """A part `1 / factor` as long about a moment that stays where it is, inside `whole`."""
    length = shown[1] - shown[0]
    wanted = min(max(length / factor, LEAST_S), whole[1] - whole[0])
    start = about - (about - shown[0]) * wanted / length
    return moved((start, start + wanted), 0.0, whole)


def moved(shown: Range, seconds: float, whole: Range) -> Range:
    """The same length of time later, as far as `whole` reaches."""
    length = min(shown[1] - shown[0], whole[1] - whole[0])
    start = min(max(shown[0] + seconds, whole[0]), whole[1] - length)
    return (start, start + length)


def value_range(found: Range | None, held: Range | None, *, least: float, from_zero: bool) -> Range:
    """The values to show, with some room around them.

    Args:
        found: least and greatest value there is; None where there is none.
        held: what is shown; kept while it fits well enough.
        least: no less than this is shown between the ends.
        from_zero: let the range begin at 0.
    """
    if found is None:
        return held or (0.0, least)
    low, high = (0.0 if from_zero else found[0]), found[1]
    length = max(high - low, least)
    if held is not None and held[0] <= low and high <= held[1]:
        is_worth_it = length < _WORTH * (held[1] - held[0])
        if not is_worth_it:
            return held
    middle = (low + high) / 2
    if from_zero:
        return (0.0, length * (1 + _MARGIN))
    half = length * (0.5 + _MARGIN)
    return (middle - half, middle + half)


def tick_spacing(seconds: float, most: float) -> float:
    """Distance of at most `most` ticks over a length of time, as clocks have them, seconds."""
    least = max(seconds / max(most, 1.0), 1e-3)
    if least > _ROUND[-1]:
        return math.ceil(least / _ROUND[-1]) * _ROUND[-1]
    if least > 1:
        return next(spacing for spacing in _ROUND if spacing >= least)
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least * 0.9999)


def time_text(seconds: float, spacing: float) -> str:
    """A moment on the axis of time: `2.5 s`, from a minute on `1:02.5`."""
    digits = max(0, -math.floor(math.log10(spacing) + 1e-9)) if spacing < 1 else 0
    sign = "−" if round(seconds, digits) < 0 else ""
    seconds = abs(seconds)
    if round(seconds, digits) < 60:
        return f"{sign}{seconds:.{digits}f} s"
    minutes, rest = divmod(round(seconds, digits), 60)
    hours, minutes = divmod(int(minutes), 60)
    wide = digits + 3 if digits else 2
    tail = f"{minutes:02d}" if hours else f"{minutes}"
    return f"{sign}{f'{hours}:' if hours else ''}{tail}:{rest:0{wide}.{digits}f}"
