"""A session: a folder that says what was tracked, with what, and everything that came of it.

    session.json     what the session is, and how it ended
    journal.jsonl    every box, target, correction and event (`app.core.journal`)
    *.mp4, *.csv …   what was exported

A session is unfinished as long as its journal does not say that it ended.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import filelock

from app.core.exchange import BoxRow
from app.core.files import is_there, replace_text
from app.core.journal import DESCRIBED, Journal
from app.core.provenance import (
    Environment,
    ModelReference,
    ModelTracker,
    SourceReference,
    environment,
    refer_model,
    refer_source,
    tracker_settings,
)
from app.core.sources.base import SourceInfo, reason
from model.errors import InputError
from model.geometry import Box
from model.sentences import Sentence

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)

FORMAT = "spacetime-tracker session 1"
SESSION_FILE = "session.json"
JOURNAL_FILE = "journal.jsonl"
LOCK_FILE = ".lock"
KEPT = (SESSION_FILE, JOURNAL_FILE, LOCK_FILE)
"""Files of a session by name; what is exported must have others."""
_MAX_SIDE = 1 << 20
_LOCK_WAIT_S = 1.0
"""Seconds to wait for a lock that a listing of sessions may hold for a moment."""


@dataclass(frozen=True)
class RunSettings:
    """How the source was run through."""

    start: int = 0
    limit: int | None = None
    tracker: dict[str, Any] = field(default_factory=dict)
    """Settings of the tracker (`TrackerConfig`) by name."""


@dataclass(frozen=True)
class Export:
    """A file the session writes; a path within the folder is relative to it."""

    kind: str
    """`video` or `table`."""
    path: str
    format: str | None = None
    """Format of a table; None goes by the ending."""


@dataclass(frozen=True)
class SessionInfo:
    """What a session is; stands in `session.json` and in the header of the journal."""

    source: SourceReference
    width: int
    """Of a frame, pixels."""
    height: int
    model: ModelReference
    environment: Environment
    settings: RunSettings = field(default_factory=RunSettings)
    exports: tuple[Export, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    """ISO 8601, UTC."""


def describe_session(
    folder: Path, text: str, source: SourceInfo, tracker: ModelTracker, *,
    weights: Path | None = None, rate: float | None = None, start: int = 0,
    limit: int | None = None, video: Path | None = None, table: Path | None = None,
    table_format: str | None = None,
) -> SessionInfo:  # fmt: skip
    """What a session in `folder` is to say of itself; reads all of the source to hash it.

    Args:
        folder: of the session.
        text: what `open_source` was given.
        source: what it opened.
        tracker: as loaded.
        weights: the file it was loaded from; None for the weights shipped with its preset.
        rate: frames per second asked of the source.
        start: first frame.
        limit: frames at most.
        video: recording to write.
        table: table to write.
        table_format: its format; None goes by the ending.

    Raises:
        InputError: the source or weights cannot be read.
        WeightsError: the shipped weights are not what was shipped.
    """
    exports = [
        Export(kind, _within(folder, path), chosen)
        for kind, path, chosen in (("video", video, None), ("table", table, table_format))
        if path is not None
    ]
    return SessionInfo(
        refer_source(text, source, rate=rate), source.width, source.height,
        refer_model(tracker, weights), environment(tracker),
        RunSettings(start, limit, tracker_settings(tracker)), tuple(exports),
    )  # fmt: skip


def _within(folder: Path, path: Path) -> str:
    """`path` relative to `folder` if it lies in it, so that the folder can be moved; else whole."""
    path, folder = path.absolute(), folder.absolute()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


class Session:
    """Writes a session. As a context manager it notes how it ended: done, stopped, or an error.

    Nothing is on disk before `begin`.

    Raises:
        InputError: by every method, when the folder or disk refuses.
    """

    def __init__(self, folder: Path, info: SessionInfo) -> None:
        refuse_session(folder)
        self.folder, self.info = folder, info
        self._journal: Journal | None = None
        self._lock: filelock.BaseFileLock | None = None
        self._stopped = False

    def begin(self) -> None:
        """Make the folder and take hold of it.

        Raises:
            InputError: another process writes there, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._lock = lock_session(self.folder)
        try:
            self._journal = Journal.create(self.folder / JOURNAL_FILE, asdict(self.info))
            write_session(self.folder, self.info)
        except BaseException:
            self.let_go()
            raise

    @property
    def journal(self) -> Journal:
        """The journal, once the session has begun."""
        if self._journal is None:
            raise RuntimeError("The session has not begun.")
        return self._journal

    def target(self, frame: int, time_s: float, id: int, label: str, box: Box) -> None:
        """Note that a target began in a frame."""
        self.journal.target(frame, time_s, id, label, box)

    def frame(self, frame: int, time_s: float, rows: Sequence[BoxRow]) -> None:
        """Note where the tracker saw its targets in a frame."""
        self.journal.frame(frame, time_s, rows)

    def removed(self, frame: int, id: int) -> None:
        """Note that a target was let go."""
        self.journal.removed(frame, id)

    def correction(self, frame: int, time_s: float, id: int, box: Box) -> None:
        """Note that the user put the box of a target right."""
        self.journal.correction(frame, time_s, id, box)

    def event(self, name: str, **details: Any) -> None:
        """Note anything else."""
        self.journal.event(name, **details)

    def describe(self, info: SessionInfo) -> None:
        """Note what was found out of the session after it began, such as hashes."""
        was, now = asdict(self.info), asdict(info)
        self.journal.event(DESCRIBED, **{name: now[name] for name in now if now[name] != was[name]})
        self.info = info
        write_session(self.folder, info)

    def stop(self) -> None:
        """Say that the user ends the session before its source does."""
        self._stopped = True

    def end(self, outcome: str) -> None:
        """Complete the session; `outcome` says how it ended. Ending twice is harmless."""
        journal, self._journal = self._journal, None
        if journal is None:
            return
        try:
            with journal:
                journal.event("ended", outcome=outcome)
            write_session(self.folder, self.info, outcome=outcome)
        finally:
            self._release()

    def let_go(self) -> None:
        """Write no further, without an end: it counts as cut short. Harmless after `end`."""
        journal, self._journal = self._journal, None
        try:
            if journal is not None:
                with suppress(InputError):  # what let it go is told instead
                    journal.close()
        finally:
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.end("stopped" if self._stopped else "done")
            return
        stopped = isinstance(error, GeneratorExit | KeyboardInterrupt)
        try:
            self.end("stopped" if stopped else str(error) or type(error).__name__)
        except InputError as second:
            # what ended it is told instead; a full disk gives both
            _log.warning("the end of the session cannot be noted: %s", second)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def is_session(folder: Path) -> bool:
    """Whether `folder` holds a session, finished or not."""
    return is_there(folder / JOURNAL_FILE) or is_there(folder / SESSION_FILE)


