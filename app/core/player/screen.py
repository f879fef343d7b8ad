"""What is to be shown, put together from all that knows a part of it."""

import logging
import time

from app.core.mailbox import Mailbox
from app.core.player.boxes import marks_on
from app.core.player.deck import Deck
from app.core.player.document import Document
from app.core.player.snapshot import Playback, Snapshot
from app.core.player.tracking import Tracking
from app.core.sources.base import SourceFrame
from app.core.studio.recording import Recording
from model.results import Attention

_log = logging.getLogger(__name__)

_ATTENTION_S = 0.1
"""Least time between two looks into the network while playing."""
_REST = 4.0
"""So many times as long as a look took no other follows: tracking goes before."""


class Screen:
    """Puts snapshots together and leaves them in a mailbox. Belongs to the player's thread."""

    def __init__(self, document: Document, tracking: Tracking, *, loop: bool) -> None:
        """Nothing is shown yet."""
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.deck: Deck | None = None
        self.recording: Recording | None = None
        self.wants_responses = False
        """Have `Snapshot.responses` filled."""
        self._document, self._tracking = document, tracking
        self._snapshot = Snapshot(loop=loop)
        self._looks_into: int | None = None
        self._attention: Attention | None = None
        self._seen = -1
        self._looked_s = self._look_took_s = 0.0

    @property
    def now(self) -> Snapshot:
        """What is shown."""
        return self._snapshot

    @property
    def frame(self) -> SourceFrame | None:
        """The frame that is shown."""
        return self._snapshot.frame

    def look_into(self, id: int | None) -> None:
        """Have `Snapshot.attention` filled for a target, or for none."""
        self._looks_into, self._attention, self._seen = id, None, -1

    def publish(self, **changes: object) -> None:
        """Show what there is now, with some fields changed."""
        tracking, deck = self._tracking, self.deck
        following, state = tracking.following, self._document.state
        values = {**vars(self._snapshot), **changes}
        frame: SourceFrame | None = values["frame"]
        index = frame.index if frame is not None else -1
        is_newest = index == following.at
        values |= {
            "marks": marks_on(state, index),
            "tracker": tracking.name,
            "rate": tracking.rate,
            "memory": following.slots(),
            "search": following.regions() if is_newest else {},
            "responses": following.responses() if is_newest and self.wants_responses else {},
            "attention": self._attention_now(is_playing=values["playback"] is Playback.PLAYING),
            "work": tracking.work(),
            "recording": self.recording.status() if self.recording is not None else None,
            "document": state,
        }
        if deck is not None:
            values |= {"dropped": deck.dropped, "edge": deck.is_at_edge, "span": deck.span}
        self._snapshot = Snapshot(**values)
        self.mailbox.put(self._snapshot)

    def _attention_now(self, *, is_playing: bool) -> Attention | None:
        """What the last step looked at for the target that was asked for."""
        id, following = self._looks_into, self._tracking.following
        if id is None or not following.follows(id):
            self._attention, self._seen = None, -1
            return None
        now = time.monotonic()
        rest_s = max(_ATTENTION_S, _REST * self._look_took_s)
        is_due = not is_playing or now - self._looked_s >= rest_s
        # looking costs about an update, so the same is not looked at twice
        if self._seen != following.version and is_due:
            try:
                self._attention = following.attention(id)
            except Exception:
                # tracking itself may well go on
                _log.exception("looking into the network failed")
            self._seen, self._looked_s = following.version, time.monotonic()
            self._look_took_s = self._looked_s - now
        return self._attention
