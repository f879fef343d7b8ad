"""What a training clip is, how it is drawn, and how wrong a tracker's own crops are."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.geometry import Box, Crop, CropShape
from model.images import Frame

Rng = np.random.Generator


@dataclass(frozen=True)
class ClipConfig:
    """How clips are made. Plain numbers in 0..1 are probabilities unless said otherwise."""

    templates: int = 2
    """Template crops per clip, the oldest first."""
    template_shape: CropShape = field(default_factory=lambda: CropShape(128, 2.0))
    search_shape: CropShape = field(default_factory=lambda: CropShape(256, 4.0))

    real: float = 0.4
    """Clips from real tracks; the rest is synthetic."""
    unlabelled: float = 0.35
    """Real clips from tracks found in unlabelled videos, where there are any."""
    absent: float = 0.12
    """Clips whose search crop does not show the target."""
    longest_gap: int = 80
    """Most frames between neighbours of a clip; gaps are log-uniform."""
    whole_sequence: float = 0.1
    """Real clips whose frames come from anywhere in the sequence."""

    shift: float = 0.25
    """Scale of the Laplace shift of the search crop, in target sizes."""
    far_shift: float = 0.15
    """Search crops shifted uniformly, the target's centre anywhere in the region."""
    search_scale: float = 0.28
    """Sigma of the logarithm of the search crop's side."""
    template_shift: float = 0.05
    """Sigma of the centre of a later template, in target sizes."""
    template_scale: float = 0.06
    """Sigma of the logarithm of a later template's width and height."""
    poor_template: float = 0.05
    """Later templates with a box four times as wrong."""
    convention: float = 0.5
    """Clips in which a box is drawn wider, narrower, higher or lower than usual, in every frame."""
    part: float = 0.1
    """Other clips in which a part of the object is the target."""
    border: float = 0.0
    """Real clips whose target enters the frame, or leaves it: the border cuts it in some frames."""

    deforming: float = 0.4
    """Synthetic targets that change shape: another frame's mask of the same object."""
    patch: float = 0.1
    """Synthetic targets that are a rectangle or ellipse of a picture."""
    in_place: float = 0.4
    """Other synthetic targets left in their own picture, which moves as a whole."""
    any_angle: float = 0.1
    """Synthetic clips that rotate without limit."""
    distractors: int = 4
    """Most other objects in a synthetic clip."""
    lookalike: float = 0.35
    """Clips with another copy of the target in the search crop."""
    occluder: float = 0.25
    """Synthetic clips in which something passes before the target."""
    real_distractor: float = 0.45
    """Real clips with another object pasted beside the target."""
    real_occluder: float = 0.12
    """Real clips with an object pasted over part of the target."""
    smallest_target: float = 14.0
    """Least size of a synthetic target in its frame, pixels; sizes are log-uniform."""
    largest_target: float = 160.0
    """Greatest size of a synthetic target in its frame, pixels."""

    grey: float = 0.1
    """Clips without colour."""
    blur: float = 0.2
    """Frames out of focus."""
    motion_blur: float = 0.15
    """Frames smeared along a line."""
    noise: float = 0.25
    """Frames with sensor noise."""
    jpeg: float = 0.25
    """Frames compressed at quality 25 to 90."""
    low_resolution: float = 0.2
    """Real frames shrunk and enlarged again."""


@dataclass(frozen=True)
class Clip:
    """One training sample: `T` templates and a search crop. Boxes are `x, y, w, h`, crop pixels."""

    templates: NDArray[np.uint8]
    """`(T, S, S, 3)` RGB, the oldest first."""
    template_boxes: NDArray[np.float32]
    """`(T, 4)`: the box each template was cut around, centred in its crop."""
    template_inside: NDArray[np.bool_]
    """`(T, G, G)`: token centres inside the frame."""
    template_ages: NDArray[np.float32]
    """`(T,)`: frames before the search frame, at least 1."""
    search: NDArray[np.uint8]
    """`(R, R, 3)` RGB."""
    search_box: NDArray[np.float32]
    """`(4,)`: the target; may reach beyond the crop; zeros when absent."""
    search_inside: NDArray[np.bool_]
    """`(G, G)`: token centres inside the frame."""
    present: bool
    """Whether at least a quarter of the target is to be seen in the search crop."""


@dataclass(frozen=True)
class Convention:
    """What of an object its box is drawn around, the same in every frame of a clip.

    People draw a person with or without the arms, a car with or without its shadow, or point at a
    wheel: what counts as the target only the first box tells, and the network has to heed it.
    """

    scale: tuple[float, float] = (1.0, 1.0)
    """Width and height of the box drawn, over those of the object."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Of its centre from the object's, in widths and heights of the object."""

    @classmethod
    def sample(cls, rng: Rng, config: ClipConfig) -> "Convention":
        """Draw one; the object's own box for clips that have no other."""
        way = rng.random()
        if way < config.convention:
            wide, high = np.exp(rng.normal(0, 0.14, 2).clip(-0.35, 0.35))
            dx, dy = rng.normal(0, 0.05, 2).clip(-0.12, 0.12)
        elif way < config.convention + config.part:
            wide, high = rng.uniform(0.45, 0.9, 2)
            dx, dy = rng.uniform(-0.5, 0.5, 2) * (1 - wide, 1 - high)
        else:
            return cls()
        return cls((float(wide), float(high)), (float(dx), float(dy)))

    def draw(self, box: Box) -> Box:
        """The box drawn around an object whose own box is `box`."""
        x, y, w, h = box
        cx, cy = x + w * (0.5 + self.shift[0]), y + h * (0.5 + self.shift[1])
        w, h = w * self.scale[0], h * self.scale[1]
        return (cx - w / 2, cy - h / 2, w, h)


