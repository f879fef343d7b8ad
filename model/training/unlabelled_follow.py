"""Following things through a scene without knowing what they are."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.geometry import iou
from model.images import Frame
from model.training.unlabelled_motion import MOVES, UNKNOWN, Mask, Scene, Step, greys_of, motion

Boxes = NDArray[np.float64]
"""`(N, 4)`: x, y, w, h, pixels."""

SHORTEST = 25
"""Frames a stretch must last."""
_MOST_PER_SCENE = 8
_MOST_TEXTURED = 4
_SEED_EVERY = 12
_ENTERING = 15
"""Frames that something may take to come into the picture."""
_AGREES = 0.62
"""Overlap of what is found with what is predicted."""
_LEAST_SPEED = 0.25
"""Of something that moves, pixels per frame."""
_LEAST_SIZE = 24
"""Of something that moves, where it is largest, pixels."""


@dataclass(frozen=True)
class Stretch:
    """A target through neighbouring frames."""

    start: int
    """Number of the first frame."""
    boxes: Boxes
    kind: str
    """`moving`, a thing that moves on its own, or `textured`, a piece of the picture."""
    size: tuple[int, int]
    """Width and height of the frames, pixels."""

    @property
    def numbers(self) -> range:
        """Numbers of the frames."""
        return range(self.start, self.start + len(self.boxes))

    @property
    def travel(self) -> float:
        """How far it goes, in units of its size."""
        centres = self.boxes[:, :2] + self.boxes[:, 2:] / 2
        size = np.sqrt(np.median(self.boxes[:, 2] * self.boxes[:, 3]))
        return float(np.linalg.norm(np.ptp(centres, axis=0)) / size)

    @property
    def growth(self) -> float:
        """Its largest size over its smallest."""
        sizes = np.sqrt(self.boxes[:, 2] * self.boxes[:, 3])
        return float(sizes.max() / sizes.min())

    @property
    def goes_far(self) -> bool:
        """Whether there is any motion to learn from."""
        return self.travel > 0.5 or self.growth > 1.3


def stretches(scene: Scene) -> list[Stretch]:
    """Targets of a scene that stay consistent for at least `SHORTEST` frames."""
    seen = motion(scene.frames)
    moves = seen.moves
    found = list(_moving(scene, moves, [_blobs(mask) for mask in seen.masks]))
    kept: list[Stretch] = []
    _keep_best(kept, found, _MOST_PER_SCENE)
    textured = list(_textured(scene, moves))
    _keep_best(kept, textured, min(_MOST_PER_SCENE, len(kept) + _MOST_TEXTURED))
    return kept


def _keep_best(kept: list[Stretch], found: list[Stretch], most: int) -> None:
    found.sort(key=lambda s: -math.sqrt(len(s.boxes)) * min(3.0, s.travel + s.growth - 1))
    for stretch in found:
        if len(kept) >= most:
            return
        if not any(_overlap(stretch, other) for other in kept):
            kept.append(stretch)


def _overlap(a: Stretch, b: Stretch) -> bool:
    first, last = max(a.start, b.start), min(a.start + len(a.boxes), b.start + len(b.boxes))
    if last <= first:
        return False
    part_a = a.boxes[first - a.start : last - a.start]
    part_b = b.boxes[first - b.start : last - b.start]
    return float(iou(part_a, part_b).mean()) > 0.3


def _blobs(mask: Mask) -> Boxes:
    """Boxes of compact parts of the mask, of which all is seen or cut by the picture's border."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((mask == MOVES).astype(np.uint8))
    x, y, w, h, area = stats[1:].astype(np.float64).T
    good = (w >= 10) & (h >= 10) & (w * h < 0.35 * mask.size) & (area > 0.3 * w * h)
    good &= (w < 5 * h) & (h < 5 * w)
    whole = [
        not (mask[max(0, y - 2) : y + h + 2, max(0, x - 2) : x + w + 2] == UNKNOWN).any()
        for x, y, w, h, _ in stats[1:][good]
    ]
    return np.stack([x, y, w, h], 1)[good][np.array(whole, bool)]


def _at_border(box: NDArray[np.float64], width: int, height: int) -> bool:
    x, y, w, h = box
    return bool(x <= 1 or y <= 1 or x + w >= width - 1 or y + h >= height - 1)


