"""The targets of a document as curves. Keeps up with what grows within a time it may take."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.measures import Meter, Series
from app.core.player.document import DocumentState, TargetTrack
from app.ui.plots.ranges import Range, union

_BUDGET_S = 0.004


@dataclass(frozen=True)
class Change:
    """What has changed since curves were drawn last."""

    time_s: Range | None = None
    """Only values within, where rows came to the end of tracks."""
    is_all: bool = False
    """Also others."""


class Measured:
    """The series of all targets that are shown."""

    def __init__(self) -> None:
        self._meters: dict[int, Meter] = {}
        self._changed: list[Range] = []
        self._is_all = False

    def update(self, document: DocumentState) -> Change | None:
        """Measure what is new. None where time ran out before all was measured: call again."""
        targets = [target for target in document.targets if target.visible]
        known = set(self._meters)
        self._meters = {t.id: self._meters.get(t.id) or Meter() for t in targets}
        self._is_all = self._is_all or set(self._meters) != known
        begun = time.perf_counter()
        for target in targets:
            if time.perf_counter() - begun > _BUDGET_S:
                return None
            part, is_end = self._measure(target)
            self._is_all = self._is_all or not is_end
            self._changed += [part] if part is not None else []
        change = Change(union(self._changed), self._is_all)
        self._changed, self._is_all = [], False
        return change

    def series(self) -> Mapping[int, Series]:
        """By target."""
        return {id: meter.series for id, meter in self._meters.items()}

    def _measure(self, target: TargetTrack) -> tuple[Range | None, bool]:
        """The time in which values changed, and whether the track only grew at its end."""
        meter = self._meters[target.id]
        size = len(meter.series)
        start, stop = meter.update(target.rows)
        series = meter.series
        if start == stop:
            return None, len(series) == size
        begin = max(start - 1, 0)
        part = (float(series.time_s[begin]), float(series.time_s[stop - 1]))
        return part, size > 0 and len(series) > size and start >= size - _TAIL


_TAIL = 64
"""The last speeds of a track change when rows follow them."""
