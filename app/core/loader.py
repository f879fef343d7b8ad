"""Loads a tracker beside what goes on meanwhile."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from app.core.job import FrameTracker
from model.errors import TrackerError

_log = logging.getLogger(__name__)


class LiveTracker(FrameTracker, Protocol):
    """What playing needs of a tracker (`model.Tracker`)."""

    @property
    def preset(self) -> str: ...
    @property
    def device(self) -> object: ...
    @property
    def ids(self) -> list[int]: ...
    def remove(self, id: int) -> None: ...


class TrackerLoader:
    """Loads a tracker in a thread of its own."""

    def __init__(self, load: Callable[[], LiveTracker]) -> None:
        self.tracker: LiveTracker | None = None
        """None until it is loaded."""
        self._load = load
        self.error: TrackerError | None = None
        """Why it cannot be loaded."""
        self._thread = threading.Thread(target=self._run, name="model loader", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Preset and device of the tracker; empty until it is loaded."""
        tracker = self.tracker
        return f"{tracker.preset} on {tracker.device}" if tracker is not None else ""

    def wait(self) -> LiveTracker:
        """The tracker.

        Raises:
            TrackerError: it cannot be loaded.
        """
        self._thread.join()
        if self.error is not None:
            raise self.error
        assert self.tracker is not None
        return self.tracker

    @property
    def is_alive(self) -> bool:
        """Whether it is still loading."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for the thread's end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self.tracker = self._load()
        except TrackerError as error:
            self.error = error
        except Exception as error:
            _log.exception("the tracker cannot be loaded")
            self.error = TrackerError(
                f"The tracker cannot be loaded ({type(error).__name__}: {error}); "
                "run `spacetime-tracker doctor` to see what is missing."
            )
