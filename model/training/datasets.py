"""The training data of any number of folders, each in a layout of `model.training.readers`."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from model.errors import InputError
from model.training.library import Library
from model.training.readers import coco, davis, own, sequences
from model.training.readers.photographs import random_patch
from model.training.track import Track
from model.training.unlabelled import Searching, unlabelled_tracks

__all__ = ["Library", "Track", "load_library", "random_patch"]

_LOG = logging.getLogger(__name__)


def load_library(
    roots: Path | Sequence[Path],
    *,
    seed: int = 0,
    unlabelled: bool = True,
    found: Path | None = None,
    searching: Searching | None = None,
) -> Library:
    """Read everything under some folders; pictures of large data sets are decoded when asked for.

    Args:
        roots: one folder, or several.
        seed: of what is drawn by lot.
        unlabelled: whether to look for tracks in videos/, about a minute per 1000 frames.
        found: JSON file to keep the boxes of those tracks in, and to read them from next time.
        searching: is told of each video in which tracks are about to be looked for.

    Raises:
        InputError: no such folder, nothing to train on in one, or something that cannot be read.
    """
    library = Library()
    for root in [roots] if isinstance(roots, Path) else roots:
        before = _size(library)
        find = partial(unlabelled_tracks, seed=seed, cache=found, searching=searching)
        _read(Path(root), library, seed, find if unlabelled else None)
        if _size(library) == before:
            raise InputError(
                f"The folder {root} holds nothing to train on; it should hold train/, "
                "images/bsds500/, images/coco128/ or videos/, or lie as GOT-10k, LaSOT, "
                "TrackingNet, COCO or DAVIS do."
            )
    _LOG.info("%s", library.describe())
    return library


def _read(
    root: Path, library: Library, seed: int, find: Callable[[Path], list[Track]] | None
) -> None:
    if not root.is_dir():
        raise InputError(f"There is no folder {root} of training data; give one that is there.")
    rng = np.random.default_rng(seed)
    if own.is_there(root):
        own.read(root, library, rng)
        if find is not None:
            library.unlabelled.extend(find(root / "videos"))
    elif davis.is_there(root):
        davis.read(root, library, rng)
    elif coco.is_there(root):
        coco.read(root, library, rng)
    elif sequences.is_there(root):
        sequences.read(root, library, rng)


def _size(library: Library) -> int:
    tracks = len(library.tracks) + len(library.unlabelled)
    return tracks + len(library.objects) + len(library.patches)
