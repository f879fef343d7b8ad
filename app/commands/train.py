"""`spacetime-tracker train`: train a preset's network on your own data."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Frozen(StrEnum):
    """Parts of a backbone that keep their weights."""

    NONE = "none"
    EARLY = "early"
    ALL = "all"


def train(
    data: Annotated[
        list[Path],
        typer.Argument(help="Folders to train on: train/, images/, videos/, or a known data set."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for checkpoint, logs and weights.", show_default="runs/PRESET"),
    ] = None,
    preset: Annotated[str, typer.Option(help="Network to train: nano, small or base.")] = "small",
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps of the whole run.")] = 4000,
    batch: Annotated[int, typer.Option(min=1, help="Clips per step and process.")] = 32,
    lr: Annotated[float, typer.Option(min=0, help="Peak learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Seed of weights and clips.")] = 0,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that make clips.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    bf16: Annotated[bool, typer.Option("--bf16", help="Train in bfloat16 autocast.")] = False,
    init: Annotated[
        str | None,
        typer.Option(
            help="Weights to start from: a file; imagenet for a backbone; timm for base's ViT-B."
        ),
    ] = None,
    frozen: Annotated[
        Frozen, typer.Option(help="Part of a backbone to leave as it is: early is to stride 8.")
    ] = Frozen.NONE,
    unlabelled: Annotated[
        bool,
        typer.Option(
            "--unlabelled/--no-unlabelled", help="Look for targets in videos/ and follow them too."
        ),
    ] = True,
    unrolled: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of steps on clips cut around the network's own boxes."
        ),
    ] = 0.0,
) -> None:
    """Train a network, from scratch or from --init, and go on where a run in --out stopped.

    DATA lies as the README describes, or as GOT-10k, LaSOT, TrackingNet, COCO or DAVIS do.

    Writes to --out: checkpoint.safetensors (resume), PRESET.safetensors (weights to track with,
    a moving average), log.csv and TensorBoard events, samples.png (look at it: what the network
    learns from), unlabelled.json (boxes found in videos). Ctrl-C keeps everything up to the last
    step.

    Examples:  spacetime-tracker train data --steps 8000 --out runs/nano

    torchrun --nproc-per-node 4 -m app train data got10k coco --preset small --init imagenet
    """
    # torch takes seconds to import, which --help should not cost
    from model.presets import preset as preset_of
    from model.training.datasets import Library, load_library
    from model.training.distributed import first_process
    from model.training.loop import Progress as Step
    from model.training.loop import TrainConfig, default_workers
    from model.training.loop import train as run

    folder = Path("runs") / preset_of(preset).name if out is None else out
    config = TrainConfig(
        preset=preset, steps=steps, batch=batch, lr=lr, seed=seed, device=device, bf16=bf16,
        workers=default_workers() if workers is None else workers, unrolled=unrolled,
        frozen=None if frozen is Frozen.NONE else frozen.value,
    )  # fmt: skip
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns, disable=not first_process()) as bar:
        task = bar.add_task("reading", total=steps)

        def report(step: Step) -> None:
            bar.update(
                task,
                completed=step.step,
                description=f"loss {step.loss:.3f}  IoU {step.iou:.2f}  {step.rate:.1f} clips/s",
            )

        def search(video: Path, number: int, count: int) -> None:
            text = f"looking for targets in {escape(video.name)}, video {number} of {count}"
            bar.update(task, description=text)

        def load(rank: int) -> Library:
            library = load_library(
                data, seed=seed + rank, unlabelled=unlabelled, found=folder / "unlabelled.json",
                searching=search,
            )  # fmt: skip
            bar.update(task, description="making the first clips")
            return library

        weights = run(load, folder, config, init=init, report=report)
    if first_process():
        typer.echo(f"Weights: {weights}")