def _whole(boxes: Boxes, width: int, height: int) -> tuple[int, int]:
    """First and last + 1 of the boxes, without ends that show a sliver at the border."""
    areas = boxes[:, 2] * boxes[:, 3]
    cut = [_at_border(box, width, height) for box in boxes]
    first, last = 0, len(boxes)
    while first < last and cut[first] and areas[first] < 0.35 * areas[first:][:_ENTERING].max():
        first += 1
    while (
        first < last
        and cut[last - 1]
        and (areas[last - 1] < 0.35 * areas[max(0, last - _ENTERING) : last].max())
    ):
        last -= 1
    return first, last


def _moving(scene: Scene, moves: list[Step], blobs: list[Boxes]) -> Iterator[Stretch]:
    used = [np.zeros(len(b), bool) for b in blobs]
    height, width = scene.frames[0].shape[:2]
    for seed in range(_SEED_EVERY // 2, len(blobs), _SEED_EVERY):
        for index in range(len(blobs[seed])):
            if used[seed][index] or _at_border(blobs[seed][index], width, height):
                continue
            ahead = _chain(seed, index, moves, blobs, used, 1, (width, height))
            behind = _chain(seed, index, moves, blobs, used, -1, (width, height))
            boxes = np.array([*behind[:0:-1], *ahead])
            start = seed - len(behind) + 1
            first, last = _whole(boxes, width, height)
            if last - first >= SHORTEST:
                boxes = _smooth(boxes[first:last])
                stretch = Stretch(scene.start + start + first, boxes, "moving", (width, height))
                largest = np.sqrt(boxes[:, 2] * boxes[:, 3]).max()
                if largest >= _LEAST_SIZE and _alive(boxes, moves[start + first :]):
                    yield stretch


def _chain(
    seed: int, index: int, moves: list[Step], blobs: list[Boxes], used: list[NDArray[np.bool_]],
    way: int, frame: tuple[int, int],
) -> list[NDArray[np.float64]]:  # fmt: skip
    """Boxes from the seed on, while the blob found and the box its motion predicts agree."""
    boxes = [blobs[seed][index]]
    missed = 0
    at = seed
    while 0 <= at + way < len(blobs):
        step = moves[at] if way > 0 else moves[at - 1].reversed()
        guesses = [_predict(boxes[-1], step)]
        if len(boxes) > 1:
            # too fast for its points to be matched
            last, before = boxes[-1], boxes[-2]
            guesses.append(np.array([*(2 * last[:2] - before[:2]), *last[2:]]))
        guesses = [_clip(guess, frame) for guess in guesses]
        at += way
        overlaps = iou(np.array(guesses)[:, None], blobs[at][None])
        if overlaps.size and overlaps.max() > _AGREES:
            best = int(overlaps.max(0).argmax())
            boxes.append(blobs[at][best])
            used[at][best] = True
            missed = 0
        else:
            missed += 1
            if missed > 2 or min(guesses[0][2:]) < 8:
                break
            boxes.append(guesses[0])
    return boxes[: len(boxes) - min(missed, 2)]


def _alive(boxes: Boxes, moves: list[Step]) -> bool:
    """Whether points in the boxes move against the camera, most of the time.

    Where something left, the background differs too, but stands still.
    """
    moving = 0
    for box, step in zip(boxes[:-1], moves, strict=False):
        inside = _inside(box, step)
        before, after = step.before[inside], step.after[inside]
        expected = before @ step.camera[:, :2].T + step.camera[:, 2]
        speed = np.linalg.norm(after - expected, axis=1)
        moving += len(speed) > 0 and np.quantile(speed, 0.8) > _LEAST_SPEED
    return moving > 0.5 * len(boxes)


def _inside(box: NDArray[np.float64], step: Step) -> NDArray[np.bool_]:
    x, y, w, h = box
    px, py = step.before.T
    return (px >= x) & (px < x + w) & (py >= y) & (py < y + h)


def _clip(box: NDArray[np.float64], frame: tuple[int, int]) -> NDArray[np.float64]:
    low = np.maximum(box[:2], 0)
    high = np.minimum(box[:2] + box[2:], frame)
    return np.concatenate([low, np.maximum(high - low, 0)])


def _predict(box: NDArray[np.float64], step: Step) -> NDArray[np.float64]:
    """The box moved by the median of its points' motion."""
    x, y, w, h = box
    shift = (step.after - step.before)[_inside(box, step)]
    if len(shift):
        speed = np.linalg.norm(shift, axis=1)
        # background seen through the box stands still
        shift = shift[speed >= 0.5 * np.quantile(speed, 0.8)]
        dx, dy = np.median(shift, axis=0)
    else:
        dx = dy = 0.0
    return np.array([x + dx, y + dy, w, h])


def _smooth(boxes: Boxes) -> Boxes:
    """Corners averaged over five frames."""
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)
    padded = np.pad(corners, ((2, 2), (0, 0)), mode="reflect", reflect_type="odd")
    weights = np.array([1, 2, 3, 2, 1]) / 9
    corners = sum(k * padded[i : i + len(corners)] for i, k in enumerate(weights))
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1)


