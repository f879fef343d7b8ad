"""Says while a live source is tracked when its pictures fail, and when they are back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.core.sources import Health, Source

_LOOK_S = 0.2


@contextmanager
def telling_outages(source: Source, say: Callable[[str], None]) -> Iterator[None]:
    """Call `say`, from a thread of its own, with a sentence each time `source` fares otherwise."""
    over = threading.Event()

    def look() -> None:
        told = Health.OK
        while not over.wait(_LOOK_S):
            state = source.state()
            if state.health is told:
                continue
            told = state.health
            say(str(state.reason) or f"{source.info.name} gives pictures again.")

    watcher = threading.Thread(target=look, name="outages", daemon=True)
    if source.info.is_live:
        watcher.start()
    try:
        yield
    finally:
        over.set()
        if watcher.is_alive():
            watcher.join()
