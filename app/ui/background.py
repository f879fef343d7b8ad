"""Work off the GUI thread whose result is handed over in it."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from model.errors import TrackerError

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Background(QObject):
    """Runs functions in threads of their own; results that nobody waits for any more are dropped.

    `failed` is told the sentence of an error, in the GUI thread as well: as an object, for a text
    of Qt's could not be translated any more.
    """

    failed = pyqtSignal(object)
    _arrived = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._results: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._arrived.connect(self._deliver)
        self._threads: list[threading.Thread] = []

    @property
    def is_busy(self) -> bool:
        """Whether something still runs."""
        return any(thread.is_alive() for thread in self._threads)

    def run(self, work: Callable[[], T], done: Callable[[T], None], *, name: str) -> None:
        """Call `work` in a thread called `name`, then `done` with its result in this one."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._work, args=(work, done), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing runs any more, at most so many seconds for each piece of work.

        Returns:
            Whether nothing runs.
        """
        for thread in self._threads:
            thread.join(timeout_s)
        return not self.is_busy

    def _work(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            result = work()
        except (TrackerError, OSError) as error:
            sentence = str(error)
            self._hand_over(lambda: self.failed.emit(sentence))
        except Exception as error:
            _log.exception("work in the background failed")
            sentence = f"{type(error).__name__}: {error}"
            self._hand_over(lambda: self.failed.emit(sentence))
        else:
            self._hand_over(lambda: done(result))

    def _hand_over(self, act: Callable[[], None]) -> None:
        self._results.put(act)
        try:
            self._arrived.emit()
        except RuntimeError:
            # the widget this worked for is gone
            _log.debug("a result in the background came too late")

    def _deliver(self) -> None:
        while not self._results.empty():
            self._results.get()()
