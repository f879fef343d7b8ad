"""A camera that gives pictures when a test says so."""

import queue
import threading
import time

from app.core.sources import LiveSource, SourceFrame, Watch
from model.errors import InputError
from model.images import Frame
from tests.app.sources.numbered import picture

PATIENT = Watch(
    open_s=20, stalled_s=60, black_s=60, frozen_s=60, reopen_s=60, pause_s=0.02,
    longest_pause_s=0.1, give_up_s=60,
)  # fmt: skip


class Camera:
    """Numbered pictures: the first at once, others by `give` or `run`."""

    rate: float | None = 25.0

    def __init__(self, *, watch: Watch = PATIENT) -> None:
        self.given = 0
        self.open = 0
        self.is_gone = False
        self._watch = watch
        self._waiting: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
        self._running = threading.Event()
        self._step_s = 0.01
        self.give()

    def source(self) -> LiveSource:
        return LiveSource("camera", self._connect, hint="plug it in", watch=self._watch)

    def give(self, count: int = 1) -> None:
        """Let it give so many pictures more, at once."""
        for _ in range(count):
            self._waiting.put(picture(self.given % 1024))
            self.given += 1

    def run(self, step_s: float = 0.01) -> None:
        """Let it give pictures by itself from now on."""
        self._step_s = step_s
        self._running.set()

    def rest(self) -> None:
        """Let it give none by itself any more."""
        self._running.clear()

    def end(self, *, for_good: bool = True) -> None:
        """Let it say that there is no more; it may be connected again, or not."""
        self.is_gone = for_good
        self._waiting.put(None)

    def read(self, cancelled: threading.Event) -> Frame | None:
        while not cancelled.is_set():
            if self._running.is_set():
                time.sleep(self._step_s)
                self.give()
            try:
                return self._waiting.get(timeout=0.01)
            except queue.Empty:
                continue
        return None

    def close(self) -> None:
        self.open -= 1

    def frames(self) -> list[SourceFrame]:
        """All frames so far, by number; their times are not those of the source."""
        return [SourceFrame(k, 0.0, picture(k % 1024)) for k in range(self.given)]

    def _connect(self) -> "Camera":
        if self.is_gone:
            raise InputError("The camera is gone.")
        self.open += 1
        return self
