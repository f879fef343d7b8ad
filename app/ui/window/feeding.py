"""Hands snapshots to the parts of the window: each as often as it needs, hidden ones never."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from app.core.player.snapshot import Snapshot

_LEAST_S = 1 / 30
"""Between two updates of a part that need not follow every frame."""

Show = Callable[[Snapshot], object]


@dataclass
class _Part:
    is_seen: Callable[[], bool]
    show: Show
    shown: Snapshot | None = None


class Feeding:
    """Knows the newest snapshot, and which part has seen which."""

    def __init__(self) -> None:
        self._newest: Snapshot | None = None
        self._parts: list[_Part] = []
        self._fed_at = 0.0

    def join(self, is_seen: Callable[[], bool], show: Show) -> None:
        """Call `show` with snapshots from now on, at most 30 times a second and only while the part
        can be seen."""
        self._parts.append(_Part(is_seen, show))

    def offer(self, snapshot: Snapshot | None) -> None:
        """A new snapshot, or None where none came: then those are fed that were left out."""
        if snapshot is not None:
            self._newest = snapshot
        now = time.monotonic()
        if self._newest is None or now - self._fed_at < _LEAST_S:
            return
        self._feed()
        self._fed_at = now

    def feed_all(self, snapshot: Snapshot) -> None:
        """Show it everywhere at once, also in parts that are hidden."""
        self._newest = snapshot
        for part in self._parts:
            part.shown = snapshot
            part.show(snapshot)

    def _feed(self) -> None:
        assert self._newest is not None
        for part in self._parts:
            if part.shown is not self._newest and part.is_seen():
                part.shown = self._newest
                part.show(self._newest)
