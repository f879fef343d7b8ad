"""The stateful tracker: targets, their buffers and their states, around the network."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from model.buffer import Entry, RollingBuffer
from model.device import resolve_device, resolve_precision
from model.errors import InputError
from model.geometry import Box, Crop, check_box, clip_box
from model.images import Frame, as_rgb
from model.network import SpaceTimeNetwork, fuse
from model.observer import Look, Observer
from model.peaks import Peak, calibrate, limit_change, pick, resize, whole_frame
from model.presets import TrackerConfig
from model.presets import preset as preset_of
from model.runtime import make_runner
from model.states import Evidence, Standing, State, judge, judge_lost, may_remember
from model.weights import load as load_weights

log = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True)
class SlotInfo:
    """One remembered frame of a target."""

    index: int
    """Slot in the buffer."""
    time: float
    """Seconds, as given with the frame."""
    score: float
    """Score when it entered, 0..1; 1 for a template drawn by the user."""
    pinned: bool
    share: float
    """Share of time attention that the target's tokens gave it in this update, 0..1."""


@dataclass(frozen=True)
class TrackResult:
    """Where a target is in one frame."""

    id: int
    box: Box
    """`(x, y, w, h)` in pixels of the frame; the last sure one while lost."""
    score: float
    """Predicted IoU of the box, 0..1."""
    state: State
    reason: str
    """Why the state is what it is, in words; empty while tracking."""
    slots: tuple[SlotInfo, ...]
    """The frames in the target's memory."""


@dataclass
class _Target:
    id: int
    box: Box
    descriptor: NDArray[np.float32]
    """Unit vector `(C,)` of the first template's features in its box."""
    sure: Box
    """The last box that was tracked without doubt; scales the search for a lost target."""
    standing: Standing = field(default_factory=Standing)
    factors: tuple[float, float] = (1.0, 1.0)
    """By which the network's widths and heights are multiplied (`peaks.calibrate`)."""
    remembered: int = 0
    """Update in which a frame last entered the buffer."""
    schedule: list[Crop] = field(default_factory=list)
    """Regions of the whole frame still to be looked at while lost."""


