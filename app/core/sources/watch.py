"""When a live source counts as black, frozen or stalled, and when it is opened anew."""

from dataclasses import dataclass

import numpy as np

from app.core.sources.base import Health
from model.images import Frame

_STRIDE = 8
_DARK = 24
"""Levels of 255 that a black picture may reach: codecs and sensors seldom give 0."""
_BRIGHT_SHARE = 0.005


@dataclass(frozen=True)
class Watch:
    """Limits of patience, seconds. None: that fault is not looked for."""

    open_s: float = 10.0
    """To the first picture of a new connection."""
    stalled_s: float = 5.0
    """Without a picture."""
    black_s: float | None = 3.0
    """Of black pictures."""
    frozen_s: float | None = 10.0
    """Of the very same picture; every sensor has noise, but a still scene may compress to that."""
    reopen_s: float = 30.0
    """Of a black or frozen picture until the source is opened anew; twice as long each time."""
    pause_s: float = 0.5
    """Before a source that failed is opened anew; twice as long each time."""
    longest_pause_s: float = 30.0
    give_up_s: float = 300.0
    """Without a picture, until the source counts as gone."""


class PictureWatch:
    """Looks whether pictures are black or always the same."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._last: Frame | None = None
        self._black_since: float | None = None
        self._same_since: float | None = None

    def look(self, rgb: Frame, now_s: float) -> None:
        """Take note of the next picture."""
        coarse = rgb[::_STRIDE, ::_STRIDE]
        is_black = np.count_nonzero(coarse > _DARK) <= _BRIGHT_SHARE * coarse.size
        if not is_black:
            self._black_since = None
        elif self._black_since is None:
            self._black_since = now_s
        if self._watch.frozen_s is None:
            return
        if self._last is None or not _is_same(self._last, rgb):
            self._same_since = now_s
        self._last = rgb

    def fault(self, now_s: float) -> tuple[Health, float] | None:
        """`black` or `frozen` and for how many seconds; None where pictures are as they should."""
        faults = (
            (Health.BLACK, self._black_since, self._watch.black_s),
            (Health.FROZEN, self._same_since, self._watch.frozen_s),
        )
        for health, since, limit in faults:
            if since is not None and limit is not None and now_s - since >= limit:
                return health, now_s - since
        return None


def _is_same(one: Frame, other: Frame) -> bool:
    """Compare a few pixels first, for mostly they differ."""
    return (
        one.shape == other.shape
        and np.array_equal(one[::_STRIDE, ::_STRIDE], other[::_STRIDE, ::_STRIDE])
        and np.array_equal(one, other)
    )
