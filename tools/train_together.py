"""Train several networks on the same clips, for a given time, on one GPU or on a CPU.

    python -m tools.train_together DATA --out runs/together --seconds 1200 small nano
    python -m tools.train_together DATA --out runs/reach --seconds 300 --backbone all \
        reach-0 reach-1 reach-2 reach-none joint no-time

Making clips takes most of a machine's cores; networks that share them cost little more than one,
and compare fairly. The learning rate follows the clock, so that the run ends when it must. Leaves
`NAME.safetensors` (moving average) for each network, and `log.csv`.
"""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
import typer
from einops import rearrange
from torch import Tensor
from torch.utils.data import DataLoader

from model import weights
from model.backbone import Backbone
from model.errors import TrackerError
from model.geometry import CropShape
from model.network import SpaceTimeNetwork
from model.presets import PRESETS, NetworkConfig
from model.training.checkpoint import MovingAverage
from model.training.clips import Batch, ClipDataset, collate
from model.training.config import TrainConfig
from model.training.datasets import load_library
from model.training.frozen import freeze, hold
from model.training.losses import Losses
from model.training.samples import ClipConfig
from model.training.steps import make_optimizer, ordinary_step
from tools.networks import config_of, make_network, preset_of

MIX = ClipConfig(
    absent=0.16, unlabelled=0.25, lookalike=0.45, real_distractor=0.55, template_scale=0.08,
    poor_template=0.1, border=0.12, part=0.05,
)  # fmt: skip
"""More absent targets, things beside the target and remembered frames that are wrong than usual:
what the score has to tell. Targets that come in over the border, and fewer that are a part of
something."""
_STEPS = 100_000
"""Ticks of the clock from the first step to the last."""
_AVERAGED_EVERY = 4
_LOGGED_EVERY = 50


@dataclass
class Student:
    """A network in training."""

    name: str
    network: SpaceTimeNetwork
    config: TrainConfig
    average: MovingAverage
    optimizer: torch.optim.Optimizer
    losses: Losses | None = None

    def learn(self, batch: Batch, step: int, tick: int) -> None:
        """Take a step on a batch of the library's own crop shapes."""
        shapes = self.network.config
        fitted = fit(batch, self.config.clips, shapes)
        config = replace(
            self.config,
            seed=step,
            clips=replace(
                self.config.clips, template_shape=shapes.template, search_shape=shapes.search
            ),
        )
        self.losses = ordinary_step(self.network, fitted, self.optimizer, tick, config)
        if step % _AVERAGED_EVERY == 0:
            self.average.update(self.network)


class SharedBackbone:
    """Features of a backbone that several networks share, computed once for each batch."""

    def __init__(self, backbone: Backbone) -> None:
        self.compute = backbone.run_both or (lambda x: backbone.merge(backbone.early(x)))
        self._held: dict[int, Tensor] = {}

    def forget(self) -> None:
        """Another batch comes."""
        self._held.clear()

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """Merged features of crops; templates and search regions are told apart by their size."""
        size = x.shape[-1]
        held = self._held.get(size)
        if held is None or len(held) != len(x):
            held = self.compute(x)
            self._held[size] = held
        return held


def fit(batch: Batch, made: ClipConfig, wanted: NetworkConfig) -> Batch:
    """The batch with crops of another shape: narrower, or of another resolution."""
    if made.search_shape == wanted.search and made.template_shape == wanted.template:
        return batch
    if made.search_shape.pitch == wanted.search.pitch:
        return narrowed(batch, wanted.search)
    k = wanted.search.size / made.search_shape.size
    return Batch(
        resized(batch.templates, wanted.template), batch.template_boxes * k,
        inside_of(batch.template_inside, wanted.template), batch.template_ages,
        resized(batch.search[:, None], wanted.search)[:, 0], batch.search_box * k,
        inside_of(batch.search_inside[:, None], wanted.search)[:, 0], batch.present,
    )  # fmt: skip


