"""Writes a journal."""

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from app.core.exchange import BoxRow
from app.core.journal.entries import FORMAT, Added, Correction, Event, Removed
from app.core.sources.base import Closing, reason
from model.errors import InputError
from model.geometry import Box

SYNC_S = 1.0
"""Seconds between two writes through to the disk."""


class Journal(Closing):
    """Writes a journal. Each call is one write, so what is written outlives the process at once.

    Once a second, in a thread of its own, the file is written through to the disk, so a power cut
    costs a second. All methods may be called from any thread.

    Raises:
        InputError: by every method, when the disk is full or refuses. The journal keeps whole
            lines, and what could not be written may be tried again.
    """

    def __init__(self, path: Path) -> None:
        """Append to the journal at `path`; `create` makes one, `read_journal` repairs one."""
        self.path = path
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise _unwritable(path, error) from error
        self._size = self._file.tell()
        self._lock = threading.Lock()
        self._dirty = False
        self._failure: OSError | None = None
        self._closing = threading.Event()
        self._syncer = threading.Thread(target=self._keep_synced, name="journal", daemon=True)
        self._syncer.start()

    @classmethod
    def create(cls, path: Path, header: dict[str, Any]) -> Self:
        """Begin a journal; the file appears with its whole header or not at all.

        Raises:
            InputError: there is one already, or the file cannot be written.
        """
        if path.exists():
            raise InputError("There is a journal {path} already; choose another folder.", path=path)
        partial = path.with_name(path.name + ".part")
        try:
            with partial.open("wb") as file:
                file.write(_line("header", {"format": FORMAT, **header}))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls(path)

    def frame(self, frame: int, time_s: float, rows: Sequence[BoxRow]) -> None:
        """Note where the tracker saw its targets in frame number `frame`, at `time_s` seconds."""
        at = {"frame": frame, "time_s": time_s}
        self._write(b"".join(_line("box", {**vars(row), **at}) for row in rows))

    def target(self, frame: int, time_s: float, id: int, label: str, box: Box) -> None:
        """Note that a target began, at a box in pixels of frame number `frame`."""
        self._write(_line("target", asdict(Added(frame, time_s, id, label, *box))))

    def removed(self, frame: int, id: int) -> None:
        """Note that a target was let go, after frame number `frame` was tracked."""
        self._write(_line("removed", asdict(Removed(frame, id))))

    def correction(self, frame: int, time_s: float, id: int, box: Box) -> None:
        """Note that the user put the box of a target right, in pixels of frame number `frame`."""
        self._write(_line("correction", asdict(Correction(frame, time_s, id, *box))))

    def event(self, name: str, **details: Any) -> None:
        """Note anything else; `details` are values that JSON can hold."""
        self._write(_line("event", asdict(Event(name, details))))

    def close(self) -> None:
        """Write everything through to the disk. Closing twice is harmless."""
        self._closing.set()
        self._syncer.join()
        with self._lock:
            if self._file.closed:
                return
            self._sync()
            self._file.close()
        if self._failure is not None:
            raise _unwritable(self.path, self._failure) from self._failure

    def _write(self, data: bytes) -> None:
        with self._lock:
            if self._failure is not None:
                raise _unwritable(self.path, self._failure) from self._failure
            try:
                left = memoryview(data)
                while left:
                    left = left[self._file.write(left) :]
            except OSError as error:
                self._cut_back()
                raise _unwritable(self.path, error) from error
            self._size += len(data)
            self._dirty = True

    def _cut_back(self) -> None:
        """Take back what was written of a line: more lines after it would be lost with it."""
        try:
            self._file.truncate(self._size)
        except OSError as error:
            self._failure = error

    def _keep_synced(self) -> None:
        while not self._closing.wait(SYNC_S):
            self._sync()

    def _sync(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            self._failure = error


def _line(kind: str, values: dict[str, Any]) -> bytes:
    text = json.dumps({kind: values}, ensure_ascii=False, separators=(",", ":"), default=float)
    # a file name that is no text must not end the recording
    return text.encode("utf-8", errors="replace") + b"\n"


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        "The journal {path} cannot be written: {reason}; "
        "choose a folder that may be written to and has room.",
        path=path,
        reason=reason(error),
    )
