"""The source of a project: how it is known again, and where it is by now."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.core.files import is_there
from app.core.provenance import hash_source
from app.core.sources import source_path
from app.core.sources.base import SourceInfo, reason
from model.errors import InputError
from model.sentences import Sentence

_END_BYTES = 1 << 20
"""So much of the beginning and of the end of a file tells it from others."""


@dataclass(frozen=True)
class ProjectSource:
    """A source as a project knows it."""

    kind: Literal["file", "folder", "live"]
    name: str
    """To show; holds no password."""
    path: str = ""
    """Absolute; empty for a camera or a stream, whose frames are gone."""
    relative: str = ""
    """The path seen from the project's folder, with `/`; empty where there is none."""
    digest: str = ""
    """SHA-256 of a file's size, first and last MiB; of a folder, of its images' names and sizes."""
    rate: float | None = None
    """Frames per second asked of a folder of images."""
    width: int = 0
    """Of a frame, pixels."""
    height: int = 0


@dataclass(frozen=True)
class Located:
    """Where the source of a project is."""

    path: Path | None
    """None where it is not where it was: ask for its new place, unless it was live."""
    notice: str = ""
    """A sentence on what is wrong; empty if nothing is."""


def refer_project_source(
    text: str, info: SourceInfo, *, rate: float | None = None
) -> ProjectSource:
    """How a project refers to an open source; reads two MiB of it.

    Args:
        text: what `open_source` was given.
        info: what it opened.
        rate: frames per second asked for.

    Raises:
        InputError: it cannot be read.
    """
    path = source_path(text)
    if info.is_live or path is None or not (path.is_file() or path.is_dir()):
        # an address may hold a password, and its frames are gone anyway
        return ProjectSource("live", info.name, width=info.width, height=info.height)
    source = ProjectSource("file", info.name, rate=rate, width=info.width, height=info.height)
    return with_place(source, path)


def with_place(source: ProjectSource, path: Path) -> ProjectSource:
    """`source` at `path`, whatever is there.

    Raises:
        InputError: it cannot be read.
    """
    kind: Literal["file", "folder"] = "folder" if path.is_dir() else "file"
    return replace(source, kind=kind, path=str(path.absolute()), digest=_digest(path))


def locate(source: ProjectSource, project: Path | None) -> Located:
    """Find the source of a project: as seen from the project first, as both may have been moved.

    Args:
        source: as saved.
        project: the project's file; None for one that was never saved.
    """
    if source.kind == "live":
        return Located(
            None,
            Sentence(
                "{name} was live, so its pictures are gone; the boxes can be looked at and "
                "exported as tables.",
                name=source.name,
            ),
        )
    places = [Path(source.path)] if source.path else []
    if project is not None and source.relative:
        places.insert(0, (project.absolute().parent / source.relative).resolve())
    there = [place for place in places if is_there(place)]
    for place in there:
        if not check_source(source, place):
            return Located(place)
    if there:
        return Located(there[0], check_source(source, there[0]))
    return Located(
        None,
        Sentence(
            "{name} is no longer at {path}; choose where it is now.",
            name=source.name,
            path=source.path,
        ),
    )


def check_source(source: ProjectSource, path: Path) -> str:
    """A sentence where what is at `path` is not the source of the project; else nothing."""
    try:
        same = _digest(path) == source.digest
    except InputError as error:
        return str(error)
    if same:
        return ""
    return Sentence(
        "{path} is not what {name} was when the project was saved; its boxes may not fit.",
        path=path,
        name=source.name,
    )


def _digest(path: Path) -> str:
    if path.is_dir():
        return hash_source(path)
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            digest = hashlib.sha256(str(size).encode())
            digest.update(file.read(_END_BYTES))
            file.seek(max(0, size - _END_BYTES))
            digest.update(file.read(_END_BYTES))
    except OSError as error:
        raise InputError(
            "The source {path} cannot be read: {reason}.", path=path, reason=reason(error)
        ) from error
    return digest.hexdigest()