def refuse_session(folder: Path) -> None:
    """Refuse a folder for a new session that holds one.

    Raises:
        InputError: it does.
    """
    if is_session(folder):
        raise InputError(
            "The folder {folder} holds a session already; choose another, or look at it with "
            "`spacetime-tracker recover` or `replay`.",
            folder=folder,
        )


def lock_session(folder: Path) -> filelock.BaseFileLock:
    """Take hold of a session, so that no other process writes it.

    The system lets go of the lock when the process that holds it ends, in whatever way.

    Raises:
        InputError: another process has it, or the folder cannot be written.
    """
    lock = filelock.FileLock(folder / LOCK_FILE, timeout=_LOCK_WAIT_S, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise InputError(
            "The session {folder} is being written by another process; wait for its end or end it.",
            folder=folder,
        ) from error
    except OSError as error:
        raise unwritable(folder, error) from error
    return lock


def is_locked(folder: Path) -> bool:
    """Whether a living process is writing the session in `folder`."""
    if not (folder / LOCK_FILE).exists():
        return False
    lock = filelock.FileLock(folder / LOCK_FILE, timeout=0, thread_local=False)
    with suppress(OSError):  # a folder that cannot be written is written by nobody
        try:
            lock.acquire()
        except filelock.Timeout:
            return True
        lock.release()
    return False


def write_session(folder: Path, info: SessionInfo, *, outcome: str | None = None) -> None:
    """Write `session.json` in one step; `outcome` is None until the session ends.

    Raises:
        InputError: the folder cannot be written.
    """
    document = {"format": FORMAT, "outcome": outcome, "session": asdict(info)}
    text = json.dumps(document, ensure_ascii=True, indent=2) + "\n"
    try:
        replace_text(folder / SESSION_FILE, text)
    except OSError as error:
        raise unwritable(folder, error) from error


def info_from_header(header: dict[str, Any], path: Path) -> SessionInfo:
    """The session that the header of the journal at `path` describes.

    Raises:
        InputError: a field is missing or of another type.
    """
    from pydantic import ValidationError

    try:
        info = _shape().validate_json(json.dumps(header), strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        why = f"{where}: {fault['msg']}"
    else:
        if all(0 < side <= _MAX_SIDE for side in (info.width, info.height)):
            return info
        why = Sentence("the size of its frames is out of bounds")
    raise InputError(
        "The header of the journal {path} cannot be used ({why}); it was changed, or written by "
        "another version.",
        path=path,
        why=why,
    )


@cache
def _shape() -> "TypeAdapter[SessionInfo]":
    from pydantic import TypeAdapter

    return TypeAdapter(SessionInfo)


def unwritable(folder: Path, error: OSError) -> InputError:
    """The error of a session folder that the system refuses to write."""
    return InputError(
        "The session {folder} cannot be written: {reason}; "
        "choose a folder that may be written to and has room.",
        folder=folder,
        reason=reason(error),
    )
