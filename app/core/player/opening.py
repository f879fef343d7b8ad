"""Opening a source without being bound to it: a camera may take its time, or never answer."""

import threading
from collections.abc import Callable

from app.core.sources.base import Source

_POLL_S = 0.05
_PATIENCE_S = 0.5
"""How long a source that nobody wants any more may take before it is left to itself."""


def open_unless(stopping: Callable[[], bool], open_source: Callable[[], Source]) -> Source | None:
    """What `open_source` opens, in a thread of its own; None where it is told to stop before.

    A source that opens after that is closed at once.

    Raises:
        Exception: whatever `open_source` raises.
    """
    opening = _Opening(open_source)
    while not opening.is_over.wait(_POLL_S):
        if stopping():
            opening.abandon()
            return None
    return opening.result()


class _Opening(threading.Thread):
    def __init__(self, open_source: Callable[[], Source]) -> None:
        super().__init__(name="open source", daemon=True)
        self.is_over = threading.Event()
        self._open_source = open_source
        self._lock = threading.Lock()
        self._is_wanted = True
        self._source: Source | None = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            source = self._open_source()
        except BaseException as error:
            self._error = error
        else:
            with self._lock:
                self._source = source
                is_wanted = self._is_wanted
            if not is_wanted:
                source.close()
        self.is_over.set()

    def result(self) -> Source:
        """The source, once it is over."""
        self.join()
        if self._error is not None:
            raise self._error
        assert self._source is not None
        return self._source

    def abandon(self) -> None:
        """Have it closed as soon as it is open."""
        with self._lock:
            self._is_wanted = False
            source = self._source
        if source is not None:
            source.close()
        self.join(_PATIENCE_S)