def narrowed(batch: Batch, shape: CropShape) -> Batch:
    """The batch with a part of each search region, in which the target's centre still lies."""
    side, stride = shape.size, shape.stride
    spare = (batch.search.shape[1] - side) // stride  # tokens
    centre = batch.search_box[:, :2] + batch.search_box[:, 2:] / 2
    margin = 0.05 * side
    low = ((centre - side + margin) / stride).ceil().clamp(0, spare)
    high = ((centre - margin) / stride).floor().clamp(0, spare)
    middle = torch.full_like(low, float(spare // 2))
    start = torch.where(batch.present[:, None], middle.clamp(min=low, max=high), middle).long()
    rows = torch.arange(len(start), device=start.device)[:, None, None]

    def part(whole: Tensor, first: Tensor, count: int) -> Tensor:
        """Squares `(B, count, count, ...)` that begin at rows and columns `first`, `(B, 2)`."""
        along = first[:, :, None] + torch.arange(count, device=first.device)
        return whole[rows, along[:, 1, :, None], along[:, 0, None, :]]

    box = batch.search_box.clone()
    box[:, :2] -= start * stride * batch.present[:, None]
    return replace(
        batch,
        search=part(batch.search, start * stride, side),
        search_box=box,
        search_inside=part(batch.search_inside, start, shape.grid),
    )


def resized(crops: Tensor, shape: CropShape) -> Tensor:
    """Crops `(B, T, S, S, 3)` uint8 at another resolution."""
    x = rearrange(crops, "b t h w c -> (b t) c h w").float()
    x = F.interpolate(x, (shape.size, shape.size), mode="bilinear", antialias=True)
    x = x.round_().clamp_(0, 255).to(torch.uint8)
    return rearrange(x, "(b t) c h w -> b t h w c", t=crops.shape[1]).contiguous()


def inside_of(inside: Tensor, shape: CropShape) -> Tensor:
    """Which tokens lie in the frame, `(B, T, G, G)` bool, on another grid."""
    x = F.interpolate(inside.float(), (shape.grid, shape.grid), mode="bilinear")
    return x >= 0.5


def students_of(
    names: list[str], config: TrainConfig, init: Path | None, device: torch.device
) -> list[Student]:
    """Networks in training; all that fits of `init` is copied into each.

    Args:
        init: weights for all, or a folder with `NAME.safetensors` for each.
    """
    students = []
    for name in names:
        path = init / f"{name}.safetensors" if init is not None and init.is_dir() else init
        given = weights.read_tensors(path)[0] if path is not None else {}
        torch.manual_seed(config.seed)
        network = make_network(name)
        own = network.state_dict()
        known = {k: v for k, v in shortened(given, network).items() if v.shape == own[k].shape}
        # a preset goes on from its own weights; others learn their own tokens
        whole = name in PRESETS and len(known) == len(own)
        network.load_state_dict(
            own | (known if whole else {k: v for k, v in known.items() if k.startswith("stem.")})
        )
        network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        mine = replace(config, lr=config.lr if whole else 2 * config.lr)
        average = MovingAverage(network, mine.ema)
        if mine.frozen is not None and isinstance(network.stem, Backbone):
            # features that all share are computed once, by the first
            if mine.frozen == "early" or not students:
                freeze(network.stem, mine.frozen, device, torch.get_num_threads())
            hold(network.stem, mine.frozen)
        students.append(
            Student(name, network.train(), mine, average, make_optimizer(network, mine))
        )
    return students


def shortened(given: dict[str, Tensor], network: SpaceTimeNetwork) -> dict[str, Tensor]:
    """What of other weights may serve a network of fewer blocks and a smaller search region."""
    own = network.state_dict()
    depth = 1 + max((int(k.split(".")[1]) for k in given if k.startswith("blocks.")), default=-1)
    # evenly spread, the first and the last among them
    kept = torch.linspace(0, depth - 1, len(network.blocks)).round().int().tolist()
    found: dict[str, Tensor] = {}
    for key, value in given.items():
        first, *rest = key.split(".")
        if first == "blocks":
            if int(rest[0]) not in kept:
                continue
            key = ".".join([first, str(kept.index(int(rest[0]))), *rest[1:]])
        elif first == "position":
            side = own[key].shape[-1]
            margin = (value.shape[-1] - side) // 2
            value = value[:, margin : margin + side, margin : margin + side]
        if key in own:
            found[key] = value
    return found


def share_backbone(students: list[Student]) -> SharedBackbone:
    """Let all compute the backbone of the first, which stays as it is."""
    first = students[0].network.stem
    assert isinstance(first, Backbone)
    shared = SharedBackbone(first)
    for student in students:
        assert isinstance(student.network.stem, Backbone)
        student.network.stem.run_both = shared
    return shared


def batches(
    data: Path, found: Path | None, clips: ClipConfig, batch: int, workers: int, seed: int,
    device: torch.device,
) -> Iterator[Batch]:  # fmt: skip
    """Batches without end, on the device."""
    library = load_library(data, unlabelled=found is not None, found=found)
    made = ClipDataset(library, clips, seed=seed)
    loader = DataLoader(
        made, batch_size=batch, collate_fn=collate, num_workers=workers,
        prefetch_factor=3 if workers else None,
        pin_memory=device.type == "cuda",
    )  # fmt: skip
    for each in loader:
        yield each.to(device)


def train(students: list[Student], stream: Iterator[Batch], seconds: float, out: Path) -> None:
    """Train all until the time is over; save now and then, and at the end."""
    config = students[0].config
    shared = share_backbone(students) if config.frozen == "all" else None
    first = next(stream)
    began = saved = time.monotonic()
    step, clips = 0, 0
    for batch in _after(first, stream):
        share = (time.monotonic() - began) / seconds
        if share >= 1:
            break
        if shared is not None:
            shared.forget()
        for student in students:
            student.learn(batch, step, int(share * _STEPS))
        step, clips = step + 1, clips + len(batch.present)
        if step % _LOGGED_EVERY == 0:
            _log(out / "log.csv", students, step, clips, time.monotonic() - began)
        if time.monotonic() - saved > 60:
            save(students, out, step)
            saved = time.monotonic()
    save(students, out, step)


def _after(first: Batch, rest: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    yield from rest


def save(students: list[Student], out: Path, step: int) -> None:
    """Write the moving averages."""
    for student in students:
        path = out / f"{student.name}.safetensors"
        weights.save(
            student.average.network, path, preset=preset_of(student.name), note=f"step {step}"
        )


def _log(path: Path, students: list[Student], step: int, clips: int, seconds: float) -> None:
    with path.open("a", newline="") as file:
        writer = csv.writer(file)
        for student in students:
            losses = student.losses
            assert losses is not None
            found = [losses.total, losses.iou, losses.giou, losses.quality]
            row = [f"{value.item():.4f}" for value in found]
            writer.writerow([step, clips, f"{seconds:.1f}", student.name, *row])
            typer.echo(f"{step} {clips} {clips / seconds:.0f}/s {student.name} {' '.join(row)}")


def main(
    data: Annotated[Path, typer.Argument(help="Folder of training data.")],
    names: Annotated[list[str], typer.Argument(help="Networks: see tools.networks.")],
    out: Annotated[Path, typer.Option(help="Folder for weights and log.")],
    seconds: Annotated[float, typer.Option(min=1, help="How long to train.")],
    init: Annotated[
        Path | None,
        typer.Option(
            help="Weights to start from, where they fit; or a folder of NAME.safetensors."
        ),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Clips of a step.")] = 128,
    lr: Annotated[float, typer.Option(help="Peak learning rate; twice that for new ones.")] = 6e-4,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make clips.")] = 12,
    backbone: Annotated[str, typer.Option(help="Part held: none, early or all.")] = "none",
    ema: Annotated[float, typer.Option(help="Decay of the moving average, every 4 steps.")] = 0.995,
    found: Annotated[
        Path | None, typer.Option(help="Tracks in unlabelled videos: where their boxes are kept.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of weights and clips.")] = 0,
    device: Annotated[str, typer.Option(help="cuda or cpu.")] = "cuda",
) -> None:
    """Train several networks on the same clips, for a given time."""
    place = torch.device(device)
    torch.set_float32_matmul_precision("high")
    shapes = config_of(names[0])  # the widest; the others get parts of its crops
    clips = replace(MIX, template_shape=shapes.template, search_shape=shapes.search)
    config = TrainConfig(
        steps=_STEPS, warmup=_STEPS // 50, lr=lr, batch=batch, seed=seed, clips=clips, ema=ema,
        bf16=place.type == "cuda", frozen=None if backbone == "none" else backbone,
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    try:
        students = students_of(names, config, init, place)
        stream = batches(data, found, students[0].config.clips, batch, workers, seed, place)
        train(students, stream, seconds, out)
    except TrackerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
