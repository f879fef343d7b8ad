"""The player of what is open, and those before it that are still ending."""

import queue
import time
from collections.abc import Callable

from app.core.player.document import Document
from app.core.player.following import PlayerTracker
from app.core.player.player import Player
from app.core.player.snapshot import Snapshot
from app.core.studio.recording import RecordingFactory
from app.ui.window.request import OpenRequest

_LOOK_S = 0.005


class PlayerHost:
    """One player at a time; nothing here waits but `close`."""

    def __init__(self, heard: Callable[[], object]) -> None:
        """Nothing plays; `heard` is called by the player's thread when there is something new."""
        self.player: Player | None = None
        self._heard = heard
        self._ending: list[Player] = []

    @property
    def document(self) -> Document | None:
        """What was tracked in what is open."""
        return self.player.document if self.player is not None else None

    @property
    def is_ending(self) -> bool:
        """Whether a former player has something to finish, such as a recording."""
        self._ending = [player for player in self._ending if player.is_alive]
        return bool(self._ending)

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
        self.player.mailbox.heard = self._heard
        return self.player

    def let_go(self) -> None:
        """Have what plays end, without waiting for it."""
        if self.player is not None:
            self.player.mailbox.heard = None
            self.player.stop()
            self._ending.append(self.player)
            self.player = None

    def take(self) -> Snapshot | None:
        """What is to be shown newly."""
        return self.player.mailbox.take() if self.player is not None else None

    def notices(self) -> list[str]:
        """Sentences for the user that came since the last time, also of players that end."""
        found = []
        ending = list(self._ending)
        # asked before their notices, so that none is missed
        still = [player for player in ending if player.is_alive]
        for player in (*ending, *([self.player] if self.player is not None else [])):
            while True:
                try:
                    found.append(player.notices.get_nowait())
                except queue.Empty:
                    break
        self._ending = still
        return found

    def close(self, timeout_s: float) -> bool:
        """End every player and wait for that; False where one did not end in time."""
        self.let_go()
        deadline = time.monotonic() + timeout_s
        while self.is_ending and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return not self.is_ending
