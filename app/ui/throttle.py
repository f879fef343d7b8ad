"""Calls that come faster than anyone can read them are made less often."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


class Throttle(QObject):
    """Makes the first call at once, and of those within `interval_ms` after it the last one."""

    def __init__(self, interval_ms: int, act: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._act = act
        self._is_wanted = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._elapsed)

    def call(self) -> None:
        """Act now, or as soon as the interval is over."""
        self._is_wanted = True
        if not self._timer.isActive():
            self._elapsed()

    def cancel(self) -> None:
        """Forget a call that waits."""
        self._is_wanted = False

    def _elapsed(self) -> None:
        if self._is_wanted:
            self._is_wanted = False
            self._timer.start()
            self._act()
