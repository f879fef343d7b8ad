"""Cut-outs of photographs: labelled instances, regions, and patches of any shape."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.images import Frame
from model.training.cutouts import Cutout, make_cutout
from model.training.library import Library
from model.training.readers.frames import decode, read_picture

MasksOf = Callable[[np.random.Generator, NDArray[np.integer]], Iterator[NDArray[np.bool_]]]
"""Masks worth cutting out of a map of labels."""


def labelled(folder: Path) -> Iterator[tuple[Path, Path]]:
    for labels in sorted(folder.glob("*.png")):
        if (path := labels.with_suffix(".jpg")).is_file():
            yield path, labels


def add_photograph(library: Library, rng: np.random.Generator, path: Path, labels: Path,
                    masks_of: MasksOf) -> None:  # fmt: skip
    image = read_picture(path)
    index = library.add_background(image)
    found = decode(labels, cv2.IMREAD_UNCHANGED)
    if found is not None and found.shape == image.shape[:2]:
        for mask in masks_of(rng, found.astype(np.int64)):
            if stands_out(image, mask) and (cutout := make_cutout(image, mask, index)):
                library.objects.append(cutout)
    for _ in range(2):
        if (patch := random_patch(rng, image, index)) is not None:
            library.patches.append(patch)


def instances(rng: np.random.Generator, labels: NDArray[np.integer]) -> Iterator[NDArray[np.bool_]]:
    for label in np.flatnonzero(np.bincount(labels.ravel())):
        mask = labels == label
        if label and worth_cutting(mask, least=500, most=0.5 * labels.size, touching=0.35):
            yield mask


def segments(rng: np.random.Generator, labels: NDArray[np.integer]) -> Iterator[NDArray[np.bool_]]:
    """Compact segments, and some unions of two neighbours."""
    least, most = 0.005 * labels.size, 0.35 * labels.size
    areas = np.bincount(labels.ravel())
    for label in np.flatnonzero((areas >= least / 2) & (areas <= most)):
        mask = _largest_part((labels == label).astype(np.uint8))
        if rng.random() < 0.3:
            rim = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            around = labels[rim & ~mask]
            if around.size:
                mask = mask | (labels == np.bincount(around).argmax())
        if worth_cutting(mask, least, most, touching=0.1) and _compact(mask):
            yield mask


def _largest_part(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    x, y, w, h = cv2.boundingRect(mask)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(mask[y : y + h, x : x + w])
    )
    largest = np.zeros(mask.shape, np.bool_)
    if count > 1:
        largest[y : y + h, x : x + w] = parts == 1 + np.argmax(stats[1:, cv2.CC_STAT_AREA])
    return largest


def stands_out(image: Frame, mask: NDArray[np.bool_]) -> bool:
    """Whether a segment differs from what is around it, so that there is something to follow."""
    solid = mask.astype(np.uint8)
    rim = cv2.dilate(solid, np.ones((15, 15), np.uint8)) - solid
    inside, spread = cv2.meanStdDev(image, mask=solid)
    outside, _ = cv2.meanStdDev(image, mask=rim)
    return bool(np.abs(inside - outside).mean() + 0.5 * spread.mean() > 24)


def worth_cutting(mask: NDArray[np.bool_], least: float, most: float, touching: float) -> bool:
    area = int(mask.sum())
    if not least <= area <= most:
        return False
    rim = int(mask[0].sum() + mask[-1].sum() + mask[:, 0].sum() + mask[:, -1].sum())
    return rim <= touching * 4 * np.sqrt(area)


def _compact(mask: NDArray[np.bool_]) -> bool:
    contours, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    points = np.concatenate(contours)
    _, _, w, h = cv2.boundingRect(points)
    hull = cv2.contourArea(cv2.convexHull(points))
    return bool(mask.sum() > 0.55 * hull and max(w, h) < 5 * min(w, h))


def random_patch(rng: np.random.Generator, image: Frame, source: int = -1) -> Cutout | None:
    """A rectangle or ellipse of a picture; None where it holds no texture to follow."""
    height, width = image.shape[:2]
    w = int(rng.uniform(0.08, 0.35) * width)
    h = int(np.clip(w * np.exp(rng.normal(0, 0.4)), 12, 0.5 * height))
    x, y = int(rng.integers(4, max(5, width - w - 4))), int(rng.integers(4, max(5, height - h - 4)))
    if cv2.meanStdDev(image[y : y + h, x : x + w])[1].mean() < 18:
        return None
    mask = np.zeros((height, width), np.uint8)
    if rng.random() < 0.5:
        mask[y : y + h, x : x + w] = 1
    else:
        cv2.ellipse(mask, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, 1, -1)
    return make_cutout(image, mask > 0, source)
