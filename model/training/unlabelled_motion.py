"""Motion in plain videos: scenes without cuts, points matched both ways, and what moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.errors import InputError
from model.images import Frame
from model.training.cutouts import Matrix

Grey = NDArray[np.uint8]
Mask = NDArray[np.uint8]
"""`(H, W)`: `MOVES`, `UNKNOWN` where no other frame shows what is behind, or 0."""
MOVES, UNKNOWN = 1, 2

_Picks = NDArray[np.int64]

LONGEST_SIDE = 640
"""Of decoded frames, pixels."""
LONGEST_SCENE = 600
"""Frames; longer scenes are followed piece by piece, which bounds memory."""

_MOST_POINTS = 600
_CUT = 22.0
_STILL = 0.12
_STILL_EDGES = 6.0
"""Levels by which edges of the background may differ from frame to frame."""
_DIFFERENT = 25
_PICKS = 25
_SHARED = 4
_WINDOW = (15, 15)
_LEVELS = 4
_STOP = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.02)


@dataclass(frozen=True)
class Scene:
    """Frames of one video between two cuts."""

    start: int
    """Number of the first frame, in order of decoding."""
    frames: list[Frame]


@dataclass(frozen=True)
class Step:
    """Points of one frame found again in the next, and back at their place on the return."""

    before: NDArray[np.float32]
    """`(N, 2)`, pixels."""
    after: NDArray[np.float32]
    camera: NDArray[np.float64]
    """`(2, 3)`: the dominant motion, an affine map of this frame's pixels to the next's."""

    def reversed(self) -> "Step":
        """The same step in reversed time."""
        camera = cv2.invertAffineTransform(self.camera)
        return Step(self.after, self.before, camera)  # type: ignore[arg-type]


def decode(path: Path) -> Iterator[Frame]:
    """Frames of a video in order, at most `LONGEST_SIDE` wide and high.

    Raises:
        InputError: not a video, or damaged.
    """
    # machines that train on pictures alone may lack it
    import av

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                k = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
                smaller = frame.reformat(
                    width=round(frame.width * k), height=round(frame.height * k),
                    format="rgb24", interpolation="AREA",
                )  # fmt: skip
                yield smaller.to_ndarray().astype(np.uint8, copy=False)
    except (av.error.FFmpegError, IndexError) as error:
        raise InputError(f"The video {path} cannot be read ({error}); remove it.") from error


def scenes(path: Path, shortest: int, most_frames: int) -> Iterator[Scene]:
    """The first `most_frames` of a video, split at cuts; scenes of at least `shortest` frames.

    Raises:
        InputError: not a video, or damaged.
    """
    held: list[Frame] = []
    small: NDArray[np.uint8] | None = None
    start = 0
    for index, image in enumerate(decode(path)):
        if index >= most_frames:
            break
        last, small = small, _thumbnail(image)
        if len(held) >= LONGEST_SCENE or (last is not None and _is_cut(last, small)):
            if len(held) >= shortest:
                yield Scene(start, held)
            held, start = [], index
        held.append(image)
    if len(held) >= shortest:
        yield Scene(start, held)


def _thumbnail(image: Frame) -> NDArray[np.uint8]:
    return cv2.resize(image, (48, 32), interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def _is_cut(last: NDArray[np.uint8], small: NDArray[np.uint8]) -> bool:
    changed = float(cv2.absdiff(last, small).mean())
    if changed < _CUT:
        return False
    # a pan changes every pixel and keeps the colours
    kept = []
    for channel in range(3):
        a, b = (cv2.calcHist([i], [channel], None, [16], [0, 256]) for i in (last, small))
        kept.append(cv2.compareHist(a, b, cv2.HISTCMP_CORREL))
    return changed > 2.5 * _CUT or float(np.mean(kept)) < 0.7


@dataclass(frozen=True)
class Motion:
    """What moves in a scene."""

    moves: list[Step]
    """One fewer than frames."""
    masks: list[Mask]
    """Per frame: what differs from the background behind it."""


def motion(frames: list[Frame]) -> Motion:
    """Match points between neighbours, and tell what moves from its background.

    The background is what is most common in the scene, its frames brought in line by the camera's
    motion where it moves; in the frames near in time where even that leaves no still picture.
    """
    pairs = list(pairwise(greys_of(frames)))
    masks = _against_scene(frames, [np.eye(3)] * len(frames))
    if masks is not None:
        # nothing else can move, which saves most of the points
        return Motion(
            [
                _step(*pair, _around(mask), still=True)
                for pair, mask in zip(pairs, masks[:-1], strict=True)
            ],
            masks,
        )
    moves = [_step(here, there) for here, there in pairs]
    poses = _chain(moves)
    return Motion(moves, _against_scene(frames, poses) or _against_neighbours(frames, poses))


def greys_of(frames: list[Frame]) -> list[Grey]:
    """The frames without colour."""
    return [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in frames]  # type: ignore[misc]


def _around(mask: Mask) -> Mask:
    return cv2.dilate(mask, np.ones((9, 9), np.uint8))  # type: ignore[return-value]


def _step(here: Grey, there: Grey, where: Mask | None = None, still: bool = False) -> Step:
    identity = np.eye(2, 3)
    corners = None
    if where is None or where.any():
        corners = cv2.goodFeaturesToTrack(here, _MOST_POINTS, 0.003, 7, mask=where, blockSize=5)
    if corners is None:
        none = np.zeros((0, 2), np.float32)
        return Step(none, none, identity)
    points = np.asarray(corners, np.float32)
    found, ok = _match(here, there, points)
    back, ok_back = _match(there, here, found)
    good = ok & ok_back & (np.linalg.norm(back - points, axis=2).ravel() < 0.5)
    before, after = points[good].reshape(-1, 2), found[good].reshape(-1, 2)
    shift = np.linalg.norm(after - before, axis=1)
    if still or len(before) < 12 or np.median(shift) < _STILL:
        return Step(before, after, identity)
    camera, _ = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=1.0)
    return Step(before, after, identity if camera is None else camera)


def _match(
    here: Grey, there: Grey, points: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Points `(N, 1, 2)` of one frame in the other, and whether they are found."""
    start = np.zeros_like(points)
    found, ok, _ = cv2.calcOpticalFlowPyrLK(
        here, there, points, start, winSize=_WINDOW, maxLevel=_LEVELS, criteria=_STOP
    )
    return found, ok.ravel() > 0  # type: ignore[return-value]


