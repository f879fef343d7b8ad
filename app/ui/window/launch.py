"""Shows the window until it is closed, by the user or by a signal."""

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from PyQt6.QtCore import QSocketNotifier, QTimer

from app.ui.application import application
from app.ui.window.faults import Faults, LogTail
from app.ui.window.window import MainWindow

_log = logging.getLogger(__name__)

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_FIRST_MS = 300
"""The window is painted first."""


def run(path: str | Path | None) -> int:
    """Show the window, with `path` open where one is given, until it is closed.

    Returns:
        The exit code of the process: 128 and the signal's number where one ended it.
    """
    return _run(lambda window: window.open_text(str(path)) if path is not None else None)


def run_demo() -> int:
    """Show the window with the embedded clip playing and its target followed."""
    return _run(lambda window: window.open_demo())


def _run(begin: Callable[[MainWindow], None]) -> int:
    app = application()
    with ExitStack() as stack:
        log = stack.enter_context(LogTail().installed())
        window = MainWindow()
        window.log = log
        faults = Faults(window)
        faults.occurred.connect(window.show_fault)
        stack.enter_context(faults.installed())
        ended = stack.enter_context(_closed_by_signal(window))
        window.show()
        begin(window)
        ahead = threading.Thread(target=_import_ahead, name="imports", daemon=True)
        if window.is_showing_start:
            # nothing is open that waits for it, so there is time
            QTimer.singleShot(_FIRST_MS, ahead.start)
        code = app.exec()
        if ahead.is_alive():
            # what torch leaves half begun would end the process badly
            ahead.join()
        return 128 + ended[0] if ended else code


def _import_ahead() -> None:
    """Import what the first model takes seconds to import, while the user looks for a video."""
    try:
        import model.network  # noqa: F401
    except Exception as error:
        # it is told when a model is to be loaded
        _log.warning("the network cannot be imported: %s", error)


@contextmanager
def _closed_by_signal(window: MainWindow) -> Iterator[list[int]]:
    """Signals close the window at once; work that is not saved is put where it is found again.

    Gives a list that the first signal's number comes into.
    """
    came: list[int] = []
    # Python hears of a signal only when its own code runs next; this wakes it
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)

    def close() -> None:
        try:
            ours.recv(64)
        except BlockingIOError:
            return
        if came:
            _rescue(window)
            window.close_now()

    def hear(number: int, frame: FrameType | None) -> None:
        came.append(number)

    read = QSocketNotifier.Type.Read
    notifier = QSocketNotifier(ours.fileno(), read)  # type: ignore[call-overload]
    notifier.activated.connect(lambda *_: close())
    before_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {
        number: signal.signal(number, hear)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        notifier.setEnabled(False)
        ours.close()
        theirs.close()


def _rescue(window: MainWindow) -> None:
    path = window.work.rescue()
    if path is not None:
        print(f"Unsaved work was saved as {path}.", file=sys.stderr)  # noqa: T201
