"""Steps on short clips unrolled through the tracker's own crops.

Every search crop is cut around the box the network itself gave in the frame before, as in tracking,
so that it learns to come back from its own errors. No gradient passes through a crop: each frame is
differentiated at once, and one optimizer step follows per clip.
"""

import math
from contextlib import nullcontext
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import nn

from model.geometry import Box, Crop, cut, iou
from model.images import Frame
from model.network import Response
from model.peaks import Maps, limit_change, pick
from model.presets import TrackerConfig, preset
from model.training.augment import Light
from model.training.clips import collate
from model.training.config import TrainConfig, UnrollConfig
from model.training.distributed import Seat, without_averaging
from model.training.library import Library
from model.training.losses import Losses
from model.training.real import finish, inside
from model.training.samples import Clip, ClipConfig, Rng, log_uniform, template_box
from model.training.steps import follow_gradient, losses_of
from model.training.track import Track

_ON_TARGET = 0.3
"""Overlap with the truth above which the network's own box is worth remembering."""


@dataclass(frozen=True)
class Template:
    """A remembered crop of a target."""

    image: Frame
    box: Box
    """In pixels of the crop."""
    inside: np.ndarray
    """`(G, G)`: token centres inside the frame."""
    time: int
    """Frame of the track."""


class Followed:
    """One target on its way through a clip.

    Args:
        rng: of everything that is drawn for this target.
        moments: frames of the track, the first with the truth.
    """

    def __init__(self, rng: Rng, track: Track, moments: list[int], config: ClipConfig) -> None:
        self.rng, self.track, self.moments, self.config = rng, track, moments, config
        self.light = Light.sample(rng, 1.0, config.grey)
        self.mirrored = bool(rng.random() < 0.5)
        self.now = 0
        truth = self.truth
        assert truth is not None
        self.box = template_box(rng, truth, 0, config)
        """Where the tracker has the target."""
        self.templates = [self._template(self.box)]
        self.crop = Crop.around(self.box, config.search_shape)

    @property
    def frame(self) -> Frame:
        """The frame of now."""
        frame = self.track.frames[self.moments[self.now]]
        return np.ascontiguousarray(frame[:, ::-1]) if self.mirrored else frame

    @property
    def truth(self) -> Box | None:
        """Where the target is now; None where it is absent."""
        x, y, w, h = (float(v) for v in self.track.boxes[self.moments[self.now]])
        if not (math.isfinite(x + y + w + h) and w > 2 and h > 2):
            return None
        if self.mirrored:
            x = self.track.frames[self.moments[self.now]].shape[1] - x - w
        return (x, y, w, h)

    def search(self) -> Clip:
        """Go on to the next frame, and cut it around the own box of the one before."""
        self.now += 1
        frame, truth = self.frame, self.truth
        self.crop = Crop.around(self.box, self.config.search_shape)
        box = None if truth is None else self.crop.box_to_crop(truth)
        present = box is not None and _holds_centre(self.crop, box)
        time = self.moments[self.now]
        ages = [max(1, abs(time - template.time)) for template in self.templates]
        image = np.ascontiguousarray(cut(frame, self.crop))
        return Clip(
            np.stack([template.image for template in self.templates]),
            np.array([template.box for template in self.templates], np.float32),
            np.stack([template.inside for template in self.templates]),
            np.array(ages, np.float32),
            finish(self.rng, image, frame, self.crop, self.light, self.config),
            np.array(box if present else (0, 0, 0, 0), np.float32),
            inside(frame, self.crop, self.config.search_shape.grid),
            present,
        )

    def take(self, maps: Maps, config: TrackerConfig) -> None:
        """Move to where the network saw the target, as the tracker would."""
        peak = pick(maps, self.crop, config.window)
        if peak.score < config.lost_below:
            return
        x, y, w, h = limit_change(self.box, peak.box, peak.score, config)
        height, width = self.track.frames[self.moments[self.now]].shape[:2]
        cx, cy = min(max(x + w / 2, 0.0), width - 1.0), min(max(y + h / 2, 0.0), height - 1.0)
        w, h = min(max(w, 4.0), float(width)), min(max(h, 4.0), float(height))
        self.box = (cx - w / 2, cy - h / 2, w, h)

    def remember(self) -> None:
        """Keep a template of now: around the own box where that is on the target.

        The tracker remembers nothing it doubts; to keep a batch of targets alike, one that is off
        its target gets what it would have cut had it not been, and the first template again while
        its target is absent.
        """
        truth = self.truth
        if truth is None:
            new = self.templates[0]
        elif iou(np.array(self.box), np.array(truth)) > _ON_TARGET:
            new = self._template(self.box)
        else:
            new = self._template(template_box(self.rng, truth, 1, self.config))
        later = [*self.templates[1:], new]
        self.templates = [self.templates[0], *later[-(self.config.templates - 1) :]]

    def _template(self, box: Box) -> Template:
        frame, shape = self.frame, self.config.template_shape
        crop = Crop.around(box, shape)
        image = finish(
            self.rng, np.ascontiguousarray(cut(frame, crop)), frame, crop, self.light, self.config
        )
        return Template(
            image, crop.box_to_crop(box), inside(frame, crop, shape.grid), self.moments[self.now]
        )


