"""Projects: what was tracked in a source, how it was looked at, and where the source is.

A project is one JSON file, `name.sttproj`, replaced in one step. The window that has it open holds
`.name.sttproj.lock` beside it; the system lets go of that when its process ends.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import filelock

from app.core.files import is_file, replace_text
from app.core.player.document import DocumentState
from app.core.sources.base import reason
from app.core.studio.document_json import (
    ProjectDocument,
    document_from,
    document_to_json,
    fault_in,
    read_shape,
)
from app.core.studio.project_source import ProjectSource
from model.errors import InputError
from model.sentences import Sentence

SUFFIX = ".sttproj"
FORMAT = "spacetime-tracker project 1"
_MAX_BYTES = 1 << 30
"""A larger file is no project."""


@dataclass(frozen=True)
class Project:
    """Everything that is saved."""

    source: ProjectSource
    document: DocumentState
    view: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the view, by name; values that JSON can hold."""


@dataclass(frozen=True)
class Opened:
    """A project as opened."""

    project: Project
    file: "ProjectFile | None"
    """Its place, held by this window; None where it is a copy, to be saved elsewhere."""
    notice: str = ""
    """A sentence on why it is a copy; empty if it is none."""


class ProjectFile:
    """The place of a project, held so that no other window writes there."""

    def __init__(self, path: Path) -> None:
        """Take hold of `path`, which need not exist.

        Raises:
            InputError: another window has it, or the folder cannot be written.
        """
        self.path = path
        self._lock = filelock.FileLock(_lock_path(path), timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise InputError(
                "The project {name} is open in another window; save under another name.",
                name=path.name,
            ) from error
        except (OSError, NotImplementedError) as error:
            raise _unwritable(path, error) from error

    def save(self, project: Project) -> None:
        """Write `project` in one step.

        Raises:
            InputError: there is no room, or the folder is gone; the former file is untouched.
        """
        source = replace(project.source, relative=_relative(project.source.path, self.path))
        try:
            replace_text(self.path, _to_text(replace(project, source=source)))
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Let go of it; twice is harmless."""
        with contextlib.suppress(OSError):
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_project(path: Path) -> Opened:
    """Read a project, and take hold of it; as a copy where another window has it.

    Raises:
        InputError: missing, unreadable, damaged, no project, or of another version.
    """
    file: ProjectFile | None = None
    notice = ""
    if is_file(path):
        try:
            file = ProjectFile(path)
        except InputError as error:
            notice = Sentence(
                "The project {name} cannot be written where it is, so this is a copy; save it "
                "elsewhere.",
                name=path.name,
            )
            if isinstance(error.__cause__, filelock.Timeout):
                notice = Sentence(
                    "The project {name} is open in another window, so this is a copy of it as it "
                    "was last saved; save it under another name.",
                    name=path.name,
                )
    try:
        return Opened(read_project(path), file, notice)
    except BaseException:
        if file is not None:
            file.close()
        raise


def read_project(path: Path) -> Project:
    """Read a project without taking hold of it.

    Raises:
        InputError: missing, unreadable, damaged, no project, or of another version.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(
                "The file {path} is too large for a project; open another one.", path=path
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "The project {path} cannot be read: {reason}.", path=path, reason=reason(error)
        ) from error
    _check_format(data, path)
    try:
        raw = read_shape(_File, data)
        return Project(raw.source, document_from(raw.document), raw.view)
    except ValueError as error:
        raise InputError(
            "The project {path} is damaged ({fault}); open a copy of it or begin anew.",
            path=path,
            fault=fault_in(error),
        ) from error


def with_project_ending(path: Path) -> Path:
    """`path` ending in `.sttproj`."""
    return path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)


def _check_format(data: bytes, path: Path) -> None:
    """Raises InputError unless `data` is JSON that says it is a project of this version."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "The project {path} is damaged, or no project at all; open another one.", path=path
        ) from error
    named = raw.get("format") if isinstance(raw, dict) else None
    if named == FORMAT:
        return
    if isinstance(named, str) and named.startswith(FORMAT.rstrip("0123456789")):
        raise InputError(
            "The project {path} was written by another version of this program "
            "({found!r}, not {known!r}); use that version.",
            path=path,
            found=named[:40],
            known=FORMAT,
        )
    raise InputError("The file {path} is no project of this program; open another one.", path=path)


def _relative(path: str, project: Path) -> str:
    if not path:
        return ""
    try:
        return Path(os.path.relpath(path, project.absolute().parent)).as_posix()
    except ValueError:  # another drive
        return ""


def _lock_path(path: Path) -> Path:
    # two names of one file are one project
    place = Path(os.path.realpath(path))
    return place.with_name(f".{place.name}.lock")


@dataclass(frozen=True)
class _File:
    """A project as it stands in its file."""

    format: str
    source: ProjectSource
    document: ProjectDocument
    view: dict[str, Any]


def _to_text(project: Project) -> str:
    raw = {
        "format": FORMAT,
        "source": vars(project.source),
        "document": document_to_json(project.document),
        "view": dict(project.view),
    }
    text = json.dumps(raw, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    # the name of a file may hold what is no text, and what JSON cannot be read with
    return text.encode("utf-8", "replace").decode("utf-8")


def _unwritable(path: Path, error: Exception) -> InputError:
    why = reason(error) if isinstance(error, OSError) else Sentence("it cannot be locked")
    return InputError(
        "The project {path} cannot be written: {why}; "
        "choose a folder that exists, may be written to and has room.",
        path=path,
        why=why,
    )
