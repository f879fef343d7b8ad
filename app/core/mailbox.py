"""One slot between two threads: what is newest replaces what was not fetched."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A single slot; neither side ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: T | None = None
        self._left_at = 0.0
        self.heard: Callable[[], object] | None = None
        """Called after each item is left, by the thread that left it; must not wait."""

    def put(self, item: T) -> None:
        """Leave `item`, in place of one that was not fetched."""
        with self._lock:
            self._item, self._left_at = item, time.monotonic()
        heard = self.heard
        if heard is not None:
            heard()

    def take(self) -> T | None:
        """Fetch what is there; None where nothing new came since the last time."""
        with self._lock:
            item, self._item = self._item, None
            return item

    @property
    def left_at(self) -> float:
        """When the newest item was left, by `time.monotonic`; 0 before the first."""
        return self._left_at
