"""COCO: photographs with instances, as polygons or run lengths.

    annotations/instances_*.json  train2017/*.jpg   (pictures may also lie in images/train2017/)

The pictures are drawn by lot until memory holds `MOST_OBJECTS` cut-outs; another seed draws others.
"""

import json
import logging
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.training.cutouts import make_cutout
from model.training.library import Library
from model.training.readers.frames import read_picture
from model.training.readers.photographs import random_patch, stands_out, worth_cutting

MOST_OBJECTS = 6000
"""Cut-outs kept, about half a gigabyte."""
_MOST_BACKGROUNDS = 600
_LEAST_AREA = 500
_LOG = logging.getLogger(__name__)


def is_there(root: Path) -> bool:
    """Whether `root` holds lists of instances."""
    return bool(_lists(root))


def read(root: Path, library: Library, rng: np.random.Generator) -> None:
    """Add cut-outs of instances, and some of their pictures.

    Raises:
        InputError: pycocotools is not installed, a list cannot be read, or no picture is there.
    """
    pictures = [p for path in _lists(root) for p in _pictures(root, path)]
    if not pictures:
        raise InputError(
            f"None of the pictures that {root / 'annotations'} lists is there; "
            "put them into train2017/."
        )
    first, room = len(library.objects), _MOST_BACKGROUNDS
    for pick in rng.permutation(len(pictures)):
        if len(library.objects) - first >= MOST_OBJECTS:
            break
        path, annotations = pictures[pick]
        _add(library, rng, path, annotations, keep=room > 0)
        room -= 1
    _LOG.info("%s: %d objects", root, len(library.objects) - first)


def _lists(root: Path) -> list[Path]:
    """The lists for training; any where none is named so."""
    found = sorted((root / "annotations").glob("instances_*.json"))
    return [p for p in found if "train" in p.stem] or found


def _pictures(root: Path, listed: Path) -> list[tuple[Path, list[dict[str, Any]]]]:
    """Pictures of a list that are there and show something worth cutting out."""
    split = listed.stem.removeprefix("instances_")
    folders = (root / split, root / "images" / split, root / "images")
    try:
        held = json.loads(listed.read_text(encoding="utf-8"))
        by_image: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for each in held["annotations"]:
            if not each.get("iscrowd") and each["area"] >= _LEAST_AREA:
                by_image[each["image_id"]].append(each)
        names = {each["id"]: each["file_name"] for each in held["images"]}
        wanted = [(str(names[image]), each) for image, each in by_image.items()]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{listed} cannot be read ({type(error).__name__}: {error}); fetch it again."
        ) from error
    folder = next((f for f in folders if f.is_dir()), root)
    here = {p.name for p in folder.iterdir()}
    # names are data of others: they must not lead out of the folder
    return [(folder / name, each) for name, each in wanted if name in here]


def _add(
    library: Library, rng: np.random.Generator, path: Path, annotations: list[dict[str, Any]],
    keep: bool,
) -> None:  # fmt: skip
    image = read_picture(path)
    height, width = image.shape[:2]
    index = library.add_background(image) if keep else -1
    for annotation in annotations:
        mask = _mask(annotation, height, width, path)
        if not worth_cutting(mask, _LEAST_AREA, 0.5 * mask.size, touching=0.35):
            continue
        if stands_out(image, mask) and (cutout := make_cutout(image, mask, index)):
            library.objects.append(cutout)
    if keep and (patch := random_patch(rng, image, index)) is not None:
        library.patches.append(patch)


def _mask(
    annotation: dict[str, Any], height: int, width: int, path: Path
) -> NDArray[np.bool_]:  # fmt: skip
    try:
        from pycocotools import mask as masks
    except ImportError as error:
        raise InputError(
            "Masks of COCO are read by pycocotools, which is not installed; "
            "pip install pycocotools."
        ) from error
    try:
        shape = annotation["segmentation"]
        if isinstance(shape, list):
            run = masks.merge(masks.frPyObjects(shape, height, width))
        elif isinstance(shape["counts"], list):
            run = masks.frPyObjects(shape, height, width)
        else:
            run = shape
        if list(run["size"]) != [height, width]:
            raise ValueError(f"its size is {run['size']}")
        found: NDArray[np.bool_] = masks.decode(run) > 0
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise InputError(
            f"A mask of {path} cannot be read ({error}); fetch the annotations again."
        ) from error
    return found
