"""What can be exported, and what is asked of one export."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.core.exchange import FORMATS, ONE_TARGET, SUFFIXES
from app.core.files import is_folder, is_same
from app.core.player.document import DocumentState, TargetTrack
from app.core.recorder import VIDEO_SUFFIXES
from app.core.recovery import file_name
from app.core.sources import source_path
from model.errors import InputError


class Kind(StrEnum):
    """What comes out."""

    TABLE = "table"
    VIDEO = "video"


class Manner(StrEnum):
    """How something is hidden."""

    BLUR = "blur"
    PIXELATE = "pixelate"


@dataclass(frozen=True)
class ExportFormat:
    """One choice of what to export."""

    name: str
    kind: Kind
    endings: tuple[str, ...]
    """Of the file's name, the usual one first."""
    is_single: bool = False
    """Whether a file has room for one target, so that each gets its own."""


ANNOTATED = "annotated"
HIDE_TARGETS = "hide-targets"
HIDE_SURROUNDINGS = "hide-surroundings"

_VIDEO_ENDINGS = (".mp4", *sorted(VIDEO_SUFFIXES - {".mp4"}))
EXPORTS: dict[str, ExportFormat] = {
    **{
        name: ExportFormat(name, Kind.TABLE, (SUFFIXES[name],), name in ONE_TARGET)
        for name in FORMATS
        if name != "mot-gt"
    },
    **{
        name: ExportFormat(name, Kind.VIDEO, _VIDEO_ENDINGS)
        for name in (ANNOTATED, HIDE_TARGETS, HIDE_SURROUNDINGS)
    },
}
"""Every format by name, in the order in which a list shows them."""


@dataclass(frozen=True)
class ExportSource:
    """The source that the boxes belong to."""

    text: str
    """What `open_source` was given."""
    name: str
    width: int
    """Of a frame, pixels."""
    height: int
    rate: float | None = None
    """Frames per second asked of a folder of images."""
    is_live: bool = False
    """Whether its frames are gone, so that no video can be made of them."""


@dataclass(frozen=True)
class ExportRequest:
    """What to export, and where to."""

    format: str
    """One of `EXPORTS`."""
    path: Path
    targets: tuple[int, ...] | None = None
    """Ids; None for all."""
    first: int | None = None
    """Number of the first frame; None for the first there is."""
    last: int | None = None
    """Number of the last frame, itself included; None for the last there is."""
    trail: int = 0
    """Frames over which the trail in an annotated video reaches back; 0 for none."""
    manner: Manner = Manner.BLUR

    def covers(self, frame: int) -> bool:
        """Whether frame number `frame` is in the range."""
        return (self.first or 0) <= frame and (self.last is None or frame <= self.last)

    def chosen(self, document: DocumentState) -> list[TargetTrack]:
        """The targets to export, in order of id."""
        wanted = self.targets
        found = [t for t in document.targets if wanted is None or t.id in wanted]
        return sorted(found, key=lambda target: target.id)

    def check(self, document: DocumentState, source: ExportSource) -> None:
        """Refuse what cannot be done.

        Raises:
            InputError: no such format, nothing chosen, an empty range, a live source for a video,
                or another ending than the format has.
        """
        kind = EXPORTS.get(self.format)
        if kind is None:
            raise InputError(
                "There is no format {format!r}; choose one of {known}.",
                format=self.format,
                known=", ".join(EXPORTS),
            )
        if not self.chosen(document) and self.format != ANNOTATED:
            raise InputError("No target is chosen; choose at least one to export.")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise InputError(
                "The range from frame {first} to frame {last} is empty; "
                "set the first before the last.",
                first=self.first,
                last=self.last,
            )
        if kind.kind is Kind.VIDEO and source.is_live:
            raise InputError(
                "The pictures of {name} are gone, for it was live; record it, and export "
                "from the recording.",
                name=source.name,
            )
        if is_folder(self.path):
            raise InputError("{path} is a folder; give the export a name in it.", path=self.path)
        place = source_path(source.text)
        if place is not None and is_same(self.path, place):
            raise InputError(
                "{name} is the source itself; give the export another name or folder.",
                name=self.path.name,
            )
        if self.path.suffix.lower() not in kind.endings:
            raise InputError(
                "{name} is no name for this format; end it in {known}.",
                name=self.path.name,
                known=", ".join(kind.endings),
            )


def with_ending(path: Path, format: str) -> Path:
    """`path` with the ending of `format`, where it has none or that of another format."""
    endings = EXPORTS[format].endings
    if path.suffix.lower() in endings:
        return path
    known = {ending for kind in EXPORTS.values() for ending in kind.endings}
    stem = path.stem if path.suffix.lower() in known else path.name
    return path.with_name(f"{stem}{endings[0]}")


def planned_paths(request: ExportRequest, targets: Sequence[TargetTrack]) -> list[Path]:
    """The files that an export writes: one, or one per target where a file holds one target."""
    if not EXPORTS[request.format].is_single or len(targets) < 2:
        return [request.path]
    names = {t.id: f"{t.id}-{file_name(t.label)}" if t.label else str(t.id) for t in targets}
    return [request.path.with_stem(f"{request.path.stem}-{names[t.id]}") for t in targets]
