"""How far should attention in time reach, and how many frames should be remembered? Measured.

    python -m tools.features make DATA --init small.safetensors --out features.safetensors
    python -m tools.features train features.safetensors --init small.safetensors --out runs/ablation
    python -m tools.ablation variants DEV --runs runs/ablation --out docs/ablation.csv
    python -m tools.ablation clips unseen.safetensors --runs runs/ablation --out docs/ablation.csv
    python -m tools.ablation buffer DEV --out docs/ablation.csv

The variants are a `nano` of two blocks with another attention, trained on the same clips with the
same backbone. `clips` measures them on features of clips that none has seen, one step each: whole
sequences depend on single drifts, these do not. `buffer` changes nothing but the number of frames
that `small` remembers.
"""

import csv
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from model import weights
from model.attention import DividedBlock
from model.backbone import Backbone
from model.evaluation.peers import OwnTracker
from model.evaluation.runner import Run, run_sequence
from model.evaluation.sequences import read_sequences
from model.evaluation.summary import Summary, summarise
from model.network import SEARCH, SpaceTimeNetwork
from model.presets import TrackerConfig
from model.tracker import Tracker
from model.training.frozen import freeze
from tools.features import Features
from tools.features import measure as measure_clips
from tools.networks import VARIANTS, make_network

SLOTS = (1, 2, 4, 8)
_TIMED = 40

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    """A variant of `VARIANTS`, or `small` where the buffer varies."""
    slots: int
    """Frames in the buffer."""
    keys: int
    """Keys that a token in the middle of the search region looks at in time attention."""
    step_iou: float
    """Of the boxes of single steps on clips that were not seen; nan where not measured."""
    success_auc: float
    precision: float
    auroc: float
    ms: float
    """Least time of a search step; without the backbone for variants, in PyTorch."""


_COLUMNS = [f.name for f in fields(Row)]


def keys_of(network: SpaceTimeNetwork, slots: int) -> int:
    """Keys of time attention of a token in the middle of the search region."""
    config, (block, *_) = network.config, network.blocks
    assert isinstance(block, DividedBlock)
    kind = type(block).__name__
    if kind == "SpaceBlock":
        return 0
    if kind == "JointBlock":
        return slots * config.template_grid.tokens + config.search_grid.tokens
    if config.reach is None:
        return slots * config.template_grid.tokens + 1
    return (slots + 1) * (2 * config.reach + 1) ** 2


@torch.inference_mode()
def step_ms(tracker: Tracker) -> float:
    """Least time of a search step of a tracker with one target, from features on, milliseconds."""
    network = tracker.network
    config = network.config
    channels = network.stem.channels if isinstance(network.stem, Backbone) else config.dim
    merged = torch.randn(1, channels, config.search.grid, config.search.grid)
    role = torch.full((1, 1), SEARCH)
    times = []
    for _ in range(_TIMED):
        before = time.perf_counter()
        assert isinstance(network.stem, Backbone)
        features = network.stem.project(merged).flatten(2).transpose(1, 2)[:, None]
        memory = tracker._buffer.memory([0], 1)
        network.respond(network.stream(features, role, memory)[0])
        times.append(1e3 * (time.perf_counter() - before))
    return min(times)


class Candidate(OwnTracker):
    """A tracker that has been made already, in an evaluation."""

    def __init__(self, name: str, tracker: Tracker) -> None:
        self.name, self.score, self.state = name, None, ""
        self._tracker, self._frame = tracker, 0


def measure(candidates: list[Candidate], dev: Path, starts: int) -> dict[str, Summary]:
    """Accuracy of all candidates on all sequences."""
    runs: list[Run] = []
    for sequence in read_sequences(dev):
        runs += run_sequence(candidates, sequence, starts=starts)
        typer.echo(f"{sequence.name} done")
    return {result.name: result.mean for result in summarise(runs)}


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Put rows into a CSV, in the place of those of the same name."""
    fresh = [
        {
            name: f"{value:.3f}" if isinstance(value := getattr(row, name), float) else str(value)
            for name in _COLUMNS
        }
        for row in rows
    ]
    names = {line["name"] for line in fresh}
    write_lines(path, [*(line for line in read_lines(path) if line["name"] not in names), *fresh])


def read_lines(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_lines(path: Path, lines: Iterable[dict[str, str]]) -> None:
    """Write a CSV of rows."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


