"""Which videos a batch tracks, and where in them its targets begin."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from app.core.exchange.rows import check_frame, finite, read_text, whole
from app.core.files import from_home, is_folder
from app.core.job import Target
from app.core.sources.folder import image_files, image_folder, natural
from app.core.truth import find_truth, first_truth
from model.errors import InputError

VIDEO_SUFFIXES = frozenset(
    (
        *(".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"),
        *(".mts", ".ogv", ".ts", ".webm", ".wmv", ".y4m"),
    )
)


@dataclass(frozen=True)
class Begin:
    """Targets of one source, and the frame their boxes are of."""

    targets: tuple[Target, ...]
    start: int


def is_collection(text: str) -> bool:
    """Whether `text` stands for several sources: `@LIST`, or a folder of videos or sequences."""
    path = from_home(text)
    return text.startswith("@") or (not _is_sequence(path) and bool(_children(path)))


def expand_sources(texts: Iterable[str]) -> list[str]:
    """The videos and image folders that `texts` stand for, absolute, each once, in order.

    Args:
        texts: files, image folders, folders of either (one level deep), or `@LIST`: a text file
            that names one of these per line, relative to itself; `#` begins a comment.

    Raises:
        InputError: a list that cannot be read or names nothing, or a live source.
    """
    found: list[str] = []
    for text in texts:
        if urlsplit(text).scheme and "://" in text:
            raise InputError(f"{text} is a stream; many sources must be files or folders.")
        path = from_home(text)
        if text.startswith("@"):
            found += expand_sources(_listed(from_home(text[1:])))
        elif is_collection(text):
            found += [str(child) for child in _children(path)]
        else:
            found.append(str(path.absolute()))
    return list(dict.fromkeys(found))


def begin_at_truth(source: str, start: int) -> Begin:
    """The target of the ground truth in or beside `source`.

    Raises:
        InputError: there is none, or it has no box from frame `start` on.
    """
    truth = find_truth(source)
    if truth is None:
        raise InputError(
            f"No box is given for {source}; name it in --boxes-from, or put a groundtruth.txt "
            "into its folder (NAME.groundtruth.txt beside a video)."
        )
    target, first = first_truth(truth, start)
    return Begin((target,), first)


class GivenBoxes:
    """First boxes from one CSV for all sources, or from a folder with `NAME.txt` for each.

    The CSV has the columns `source,x,y,w,h`, and may have `label` and `frame`; several rows of one
    source are several targets. A source is named by its file name, with or without ending, and as
    much of its path as tells it from others.
    """

    def __init__(self, path: Path) -> None:
        """Read `path`.

        Raises:
            InputError: missing, other columns, or a value that is no number.
        """
        self._path = path
        self._rows: dict[str, list[tuple[int, Target]]] = {}
        if not path.is_dir():
            self._read()

    def find(self, source: str, start: int) -> Begin | None:
        """Targets of `source`; None where it is not named.

        Raises:
            InputError: boxes of one source in different frames, or a `NAME.txt` without a box.
        """
        if self._path.is_dir():
            truth = self._path / f"{Path(source).stem}.txt"
            if not truth.is_file():
                return None
            target, first = first_truth(truth, start)
            return Begin((target,), first)
        rows = next((self._rows[name] for name in _ends(source) if name in self._rows), None)
        if rows is None:
            return None
        if len({frame for frame, _ in rows}) > 1:
            raise InputError(f"The boxes of {source} in {self._path} are of different frames.")
        return Begin(tuple(target for _, target in rows), rows[0][0])

    def _read(self) -> None:
        reader = csv.DictReader(io.StringIO(read_text(self._path), newline=""))
        try:
            lacking = {"source", "x", "y", "w", "h"} - set(reader.fieldnames or ())
            if lacking:
                raise InputError(f"The boxes {self._path} lack columns; needed: source,x,y,w,h.")
            for raw in reader:
                x, y, w, h = (finite(raw[name]) for name in "xywh")
                frame = check_frame(whole(raw.get("frame") or 0))
                target = Target((x, y, w, h), raw.get("label") or "")
                self._rows.setdefault(PurePath(raw["source"]).as_posix(), []).append(
                    (frame, target)
                )
        except (TypeError, ValueError, OverflowError, csv.Error) as error:
            if isinstance(error, InputError):
                raise
            where = f"line {reader.line_num} of the boxes {self._path}"
            raise InputError(f"In {where} a value cannot be read: {error}.") from error


def unique_names(sources: Sequence[str]) -> list[str]:
    """A name for each source, safe in a path: its own, numbered where it was there before."""
    names: list[str] = []
    taken: set[str] = set()
    for source in sources:
        plain = _plain(Path(source))
        name, number = plain, 1
        while name.lower() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.lower())
        names.append(name)
    return names


def _plain(path: Path) -> str:
    own = path.stem
    if is_folder(path):
        own = path.parent.name if path.name == "img" else path.name
    return "".join(c if c.isalnum() or c in " ._-" else "-" for c in own).strip(" .") or "video"


def _ends(source: str) -> list[str]:
    """The ends of a path, longest first, each with and without the ending of its last part."""
    path = PurePath(source)
    ends = [PurePath(*path.parts[i:]) for i in range(len(path.parts))]
    return [end.as_posix() for full in ends if full.name for end in (full, full.with_suffix(""))]


def _listed(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in read_text(path).splitlines())
    found = [str(path.parent / from_home(line)) for line in lines if line]
    if not found:
        raise InputError(f"The list {path} names no source; write one per line.")
    return found


def _children(folder: Path) -> list[Path]:
    """Videos and image folders in `folder`, absolute, in natural order."""
    try:
        names = sorted(folder.iterdir(), key=lambda child: natural(child.name))
    except OSError:
        return []  # it is told when the folder itself is opened
    return [
        child.absolute()
        for child in names
        if not child.name.startswith(".")
        and (child.suffix.lower() in VIDEO_SUFFIXES if child.is_file() else _is_sequence(child))
    ]


def _is_sequence(path: Path) -> bool:
    try:
        return path.is_dir() and next(image_files(image_folder(path)), None) is not None
    except OSError:
        return False