def _textured(scene: Scene, moves: list[Step]) -> Iterator[Stretch]:
    greys = greys_of(scene.frames)
    height, width = greys[0].shape
    for seed in range(20, len(greys) - 5, 40):
        for box in _windows(scene.frames[seed], moves[min(seed, len(moves) - 1)]):
            ahead = _slide(box, seed, moves, greys, 1)
            behind = _slide(box, seed, moves, greys, -1)
            boxes = np.array([*behind[:0:-1], *ahead])
            if len(boxes) >= SHORTEST:
                start = scene.start + seed - len(behind) + 1
                stretch = Stretch(start, _smooth(boxes), "textured", (width, height))
                if stretch.goes_far:
                    yield stretch


def _windows(image: Frame, step: Step) -> Iterator[NDArray[np.float64]]:
    """Boxes of compact pieces of one colour that move as one."""
    height, width = image.shape[:2]
    for box in _pieces(image):
        if not _at_border(box, width, height) and _similarity(box, step) is not None:
            yield box


def _pieces(image: Frame) -> Boxes:
    half = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cv2.pyrMeanShiftFiltering(half, 8, 18, maxLevel=1), cv2.COLOR_RGB2LAB)
    levels = lab.astype(np.int32) // (24, 14, 14)
    colours = levels @ (4096, 64, 1)
    boxes = []
    for colour in np.unique(colours):
        mask = (colours == colour).astype(np.uint8)
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        x, y, w, h, area = stats[1:].T
        good = (area > 0.5 * w * h) & (np.minimum(w, h) >= 10) & (area < 0.1 * mask.size)
        good &= (w < 4 * h) & (h < 4 * w)
        boxes.append((2 * np.stack([x - 1, y - 1, w + 2, h + 2], 1))[good])
    return np.concatenate(boxes).astype(np.float64)


def _similarity(box: NDArray[np.float64], step: Step) -> NDArray[np.float64] | None:
    """The box moved by the similarity its points agree on; None where they do not."""
    x, y, w, h = box
    inside = _inside(box, step)
    if inside.sum() < 6:
        return None
    before, after = step.before[inside], step.after[inside]
    cells = set(zip(((before[:, 0] - x) * 3 // w).tolist(), ((before[:, 1] - y) * 3 // h).tolist(),
                    strict=True))  # fmt: skip
    if len(cells) < 4:
        return None
    matrix, inliers = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=0.7)
    if matrix is None or inliers.mean() < 0.75:
        return None
    scale = math.hypot(matrix[0, 0], matrix[1, 0])
    cx, cy = matrix @ np.array([x + w / 2, y + h / 2, 1.0])
    return np.array([cx - w * scale / 2, cy - h * scale / 2, w * scale, h * scale])


def _slide(
    box: NDArray[np.float64], seed: int, moves: list[Step], greys: list[NDArray[np.uint8]],
    way: int,
) -> list[NDArray[np.float64]]:  # fmt: skip
    """Boxes from the seed on, while points agree and the picture in the box stays alike."""
    height, width = greys[0].shape
    template = _patch(greys[seed], box)
    boxes, at = [box], seed
    while 0 <= at + way < len(greys):
        step = moves[at] if way > 0 else moves[at - 1].reversed()
        moved = _similarity(boxes[-1], step)
        at += way
        if moved is None or min(moved[2:]) < 14:
            break
        x, y, w, h = moved
        if x < 0 or y < 0 or x + w > width or y + h > height:
            break
        if _alike(template, _patch(greys[at], moved)) < 0.6:
            break
        boxes.append(moved)
    return boxes


def _patch(grey: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.uint8]:
    x, y, w, h = box
    part = cv2.getRectSubPix(grey, (max(4, round(w)), max(4, round(h))), (x + w / 2, y + h / 2))
    return cv2.resize(part, (24, 24), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _alike(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(cv2.matchTemplate(a, b, cv2.TM_CCOEFF_NORMED)[0, 0])
