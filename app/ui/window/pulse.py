"""When to look at what the player left."""

import logging
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

_log = logging.getLogger(__name__)


class Pulse(QObject):
    """Looks as soon as there is something, at most at the display's rate, and now and then besides.

    Only that there is something travels by signal, never what: pictures would pile up behind a
    window that is busy.
    """

    _woken = pyqtSignal()

    def __init__(self, look: Callable[[], bool], parent: QObject) -> None:
        """It does not beat yet.

        Args:
            look: fetches and shows what there is; whether there was anything.
        """
        super().__init__(parent)
        self._look = look
        self._is_told = False
        self._shown_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._woken.connect(self._wake)  # queued: it is told by other threads

    def start(self, rate: float) -> None:
        """Beat from now on, `rate` times a second at most."""
        self._timer.start(max(4, round(1000 / max(rate, 1.0))))

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def tell(self) -> None:
        """There is something; called from any thread."""
        if self._is_told:
            return
        self._is_told = True
        try:
            self._woken.emit()
        except RuntimeError:
            # the window is gone
            _log.debug("nobody is left to look")

    def _wake(self) -> None:
        self._is_told = False
        # the timer was started when something was shown, and comes when it may be shown again
        is_early = time.monotonic() - self._shown_s < self._timer.interval() / 1000
        if self._timer.isActive() and not is_early:
            self._beat()

    def _beat(self) -> None:
        began_s = time.monotonic()
        if self._look() and self._timer.isActive():
            self._shown_s = began_s
            self._timer.start()
