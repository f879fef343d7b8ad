"""What a run depends on besides its data, and what it reports."""

import math
from dataclasses import dataclass, field

from model.training.losses import LossWeights
from model.training.samples import ClipConfig


@dataclass(frozen=True)
class UnrollConfig:
    """Short clips in which the network meets its own crops. Plain numbers in 0..1 are shares."""

    targets: int = 8
    """Targets followed at once by each process."""
    fewest: int = 4
    """Least search frames of a clip."""
    most: int = 6
    longest_gap: int = 8
    """Most frames between two that are searched; log-uniform."""
    remember: float = 0.5
    """Search frames after which every target remembers a template, cut around its own box."""


@dataclass(frozen=True)
class TrainConfig:
    """Everything a run depends on besides its data."""

    preset: str = "small"
    steps: int = 4000
    """Optimizer steps of the whole run; the learning rate falls to zero there."""
    batch: int = 32
    """Clips per step and process."""
    lr: float = 1e-3
    warmup: int = 200
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    ema: float = 0.998
    seed: int = 0
    workers: int = 1
    """Processes that make clips, per process that trains."""
    device: str = "auto"
    bf16: bool = False
    """Run the network in bfloat16 autocast."""
    frozen: str | None = None
    """Part of the backbone that keeps its weights: `early` (to stride 8), `all`, or none."""
    backbone_lr: float = 0.2
    """Learning rate of the backbone, relative to that of the rest."""
    one_template: float = 0.25
    """Share of batches that show the first template alone, as at the start of tracking."""
    unrolled: float = 0.0
    """Share of steps on clips unrolled through the tracker's own crops: for a last stage."""
    validate_every: int = 500
    validate_clips: int = 256
    save_every_s: float = 300.0
    clips: ClipConfig = field(default_factory=ClipConfig)
    unroll: UnrollConfig = field(default_factory=UnrollConfig)
    loss: LossWeights = field(default_factory=LossWeights)


@dataclass(frozen=True)
class Progress:
    """What a run reports after each step."""

    step: int
    steps: int
    loss: float
    iou: float
    rate: float
    """Clips per second, of all processes; each frame of an unrolled clip counts as one."""


def learning_rate(step: int, config: TrainConfig) -> float:
    """Linear warm-up, then a half cosine down to zero."""
    if step < config.warmup:
        return config.lr * (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    return config.lr * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def unrolled_before(step: int, config: TrainConfig) -> int:
    """How many of the steps before `step` are unrolled: they are spread evenly."""
    return math.floor(step * config.unrolled + 1e-9)


def is_unrolled(step: int, config: TrainConfig) -> bool:
    """Whether a step is on unrolled clips."""
    return unrolled_before(step + 1, config) > unrolled_before(step, config)
