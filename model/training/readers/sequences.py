"""GOT-10k, LaSOT and TrackingNet: sequences of one target, decoded when asked for.

Of the published splits only that for training is read: `train/` of GOT-10k, `TRAIN_*/` of
TrackingNet, and of LaSOT what `testing_set.txt` does not name. Frames labelled as absent, fully
occluded or out of view have no box. `model.evaluation.layouts` tells where the files lie.
"""

import logging
from pathlib import Path

import numpy as np

from model.errors import InputError
from model.evaluation.layouts import Place, find_places, read_labels
from model.training.library import Library
from model.training.readers.frames import LazyFrames, add_backgrounds
from model.training.readers.truth import read_boxes
from model.training.track import Track

_LOG = logging.getLogger(__name__)


def is_there(root: Path) -> bool:
    """Whether `root` holds a sequence, at most two folders down."""
    return any(find_places(part) for part in _parts(root))


def read(root: Path, library: Library, rng: np.random.Generator) -> None:
    """Add the sequences for training as lazy tracks.

    Raises:
        InputError: boxes, labels and pictures of a sequence disagree, or cannot be read.
    """
    barred = _barred(root)
    places = [place for part in _parts(root) for place in find_places(part)]
    tracks = [_read(place) for place in places if place.name not in barred]
    usable = [track for track in tracks if len(track.seen) >= 2]
    if len(usable) < len(tracks):
        _LOG.info("%s: %d tracks show no target", root, len(tracks) - len(usable))
    library.tracks.extend(usable)
    add_backgrounds(library, rng, [track.frames for track in usable])


def _parts(root: Path) -> list[Path]:
    """The folders of the training split; `root` itself where there are no splits."""
    splits = [p for p in (root / "train", *sorted(root.glob("TRAIN_*"))) if p.is_dir()]
    return splits or [root]


def _barred(root: Path) -> set[str]:
    listed = root / "testing_set.txt"
    return set(listed.read_text(encoding="utf-8").split()) if listed.is_file() else set()


def _read(place: Place) -> Track:
    if place.truth is None:
        raise InputError(f"The track {place.folder} has no ground truth; add it or remove it.")
    lines = len(place.truth.read_bytes().strip().splitlines())
    paths = place.pictures(lines)
    if not paths:
        raise InputError(f"The track {place.folder} has no pictures in {place.images}; remove it.")
    boxes = read_boxes(place.truth, len(paths))
    boxes[read_labels(place, len(paths)).absent] = np.nan
    return Track(place.name, LazyFrames(place.images, [p.name for p in paths]), boxes, [])
