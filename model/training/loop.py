"""The training loop: one device, resumable, logged to CSV and TensorBoard."""

import csv
import json
import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import timm
import torch
from torch.utils.data import DataLoader

from model import weights
from model.backbone import Backbone
from model.device import resolve_device
from model.errors import InputError
from model.network import Response, SpaceTimeNetwork
from model.presets import preset
from model.training.checkpoint import MovingAverage, load_checkpoint, save_checkpoint
from model.training.clips import Batch, ClipConfig, ClipDataset, collate, contact_sheet
from model.training.datasets import Library
from model.training.frozen import freeze
from model.training.losses import (
    Losses,
    LossWeights,
    at_peak,
    pairwise_iou,
    tracking_losses,
)
from model.training.pretrained import load_pretrained

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.safetensors"


@dataclass(frozen=True)
class TrainConfig:
    """Everything a run depends on besides its data."""

    preset: str = "nano"
    steps: int = 4000
    """Optimizer steps of the whole run; the learning rate falls to zero there."""
    batch: int = 32
    lr: float = 1e-3
    warmup: int = 200
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    ema: float = 0.998
    seed: int = 0
    workers: int = 1
    device: str = "auto"
    bf16: bool = False
    """Run the network in bfloat16 autocast."""
    frozen: str | None = None
    """Part of the backbone that keeps its weights: `early` (to stride 8), `all`, or none."""
    backbone_lr: float = 0.2
    """Learning rate of the backbone, relative to that of the rest."""
    one_template: float = 0.25
    """Share of batches that show the first template alone, as at the start of tracking."""
    validate_every: int = 500
    validate_clips: int = 256
    save_every_s: float = 300.0
    clips: ClipConfig = field(default_factory=ClipConfig)
    loss: LossWeights = field(default_factory=LossWeights)


@dataclass(frozen=True)
class Progress:
    """What a run reports after each step."""

    step: int
    steps: int
    loss: float
    iou: float
    rate: float
    """Clips per second."""


