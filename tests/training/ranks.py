"""What each of two processes does for `test_distributed`: `python -m tests.training.ranks`."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from model.network import SpaceTimeNetwork
from model.presets import PRESETS, Preset, TrackerConfig
from model.training import loop
from model.training.clips import Batch, ClipConfig
from model.training.config import TrainConfig, UnrollConfig
from model.training.distributed import Seat, seated, wrap
from model.training.library import Library
from model.training.steps import ordinary_step
from model.training.track import Track
from tests.model import tiny

CONFIG = TrainConfig(
    preset="tiny", steps=3, batch=2, workers=0, warmup=1, validate_every=2, validate_clips=2,
    device="cpu", unrolled=0.5, unroll=UnrollConfig(targets=2, fewest=2, most=3),
    clips=ClipConfig(template_shape=tiny.TEMPLATE, search_shape=tiny.SEARCH),
)  # fmt: skip


def register() -> None:
    """Let the tiny network be a preset."""
    PRESETS["tiny"] = Preset("tiny", tiny.config(), TrackerConfig())


def library(rank: int) -> Library:
    """The scene of the tiny networks' tests."""
    images, boxes = zip(*(tiny.scene(i) for i in range(10)), strict=True)
    found = Library(tracks=[Track("scene", list(images), np.array(boxes), [])])
    found.add_background(images[0])
    return found


def plain_batch(rank: int, size: int) -> Batch:
    """Noise with boxes of one size, all present: every clip weighs the same in every loss."""
    g = torch.Generator().manual_seed(100 + rank)
    centred = torch.tensor([16.0, 16.0, 32.0, 32.0])
    box = torch.cat([torch.randint(20, 70, (size, 2), generator=g), torch.full((size, 2), 30)], 1)
    return Batch(
        torch.randint(0, 256, (size, 2, 64, 64, 3), generator=g, dtype=torch.uint8),
        centred.expand(size, 2, 4).contiguous(),
        torch.ones(size, 2, 4, 4, dtype=torch.bool),
        torch.tensor([9.0, 2.0]).expand(size, 2).contiguous(),
        torch.randint(0, 256, (size, 128, 128, 3), generator=g, dtype=torch.uint8),
        box.float(),
        torch.ones(size, 8, 8, dtype=torch.bool),
        torch.ones(size, dtype=torch.bool),
    )


def three_steps(seat: Seat, batch: Batch) -> SpaceTimeNetwork:
    """Plain gradient descent, batch norms held: what remains is the mean of the gradients."""
    network = tiny.network(seed=3)
    trained: nn.Module = wrap(seat, network)
    groups = [{"params": list(network.parameters()), "lr_scale": 1.0}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    for step in range(3):
        ordinary_step(trained, batch, optimizer, step, replace(CONFIG, lr=0.05, one_template=0))
    return network


def weights_of(network: SpaceTimeNetwork) -> dict[str, torch.Tensor]:
    """Parameters alone: running statistics are each process's own until it saves."""
    return {name: value.detach() for name, value in network.named_parameters()}


def main(folder: Path, ports: list[str]) -> None:
    """Make plain steps; then train for two steps, and go on for a third; save what is held."""
    register()
    os.environ["MASTER_PORT"] = ports[0]
    with seated("cpu") as seat:
        rank = seat.rank
        plain = weights_of(three_steps(seat, plain_batch(rank, 2)))
    save_file(plain, folder / f"plain{rank}.safetensors")

    held: list[SpaceTimeNetwork] = []

    def wrap_and_hold(seat: Seat, network: SpaceTimeNetwork) -> nn.Module:
        held.append(network)
        return wrap(seat, network)

    loop.wrap = wrap_and_hold
    steps: list[int] = []
    for port, last in ((ports[1], 2), (ports[2], 3)):
        os.environ["MASTER_PORT"] = port
        loop.train(
            library, folder / "run", replace(CONFIG, steps=last),
            report=lambda progress: steps.append(progress.step),
        )  # fmt: skip
    save_file(weights_of(held[-1]), folder / f"trained{rank}.safetensors")
    (folder / f"steps{rank}.json").write_text(json.dumps(steps))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
