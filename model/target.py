"""One target: where it is, what is believed of it, and how a look changes that. No tensors."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.apart import Claim, stands_apart
from model.geometry import Box, Crop, CropShape, iou
from model.inputs import FrameSize
from model.observer import Look
from model.peaks import Peak, calibrate, limit_change, pick, resize, whole_frame
from model.presets import TrackerConfig
from model.results import LastLook
from model.states import Evidence, Standing, State, judge, judge_lost


@dataclass(frozen=True, eq=False)
class Finding:
    """The peak of a look, its box resized by the target's factors."""

    look: Look
    peak: Peak

    def evidence(self, frame_size: FrameSize) -> Evidence:
        """What it says of the target's state."""
        x, y, w, h = self.peak.box
        width, height = frame_size
        in_frame = 0 <= x + w / 2 < width and 0 <= y + h / 2 < height
        peak = self.peak
        return Evidence(peak.score, peak.second, self.look.likeness, in_frame, peak.yields)

    def as_last_look(self) -> LastLook:
        """The same for those outside."""
        crop = self.look.crop
        region = (crop.cx - crop.side / 2, crop.cy - crop.side / 2, crop.side, crop.side)
        return LastLook(region, self.look.maps.score.copy(), self.peak.box)


@dataclass
class Target:
    """The state of one target."""

    id: int
    box: Box
    descriptor: NDArray[np.float32]
    """Unit vector `(C,)` of the first template's features in its box."""
    sure: Box
    """The last box that was tracked without doubt: where the search for a lost target begins."""
    whole: tuple[float, float]
    """Width and height when last seen whole: they scale the search of the whole frame. What leaves
    the frame, or goes behind something, ends as a strip and comes back whole; so this grows at once
    and shrinks slowly."""
    standing: Standing = field(default_factory=Standing)
    factors: tuple[float, float] = (1.0, 1.0)
    """By which the network's widths and heights are multiplied (`peaks.calibrate`)."""
    remembered: int = 0
    """Update in which a frame last entered the buffer."""
    schedule: list[Crop] = field(default_factory=list)
    """Regions of the whole frame still to be looked at while lost."""
    looks_near: bool = True
    """Whether the next search of a lost target looks at its last place too: every other one does.
    To look there each time costs half a search more and finds no target sooner."""
    apart: bool = False
    """Whether it was seen apart from every other target; it is none of them then. What is drawn on
    or in another target never is."""
    found: Finding | None = None
    """What the last update found; None before the first, or where the network gave no number."""

    @property
    def is_lost(self) -> bool:
        return self.standing.state is State.LOST

    @property
    def is_sure(self) -> bool:
        """Whether it is followed without doubt."""
        return self.standing.state.is_sure

    def region(self, shape: CropShape, config: TrackerConfig) -> Crop:
        """Where to look for a target that is not lost."""
        blind = self.standing.state is State.UNCERTAIN and self.standing.low > 0
        return Crop.around(self.box, shape, widen=config.widen if blind else 1.0).snapped()

    def scan(self, frame_size: FrameSize, shape: CropShape, count: int) -> list[Crop]:
        """The next `count` regions to look at for a lost target: last place and whole frame."""
        if not self.schedule:
            wanted = around(self.box, self.whole)
            self.schedule = whole_frame(wanted, *frame_size, shape.factor, shape.size)
        near = [Crop.around(self.box, shape)] if self.looks_near else []
        self.looks_near = not self.looks_near
        count -= len(near)
        chosen, self.schedule = self.schedule[:count], self.schedule[count:]
        return [crop.snapped() for crop in (*near, *chosen)]

    def calibrate(self, look: Look, config: TrackerConfig) -> None:
        """Take over how the user's box differs from the network's on the same frame."""
        self.factors = (1.0, 1.0)
        if look.maps.finite:
            seen = pick(look.maps, look.crop, config.window).box
            self.factors = calibrate(self.box, seen, config.calibrate)

    def find(self, looks: Sequence[Look], config: TrackerConfig, taken: Sequence[Box] = ()) -> None:
        """Choose the place that looks most like the target, as far as the network gave numbers.

        Args:
            looks: at the last place, or at regions that may hold a lost target.
            taken: places of other targets, in pixels of the frame.
        """
        window = 0.0 if self.is_lost else config.window
        findings = [
            Finding(look, resize(pick(look.maps, look.crop, window, taken), self.factors))
            for look in looks
            if look.maps.finite
        ]
        self.found = max(findings, key=lambda f: f.peak.score * f.peak.height, default=None)

    def claim(self) -> Claim | None:
        """To what was found; None where nothing was, or no other target is known to be another."""
        if self.found is None or not self.apart:
            return None
        peak = self.found.peak
        stayed = None if self.is_lost else float(iou(np.array(self.box), np.array(peak.box)))
        return Claim.of(peak.box, peak.score, self.found.look.likeness, stayed=stayed)

    def follow(self, frame_size: FrameSize, config: TrackerConfig) -> Evidence:
        """Take what was found around the last place."""
        evidence = Evidence(0.0, 0.0, 0.0, in_frame=True)
        if self.found is not None:
            evidence = self.found.evidence(frame_size)
        self.standing = judge(self.standing, evidence, config)
        if self.found is None:
            return evidence
        if self.is_lost:
            self.box = self.sure  # what was followed since may be the occluder
        elif evidence.score >= config.lost_below:
            moved = limit_change(self.box, self.found.peak.box, evidence.score, config)
            self.box = settle(moved, frame_size)
            if self.standing.state is State.TRACKING:
                self._be_sure(frame_size)
        return evidence

    def seek(self, frame_size: FrameSize, config: TrackerConfig) -> Evidence:
        """Take the best of what was found for a lost target."""
        if self.found is None:
            return Evidence(0.0, 0.0, 0.0, in_frame=True)
        evidence = self.found.evidence(frame_size)
        self.standing = judge_lost(self.standing, evidence, config)
        if self.standing.state is State.RECOVERED:
            self.box = settle(self.found.peak.box, frame_size)
            self._be_sure(frame_size)
            self.schedule, self.looks_near = [], True
        return evidence

    def compare(self, others: Sequence[Box]) -> None:
        """Note whether it is seen apart from all others that are followed, once and for all."""
        self.apart = self.apart or (self.is_sure and stands_apart(self.box, others))

    def _be_sure(self, frame_size: FrameSize) -> None:
        """The box is that of the target without doubt."""
        self.sure = self.box
        (_, _, w, h), (whole_w, whole_h) = self.box, self.whole
        if w * h > whole_w * whole_h:
            self.whole = (w, h)
        elif lies_in(self.box, frame_size):  # at the border it may be a part
            self.whole = (_faded(whole_w, w), _faded(whole_h, h))


def _faded(old: float, new: float) -> float:
    """A length that comes nearer to a new one by a fiftieth of the difference of logarithms."""
    return float(old**0.98 * new**0.02)


def around(box: Box, size: tuple[float, float]) -> Box:
    """A box of another size with the same centre."""
    x, y, w, h = box
    return (x + (w - size[0]) / 2, y + (h - size[1]) / 2, *size)


def lies_in(box: Box, frame_size: FrameSize) -> bool:
    """Whether a box keeps a pixel from the border of its frame, on all sides."""
    x, y, w, h = box
    return min(x, y, frame_size[0] - x - w, frame_size[1] - y - h) >= 1


def settle(box: Box, frame_size: FrameSize) -> Box:
    """Keep a box's centre in the frame and its size between 4 pixels and the frame's."""
    width, height = frame_size
    x, y, w, h = box
    cx, cy = min(max(x + w / 2, 0.0), width - 1.0), min(max(y + h / 2, 0.0), height - 1.0)
    w, h = min(max(w, 4.0), float(width)), min(max(h, 4.0), float(height))
    return (cx - w / 2, cy - h / 2, w, h)