_LEAST = 4.0
"""Pixels of a target that a border leaves at least."""


@dataclass(frozen=True)
class Border:
    """A border of the frame that hides a part of the target: it enters, or leaves.

    A box ends at the frame. Whoever is half in it when the box is drawn is followed whole later.
    """

    side: int
    """0 to 3: left, top, right, bottom."""
    hidden: tuple[float, ...]
    """Share of the target's box beyond it in each frame of a clip, 0..1."""

    @classmethod
    def sample(cls, rng: Rng, frames: int, config: ClipConfig) -> "Border | None":
        """Draw one for a clip of `frames` frames; None for most."""
        if rng.random() >= config.border:
            return None
        most = rng.uniform(0.25, 0.7)
        # most often the target is whole in the end
        shares = [most, *most * np.maximum(rng.uniform(-1, 1, frames - 1), 0)]
        shares = sorted(shares, reverse=bool(rng.random() < 0.75))
        return cls(int(rng.integers(4)), tuple(float(share) for share in shares))

    def cut(self, frame: Frame, index: int, *boxes: Box) -> tuple[Frame, list[Box]]:
        """Frame `index` of a clip as far as the border lets it be seen, and boxes in it.

        The first box is that of the target. The last one ends at the border, as the box drawn
        around the target does; others reach beyond.
        """
        share, axis = self.hidden[index], self.side % 2
        place, extent = boxes[0][axis], boxes[0][axis + 2]
        length = frame.shape[1 - axis]
        at = round(place + extent * (share if self.side < 2 else 1 - share))
        first, end = (at, length) if self.side < 2 else (0, at)
        low, high = boxes[-1][axis], boxes[-1][axis] + boxes[-1][axis + 2]
        low, high = max(low, first), min(high, end)
        if share == 0 or not 8 <= at <= length - 8 or high - low < _LEAST:
            return frame, list(boxes)
        frame = frame[:, first:end] if axis == 0 else frame[first:end]
        *others, drawn = (_moved(box, axis, -first) for box in boxes)
        x, y, w, h = drawn
        seen = (low - first, y, high - low, h) if axis == 0 else (x, low - first, w, high - low)
        return frame, [*others, seen]


def _moved(box: Box, axis: int, by: float) -> Box:
    x, y, w, h = box
    return (x + by, y, w, h) if axis == 0 else (x, y + by, w, h)


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """A number in `low..high` whose logarithm is uniform."""
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


def sample_gaps(rng: Rng, config: ClipConfig) -> list[int]:
    """Frames from each template to the next and from the last to the search: `(T,)`, each >= 1."""
    return [int(log_uniform(rng, 1, config.longest_gap + 1)) for _ in range(config.templates)]


def ages_of(gaps: list[int]) -> NDArray[np.float32]:
    """Ages of the templates for the gaps of `sample_gaps`: `(T,)`."""
    return np.cumsum(gaps[::-1])[::-1].astype(np.float32)


def template_box(rng: Rng, box: Box, index: int, config: ClipConfig) -> Box:
    """The box a tracker would hold where the target is at `box`: exact but for a hair at first."""
    if index == 0:
        shift, scale = 0.01, 0.01
    else:
        factor = 4.0 if rng.random() < config.poor_template else 1.0
        shift, scale = config.template_shift * factor, config.template_scale * factor
    x, y, w, h = box
    dx, dy = rng.normal(0, shift, 2) * (w, h)
    kw, kh = np.exp(rng.normal(0, scale, 2))
    return (
        float(x + dx + w * (1 - kw) / 2),
        float(y + dy + h * (1 - kh) / 2),
        float(w * kw),
        float(h * kh),
    )


def search_crop(rng: Rng, box: Box, config: ClipConfig) -> Crop:
    """A search crop as it comes from an imperfect box of an earlier frame.

    The centre of `box` is always inside it.
    """
    shape = config.search_shape
    size = math.sqrt(box[2] * box[3])
    side = (
        shape.factor
        * size
        * math.exp(float(np.clip(rng.normal(), -2.5, 2.5)) * config.search_scale)
    )
    if rng.random() < config.far_shift:
        shift = rng.uniform(-0.45, 0.45, 2) * side
    else:
        shift = np.clip(rng.laplace(0, config.shift, 2) * size, -0.45 * side, 0.45 * side)
    cx, cy = box[0] + box[2] / 2 + shift[0], box[1] + box[3] / 2 + shift[1]
    return Crop(float(cx), float(cy), side, shape.size)