def _holds_centre(crop: Crop, box: Box) -> bool:
    cx, cy = box[0] + box[2] / 2, box[1] + box[3] / 2
    return 0 <= cx < crop.size and 0 <= cy < crop.size


def pick_moments(rng: Rng, track: Track, count: int, config: UnrollConfig) -> list[int]:
    """Frames of a clip with `count` search frames: the first shows the target, the others may not.

    Time runs backwards half the time; at the end of a short track it stands still.
    """
    gaps = [int(log_uniform(rng, 1, config.longest_gap + 1)) for _ in range(count)]
    offsets = np.cumsum([0, *gaps])
    start = int(rng.choice(track.seen))
    last = len(track.frames) - 1
    room = {1: last - start, -1: start}
    ways = [way for way in room if room[way] >= offsets[-1]] or [max(room, key=lambda w: room[w])]
    way = ways[int(rng.integers(len(ways)))]
    return [int(v) for v in np.clip(start + way * offsets, 0, last)]


def follow_some(rng: Rng, library: Library, frames: int, config: TrainConfig) -> list[Followed]:
    """Targets of real tracks at the start of a clip of so many search frames."""
    found = []
    for _ in range(config.unroll.targets):
        plain = library.unlabelled and (
            not library.tracks or rng.random() < config.clips.unlabelled
        )
        tracks = library.unlabelled if plain else library.tracks
        track = tracks[rng.integers(len(tracks))]
        moments = pick_moments(rng, track, frames, config.unroll)
        found.append(Followed(rng, track, moments, config.clips))
    return found


def unrolled_step(
    network: nn.Module,
    library: Library,
    optimizer: torch.optim.Optimizer,
    step: int,
    config: TrainConfig,
    seat: Seat,
) -> Losses:
    """Learn from clips unrolled through the network's own boxes; mean losses over their frames.

    Raises:
        InputError: the loss is not finite.
    """
    # what all processes must agree on comes from seed and step alone
    common = np.random.default_rng([config.seed, 2, step])
    frames = int(common.integers(config.unroll.fewest, config.unroll.most + 1))
    remember = common.random(frames) < config.unroll.remember
    targets = follow_some(
        np.random.default_rng([config.seed, 3, step, seat.rank]), library, frames, config
    )
    tracker = preset(config.preset).tracker
    optimizer.zero_grad(set_to_none=True)
    seen: list[Losses] = []
    for frame in range(frames):
        batch = collate([target.search() for target in targets]).to(seat.device)
        last = frame == frames - 1
        with nullcontext() if last else without_averaging(network):
            losses, response = losses_of(network, batch, batch.templates.shape[1], step, config)
            (losses.total / frames).backward()
        seen.append(losses)
        for target, maps in zip(targets, _maps(response), strict=True):
            target.take(maps, tracker)
            if remember[frame] and not last and config.clips.templates > 1:
                target.remember()
    follow_gradient(network, optimizer, step, config)
    return Losses(
        *(torch.stack([getattr(x, f.name).detach() for x in seen]).mean() for f in fields(Losses))
    )


def _maps(response: Response) -> list[Maps]:
    score, quality, boxes = (
        values[:, 0].detach().float().cpu().numpy()
        for values in (response.score.sigmoid(), response.quality.sigmoid(), response.boxes)
    )
    return [Maps(*each) for each in zip(score, quality, boxes, strict=True)]
