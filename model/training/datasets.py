"""Readers of the training data, and the library of decoded pictures, tracks and cut-outs they fill.

Layout of a data root; any part may be missing, not all of them:

    train/NAME/img/*.jpg  groundtruth.txt  [mask/*.png]   a track, `x,y,w,h` per frame, nan = absent
    images/bsds500/*.jpg  *.png                           a photograph and its region labels
    images/coco128/*.jpg  *.png                           a photograph and its instances, 0 = none
    videos/*                                              plain videos
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images import Frame
from model.training.cutouts import Cutout, Pyramid, make_cutout

_MasksOf = Callable[[np.random.Generator, NDArray[np.integer]], Iterator[NDArray[np.bool_]]]
_LOG = logging.getLogger(__name__)
_PICTURES = {".jpg", ".jpeg", ".png"}
_WIDEST = 640
_FRAMES_PER_VIDEO = 8
_BACKGROUND_EVERY = 12


@dataclass(frozen=True)
class Track:
    """A real target through a sequence."""

    name: str
    frames: list[Frame]
    boxes: NDArray[np.float64]
    """`(N, 4)` x, y, w, h; nan where the target is absent."""
    cutouts: list[Cutout]
    """Of the target, in order of time; empty without masks."""

    @property
    def seen(self) -> NDArray[np.int64]:
        """Indices of frames that show the target."""
        return np.flatnonzero(np.isfinite(self.boxes).all(1) & (self.boxes[:, 2:] > 2).all(1))


@dataclass(frozen=True)
class Library:
    """Decoded sources, ready to be shared by forked workers."""

    tracks: list[Track] = field(default_factory=list)
    backgrounds: list[Pyramid] = field(default_factory=list)
    mean_colours: list[tuple[float, float, float]] = field(default_factory=list)
    """Of the backgrounds."""
    objects: list[Cutout] = field(default_factory=list)
    """Instances and segments of photographs."""
    patches: list[Cutout] = field(default_factory=list)
    """Rectangles and ellipses of photographs."""

    @property
    def deforming(self) -> list[Track]:
        """Tracks with cut-outs."""
        return [track for track in self.tracks if track.cutouts]

    def add_background(self, image: Frame) -> int:
        """Add a picture; returns its index."""
        self.backgrounds.append(Pyramid(image, 64))
        r, g, b = cv2.mean(image[::4, ::4])[:3]
        self.mean_colours.append((r, g, b))
        return len(self.backgrounds) - 1

    def describe(self) -> str:
        """What it holds, in one line."""
        frames = sum(len(t.frames) for t in self.tracks)
        return (
            f"{len(self.tracks)} tracks ({frames} frames, {len(self.deforming)} with masks), "
            f"{len(self.backgrounds)} backgrounds, {len(self.objects)} objects, "
            f"{len(self.patches)} patches"
        )


def load_library(data_root: Path, *, seed: int = 0) -> Library:
    """Read everything under `data_root` into memory.

    Raises:
        InputError: no such folder, nothing to train on in it, or a track that cannot be read.
    """
    root = Path(data_root)
    if not root.is_dir():
        raise InputError(f"There is no folder {root} of training data; give one with --data.")
    rng = np.random.default_rng(seed)
    library = Library()
    for folder in sorted(p for p in (root / "train").glob("*") if p.is_dir()):
        library.tracks.append(read_track(folder))
    for path, labels in _labelled(root / "images" / "coco128"):
        _add_photograph(library, rng, path, labels, _instances)
    for path, labels in _labelled(root / "images" / "bsds500"):
        _add_photograph(library, rng, path, labels, _segments)
    for track in library.tracks:
        for image in track.frames[::_BACKGROUND_EVERY]:
            library.add_background(image)
    for path in sorted((root / "videos").glob("*")):
        for image in _key_frames(path):
            library.add_background(image)
    if not library.backgrounds or not (library.objects or library.patches or library.tracks):
        raise InputError(
            f"The folder {root} holds nothing to train on; it should hold train/, images/bsds500/, "
            "images/coco128/ or videos/."
        )
    _LOG.info("%s: %s", root, library.describe())
    return library


def read_track(folder: Path) -> Track:
    """Read one sequence.

    Raises:
        InputError: no ground truth, no pictures, fewer boxes than pictures, or a damaged picture.
    """
    truth = folder / "groundtruth.txt"
    paths = _pictures(folder / "img")
    if not truth.is_file() or not paths:
        raise InputError(f"The track {folder} needs img/ with pictures and a groundtruth.txt.")
    try:
        boxes = np.loadtxt(truth, delimiter=",", ndmin=2)
    except ValueError as error:
        raise InputError(f"{truth} cannot be read ({error}); give x,y,w,h per line.") from error
    if boxes.shape[1:] != (4,) or len(boxes) < len(paths):
        raise InputError(
            f"{truth} holds boxes of shape {boxes.shape} for {len(paths)} pictures; "
            "give x,y,w,h for each."
        )
    frames, cutouts = [], []
    for path in paths:
        image = _read(path)
        frames.append(image)
        mask = cv2.imread(str(folder / "mask" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE) \
            if (folder / "mask").is_dir() else None  # fmt: skip
        if mask is not None and mask.shape == image.shape[:2]:
            cutout = make_cutout(image, mask > 127)
            if cutout is not None and cutout.area > 0.15 * cutout.box[2] * cutout.box[3]:
                cutouts.append(cutout)
    return Track(folder.name, frames, boxes[: len(frames)], cutouts)


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in _PICTURES)


def _read(path: Path) -> Frame:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise InputError(f"The picture {path} cannot be read; replace or remove it.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]


def _labelled(folder: Path) -> Iterator[tuple[Path, Path]]:
    for labels in sorted(folder.glob("*.png")):
        if (path := labels.with_suffix(".jpg")).is_file():
            yield path, labels


def _add_photograph(library: Library, rng: np.random.Generator, path: Path, labels: Path,
                    masks_of: _MasksOf) -> None:  # fmt: skip
    image = _read(path)
    index = library.add_background(image)
    found = cv2.imread(str(labels), cv2.IMREAD_UNCHANGED)
    if found is not None and found.shape == image.shape[:2]:
        for mask in masks_of(rng, found.astype(np.int64)):
            if _stands_out(image, mask) and (cutout := make_cutout(image, mask, index)):
                library.objects.append(cutout)
    for _ in range(2):
        if (patch := random_patch(rng, image, index)) is not None:
            library.patches.append(patch)


def _instances(
    rng: np.random.Generator, labels: NDArray[np.integer]
) -> Iterator[NDArray[np.bool_]]:
    for label in np.flatnonzero(np.bincount(labels.ravel())):
        mask = labels == label
        if label and _worth_cutting(mask, least=500, most=0.5 * labels.size, touching=0.35):
            yield mask


def _segments(rng: np.random.Generator, labels: NDArray[np.integer]) -> Iterator[NDArray[np.bool_]]:
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
        if _worth_cutting(mask, least, most, touching=0.1) and _compact(mask):
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


def _stands_out(image: Frame, mask: NDArray[np.bool_]) -> bool:
    """Whether a segment differs from what is around it, so that there is something to follow."""
    solid = mask.astype(np.uint8)
    rim = cv2.dilate(solid, np.ones((15, 15), np.uint8)) - solid
    inside, spread = cv2.meanStdDev(image, mask=solid)
    outside, _ = cv2.meanStdDev(image, mask=rim)
    return bool(np.abs(inside - outside).mean() + 0.5 * spread.mean() > 24)


def _worth_cutting(mask: NDArray[np.bool_], least: float, most: float, touching: float) -> bool:
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


def _key_frames(path: Path) -> Iterator[Frame]:
    """A few key frames of a video, spread over it; none where it is not a video."""
    if not path.is_file() or path.suffix.lower() not in {".mp4", ".mkv", ".avi", ".mov", ".webm"}:
        return
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            frames = [f.to_ndarray(format="rgb24") for f in container.decode(stream)]
    except (av.error.FFmpegError, IndexError) as error:
        raise InputError(f"The video {path} cannot be read ({error}); remove it.") from error
    for index in np.unique(np.linspace(0, len(frames) - 1, _FRAMES_PER_VIDEO).astype(int)):
        image = frames[index]
        k = min(1.0, _WIDEST / max(image.shape))
        size = (round(image.shape[1] * k), round(image.shape[0] * k))
        yield cv2.resize(image, size, interpolation=cv2.INTER_AREA)
