"""What is to take the place of what is open is tried first: nothing is lost by a mistake."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from app.ui.background import Background
from app.ui.window.request import OpenRequest


class Trying(QObject):
    """Opens a source for a moment, in a thread of its own; of several the last one counts."""

    failed = pyqtSignal(object)
    """Why it cannot be opened."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.failed.connect(self.failed)
        self._wanted: OpenRequest | None = None

    def run(self, request: OpenRequest, then: Callable[[], None]) -> None:
        """Call `then` if `request` can be opened and nothing else is wanted by then."""
        self._wanted = request
        self._background.run(request.check, lambda _: self._done(request, then), name="try")

    def forget(self) -> None:
        """What is being tried is wanted no more."""
        self._wanted = None

    def close(self, timeout_s: float) -> bool:
        """Wait for the thread; False where it did not end in time."""
        self.forget()
        return self._background.join(timeout_s)

    def _done(self, request: OpenRequest, then: Callable[[], None]) -> None:
        if self._wanted is request:
            then()
