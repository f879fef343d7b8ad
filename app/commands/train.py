"""`spacetime-tracker train`: train a preset's network on your own data."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def train(
    data: Annotated[Path, typer.Argument(help="Folder with train/, images/ and videos/.")],
    out: Annotated[Path, typer.Option(help="Folder for checkpoint, logs and weights.")] = Path(
        "runs/nano"
    ),
    preset: Annotated[str, typer.Option(help="Network to train: nano, small or base.")] = "nano",
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps of the whole run.")] = 4000,
    batch: Annotated[int, typer.Option(min=1, help="Clips per step.")] = 32,
    lr: Annotated[float, typer.Option(min=0, help="Peak learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Seed of weights and clips.")] = 0,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that make clips.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    bf16: Annotated[bool, typer.Option("--bf16", help="Train in bfloat16 autocast.")] = False,
    init: Annotated[
        str | None, typer.Option(help="Weights to start from: a file, or timm for base's ViT-B.")
    ] = None,
) -> None:
    """Train a network, from scratch or from --init, and go on where a run in --out stopped.

    Writes to --out: checkpoint.safetensors (resume), PRESET.safetensors (weights to track with,
    a moving average), log.csv and TensorBoard events, samples.png (look at it: what the network
    learns from). Ctrl-C keeps everything up to the last step.

    Example:  spacetime-tracker train data --steps 8000 --out runs/nano
    """
    # torch takes seconds to import, which --help should not cost
    from model.training.datasets import load_library
    from model.training.loop import Progress as Step
    from model.training.loop import TrainConfig, default_workers
    from model.training.loop import train as run

    config = TrainConfig(
        preset=preset, steps=steps, batch=batch, lr=lr, seed=seed, device=device, bf16=bf16,
        workers=default_workers() if workers is None else workers,
    )  # fmt: skip
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    with Progress(*columns) as bar:
        task = bar.add_task("preparing", total=steps)

        def report(step: Step) -> None:
            bar.update(
                task,
                completed=step.step,
                description=f"loss {step.loss:.3f}  IoU {step.iou:.2f}  {step.rate:.1f} clips/s",
            )

        weights = run(load_library(data), out, config, init=init, report=report)
    typer.echo(f"Weights: {weights}")
