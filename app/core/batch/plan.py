"""From what was asked for to one task per video."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from app.core.batch.sources import Begin, GivenBoxes, begin_at_truth, unique_names
from app.core.batch.work import Task
from app.core.exchange import ONE_TARGET, SUFFIXES
from app.core.files import is_folder
from app.core.job import Outputs
from app.core.recorder import Content, Timing, clean_path
from app.core.sources.folder import image_folder
from model.errors import InputError


@dataclass(frozen=True)
class BatchSettings:
    """What holds for every video of a batch."""

    folder: Path
    """Where results go."""
    network: str = "small"
    """Preset or weights file."""
    precision: str = "auto"
    table_format: str = "csv"
    videos: bool = False
    """Whether an annotated video is written beside each table."""
    content: Content = Content.OVERLAY
    timing: Timing = Timing.TRUE
    start: int = 0
    limit: int | None = None
    rate: float | None = None


def plan_tasks(
    sources: Sequence[str], settings: BatchSettings, given: GivenBoxes | None = None
) -> list[Task]:
    """One task per source; what cannot be tracked, for want of a box say, has a problem."""
    names = unique_names(sources)
    read = {os.path.realpath(source): source for source in sources}
    return [
        _plan(source, name, settings, given, read)
        for source, name in zip(sources, names, strict=True)
    ]


def _plan(
    source: str, name: str, settings: BatchSettings, given: GivenBoxes | None,
    read: Mapping[str, str],
) -> Task:  # fmt: skip
    folder = settings.folder.absolute()
    ending = SUFFIXES[settings.table_format]
    outputs = Outputs(
        folder / f"{name}-tracked.mp4" if settings.videos else None,
        folder / f"{name}-boxes{ending}",
        settings.table_format,
        content=settings.content,
        timing=settings.timing,
    )
    try:
        _refuse_sources(outputs, read)
        begin = given.find(source, settings.start) if given is not None else None
        begin = begin or begin_at_truth(source, settings.start)
        if settings.table_format in ONE_TARGET and len(begin.targets) > 1:
            raise InputError(
                f"{len(begin.targets)} targets are given for {source}, and {settings.table_format} "
                "holds one; choose another --format."
            )
    except InputError as error:
        return Task(source, name, outputs, problem=str(error))
    return Task(
        source, name, outputs, begin.targets, begin.start, settings.limit, settings.rate,
        _fingerprint(source, outputs, begin, settings),
    )  # fmt: skip


def _refuse_sources(outputs: Outputs, read: Mapping[str, str]) -> None:
    """Refuse outputs that would replace a source; `read` has the sources by their real paths."""
    video = outputs.video
    clean = clean_path(video) if video is not None and outputs.content is Content.BOTH else None
    for path in (outputs.table, video, clean):
        if path is not None and (replaced := read.get(os.path.realpath(path))):
            raise InputError(
                f"Writing {path} would replace the source {replaced}; choose another folder with "
                "--into."
            )


def _fingerprint(source: str, outputs: Outputs, begin: Begin, settings: BatchSettings) -> str:
    path = Path(source)
    seen = [_stamp(image_folder(path) if is_folder(path) else path), _stamp(Path(settings.network))]
    facts = [seen, asdict(begin), asdict(outputs), asdict(settings)]
    return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of change; None of what is no file or folder, such as a preset."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
