"""The training loop: one device or many, resumable, logged to CSV and TensorBoard."""

import csv
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import timm
import torch
from torch import nn
from torch.utils.data import DataLoader

from model import weights
from model.backbone import Backbone
from model.errors import InputError
from model.network import SpaceTimeNetwork
from model.presets import preset
from model.training.checkpoint import MovingAverage, load_checkpoint, save_checkpoint
from model.training.clips import Batch, ClipDataset, collate, contact_sheet
from model.training.config import (
    Progress,
    TrainConfig,
    is_unrolled,
    learning_rate,
    unrolled_before,
)
from model.training.distributed import Seat, Shares, load_in_turn, seated, share, wrap
from model.training.frozen import freeze, hold
from model.training.library import Library
from model.training.losses import Losses, at_peak, pairwise_iou
from model.training.pretrained import load_pretrained
from model.training.steps import make_optimizer, ordinary_step, respond
from model.training.unroll import unrolled_step

__all__ = ["CHECKPOINT", "Progress", "TrainConfig", "default_workers", "learning_rate", "train"]

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.safetensors"


class Log:
    """Rows to `log.csv`, and to TensorBoard where it is installed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.csv"
        try:
            from torch.utils.tensorboard import SummaryWriter

            self.board: Any = SummaryWriter(str(folder))
        except ImportError:
            self.board = None
            log.info("TensorBoard is not installed; the run is logged to %s only.", self.path)

    def write(self, step: int, values: dict[str, float]) -> None:
        """Append one row for each value: `step,name,value`.

        Raises:
            InputError: there is no room, or the folder refuses.
        """
        try:
            with self.path.open("a", newline="") as file:
                csv.writer(file).writerows((step, name, f"{v:.6g}") for name, v in values.items())
            if self.board is not None:
                for name, value in values.items():
                    self.board.add_scalar(name, value, step)
        except OSError as error:
            raise InputError(
                f"The log {self.path} cannot be written ({error.strerror}); make room, and start "
                "again with the same command to go on."
            ) from error

    def close(self) -> None:
        """Flush what is pending."""
        if self.board is not None:
            self.board.close()


@torch.no_grad()
def validate(network: SpaceTimeNetwork, batches: list[Batch], templates: int) -> dict[str, float]:
    """Mean IoU at the peak over present targets, and how well quality predicts IoU."""
    ious, errors = [], []
    for batch in batches:
        _, quality, box = at_peak(respond(network, batch, templates))
        iou, _ = pairwise_iou(box, batch.search_box)
        iou = iou * batch.present
        ious.append(iou[batch.present])
        errors.append((quality.sigmoid() - iou).abs())
    return {
        "val/iou": torch.cat(ious).mean().item(),
        "val/quality": torch.cat(errors).mean().item(),
    }


class Book:
    """What the first process keeps of a run: checkpoint, weights, log, validation."""

    def __init__(
        self, folder: Path, config: TrainConfig, library: Library, network: SpaceTimeNetwork,
        average: MovingAverage, optimizer: torch.optim.Optimizer, device: torch.device,
    ) -> None:  # fmt: skip
        self.folder, self.config = folder, config
        self.network, self.average, self.optimizer = network, average, optimizer
        self.weights = folder / f"{config.preset}.safetensors"
        held_out = ClipDataset(library, config.clips, seed=config.seed + 1_000_003)
        clips = [held_out[i] for i in range(config.validate_clips)]
        contact_sheet(clips[:48], folder / "samples.png", columns=3)
        self.checks = [
            collate(clips[i : i + config.batch]).to(device)
            for i in range(0, len(clips), config.batch)
        ]
        self.log, self.saved = Log(folder), time.monotonic()

    def note(self, step: int, losses: Losses, rate: float) -> None:
        """Take what the last of `step` steps gave: average, log, validate and save when due."""
        config = self.config
        self.average.update(self.network)
        if step % 20 == 0 or step == config.steps:
            values = {f"train/{f.name}": getattr(losses, f.name).item() for f in fields(losses)}
            self.log.write(step, values | {"rate": rate, "lr": learning_rate(step, config)})
        if step % config.validate_every == 0:
            found = validate(self.average.network, self.checks, config.clips.templates)
            self.log.write(step, found)
        if time.monotonic() - self.saved > config.save_every_s:
            self.keep(step)
            self.saved = time.monotonic()

    def keep(self, step: int) -> None:
        """Write checkpoint and weights."""
        path = self.folder / CHECKPOINT
        save_checkpoint(path, self.network, self.average, self.optimizer, step)
        weights.save(
            self.average.network, self.weights, preset=self.config.preset, note=f"step {step}"
        )


def train(
    library: Library | Callable[[int], Library],
    folder: Path,
    config: TrainConfig,
    *,
    init: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train a preset's network; go on from the checkpoint in `folder` if there is one.

    Under `torchrun` every process calls this; the first alone writes and reports.

    Args:
        library: what clips are drawn from, as `load_library` reads it; or what loads it for the
            process of a rank.
        folder: where checkpoint, log and weights (`<preset>.safetensors`) are written.
        init: path of weights to start from instead of random ones; `imagenet` for a backbone
            pretrained there; or `timm` for the ViT that the preset names, fetched by timm.
        report: called after every step.

    Returns:
        Path of the weights (moving average) after the last step.

    Raises:
        InputError: the folder cannot be written, the library does not suffice, the loss stops being
            finite, or other processes are not found.
        WeightsError: the checkpoint or `init` does not fit, or there is no room for one.
    """
    with seated(config.device) as seat:
        return _train(library, folder, config, init, report, seat)


