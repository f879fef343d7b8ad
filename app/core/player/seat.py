"""The tracker of a player: loaded beside, waited for, exchanged for another."""

import time
from collections.abc import Callable

from app.core.job import Telling
from app.core.loader import TrackerLoader
from app.core.player.following import PlayerTracker
from model.errors import TrackerError

_POLL_S = 0.05


class TrackerSeat:
    """Loads a tracker in a thread, and says what it has to say once."""

    def __init__(
        self, load: Callable[[], PlayerTracker], tell: Callable[[str], None],
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Begin to load; `tell` takes sentences, `stopping` says whether the player is to end."""
        self._tell, self._stopping = tell, stopping
        self._loader = TrackerLoader(load)
        self._told_error = False
        self._told_notice = ""

    @property
    def name(self) -> str:
        """Preset and device of the tracker; empty until it is loaded."""
        return self._loader.name

    @property
    def tracker(self) -> PlayerTracker | None:
        """The tracker, once it is loaded."""
        return self._loader.tracker  # type: ignore[return-value]

    @property
    def is_alive(self) -> bool:
        """Whether it is still being loaded."""
        return self._loader.is_alive

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Load another one."""
        self._loader, self._told_error = TrackerLoader(load), False

    def wait(self) -> PlayerTracker:
        """Let the tracker be loaded.

        Raises:
            TrackerError: it cannot be loaded, or the player ends.
        """
        while self._loader.is_alive and not self._stopping():
            time.sleep(_POLL_S)
        if self._stopping():
            raise TrackerError("The window is being closed.")
        return self._loader.wait()  # type: ignore[return-value]

    def join(self) -> None:
        """Wait for the end of loading."""
        self._loader.join()

    def tell(self) -> None:
        """Say why it could not be loaded, or what changed by itself; each once."""
        if self._loader.error is not None and not self._told_error:
            self._told_error = True
            self._tell(str(self._loader.error))
        tracker = self._loader.tracker
        if isinstance(tracker, Telling) and tracker.notice != self._told_notice:
            self._told_notice = tracker.notice
            self._tell(tracker.notice)
