"""The tracker of a player: loaded beside, waited for, exchanged for another."""

import logging
import threading
from collections.abc import Callable

from app.core.job import Telling
from app.core.player.following import PlayerTracker
from model.errors import TrackerError

_log = logging.getLogger(__name__)

_POLL_S = 0.05


class TrackerSeat:
    """Loads a tracker in a thread, and says what it has to say once."""

    def __init__(
        self, load: Callable[[], PlayerTracker], tell: Callable[[str], None],
        post: Callable[[Callable[[], None]], None], loaded: Callable[[], None],
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Begin to load.

        Args:
            load: makes the tracker.
            tell: takes sentences for the user.
            post: lets a function be called in the player's thread.
            loaded: called there when a tracker is there, or cannot be had.
            stopping: whether the player is to end.
        """
        self._tell, self._post, self._loaded, self._stopping = tell, post, loaded, stopping
        self._told_notice = ""
        self._former: list[_Loading] = []
        self._loading = self._load(load)

    @property
    def name(self) -> str:
        """Preset and device of the tracker; empty until it is loaded."""
        tracker = self.tracker
        return f"{tracker.preset} on {tracker.device}" if tracker is not None else ""

    @property
    def tracker(self) -> PlayerTracker | None:
        """The tracker, once it is loaded."""
        return self._loading.tracker

    @property
    def error(self) -> TrackerError | None:
        """Why it cannot be loaded."""
        return self._loading.error

    @property
    def is_alive(self) -> bool:
        """Whether one is being loaded."""
        return any(loading.is_alive() for loading in (*self._former, self._loading))

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Load another one."""
        self._former = [each for each in (*self._former, self._loading) if each.is_alive()]
        self._loading = self._load(load)

    def wait(self) -> PlayerTracker:
        """Let the tracker be loaded.

        Raises:
            TrackerError: it cannot be loaded, or the player ends.
        """
        while not self._loading.is_over.wait(_POLL_S):
            if self._stopping():
                break
        if self._stopping():
            raise TrackerError("The window is being closed.")
        if self._loading.error is not None:
            self._loading.was_told = True
            raise self._loading.error
        assert self._loading.tracker is not None
        return self._loading.tracker

    def let_go(self) -> None:
        """Have no tracker any more: it has threads of its own, which end with it."""
        for loading in (*self._former, self._loading):
            loading.tracker = None

    def join(self) -> None:
        """Wait for the end of loading."""
        for loading in (*self._former, self._loading):
            loading.join()

    def tell(self) -> None:
        """Say what changed by itself, once."""
        tracker = self.tracker
        if isinstance(tracker, Telling) and tracker.notice != self._told_notice:
            self._told_notice = tracker.notice
            if tracker.notice:
                self._tell(tracker.notice)

    def _load(self, load: Callable[[], PlayerTracker]) -> "_Loading":
        return _Loading(
            load, lambda loading: self._post(lambda: self._take(loading)), self._stopping
        )

    def _take(self, loading: "_Loading") -> None:
        if loading is not self._loading:
            return  # another one is wanted by now
        if loading.error is not None and not loading.was_told:
            self._tell(str(loading.error))
        self._loaded()


class _Loading(threading.Thread):
    """Loads one tracker."""

    def __init__(
        self, load: Callable[[], PlayerTracker], done: Callable[["_Loading"], None],
        stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        super().__init__(name="model loader", daemon=True)
        self.tracker: PlayerTracker | None = None
        self.error: TrackerError | None = None
        self.is_over = threading.Event()
        self.was_told = False
        self._load, self._done, self._stopping = load, done, stopping
        self.start()

    def run(self) -> None:
        try:
            self.tracker = self._load()
            if self._stopping():
                # nobody would let go of it
                self.tracker = None
        except TrackerError as error:
            self.error = error
        except Exception as error:
            _log.exception("the tracker cannot be loaded")
            self.error = TrackerError(
                "The tracker cannot be loaded ({kind}: {error}); "
                "run `spacetime-tracker doctor` to see what is missing.",
                kind=type(error).__name__,
                error=error,
            )
        self.is_over.set()
        self._done(self)