def _train(
    source: Library | Callable[[int], Library], folder: Path, config: TrainConfig, init: str | None,
    report: Callable[[Progress], None], seat: Seat,
) -> Path:  # fmt: skip
    if seat.first:
        _prepare(folder, config)
    library = source if isinstance(source, Library) else load_in_turn(seat, source)
    if config.unrolled > 0 and not (library.tracks or library.unlabelled):
        raise InputError("Unrolled clips need real tracks, and the data holds none; add some.")
    torch.manual_seed(config.seed)
    network = initial_network(config.preset, init).to(seat.device)
    backbone = network.stem if isinstance(network.stem, Backbone) else None
    if config.frozen is not None and backbone is not None:
        hold(backbone, config.frozen)
    average = MovingAverage(network, config.ema)
    optimizer, step = make_optimizer(network, config), 0
    if seat.first and (folder / CHECKPOINT).exists():
        step = load_checkpoint(folder / CHECKPOINT, network, average, optimizer)
    step = share(seat, network, optimizer, step)
    if config.frozen is not None and backbone is not None:
        freeze(backbone, config.frozen, seat.device, torch.get_num_threads())
    # the crops are those of the network, whatever the preset
    shapes = network.config
    clips = replace(config.clips, template_shape=shapes.template, search_shape=shapes.search)
    config = replace(config, clips=clips)
    trained = wrap(seat, network).train()
    book = None
    if seat.first:
        book = Book(folder, config, library, network, average, optimizer, seat.device)
    try:
        for losses, rate in _steps(trained, library, optimizer, step, config, seat):
            step += 1
            if book is not None:
                book.note(step, losses, rate)
                loss, iou = losses.total.item(), losses.iou.item()
                report(Progress(step, config.steps, loss, iou, rate))
    finally:
        if book is not None:
            book.keep(step)
            book.log.close()
    return folder / f"{config.preset}.safetensors"


def _steps(
    network: nn.Module, library: Library, optimizer: torch.optim.Optimizer, first: int,
    config: TrainConfig, seat: Seat,
) -> Iterator[tuple[Losses, float]]:  # fmt: skip
    """Make the steps from `first` on: their losses, and clips per second."""
    batches = _batches(library, config, seat, first)
    began = time.monotonic()
    for step in range(first, config.steps):
        if is_unrolled(step, config):
            losses = unrolled_step(network, library, optimizer, step, config, seat)
            clips = config.unroll.targets * (config.unroll.fewest + config.unroll.most) / 2
        else:
            batch = next(batches).to(seat.device)
            losses = ordinary_step(network, batch, optimizer, step, config)
            clips = config.batch
        now = time.monotonic()
        rate, began = clips * seat.world / (now - began), now
        yield losses, rate


def _batches(library: Library, config: TrainConfig, seat: Seat, first: int) -> Iterator[Batch]:
    """Batches of the ordinary steps from step `first` on."""
    start, stop = (step - unrolled_before(step, config) for step in (first, config.steps))
    loader = DataLoader(
        ClipDataset(library, config.clips, seed=config.seed),
        batch_sampler=Shares(seat, config.batch, start, stop),
        collate_fn=collate,
        num_workers=config.workers,
        prefetch_factor=4 if config.workers else None,
        pin_memory=seat.device.type == "cuda",
    )
    return iter(loader)


def _prepare(folder: Path, config: TrainConfig) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        weights.replace_text(folder / "config.json", json.dumps(asdict(config), indent=1))
    except OSError as error:
        raise InputError(
            f"The run's folder {folder} cannot be written ({error.strerror}); choose another."
        ) from error


def initial_network(name: str, init: str | None) -> SpaceTimeNetwork:
    """The network of a preset as training starts: random, or with the weights `init` names.

    Raises:
        InputError, WeightsError: `init` does not fit, or cannot be had.
    """
    network = SpaceTimeNetwork(preset(name).network)
    if init is not None:
        _initialise(network, name, init)
    return network


def _initialise(network: SpaceTimeNetwork, name: str, init: str) -> None:
    if init == "imagenet":
        if not isinstance(network.stem, Backbone):
            raise InputError(f"Preset {name!r} has no backbone; leave --init imagenet out.")
        load_pretrained(network.stem, str(network.config.backbone))
        return
    if init != "timm":
        network.load_state_dict(weights.load(init, expect=name)[0].state_dict())
        return
    wanted = preset(name).timm_weights
    if wanted is None:
        raise InputError(f"Preset {name!r} has no ViT to start from; leave --init timm out.")
    try:
        vit = timm.create_model(wanted, pretrained=True)
    except Exception as error:
        # timm passes on whatever its hub, the network or the disk raise
        raise InputError(
            f"The weights {wanted} could not be fetched ({type(error).__name__}); "
            "connect to the internet, or leave --init timm out."
        ) from error
    weights.load_vit(network, vit)


def default_workers() -> int:
    """Worker processes that leave a core to the network."""
    return max(1, (os.cpu_count() or 2) - 1)
