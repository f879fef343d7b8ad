"""The file of a recording, held so that no other recording writes it."""

import contextlib
from pathlib import Path

from app.core.sources.base import Closing
from model.errors import InputError

try:
    import fcntl
except ImportError:  # Windows knows no such lock
    fcntl = None  # type: ignore[assignment]


class Hold(Closing):
    """Holds `path` until it is closed, or its process ends in whatever way."""

    def __init__(self, path: Path) -> None:
        """Make the file where there is none, and take hold of it.

        Raises:
            InputError: another recording has it.
            OSError: it cannot be written.
        """
        self._file = path.open("ab")
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise InputError(
                "The video {path} is being recorded already; choose another name.", path=path
            ) from error
        except OSError:
            pass  # a disk that knows no locks

    def close(self) -> None:
        """Let go of it; twice is harmless."""
        with contextlib.suppress(OSError):
            self._file.close()
