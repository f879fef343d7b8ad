"""The player of what is open, and those before it that are still ending."""

import queue
import time
from collections.abc import Callable

from app.core.player.document import Document
from app.core.player.following import PlayerTracker
from app.core.player.player import Player
from app.core.studio.recording import RecordingFactory
from app.ui.canvas.picture import Scaled
from app.ui.window.preparing import Preparer, Ready
from app.ui.window.request import OpenRequest
from model.images import Frame

_LOOK_S = 0.005


class PlayerHost:
    """One player at a time; nothing here waits but `close`."""

    def __init__(
        self, heard: Callable[[], object], scale: Callable[[Frame], Scaled | None]
    ) -> None:
        """Nothing plays.

        Args:
            heard: called by another thread when there is something new.
            scale: what the window would show of a frame, asked by another thread.
        """
        self.player: Player | None = None
        self._preparer: Preparer | None = None
        self._heard, self._scale = heard, scale
        self._ending: list[Player] = []
        self._idle: list[Preparer] = []

    @property
    def document(self) -> Document | None:
        """What was tracked in what is open."""
        return self.player.document if self.player is not None else None

    @property
    def is_ending(self) -> bool:
        """Whether a former player has something to finish, such as a recording."""
        self._idle = [preparer for preparer in self._idle if preparer.is_alive()]
        return bool(self._idle) or any(player.is_alive for player in self._ending)

    def open(
        self, request: OpenRequest, load_tracker: Callable[[], PlayerTracker], *,
        document: Document | None = None, recording: RecordingFactory | None = None,
        fallback: Callable[[], PlayerTracker] | None = None, paused: bool = False, at: int = 0,
    ) -> Player:  # fmt: skip
        """Play another source; what plays is let go."""
        self.let_go()
        self.player = Player(
            request.open, load_tracker, document=document, recording=recording,
            fallback=fallback, boxes=request.boxes, loop=request.loop, paused=paused, at=at,
        )  # fmt: skip
        self._preparer = Preparer(self.player.mailbox, self._scale, self._heard)
        return self.player

    def let_go(self) -> None:
        """Have what plays end, without waiting for it."""
        if self.player is not None:
            if self._preparer is not None:
                self._preparer.end()
                self._idle.append(self._preparer)
                self._preparer = None
            self.player.stop()
            self._ending.append(self.player)
            self.player = None

    def take(self) -> tuple[Ready | None, list[str]]:
        """What is to be shown newly, and sentences for the user, also of players that end.

        Those of what plays come no earlier than the snapshot that goes with them.
        """
        if self._preparer is None:
            return None, self._notices(is_late=False)
        ready, is_late = self._preparer.take()
        return ready, self._notices(is_late=is_late)

    def close(self, timeout_s: float) -> bool:
        """End every player and wait for that; False where one did not end in time."""
        self.let_go()
        deadline = time.monotonic() + timeout_s
        while self.is_ending and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return not self.is_ending

    def _notices(self, *, is_late: bool) -> list[str]:
        """Sentences that came since the last time; not those of what plays, if a snapshot of it
        is late."""
        found = []
        ending = list(self._ending)
        # asked before their notices, so that none is missed
        still = [player for player in ending if player.is_alive]
        playing = [] if self.player is None or is_late else [self.player]
        for player in (*ending, *playing):
            while True:
                try:
                    found.append(player.notices.get_nowait())
                except queue.Empty:
                    break
        self._ending = still
        return found
