"""Scales pictures for the window while its thread does other things."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app.core.mailbox import Mailbox
from app.core.player.snapshot import Snapshot
from app.ui.canvas.picture import Scaled
from model.images import Frame

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Ready:
    """A snapshot that can be shown."""

    snapshot: Snapshot
    left_at: float
    """When the player left it, by `time.monotonic`."""
    picture: Scaled | None
    """Its frame for the window; None where the window shows that already, or has to scale it."""


class Preparer(threading.Thread):
    """Takes what a player leaves, and leaves it for the window with its picture scaled."""

    def __init__(
        self, mailbox: Mailbox[Snapshot], scale: Callable[[Frame], Scaled | None],
        heard: Callable[[], object],
    ) -> None:  # fmt: skip
        """Begin.

        Args:
            mailbox: of the player.
            scale: what the window would show of a frame.
            heard: called when there is something for the window.
        """
        super().__init__(name="pictures", daemon=True)
        self.ready: Mailbox[Ready] = Mailbox()
        self.ready.heard = heard
        self._mailbox, self._scale = mailbox, scale
        self._news, self._lock = threading.Event(), threading.Lock()
        self._is_working = self._is_over = False
        mailbox.heard = self._news.set
        self._news.set()  # it may have left something before
        self.start()

    def take(self) -> tuple[Ready | None, bool]:
        """What is new for the window, and whether something else is on its way."""
        with self._lock:
            return self.ready.take(), self._news.is_set() or self._is_working

    def end(self) -> None:
        """Take nothing more; does not wait."""
        self._is_over = True
        self._mailbox.heard = self.ready.heard = None
        self._news.set()

    def run(self) -> None:
        """Prepare what comes, until the end."""
        last = None
        while True:
            self._news.wait()
            self._is_working = True
            self._news.clear()
            if self._is_over:
                return
            snapshot = self._mailbox.take()
            if snapshot is not None:
                left_at, frame = self._mailbox.left_at, snapshot.frame
                is_new = frame is not None and frame is not last
                picture = self._scaled(frame.rgb) if frame is not None and is_new else None
                last = frame
                with self._lock:
                    self.ready.put(Ready(snapshot, left_at, picture))
                    self._is_working = False
            self._is_working = False

    def _scaled(self, rgb: Frame) -> Scaled | None:
        try:
            return self._scale(rgb)
        except Exception:
            # the window scales it itself, or says why not
            _log.exception("a picture was not scaled")
            return None
