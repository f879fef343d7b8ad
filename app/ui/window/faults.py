"""Faults of the program itself: told with all detail, and never the end of it."""

import logging
import platform
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType

from PyQt6.QtCore import QT_VERSION_STR, QObject, pyqtSignal

_log = logging.getLogger(__name__)

_KEPT = 60
"""Records of the log that a report shows."""


class Faults(QObject):
    """Hears of exceptions that nobody caught, in any thread, while it is installed."""

    occurred = pyqtSignal(str, str)
    """One line on what happened, and the trace; the same fault is told once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told: set[str] = set()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Hear of faults within; without this Qt ends the process at the first one."""
        before, before_threads = sys.excepthook, threading.excepthook
        sys.excepthook = self._in_main
        threading.excepthook = self._in_thread
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook = before, before_threads

    def _in_main(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._tell(error, trace)

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._tell(args.exc_value, args.exc_traceback)

    def _tell(self, error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        text = "".join(traceback.format_exception(type(error), error, trace))
        if text in self._told:
            return
        self._told.add(text)
        _log.error("a fault that nobody caught\n%s", text)
        try:
            self.occurred.emit(f"{type(error).__name__}: {error}", text)
        except RuntimeError:
            # the window is gone
            _log.debug("a fault came too late to be shown")


class LogTail(logging.Handler):
    """Keeps the last records of the log, for reports of faults."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._records: deque[str] = deque(maxlen=_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(self.format(record))

    @property
    def text(self) -> str:
        """The records, the newest last."""
        return "\n".join(self._records)

    @contextmanager
    def installed(self) -> Iterator["LogTail"]:
        """Listen to what the program logs within."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield self
        finally:
            root.removeHandler(self)


def program_version() -> str:
    """Version of this program; empty where it is not installed."""
    try:
        return version("spacetime-tracker")
    except PackageNotFoundError:
        return ""


def surroundings() -> str:
    """What else a developer asks for first."""
    lines = [
        f"SpaceTime Tracker {program_version()}",
        f"Python {platform.python_version()}, Qt {QT_VERSION_STR}, {platform.platform()}",
    ]
    # it may just be being imported, by the thread that loads the network
    torch = getattr(sys.modules.get("torch"), "__version__", None)
    if torch is not None:
        lines.append(f"torch {torch}")
    return "\n".join(lines)