def _chain(moves: list[Step]) -> list[Matrix]:
    """`(3, 3)` per frame: from its pixels to the first frame's."""
    poses = [np.eye(3)]
    for step in moves:
        back = np.vstack([cv2.invertAffineTransform(step.camera), [0, 0, 1]])
        poses.append(poses[-1] @ back)
    return poses


@dataclass(frozen=True)
class _Background:
    """What stands still behind everything."""

    image: Frame
    reach: NDArray[np.uint8]
    """`(H, W)`: 255 where most of the frames it is made of show it."""
    pose: Matrix

    @classmethod
    def of(cls, frames: list[Frame], poses: list[Matrix], picks: _Picks, at: int) -> "_Background":
        """What is most common in some frames, as frame `at` would see it."""
        full = np.full(frames[0].shape[:2], 255, np.uint8)
        seen = np.stack([_bring(frames[i], poses[i], poses[at]) for i in picks])
        reach = np.mean([_bring(full, poses[i], poses[at]) for i in picks], axis=0) > 160
        return cls(_most_common(seen), np.where(reach, 255, 0).astype(np.uint8), poses[at])

    def mask(self, image: Frame, pose: Matrix) -> Mask:
        """What differs in a frame at `pose`, without specks and small holes."""
        mask = (self.difference(image, pose) > _DIFFERENT).astype(np.uint8)
        side = 2 * max(3, round(max(mask.shape) / 160))
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # type: ignore[assignment]
        around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, around)  # type: ignore[assignment]
        mask[_bring(self.reach, self.pose, pose) < 250] = UNKNOWN
        return mask

    def difference(self, image: Frame, pose: Matrix) -> NDArray[np.uint8]:
        """How a frame at `pose` differs: the largest of the colours, `(H, W)`.

        The exposure is made the same first.
        """
        level = _bring(self.image, self.pose, pose)
        bright = (image[::8, ::8].astype(np.float32) + 8) / (level[::8, ::8] + np.float32(8))
        gain = [float(v) for v in np.median(bright.reshape(-1, 3), axis=0)]
        if max(abs(v - 1) for v in gain) > 0.01:
            level = cv2.multiply(level, (*gain, 1.0))  # type: ignore[call-overload]
        r, g, b = cv2.split(cv2.absdiff(cv2.blur(image, (3, 3)), cv2.blur(level, (3, 3))))
        return cv2.max(cv2.max(r, g), b)  # type: ignore[return-value]

    def stands_still(self, frames: list[Frame], poses: list[Matrix], picks: _Picks) -> bool:
        """Whether its edges are where those of the frames are."""
        edges = cv2.min(_edges(self.image), self.reach)
        found = []
        for i in picks:
            at_edges = _bring(edges, self.pose, poses[i]) > 127  # type: ignore[arg-type]
            if at_edges.any():
                found.append(np.median(self.difference(frames[i], poses[i])[at_edges]))
        return bool(found) and bool(np.median(found) <= _STILL_EDGES)


