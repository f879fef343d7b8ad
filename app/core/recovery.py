"""Sessions whose process ended before they did: finding them, and saving what they hold."""

import json
import logging
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import platformdirs

from app.core.exchange import BoxRow, BoxSet, TableInfo, write_boxes
from app.core.journal import (
    Added,
    Correction,
    Journal,
    JournalContents,
    Removed,
    outcome_of,
    peek_journal,
    read_journal,
)
from app.core.recorder import clean_path, recover_recording
from app.core.session import (
    JOURNAL_FILE,
    SESSION_FILE,
    Export,
    SessionInfo,
    info_from_header,
    is_locked,
    is_session,
    lock_session,
    write_session,
)
from model.errors import InputError
from model.sentences import Sentence

_log = logging.getLogger(__name__)

_RECOVERED = "recovered"
_SLACK_S = 5.0
"""A recording written this long after the journal, outside the session, is of a later run."""


@dataclass(frozen=True)
class UnfinishedSession:
    """A session that did not come to its end, as a list shows it."""

    folder: Path
    source: str
    """Name of the source; empty where it cannot be read."""
    created: str
    """ISO 8601, UTC; empty where it cannot be read."""
    last_frame: int | None
    """Number of the last frame in the journal; None where there is none."""
    problem: str = ""
    """Why it cannot be read, a sentence; empty if it can."""


@dataclass(frozen=True)
class Recovery:
    """What was saved of a session."""

    folder: Path
    rows: int
    """Rows of the table."""
    frames: int
    """Frames they belong to."""
    table: Path
    videos: tuple[Path, ...]
    """Recordings that are playable, all of them."""
    notices: tuple[str, ...]
    """Sentences on what was repaired."""
    problems: tuple[str, ...]
    """Sentences on what could not be saved."""


def sessions_folder() -> Path:
    """Where sessions go that are given no folder: in the user's data folder."""
    return platformdirs.user_data_path("spacetime-tracker", appauthor=False) / "sessions"


def new_session_folder(name: str) -> Path:
    """A folder for a new session of the source `name` that does not exist yet."""
    title = f"{datetime.now().astimezone():%Y-%m-%d %H.%M.%S} {file_name(name)}"
    names = (title, *(f"{title} {number}" for number in range(2, 1000)))
    return next(path for name in names if not (path := sessions_folder() / name).exists())


def file_name(name: str) -> str:
    """`name` as part of a file name."""
    kept = "".join(c if c.isalnum() or c in " ._-" else "-" for c in name)
    return kept.strip(" .")[:60] or "video"


def unfinished_sessions(folders: Iterable[Path] = ()) -> list[UnfinishedSession]:
    """The sessions that did not end and that nobody is writing, the newest first.

    Looks into the user's data folder and into `folders`, each of which is a session or holds some.
    Reads the ends of the journals only.
    """
    found = {}
    for folder in (sessions_folder(), *folders):
        for place in find_sessions(folder):
            session = _unfinished(place)
            if session is not None:
                found[place.resolve()] = session
    return sorted(found.values(), key=lambda session: session.created, reverse=True)


def find_sessions(folder: Path) -> Iterator[Path]:
    """`folder` if it is a session, else the sessions directly in it; those one may look into."""
    try:
        if is_session(folder):
            yield folder
        elif folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if is_session(path))
    except OSError as error:
        _log.warning("the folder %s cannot be looked into: %s", folder, error)


def _unfinished(folder: Path) -> UnfinishedSession | None:
    path = folder / JOURNAL_FILE
    if not path.exists() or _noted_outcome(folder) is not None or is_locked(folder):
        return None
    try:
        header, last = peek_journal(path)
        if last is not None and outcome_of(last) is not None:
            return None
        info = info_from_header(header, path)
    except InputError as error:
        return UnfinishedSession(folder, "", "", None, str(error))
    frame = last.frame if isinstance(last, BoxRow | Added | Removed | Correction) else None
    return UnfinishedSession(folder, info.source.name, info.created, frame)


def _noted_outcome(folder: Path) -> str | None:
    """How the session ended, by its `session.json`; None where that does not say."""
    try:
        document = json.loads((folder / SESSION_FILE).read_bytes())
        return None if document["outcome"] is None else str(document["outcome"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def recover_session(folder: Path) -> Recovery:
    """Save what an unfinished session holds, and mark it as ended.

    A torn last line of its journal is cut off, its recordings are made seekable, and its table is
    written into its folder. A journal that is damaged in the
    middle stays as it is; what stands before the damage is saved.

    Raises:
        InputError: no session, one that another process writes, or one that cannot be read or
            written at all.
    """
    path = folder / JOURNAL_FILE
    if not path.exists():
        raise InputError(
            "The folder {folder} holds no session: there is no {file} in it; give the "
            "folder of a session, or one that holds some.",
            folder=folder,
            file=JOURNAL_FILE,
        )
    with lock_session(folder):
        died = path.stat().st_mtime
        contents = read_journal(path, salvage=True)
        info = info_from_header(contents.about, path)
        notices, problems = [], []
        if contents.torn:
            notices.append(
                Sentence(
                    "The last line of {path} was torn; its {count} bytes were cut off.",
                    path=path,
                    count=contents.torn,
                )
            )
        if contents.damage:
            problems.append(contents.damage)
        table, rows = _save_table(folder, info, contents)
        videos = _save_videos(folder, info, died, problems)
        if contents.outcome is None and not contents.damage:
            with Journal(path) as journal:
                journal.event("ended", outcome=_RECOVERED)
        write_session(folder, info, outcome=contents.outcome or _RECOVERED)
    frames = len({row.frame for row in rows})
    return Recovery(
        folder, len(rows), frames, table, tuple(videos), tuple(notices), tuple(problems)
    )


def _save_table(
    folder: Path, info: SessionInfo, contents: JournalContents
) -> tuple[Path, list[BoxRow]]:
    """Write the table into the folder; one outside it may belong to a later run by now."""
    asked = next((export for export in info.exports if export.kind == "table"), None)
    asked = asked or Export("table", f"{file_name(info.source.name)}-boxes.csv")
    path = folder / Path(asked.path).name
    rows = [row for row in contents.rows if all(map(math.isfinite, (row.x, row.y, row.w, row.h)))]
    about = TableInfo(info.source.name, info.width, info.height)
    times = {row.frame: row.time_s for row in rows}
    write_boxes(path, BoxSet(about, times, tuple(rows)), chosen=asked.format)
    if not contents.damage:
        # the table that was being written held no more than that
        path.with_name(f"{path.name}.part").unlink(missing_ok=True)
    return path, rows


def _save_videos(folder: Path, info: SessionInfo, died: float, problems: list[str]) -> list[Path]:
    videos: list[Path] = []
    for export in info.exports:
        if export.kind != "video":
            continue
        for path in _recordings(folder / export.path):
            outside = not path.is_relative_to(folder)
            if outside and path.stat().st_mtime > died + _SLACK_S:
                continue
            try:
                videos += [path, *recover_recording(path)]
            except InputError as error:
                problems.append(str(error))
    return [path for path in dict.fromkeys(videos) if path.exists()]


def _recordings(path: Path) -> list[Path]:
    """The files of a recording: itself, the one without boxes, and the segments of both."""
    names = (path, clean_path(path))
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return []
    patterns = [
        re.compile(rf"{re.escape(name.stem)}(-\d+)?{re.escape(name.suffix)}") for name in names
    ]
    return [path for path in beside if any(p.fullmatch(path.name) for p in patterns)]
