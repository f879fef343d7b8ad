"""The stateful tracker: targets, their buffers and their states, around the network."""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from model.apart import Claim, disputes
from model.buffer import RollingBuffer
from model.device import answers, resolve_device, resolve_precision
from model.geometry import Box, Crop
from model.images import Frame
from model.inputs import drawn_box, frame_of_size, seconds, size_of
from model.inspection import Attention, inspect
from model.network import SpaceTimeNetwork, fuse
from model.observer import Look, Observer
from model.presets import TrackerConfig, with_settings
from model.presets import preset as preset_of
from model.remembering import Remembering
from model.results import TrackResult
from model.runtime import make_runner
from model.sentences import Sentence
from model.states import may_remember
from model.target import Target
from model.weights import load as load_weights

log = logging.getLogger(__name__)

_T = TypeVar("_T")


class Tracker(Remembering):
    """Follows any number of targets through the frames of one video.

    All targets of a frame go through the network together, each with its own rolling buffer. Where
    the memory of the device runs out, or the device fails, tracking goes on on the CPU, with all
    that is remembered.

    Args:
        network: in evaluation mode; its batch norms are folded. On a device, and in ONNX Runtime, a
            copy runs, which sees no later change of the weights.
        config: settings of the tracker.
        preset: name for display.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        precision: `auto`, `float32`, `bfloat16` or `float16`.
        runtime: `torch`, `onnx` (float32 on CPUs, faster there), `graph` (CUDA, faster there), or
            `auto`: the faster one where it can.
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
        self._spare = fuse(network).cpu().to(memory_format=torch.channels_last)
        self._spare.requires_grad_(False)
        if self.device.type == "cpu":
            self.network = self._spare.to(dtype)
        else:
            # the spare one takes over should the device fail
            self.network = deepcopy(self._spare).to(self.device, dtype)
        self._shape = self.network.config
        super().__init__(RollingBuffer(self._shape, config.slots, device=self.device, dtype=dtype))
        runner = make_runner(self.network, config.slots, runtime=runtime, threads=threads)
        self.runtime = runner.name
        self.notice = ""
        """A sentence on what changed by itself: the device, when it failed; or empty."""
        self._threads = threads
        self._observer = Observer(runner, self._buffer)

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
            InputError: unknown device, precision, runtime or setting, or a value it cannot have.
        """
        network, made_for = load_weights(name, expect=preset)
        config = with_settings(preset_of(made_for).tracker, settings)
        return cls(
            network, config, preset=made_for, device=device, precision=precision,
            runtime=runtime, threads=threads,
        )  # fmt: skip

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
        time = seconds(time)
        frame = self._check(rgb)
        box = drawn_box(box, frame)
        row = self._afford(self._buffer.add_row)
        with torch.inference_mode():
            self._begin(row, self._next_id, frame, box, time)
        self._next_id += 1
        return self.ids[-1]

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
        now = float(self._updates) if time is None else seconds(time)
        frame = self._check(rgb)
        box = drawn_box(box, frame)
        for slot, entry in enumerate(self._buffer.rows[row].entries):
            if entry is not None and (slot == 0 or not entry.pinned):
                self._afford(partial(self._buffer.forget, row, slot))
        self._begin(row, target_id, frame, box, now)

    @torch.inference_mode()
    def update(
        self,
        rgb: NDArray[Any],
        *,
        time: float | None = None,
        others: Sequence[tuple[Box, float]] = (),
    ) -> list[TrackResult]:
        """Follow every target into the next frame.

        Targets that were once seen apart stay apart: of two that are found at one place, the one
        for which less speaks is looked for elsewhere.

        Args:
            rgb: `(H, W, 3)` uint8 RGB, or as `as_rgb` takes it; of the size of the first frame.
            time: seconds; the number of the update if None.
            others: boxes `(x, y, w, h)` in pixels of this frame, and scores 0..1, of targets that
                are followed without doubt by somebody else.

        Returns:
            One result per target, in order of id.

        Raises:
            InputError: the frame cannot be used or differs in size; the time is not finite.
        """
        now = float(self._updates + 1) if time is None else seconds(time)
        frame = self._check(rgb)
        self._updates += 1
        size = size_of(frame)
        search = self._shape.search
        near, lost = {}, {}
        for row, target in enumerate(self._targets):
            if target.is_lost:
                lost[row] = target.scan(size, search, self.config.lost_crops)
            else:
                near[row] = [target.region(search, self.config)]
        results: dict[int, TrackResult] = {}
        elsewhere = [Claim.elsewhere(box, score) for box, score in others]
        self._find(self._look(frame, near), elsewhere)
        for row in near:
            results[row] = self._follow(row, frame, now)
        sure = [target.claim() for target in self._targets if target.is_sure]
        self._find(self._look(frame, lost), [*elsewhere, *filter(None, sure)])
        for row in lost:
            results[row] = self._seek(row, frame)
        for row, target in enumerate(self._targets):
            beside = [t.box for k, t in enumerate(self._targets) if k != row and not t.is_lost]
            target.compare([*beside, *(box for box, _ in others)])
        return [results[row] for row in range(len(self._targets))]

    def attention(self, target_id: int) -> Attention | None:
        """Where each token of the last search region looks, in time and in space.

        The last step is taken once more, in torch, against the frames remembered now: it costs as
        much as an update there. None as for `last_look`.

        Raises:
            InputError: no such target.
        """
        row = self._row(target_id)
        found = self._targets[row].found
        if found is None:
            return None
        return self._afford(
            lambda: inspect(
                self.network,
                found.look,
                self._buffer.memory([row], self._updates),
                self._buffer.rows[row].entries,
                found.peak.crop_box,
            )
        )

    def _check(self, rgb: NDArray[Any]) -> Frame:
        frame = frame_of_size(rgb, self._frame_size if self._targets else None)
        self._frame_size = size_of(frame)
        return frame

    def _begin(self, row: int, target_id: int, frame: Frame, box: Box, time: float) -> None:
        """Let a target begin with a box that the user drew, in its row of the buffer."""
        descriptor = self._remember(row, frame, box, time=time, score=1.0, given=True)
        target = Target(
            target_id, box, descriptor, sure=box, whole=box[2:], remembered=self._updates
        )
        self._targets[row : row + 1] = [target]
        region = target.region(self._shape.search, self.config)
        target.calibrate(self._look(frame, {row: [region]})[row][0], self.config)

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
        """Take a step of the network; on the CPU where the device has no room for it, or fails."""
        fault: RuntimeError
        try:
            return step()
        except RuntimeError as error:
            if self.device.type == "cpu":
                raise
            fault = error.with_traceback(None)  # which keeps the tensors of the step
        if isinstance(fault, torch.OutOfMemoryError):
            self._move_to_cpu()
        elif answers(self.device):
            raise fault
        else:
            log.error("%s", fault)
            self._begin_on_cpu()
        return step()

    @torch.inference_mode(False)
    @torch.no_grad()
    def _move_to_cpu(self) -> None:
        """Leave a device that has no room."""
        full = self.device
        self._buffer.move(torch.device("cpu"), torch.float32)
        self._run_on_cpu()
        if full.type == "cuda":
            torch.cuda.empty_cache()
        self._tell(
            Sentence(
                "The memory of {device} is full; tracking goes on on the CPU, more slowly.",
                device=full,
            )
        )

    @torch.inference_mode(False)
    @torch.no_grad()
    def _begin_on_cpu(self) -> None:
        """Leave a device that fails, and whose memory is gone."""
        dead = self.device
        self._buffer.restart(torch.device("cpu"), torch.float32)
        self._run_on_cpu()
        self._observer.encode_anew()
        self._tell(
            Sentence(
                "The device {device} does not answer any more; "
                "tracking goes on on the CPU, more slowly.",
                device=dead,
            )
        )

    def _run_on_cpu(self) -> None:
        self.device, self.precision = torch.device("cpu"), "float32"
        self.network = self._spare
        runner = make_runner(self.network, self.config.slots, threads=self._threads)
        self._observer.runner, self.runtime = runner, runner.name

    def _tell(self, sentence: str) -> None:
        self.notice = sentence
        log.warning("%s", sentence)

    def _find(self, looks: dict[int, list[Look]], others: Sequence[Claim]) -> None:
        """Let each target that was looked for be found somewhere, no two at one place."""
        claims = {-1 - i: claim for i, claim in enumerate(others)}
        for row, each in looks.items():
            self._targets[row].find(each, self.config)
            claim = self._targets[row].claim()
            if claim is not None:
                claims[row] = claim
        for row, taken in disputes(claims).items():
            if row in looks:
                self._targets[row].find(looks[row], self.config, taken)

    def _follow(self, row: int, frame: Frame, time: float) -> TrackResult:
        """Take what was found around the last place."""
        target = self._targets[row]
        evidence = target.follow(size_of(frame), self.config)
        self._account(row)
        due = self._updates - target.remembered >= self.config.remember_every
        if due and target.found and may_remember(target.standing, evidence, self.config):
            self._remember(row, frame, target.box, time=time, score=evidence.score, given=False)
            target.remembered = self._updates
        return self._result(row, evidence.score)

    def _seek(self, row: int, frame: Frame) -> TrackResult:
        """Take the best of what was found for a lost target."""
        target = self._targets[row]
        evidence = target.seek(size_of(frame), self.config)
        if not target.is_lost:
            self._account(row)
        return self._result(row, evidence.score)

    def _account(self, row: int) -> None:
        found = self._targets[row].found
        if found is not None:
            self._observer.account(row, found.look, found.peak.crop_box)

    def _result(self, row: int, score: float) -> TrackResult:
        target, slots = self._targets[row], self._buffer.rows[row].infos()
        standing = target.standing
        reason = standing.reason if target.found else Sentence("the network gave no number")
        return TrackResult(target.id, target.box, score, standing.state, reason, slots)