def learning_rate(step: int, config: TrainConfig) -> float:
    """Linear warm-up, then a half cosine down to zero."""
    if step < config.warmup:
        return config.lr * (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    return config.lr * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def make_optimizer(network: SpaceTimeNetwork, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW; no weight decay on biases, norms and embeddings."""
    groups: list[dict[str, Any]] = []
    for in_backbone in (False, True):
        for decays in (True, False):
            chosen = [
                p
                for name, p in network.named_parameters()
                if p.requires_grad
                and is_of_backbone(network, name) == in_backbone
                and (p.ndim >= 2 and p.ndim != 3) == decays
            ]
            if chosen:
                decay = config.weight_decay if decays else 0.0
                scale = config.backbone_lr if in_backbone else 1.0
                groups.append({"params": chosen, "weight_decay": decay, "lr_scale": scale})
    return torch.optim.AdamW(groups, lr=config.lr, betas=(0.9, 0.98))


def is_of_backbone(network: SpaceTimeNetwork, name: str) -> bool:
    """Whether a parameter is one of those that come pretrained."""
    return isinstance(network.stem, Backbone) and name.startswith(("stem.early.", "stem.late."))


def respond(network: SpaceTimeNetwork, batch: Batch, templates: int) -> Response:
    """The network's answer to a batch, with the first `templates` templates shown."""
    return network(
        batch.templates[:, :templates],
        batch.template_boxes[:, :templates],
        batch.search[:, None],
        batch.template_ages[:, None, :templates],
        template_inside=batch.template_inside[:, :templates].flatten(2),
        search_inside=batch.search_inside[:, None].flatten(2),
    )


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
        """Append one row for each value: `step,name,value`."""
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerows((step, name, f"{v:.6g}") for name, v in values.items())
        if self.board is not None:
            for name, value in values.items():
                self.board.add_scalar(name, value, step)

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


def _batches(library: Library, config: TrainConfig, first: int) -> Iterator[Batch]:
    data = ClipDataset(
        library,
        config.clips,
        seed=config.seed,
        length=(config.steps - first) * config.batch,
        start=first * config.batch,
    )
    loader = DataLoader(
        data,
        batch_size=config.batch,
        collate_fn=collate,
        num_workers=config.workers,
        prefetch_factor=4 if config.workers else None,
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


def train(
    library: Library,
    folder: Path,
    config: TrainConfig,
    *,
    init: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Train a preset's network; go on from the checkpoint in `folder` if there is one.

    Args:
        library: what clips are drawn from, as `load_library` reads it.
        folder: where checkpoint, log and weights (`<preset>.safetensors`) are written.
        init: path of weights to start from instead of random ones; `imagenet` for a backbone
            pretrained there; or `timm` for the ViT that the preset names, fetched by timm.
        report: called after every step.

    Returns:
        Path of the weights (moving average) after the last step.

    Raises:
        InputError: the folder cannot be written, or the loss stops being finite.
        WeightsError: the checkpoint or `init` does not fit.
    """
    _prepare(folder, config)
    torch.manual_seed(config.seed)
    device = resolve_device(config.device)
    network = SpaceTimeNetwork(preset(config.preset).network).to(device)
    if init is not None:
        _initialise(network, config.preset, init)
    average = MovingAverage(network, config.ema)
    if config.frozen is not None and isinstance(network.stem, Backbone):
        freeze(network.stem, config.frozen, device, torch.get_num_threads())
    optimizer = make_optimizer(network, config)
    checkpoint, step = folder / CHECKPOINT, 0
    if checkpoint.exists():
        step = load_checkpoint(checkpoint, network, average, optimizer)
    # the crops are those of the network, whatever the preset
    shapes = network.config
    clips_config = replace(config.clips, template_shape=shapes.template, search_shape=shapes.search)
    config = replace(config, clips=clips_config)
    held_out = ClipDataset(library, config.clips, seed=config.seed + 1_000_003)
    clips = [held_out[i] for i in range(config.validate_clips)]
    contact_sheet(clips[:48], folder / "samples.png", columns=3)
    checks = [
        collate(clips[i : i + config.batch]).to(device) for i in range(0, len(clips), config.batch)
    ]
    del clips
    out, saved, logger = folder / f"{config.preset}.safetensors", time.monotonic(), Log(folder)

    def keep() -> None:
        save_checkpoint(checkpoint, network, average, optimizer, step)
        weights.save(average.network, out, preset=config.preset, note=f"step {step}")

    network.train()
    began = time.monotonic()
    try:
        for batch in _batches(library, config, step):
            losses = _step(network, batch.to(device), optimizer, step, config)
            average.update(network)
            step += 1
            now = time.monotonic()
            rate, began = config.batch / (now - began), now
            report(Progress(step, config.steps, losses.total.item(), losses.iou.item(), rate))
            if step % 20 == 0:
                values = {f"train/{f.name}": getattr(losses, f.name).item() for f in fields(losses)}
                logger.write(step, values | {"rate": rate, "lr": learning_rate(step, config)})
            if step % config.validate_every == 0:
                logger.write(step, validate(average.network, checks, config.clips.templates))
            if now - saved > config.save_every_s:
                keep()
                saved = now
    finally:
        keep()
        logger.close()
    return out


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


def _step(
    network: SpaceTimeNetwork,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    step: int,
    config: TrainConfig,
) -> Losses:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(step, config) * group["lr_scale"]
    # a function of seed and step alone, so that a resumed run draws the same
    draw = torch.rand(1, generator=torch.Generator().manual_seed(config.seed * 1_000_003 + step))
    templates = 1 if draw.item() < config.one_template else config.clips.templates
    with torch.autocast(batch.search.device.type, torch.bfloat16, enabled=config.bf16):
        response = respond(network, batch, templates)
    losses = tracking_losses(
        response, batch.search_box, batch.present,
        size=network.config.search.size, weights=config.loss,
    )  # fmt: skip
    if not torch.isfinite(losses.total):
        raise InputError(
            f"The loss is not finite at step {step}; resume from the last checkpoint with a lower "
            "learning rate."
        )
    optimizer.zero_grad(set_to_none=True)
    losses.total.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
    optimizer.step()
    return losses


def default_workers() -> int:
    """Worker processes that leave a core to the network."""
    return max(1, (os.cpu_count() or 2) - 1)