class Tracker:
    """Follows any number of targets through the frames of one video.

    All targets of a frame go through the network together, each with its own rolling buffer. Where
    the memory of the device runs out, tracking goes on on the CPU, with all that is remembered.

    Args:
        network: in evaluation mode; it is moved to `device` and its batch norms are folded. ONNX
            Runtime runs a copy, which sees no later change of the weights.
        config: settings of the tracker.
        preset: name for display.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        precision: `auto`, `float32`, `bfloat16` or `float16`.
        runtime: `torch`, `onnx` (float32 on CPUs, faster there), or `auto`: `onnx` where it can.
        threads: of arithmetic on the CPU; all cores and at most 4 if None.

    Raises:
        InputError: unknown device, precision or runtime, or one that cannot be had here.
    """

    def __init__(
        self,
        network: SpaceTimeNetwork,
        config: TrackerConfig,
        *,
        preset: str = "",
        device: str = "auto",
        precision: str = "auto",
        runtime: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.device = resolve_device(device)
        dtype = resolve_precision(precision, self.device)
        self.preset, self.config = preset, config
        self.precision = str(dtype).removeprefix("torch.")
        network = fuse(network).to(self.device, dtype)
        self.network = network.to(memory_format=torch.channels_last)
        self.network.requires_grad_(False)
        self._shape = self.network.config
        self._buffer = RollingBuffer(self._shape, config.slots, device=self.device, dtype=dtype)
        runner = make_runner(self.network, config.slots, runtime=runtime, threads=threads)
        self.runtime = runner.name
        self.notice = ""
        """A sentence on what changed by itself: the device, when its memory ran out; or empty."""
        self._threads = threads
        self._observer = Observer(runner, self._buffer)
        self._targets: list[_Target] = []
        self._next_id = 1
        self._updates = 0
        self._frame_size: tuple[int, int] | None = None

    @classmethod
    def load(
        cls,
        name: str | Path = "small",
        *,
        preset: str | None = None,
        device: str = "auto",
        precision: str = "auto",
        runtime: str = "auto",
        threads: int | None = None,
        **settings: Any,
    ) -> "Tracker":
        """A tracker with shipped or own weights.

        Args:
            name: a preset with shipped weights, or the path of a `.safetensors` file.
            preset: preset that a file must have been made for.
            device, precision, runtime, threads: as for `Tracker`.
            settings: fields of `TrackerConfig` that differ from the preset's.

        Raises:
            WeightsError: weights missing, damaged or of another preset.
            InputError: unknown device, precision, runtime or setting.
        """
        network, made_for = load_weights(name, expect=preset)
        config = preset_of(made_for).tracker
        try:
            config = replace(config, **settings)
        except TypeError as error:
            raise InputError(f"A setting of the tracker is unknown: {error}.") from error
        return cls(
            network, config, preset=made_for, device=device, precision=precision,
            runtime=runtime, threads=threads,
        )  # fmt: skip

    @property
    def ids(self) -> list[int]:
        """Ids of the targets, in order of their adding."""
        return [target.id for target in self._targets]

    def add(self, rgb: NDArray[Any], box: tuple[float, ...], *, time: float = 0.0) -> int:
        """Start to follow a target; more can be added at any time.

        Args:
            rgb: the frame the box was drawn on: `(H, W, 3)` uint8 RGB, or as `as_rgb` takes it.
            box: `(x, y, w, h)` in pixels of the frame.
            time: seconds.

        Returns:
            The id of the target: 1, 2, ...

        Raises:
            InputError: the frame cannot be used or differs in size; the box is not finite, empty or
                outside the frame; the time is not finite.
        """
        time = _seconds(time)
        frame = self._check(rgb)
        height, width = frame.shape[:2]
        # at least a pixel each way, so that no crop is empty
        box = clip_box(check_box(box, width, height), width, height, margin=1.0)
        row = self._buffer.add_row()
        with torch.inference_mode():
            descriptor = self._remember(row, frame, box, time=time, score=1.0, given=True)
            target = _Target(self._next_id, box, descriptor, sure=box, remembered=self._updates)
            self._targets.append(target)
            target.factors = self._calibrate(row, frame)
        self._next_id += 1
        return target.id

    @torch.inference_mode()
    def correct(
        self,
        target_id: int,
        rgb: NDArray[Any],
        box: tuple[float, ...],
        *,
        time: float | None = None,
    ) -> None:
        """Put the box of a target right; it is followed from there on.

        The frame takes the place of the first template. Remembered frames that are not pinned are
        forgotten, for they may show what was followed by mistake.

        Args:
            target_id: the target.
            rgb: the frame the box was drawn on: `(H, W, 3)` uint8 RGB, or as `as_rgb` takes it.
            box: `(x, y, w, h)` in pixels of the frame.
            time: seconds; the number of the last update if None.

        Raises:
            InputError: no such target; else as in `add`.
        """
        row = self._row(target_id)
        now = float(self._updates) if time is None else _seconds(time)
        frame = self._check(rgb)
        height, width = frame.shape[:2]
        box = clip_box(check_box(box, width, height), width, height, margin=1.0)
        for slot, entry in enumerate(self._buffer.rows[row].entries):
            if entry is not None and (slot == 0 or not entry.pinned):
                self._buffer.forget(row, slot)
        descriptor = self._remember(row, frame, box, time=now, score=1.0, given=True)
        target = _Target(target_id, box, descriptor, sure=box, remembered=self._updates)
        self._targets[row] = target
        target.factors = self._calibrate(row, frame)

    def remove(self, target_id: int) -> None:
        """Stop to follow a target.

        Raises:
            InputError: there is no target of that id.
        """
        row = self._row(target_id)
        del self._targets[row]
        self._buffer.remove_row(row)

    def reset(self) -> None:
        """Forget every target and the size of the frames."""
        for target_id in self.ids:
            self.remove(target_id)
        self._frame_size = None

    @torch.inference_mode()
    def update(self, rgb: NDArray[Any], *, time: float | None = None) -> list[TrackResult]:
        """Follow every target into the next frame.

        Args:
            rgb: `(H, W, 3)` uint8 RGB, or as `as_rgb` takes it; of the size of the first frame.
            time: seconds; the number of the update if None.

        Returns:
            One result per target, in order of id.

        Raises:
            InputError: the frame cannot be used or differs in size; the time is not finite.
        """
        now = float(self._updates + 1) if time is None else _seconds(time)
        frame = self._check(rgb)
        self._updates += 1
        near = [i for i, t in enumerate(self._targets) if t.standing.state is not State.LOST]
        lost = [i for i, t in enumerate(self._targets) if t.standing.state is State.LOST]
        results: dict[int, TrackResult] = {}
        for row, looks in self._look(frame, {row: [self._crop(row)] for row in near}).items():
            results[row] = self._follow(row, frame, looks[0], now)
        for row, looks in self._look(frame, {r: self._scan(r, frame) for r in lost}).items():
            results[row] = self._seek(row, frame, looks)
        return [results[row] for row in range(len(self._targets))]

    def pin(self, target_id: int, slot: int, *, pinned: bool = True) -> None:
        """Keep a remembered frame, or let it roll again.

        Raises:
            InputError: no such target or frame.
        """
        self._entry(target_id, slot).pinned = pinned

    def forget(self, target_id: int, slot: int) -> None:
        """Drop a remembered frame; the first template stays.

        Raises:
            InputError: no such target or frame, or the first template.
        """
        self._entry(target_id, slot)
        if slot == 0:
            raise InputError("The first template cannot be forgotten; remove the target instead.")
        self._buffer.forget(self._row(target_id), slot)

    def thumbnail(self, target_id: int, slot: int) -> Frame:
        """The template crop in a slot, `(size, size, 3)` RGB.

        Raises:
            InputError: no such target or frame.
        """
        return self._entry(target_id, slot).thumbnail

    def _row(self, target_id: int) -> int:
        if target_id not in self.ids:
            raise InputError(f"There is no target {target_id}; there are {self.ids}.")
        return self.ids.index(target_id)

    def _entry(self, target_id: int, slot: int) -> Entry:
        entries = self._buffer.rows[self._row(target_id)].entries
        entry = entries[slot] if 0 <= slot < len(entries) else None
        if entry is None:
            raise InputError(f"Target {target_id} remembers no frame in slot {slot}.")
        return entry

    def _check(self, rgb: NDArray[Any]) -> Frame:
        frame = as_rgb(rgb)
        size = (frame.shape[1], frame.shape[0])
        if self._frame_size is None or not self._targets:
            self._frame_size = size
        if size != self._frame_size:
            raise InputError(
                "The frame is {}×{} pixels, those before it were {}×{}; "
                "start again for a video of another size.".format(*size, *self._frame_size)
            )
        return frame

    def _crop(self, row: int) -> Crop:
        target = self._targets[row]
        blind = target.standing.state is State.UNCERTAIN and target.standing.low > 0
        widen = self.config.widen if blind else 1.0
        return Crop.around(target.box, self._shape.search, widen=widen).snapped()

    def _calibrate(self, row: int, frame: Frame) -> tuple[float, float]:
        """Factors that turn the network's sizes on this frame into the user's."""
        look = self._look(frame, {row: [self._crop(row)]})[row][0]
        if not look.maps.finite:
            return (1.0, 1.0)
        seen = pick(look.maps, look.crop, self.config.window).box
        return calibrate(self._targets[row].box, seen, self.config.calibrate)

    def _scan(self, row: int, frame: Frame) -> list[Crop]:
        """The next regions to look at for a lost target: its last place, then the whole frame."""
        target = self._targets[row]
        height, width = frame.shape[:2]
        search = self._shape.search
        if not target.schedule:
            target.schedule = whole_frame(target.box, width, height, search.factor, search.size)
        count = self.config.lost_crops
        chosen, target.schedule = target.schedule[:count], target.schedule[count:]
        return [crop.snapped() for crop in (Crop.around(target.box, search), *chosen)]

    def _look(self, frame: Frame, crops: dict[int, list[Crop]]) -> dict[int, list[Look]]:
        descriptors = [target.descriptor for target in self._targets]
        return self._afford(lambda: self._observer.look(frame, crops, descriptors, self._updates))

    def _remember(
        self, row: int, frame: Frame, box: Box, *, time: float, score: float, given: bool
    ) -> NDArray[np.float32]:
        return self._afford(
            lambda: self._observer.remember(
                row, frame, box, now=self._updates, time=time, score=score, given=given
            )
        )

    def _afford(self, step: Callable[[], _T]) -> _T:
        """Take a step of the network; on the CPU where the memory of the device has no room."""
        try:
            return step()
        except torch.OutOfMemoryError:
            if self.device.type == "cpu":
                raise
        # beyond the handler, whose traceback keeps the tensors of the step
        self._move_to_cpu()
        return step()

    @torch.inference_mode(False)
    @torch.no_grad()
    def _move_to_cpu(self) -> None:
        full, self.device = self.device, torch.device("cpu")
        self.network.to(self.device, torch.float32)
        self._buffer.move(self.device, torch.float32)
        self.precision = "float32"
        runner = make_runner(self.network, self.config.slots, threads=self._threads)
        self._observer.runner, self.runtime = runner, runner.name
        if full.type == "cuda":
            torch.cuda.empty_cache()
        self.notice = f"The memory of {full} is full; tracking goes on on the CPU, more slowly."
        log.warning("%s", self.notice)

    def _follow(self, row: int, frame: Frame, look: Look, time: float) -> TrackResult:
        """Take the result of a search around the last place."""
        target = self._targets[row]
        if not look.maps.finite:
            evidence = Evidence(0.0, 0.0, 0.0, in_frame=True)
            target.standing = judge(target.standing, evidence, self.config)
            return self._result(row, 0.0, "the network gave no number")
        peak = resize(pick(look.maps, look.crop, self.config.window), target.factors)
        evidence = self._evidence(frame, peak, look)
        target.standing = judge(target.standing, evidence, self.config)
        if target.standing.state is State.LOST:
            target.box = target.sure  # what was followed since may be the occluder
        elif evidence.score >= self.config.lost_below:
            moved = limit_change(target.box, peak.box, peak.score, self.config)
            target.box = self._settle(frame, moved)
            if target.standing.state is State.TRACKING:
                target.sure = target.box
        self._observer.account(row, look, peak.crop_box)
        due = self._updates - target.remembered >= self.config.remember_every
        if due and may_remember(target.standing, evidence, self.config):
            self._remember(row, frame, target.box, time=time, score=evidence.score, given=False)
            target.remembered = self._updates
        return self._result(row, evidence.score)

    def _seek(self, row: int, frame: Frame, looks: list[Look]) -> TrackResult:
        """Take the best of the regions searched for a lost target."""
        target = self._targets[row]
        found = [
            (resize(pick(look.maps, look.crop, 0.0), target.factors), look)
            for look in looks
            if look.maps.finite
        ]
        if not found:
            return self._result(row, 0.0, "the network gave no number")
        peak, look = max(found, key=lambda pair: pair[0].score * pair[0].height)
        evidence = self._evidence(frame, peak, look)
        target.standing = judge_lost(evidence, self.config)
        if target.standing.state is State.RECOVERED:
            target.box = target.sure = self._settle(frame, peak.box)
            target.schedule = []
            self._observer.account(row, look, peak.crop_box)
        return self._result(row, evidence.score)

    def _evidence(self, frame: Frame, peak: Peak, look: Look) -> Evidence:
        x, y, w, h = peak.box
        height, width = frame.shape[:2]
        in_frame = 0 <= x + w / 2 < width and 0 <= y + h / 2 < height
        return Evidence(peak.score, peak.second, look.likeness, in_frame)

    @staticmethod
    def _settle(frame: Frame, box: Box) -> Box:
        """Keep the box's centre in the frame and its size between 4 pixels and the frame's."""
        height, width = frame.shape[:2]
        x, y, w, h = box
        cx, cy = min(max(x + w / 2, 0.0), width - 1.0), min(max(y + h / 2, 0.0), height - 1.0)
        w, h = min(max(w, 4.0), float(width)), min(max(h, 4.0), float(height))
        return (cx - w / 2, cy - h / 2, w, h)

    def _result(self, row: int, score: float, reason: str | None = None) -> TrackResult:
        target = self._targets[row]
        slots = tuple(
            SlotInfo(i, entry.time, entry.score, entry.pinned, entry.share)
            for i, entry in enumerate(self._buffer.rows[row].entries)
            if entry is not None
        )
        standing = target.standing
        return TrackResult(
            target.id, target.box, score, standing.state, reason or standing.reason, slots
        )


def _seconds(time: float) -> float:
    if not math.isfinite(time):
        raise InputError(f"The time {time} of a frame is not finite; give seconds.")
    return float(time)
