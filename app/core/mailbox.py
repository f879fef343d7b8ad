"""One slot between two threads: what is newest replaces what was not fetched."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A single slot; neither side ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._item: T | None = None

    def put(self, item: T) -> None:
        """Leave `item`, in place of one that was not fetched."""
        with self._lock:
            self._item = item

    def take(self) -> T | None:
        """Fetch what is there; None where nothing new came since the last time."""
        with self._lock:
            item, self._item = self._item, None
            return item