@app.command()
def variants(
    dev: Annotated[Path, typer.Argument(help="Sequences with ground truth.")],
    runs: Annotated[Path, typer.Option(help="Folder that `train` wrote.")],
    out: Annotated[Path, typer.Option(help="CSV to write.")],
    starts: Annotated[int, typer.Option(min=1, help="Starts in each sequence.")] = 1,
) -> None:
    """Measure all variants."""
    candidates: list[Candidate] = []
    trackers: dict[str, Tracker] = {}
    shared: Backbone | None = None
    for name in VARIANTS:
        network = make_network(name)
        network.load_state_dict(weights.read_tensors(runs / f"{name}.safetensors")[0])
        network.eval()
        assert isinstance(network.stem, Backbone)
        if shared is None:
            shared = network.stem
            freeze(shared, "all", torch.device("cpu"), torch.get_num_threads())
        network.stem.run_both = shared.run_both
        trackers[name] = Tracker(network, TrackerConfig(), device="cpu", runtime="torch")
        candidates.append(Candidate(name, trackers[name]))
    found = measure(candidates, dev, starts)
    times = dict.fromkeys(VARIANTS, np.inf)
    for _ in range(5):  # in turn, so that other work on the machine falls on all alike
        times = {name: min(times[name], step_ms(tracker)) for name, tracker in trackers.items()}
    slots = TrackerConfig().slots
    write_rows(out, (
        _row(name, slots, keys_of(tracker.network, slots), found[name], times[name])
        for name, tracker in trackers.items()
    ))  # fmt: skip


@app.command()
def clips(
    features: Annotated[Path, typer.Argument(help="File that `tools.features make` wrote.")],
    runs: Annotated[Path, typer.Option(help="Folder that `train` wrote.")],
    out: Annotated[
        Path | None, typer.Option(help="CSV that `variants` wrote, to put the IoU into.")
    ] = None,
) -> None:
    """Measure the variants of a folder on clips."""
    known = Features.load(features)
    ious: dict[str, str] = {}
    for name in VARIANTS:
        path = runs / f"{name}.safetensors"
        if path.exists():
            network = make_network(name)
            network.load_state_dict(weights.read_tensors(path)[0])
            found = measure_clips(network, known)
            ious[name] = f"{found.iou:.3f}"
            typer.echo(f"{name}: IoU {found.iou:.3f}, loss {found.total:.3f}")
    if out is not None:
        lines = read_lines(out)
        write_lines(out, ({**line, "step_iou": ious.get(line["name"], line["step_iou"])}
                          for line in lines))  # fmt: skip


@app.command()
def buffer(
    dev: Annotated[Path, typer.Argument(help="Sequences with ground truth.")],
    out: Annotated[Path, typer.Option(help="CSV to write.")],
    starts: Annotated[int, typer.Option(min=1, help="Starts in each sequence.")] = 1,
) -> None:
    """Measure `small` with 1, 2, 4 and 8 frames in its buffer."""
    trackers = {slots: Tracker.load("small", device="cpu", slots=slots) for slots in SLOTS}
    candidates = [Candidate(f"small {slots}", tracker) for slots, tracker in trackers.items()]
    runs: list[Run] = []
    for sequence in read_sequences(dev):
        runs += run_sequence(candidates, sequence, starts=starts)
        typer.echo(f"{sequence.name} done")
    found = {result.name: result.mean for result in summarise(runs)}
    least = {
        c.name: 1e3 * min(float(np.percentile(r.seconds, 5)) for r in runs if r.tracker == c.name)
        for c in candidates
    }
    write_rows(out, (
        _row("small", slots, keys_of(tracker.network, slots), found[f"small {slots}"],
             least[f"small {slots}"])
        for slots, tracker in trackers.items()
    ))  # fmt: skip


def _row(name: str, slots: int, keys: int, found: Summary, ms: float) -> Row:
    return Row(name, slots, keys, np.nan, found.success_auc, found.precision, found.auroc, ms)


if __name__ == "__main__":
    app()
