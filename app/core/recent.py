"""What was opened lately, newest first, kept between runs."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import platformdirs
from filelock import FileLock, Timeout

from app.core.files import from_home, is_folder, is_there, replace_text
from app.core.sources import source_path
from app.core.sources.base import reason
from model.errors import InputError
from model.sentences import Sentence

KINDS = ("video", "folder", "camera", "stream", "screen", "project")
KEPT = 20
"""Entries that are kept."""
_SECRET = re.compile(r"pass|pwd|token|secret|key|auth|sig|credential", re.IGNORECASE)
_LOCK_S = 2.0


@dataclass(frozen=True)
class Recent:
    """Something that was opened."""

    text: str
    """As `open_source` takes it, or the path of a project; holds no password."""
    kind: str
    """One of `KINDS`."""
    opened: str
    """ISO 8601, UTC."""
    is_missing: bool = False
    """Whether it is a file or folder that is not there now."""

    @property
    def name(self) -> str:
        """What to call it: the last part of a path, or all of it."""
        on_disk = self.kind in ("video", "folder", "project")
        return Path(self.text).name or self.text if on_disk else self.text


def recent_path() -> Path:
    """The file of the list, in the user's folder for data."""
    return platformdirs.user_data_path("spacetime-tracker", appauthor=False) / "recent.json"


def list_recent(path: Path | None = None) -> list[Recent]:
    """What was opened lately, newest first; files that are gone are marked.

    A file that cannot be read is as good as none. Looks at every path, which takes time on a
    network drive: not for the GUI thread.
    """
    return [_marked(item) for item in _read(path or recent_path())]


def remember(text: str, kind: str = "", path: Path | None = None) -> None:
    """Put `text` at the head of the list, without the passwords in it.

    Args:
        text: as `open_source` takes it, or the path of a project.
        kind: one of `KINDS`; found from `text` if empty.
        path: file of the list.

    Raises:
        ValueError: no such kind.
        InputError: the list cannot be written.
    """
    kind = kind or kind_of(text)
    if kind not in KINDS:
        raise ValueError(f"There is no kind {kind!r}.")
    if kind == "stream":
        text = without_secrets(text)
    elif kind in ("video", "folder", "project"):
        text = str(from_home(text).absolute())
    item = Recent(text, kind, datetime.now(UTC).isoformat(timespec="seconds"))
    _change(path, lambda items: [item, *(old for old in items if old.text != text)])


def forget(text: str | None = None, path: Path | None = None) -> None:
    """Take `text` off the list, or everything where it is None.

    Raises:
        InputError: the list cannot be written.
    """
    _change(path, lambda items: [i for i in items if text is not None and i.text != text])


def kind_of(text: str) -> str:
    """Which of `KINDS` `open_source` would take `text` for."""
    if text.startswith("screen:"):
        return "screen"
    try:
        path = source_path(text)
    except InputError:  # told when it is opened
        path = None
    if path is None:
        return "stream"
    if is_folder(path):
        return "folder"
    return "camera" if text.isdecimal() and not is_there(Path(text)) else "video"


def without_secrets(url: str) -> str:
    """`url` without its password and without what looks like one in its query."""
    parts = urlsplit(url)
    account, at, host = parts.netloc.rpartition("@")
    user = account.partition(":")[0]
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _SECRET.search(name)]
    if len(kept) != len(query):
        parts = parts._replace(query=urlencode(kept))
    return parts._replace(netloc=f"{user}{at}{host}" if user else host).geturl()


def _change(path: Path | None, change: Callable[[list[Recent]], list[Recent]]) -> None:
    path = path or recent_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # two windows may be open
        with FileLock(f"{path}.lock", timeout=_LOCK_S):
            items = change(_read(path))[:KEPT]
            rows = [{k: v for k, v in asdict(i).items() if k != "is_missing"} for i in items]
            replace_text(path, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    except Timeout as error:
        raise _unwritable(path, Sentence("another window is writing it")) from error
    except OSError as error:
        raise _unwritable(path, reason(error)) from error


def _unwritable(path: Path, why: str) -> InputError:
    return InputError(
        "The list of recent files {path} cannot be written: {why}.", path=path, why=why
    )


def _read(path: Path) -> list[Recent]:
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(document, list):
        return []
    return list(_valid(document))


def _valid(document: Iterable[object]) -> Iterable[Recent]:
    for row in document:
        if not isinstance(row, dict):
            continue
        text, kind, opened = row.get("text"), row.get("kind"), row.get("opened")
        if isinstance(text, str) and kind in KINDS and isinstance(opened, str) and text:
            yield Recent(text, str(kind), opened)


def _marked(item: Recent) -> Recent:
    if item.kind not in ("video", "folder", "project"):
        return item
    try:
        return replace(item, is_missing=not Path(item.text).exists())
    except (OSError, ValueError):
        return replace(item, is_missing=True)
