"""Features of a frozen backbone for a set of clips, computed once, and training on them.

    python -m tools.features make DATA --init small.safetensors --out features.safetensors
    python -m tools.features train features.safetensors nano --init small.safetensors --out runs/x

What is trained is all behind the backbone of `nano`, or of another preset. A preset goes on from
`--init`, as far as it fits; the variants of `tools.networks` too, but for their attention in time,
which starts anew. All see the same clips in the same order.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from torch import Tensor

from model import weights
from model.backbone import Backbone
from model.network import SpaceTimeNetwork
from model.presets import PRESETS
from model.training.checkpoint import MovingAverage
from model.training.clips import Batch, ClipDataset, collate
from model.training.config import TrainConfig
from model.training.datasets import load_library
from model.training.frozen import freeze, hold
from model.training.losses import Losses
from model.training.samples import ClipConfig
from model.training.steps import losses_of, make_optimizer, ordinary_step
from tools.networks import VARIANTS, make_network, preset_of
from tools.train_together import MIX, shortened

_LOGGED_EVERY = 20

app = typer.Typer(add_completion=False)


@dataclass
class Features:
    """Merged features of the backbone of `N` clips in half precision, and the rest of the clips."""

    templates: Tensor
    """`(N, T, C, g, g)`."""
    search: Tensor
    """`(N, C, G, G)`."""
    rest: Batch
    """The clips, of their pictures one pixel."""

    def batch(self, chosen: Tensor) -> tuple[Batch, Tensor, Tensor]:
        """Clips `chosen`, and features of their templates and of their search regions."""
        parts = {f.name: getattr(self.rest, f.name)[chosen] for f in fields(Batch)}
        return Batch(**parts), self.templates[chosen].float(), self.search[chosen].float()

    def save(self, path: Path) -> None:
        """Write all to a safetensors file."""
        rest = {f"rest.{f.name}": getattr(self.rest, f.name) for f in fields(Batch)}
        save_file({"templates": self.templates, "search": self.search, **rest}, path)

    def first(self, count: int | None) -> "Features":
        """Those of the first clips."""
        rest = Batch(**{f.name: getattr(self.rest, f.name)[:count] for f in fields(Batch)})
        return Features(self.templates[:count], self.search[:count], rest)

    @classmethod
    def load(cls, path: Path) -> "Features":
        """Read what `save` wrote."""
        found = load_file(path)
        rest = Batch(**{f.name: found[f"rest.{f.name}"] for f in fields(Batch)})
        return cls(found["templates"], found["search"], rest)


class Replay:
    """Stands in for a backbone: gives the features computed before, whatever it is shown."""

    def __init__(self) -> None:
        self.templates, self.search = torch.empty(0), torch.empty(0)

    def __call__(self, x: Tensor) -> Tensor:
        """Features of the batch at hand; search regions are told by their size."""
        if x.shape[-1] // 16 == self.search.shape[-1]:
            return self.search
        shown = len(x) // len(self.templates)
        return self.templates[:, :shown].flatten(0, 1)


@torch.no_grad()
def compute_features(
    backbone: Callable[[Tensor], Tensor], network: SpaceTimeNetwork, clips: ClipDataset, count: int
) -> Features:
    """Features of the first `count` clips.

    Args:
        backbone: normed pictures `(B, 3, S, S)` to merged features `(B, C, S/16, S/16)`.
        network: says how pictures are normed.
    """
    loader = torch.utils.data.DataLoader(
        clips, batch_size=32, collate_fn=collate, num_workers=1, prefetch_factor=4
    )
    templates, searches, rests = [], [], []
    began = time.monotonic()
    for batch in loader:
        for images, into in ((batch.templates.flatten(0, 1), templates), (batch.search, searches)):
            x = (images.float() - network.pixel_mean) / network.pixel_std
            into.append(backbone(x.permute(0, 3, 1, 2)).half())
        rests.append(
            replace(
                batch,
                templates=batch.templates[..., :1, :1, :].clone(),
                search=batch.search[..., :1, :1, :].clone(),
            )
        )
        made = 32 * len(searches)
        if made % 640 == 0:
            typer.echo(f"{made} clips, {made / (time.monotonic() - began):.1f}/s")
        if made >= count:
            break
    rest = Batch(*(torch.cat([getattr(r, f.name) for r in rests]) for f in fields(Batch)))
    shown = rest.template_boxes.shape[1]
    return Features(torch.cat(templates).unflatten(0, (-1, shown)), torch.cat(searches), rest)


def blank(batch: Batch, clips: ClipConfig) -> Batch:
    """The batch with pictures of one colour and full size, which take no memory."""
    b, t = batch.templates.shape[:2]
    small, large = clips.template_shape.size, clips.search_shape.size
    return replace(
        batch, templates=batch.templates.expand(b, t, small, small, 3),
        search=batch.search.expand(b, large, large, 3),
    )  # fmt: skip


def start(name: str, init: dict[str, Tensor], seed: int) -> SpaceTimeNetwork:
    """A network with all that fits of `init`; for a variant all but attention in time."""
    torch.manual_seed(seed)
    network = make_network(name)
    known = shortened(init, network)
    if name not in PRESETS:
        known = {k: v for k, v in known.items() if ".time." not in k and ".temporal_fc." not in k}
    network.load_state_dict(network.state_dict() | known)
    assert isinstance(network.stem, Backbone)
    hold(network.stem, "all")
    return network.train()


@torch.no_grad()
def measure(network: SpaceTimeNetwork, features: Features, batch: int = 32) -> Losses:
    """Mean losses on clips, each shown with one template and with all."""
    assert isinstance(network.stem, Backbone)
    replay = network.stem.run_both = Replay()
    shapes = network.eval().config
    clips = ClipConfig(template_shape=shapes.template, search_shape=shapes.search)
    config = TrainConfig(clips=clips)
    every = []
    for numbers in torch.arange(len(features.search)).split(batch):
        shown, replay.templates, replay.search = features.batch(numbers)
        for templates in (1, clips.templates):
            losses, _ = losses_of(network, blank(shown, clips), templates, 0, config)
            every.append([getattr(losses, f.name) * len(numbers) for f in fields(Losses)])
    sums = [torch.stack(each).sum() for each in zip(*every, strict=True)]
    return Losses(*(each / (2 * len(features.search)) for each in sums))


def learn(
    network: SpaceTimeNetwork, features: Features, config: TrainConfig,
    report: Callable[[int, Losses], None],
) -> SpaceTimeNetwork:  # fmt: skip
    """Train a network on features for the steps of `config`; returns the moving average."""
    assert isinstance(network.stem, Backbone)
    average = MovingAverage(network, config.ema)
    replay = network.stem.run_both = Replay()
    optimizer = make_optimizer(network, config)
    order = np.random.default_rng(config.seed)
    per_epoch = len(features.search) // config.batch
    chosen = torch.empty(0)
    for step in range(config.steps):
        if step % per_epoch == 0:
            chosen = torch.from_numpy(order.permutation(len(features.search)))
        at = step % per_epoch * config.batch
        batch, replay.templates, replay.search = features.batch(chosen[at : at + config.batch])
        losses = ordinary_step(network, blank(batch, config.clips), optimizer, step, config)
        average.update(network)
        report(step + 1, losses)
    return average.network


@app.command()
def make(
    data: Annotated[Path, typer.Argument(help="Folder of training data.")],
    init: Annotated[Path, typer.Option(help="Weights of `small`, whose backbone is taken.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    clips: Annotated[int, typer.Option(min=32, help="Clips whose features are computed.")] = 10000,
    found: Annotated[
        Path | None, typer.Option(help="Tracks in unlabelled videos: where their boxes are kept.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the clips.")] = 0,
    preset: Annotated[str, typer.Option(help="Whose backbone and crops.")] = "nano",
    tracks_only: Annotated[
        bool, typer.Option("--tracks-only", help="Clips of the sequences alone, as for a test.")
    ] = False,
) -> None:
    """Compute features of clips."""
    network = start(preset, weights.read_tensors(init)[0], seed)
    assert isinstance(network.stem, Backbone)
    freeze(network.stem, "all", torch.device("cpu"), torch.get_num_threads())
    assert network.stem.run_both is not None
    shapes = network.config
    library = load_library(data, unlabelled=found is not None, found=found)
    mix = replace(MIX, template_shape=shapes.template, search_shape=shapes.search)
    if tracks_only:
        mix = replace(mix, real=1.0, unlabelled=0.0, border=0.0)
    made = ClipDataset(library, mix, seed=seed)
    compute_features(network.stem.run_both, network, made, clips).save(out)


@app.command()
def train(
    features: Annotated[Path, typer.Argument(help="File that `make` wrote.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Networks; all variants if none.")
    ] = None,
    *,
    init: Annotated[Path, typer.Option(help="Weights of `small`.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights.")],
    epochs: Annotated[int, typer.Option(min=1, help="Times each clip is shown.")] = 1,
    clips: Annotated[
        int | None, typer.Option(min=32, help="First clips to use; all if none.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Clips of a step.")] = 32,
    lr: Annotated[float, typer.Option(help="Peak learning rate.")] = 1e-3,
    ema: Annotated[float, typer.Option(help="Decay of the moving average.")] = 0.99,
    seed: Annotated[int, typer.Option(help="Of weights and order.")] = 0,
) -> None:
    """Train networks behind the backbone, one after the other."""
    out.mkdir(parents=True, exist_ok=True)
    given, known = weights.read_tensors(init)[0], Features.load(features).first(clips)
    for name in names or VARIANTS:
        network = start(name, given, seed)
        shapes = network.config
        steps = epochs * (len(known.search) // batch)
        config = TrainConfig(
            steps=steps, warmup=steps // 20, lr=lr, batch=batch, seed=seed, frozen="all", ema=ema,
            clips=ClipConfig(template_shape=shapes.template, search_shape=shapes.search),
        )  # fmt: skip
        began = time.monotonic()

        def report(
            step: int, losses: Losses, name: str = name, steps: int = steps, began: float = began
        ) -> None:
            if step % _LOGGED_EVERY == 0:
                rate = step * batch / (time.monotonic() - began)
                numbers = f"{losses.total.item():.3f} {losses.iou.item():.3f}"
                typer.echo(f"{name} {step}/{steps} loss, IoU {numbers} {rate:.0f}/s")

        trained = learn(network, known, config, report)
        path = out / f"{name}.safetensors"
        weights.save(trained, path, preset=preset_of(name), note=f"{steps} steps")


@app.command()
def average(
    paths: Annotated[
        list[Path], typer.Argument(help="Weights of one network; named twice they count twice.")
    ],
    out: Annotated[Path, typer.Option(help="Weights to write.")],
) -> None:
    """Write the mean of weights, as before and after a stage of training."""
    network, made_for = weights.load(paths[0])
    every = [weights.load(path, expect=made_for)[0].state_dict() for path in paths]
    mean = {
        key: sum(each[key] for each in every) / len(every) if value.is_floating_point() else value
        for key, value in network.state_dict().items()
    }
    network.load_state_dict(mean)
    names = ", ".join(path.stem for path in paths)
    weights.save(network, out, preset=made_for, note=f"mean of {names}")


if __name__ == "__main__":
    app()
