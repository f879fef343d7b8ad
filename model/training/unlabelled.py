"""Tracks from plain videos, which nobody has labelled: found by motion, kept where consistent.

Finding them takes a while per video, so the boxes are remembered in a small JSON file, by the
content of the video; a later load only decodes the frames.
"""

import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import InputError
from model.images import Frame
from model.training.track import Track
from model.training.unlabelled_follow import SHORTEST, Stretch, stretches
from model.training.unlabelled_motion import decode, scenes
from model.weights import replace_text, sha256

MOST_FRAMES = 300
"""Frames kept of one video, at most."""
BUDGET = 1_200_000_000
"""Bytes of frames kept in all, at most."""

_VERSION = 1
_SEARCHED = 900
"""First frames of a video that are searched."""
_FEWEST_FRAMES = 50
"""Frames of a video below which videos are left out rather than thinned further."""
_SHORTEST_KEPT = 8
_SUFFIXES = {".mp4", ".mkv", ".avi", ".mov", ".webm"}
_LOG = logging.getLogger(__name__)


Searching = Callable[[Path, int, int], object]
"""Is told of a video that is about to be searched: path, its number from 1, number of all."""


def unlabelled_tracks(
    folder: Path, *, seed: int = 0, cache: Path | None = None, searching: Searching | None = None
) -> list[Track]:
    """Targets that the videos of a folder show, each for 25 frames or more.

    A video of many frames is thinned in time, and tracks of one video share its frames, so that
    all frames together take at most `BUDGET` bytes; where that is not enough, `seed` chooses the
    videos. Videos that `index.json` names as non-commercial are left out.

    Args:
        cache: JSON file of boxes found before; read and kept up to date where given.
        searching: is told of each video before it is searched, which takes a while.

    Raises:
        InputError: a damaged video, `index.json` or cache.
    """
    paths = commercial_videos(Path(folder))
    known = _read_cache(cache) if cache else {}
    found: dict[Path, list[Stretch]] = {}
    for number, path in enumerate(paths, 1):
        key = sha256(path)
        if key not in known:
            if searching is not None:
                searching(path, number, len(paths))
            _LOG.info("Looking for targets in %s", path)
            known[key] = {"name": path.name, "tracks": [_row(s) for s in find_stretches(path)]}
            if cache:
                _write_cache(cache, known)
        found[path] = [_stretch(row) for row in known[key]["tracks"]]
    plan = _plan({path: s for path, s in found.items() if s}, np.random.default_rng(seed))
    return [track for path, step in plan.items() for track in _load(path, found[path], step)]


def commercial_videos(folder: Path) -> list[Path]:
    """The videos of a folder, without those whose terms in `index.json` exclude commercial use.

    Raises:
        InputError: an `index.json` that cannot be read.
    """
    index = folder / "index.json"
    barred: set[str] = set()
    if index.is_file():
        try:
            entries = json.loads(index.read_text(encoding="utf-8"))
            barred = {e["file"] for e in entries if "non-commercial" in str(e.get("licence", ""))}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"{index} cannot be read ({error}); give a list of objects with file and licence."
            ) from error
    return [
        path
        for path in sorted(folder.glob("*"))
        if path.suffix.lower() in _SUFFIXES and path.is_file() and path.name not in barred
    ]


def find_stretches(path: Path) -> list[Stretch]:
    """Targets of one video, scene by scene.

    Raises:
        InputError: not a video, or damaged.
    """
    return [s for scene in scenes(path, SHORTEST, _SEARCHED) for s in stretches(scene)]


def _row(stretch: Stretch) -> dict[str, Any]:
    boxes = np.round(stretch.boxes, 2).tolist()
    return {"kind": stretch.kind, "start": stretch.start, "size": stretch.size, "boxes": boxes}


def _stretch(row: dict[str, Any]) -> Stretch:
    return Stretch(row["start"], np.array(row["boxes"]), row["kind"], tuple(row["size"]))


def _read_cache(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        videos: dict[str, Any] = held["videos"] if held["version"] == _VERSION else {}
        for video in videos.values():
            for row in video["tracks"]:
                if _stretch(row).boxes.shape[1:] != (4,):
                    raise ValueError("a box is not x, y, w, h")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"The tracks kept in {path} cannot be read ({error}); remove the file."
        ) from error
    return videos


def _write_cache(path: Path, videos: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps({"version": _VERSION, "videos": videos}))


def _plan(found: dict[Path, list[Stretch]], rng: np.random.Generator) -> dict[Path, int]:
    """Of every how many frames one is kept, per video, so that all fit into `BUDGET`."""
    used = {path: {n for s in held for n in s.numbers} for path, held in found.items()}
    kept = [sorted(found)[i] for i in rng.permutation(len(found))]

    def size(steps: dict[Path, int]) -> int:
        return sum(
            3 * math.prod(found[path][0].size) * sum(n % step == 0 for n in used[path])
            for path, step in steps.items()
        )

    steps: dict[Path, int] = {}
    for most in range(MOST_FRAMES, min(MOST_FRAMES, _FEWEST_FRAMES) - 1, -10):
        steps = {path: -(-len(used[path]) // most) for path in kept}
        if size(steps) <= BUDGET:
            break
    while size(steps) > BUDGET:
        del steps[kept.pop()]
    return {path: steps[path] for path in sorted(steps)}


def _load(path: Path, found: list[Stretch], step: int) -> list[Track]:
    wanted = {n for s in found for n in s.numbers if n % step == 0}
    last = max(wanted)
    frames: dict[int, Frame] = {}
    for number, image in enumerate(decode(path)):
        if number in wanted:
            frames[number] = image
        if number >= last:
            break
    tracks = []
    for index, stretch in enumerate(found):
        numbers = [n for n in stretch.numbers if n in frames]
        if len(numbers) >= _SHORTEST_KEPT:
            boxes = stretch.boxes[[n - stretch.start for n in numbers]]
            tracks.append(Track(f"{path.stem}#{index}", [frames[n] for n in numbers], boxes, []))
    return tracks