def _against_scene(frames: list[Frame], poses: list[Matrix]) -> list[Mask] | None:
    """Masks by one background for the whole scene; None where it does not stand still."""
    picks = np.unique(np.linspace(0, len(frames) - 1, _PICKS).astype(int))
    background = _Background.of(frames, poses, picks, len(frames) // 2)
    if not background.stands_still(frames, poses, picks):
        return None
    pairs = zip(frames, poses, strict=True)
    return [background.mask(image, pose) for image, pose in pairs]


def _against_neighbours(frames: list[Frame], poses: list[Matrix]) -> list[Mask]:
    """Masks by backgrounds of the frames around; one background serves a few frames."""
    masks = []
    for first in range(0, len(frames), _SHARED):
        at = min(first + _SHARED // 2, len(frames) - 1)
        near = at + np.array([-30, -22, -15, -9, 9, 15, 22, 30])
        near = near[(near >= 0) & (near < len(frames))]
        background = _Background.of(frames, poses, near, at)
        for i in range(first, min(first + _SHARED, len(frames))):
            masks.append(background.mask(frames[i], poses[i]))
    return masks


def _most_common(seen: NDArray[np.uint8]) -> Frame:
    """Per value, the middle of the closest two fifths of `seen`, `(N, H, W, 3)`.

    A median shows who stands at one place for half of the scene; this, the wall behind.
    """
    count = max(3, round(0.4 * len(seen)))
    seen.sort(axis=0)
    best = seen[count // 2].copy()
    least = seen[count - 1] - seen[0]
    for first in range(1, len(seen) - count + 1):
        width = seen[first + count - 1] - seen[first]
        closer = width < least
        np.copyto(least, width, where=closer)
        np.copyto(best, seen[first + count // 2], where=closer)
    return best


def _bring(image: NDArray[np.uint8], pose: Matrix, to: Matrix) -> NDArray[np.uint8]:
    """A picture taken at `pose` as seen at `to`; 0 beyond its border."""
    matrix = np.linalg.inv(to) @ pose
    if np.allclose(matrix, np.eye(3)):
        return image
    return cv2.warpAffine(image, matrix[:2], image.shape[1::-1])  # type: ignore[return-value]


def _edges(image: Frame) -> NDArray[np.uint8]:
    """255 at the tenth of the pixels with the strongest edges."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    strength = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.where(strength >= np.quantile(strength, 0.9), 255, 0).astype(np.uint8)
