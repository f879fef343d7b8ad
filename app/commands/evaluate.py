"""`spacetime-tracker evaluate`: accuracy and rate on sequences with ground truth."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from model.errors import InputError

if TYPE_CHECKING:
    from model.evaluation.runner import Run, TrackerResult


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Sequences as NAME/img/*.jpg and NAME/groundtruth.txt, or one such NAME.",
        ),
    ],
    trackers: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="Presets, weights files, and OpenCV's kcf, csrt, mil, mosse, nanotrack1, "
            "nanotrack2.  \\[default: nano]",
        ),
    ] = None,
    weights: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Weights of your own (.safetensors). Repeatable."),
    ] = None,
    peer_weights: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder with the ONNX files nanotrack1 and 2 need."),
    ] = None,
    sequences: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Only these sequences of DIR.")
    ] = None,
    starts: Annotated[
        int, typer.Option(min=1, help="Start each sequence at so many places evenly spread.")
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write JSON, CSV, plots and every box into this folder."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of every tracker, OpenCV's too.  \\[default: theirs]"),
    ] = None,
) -> None:
    """Measure accuracy and rate on sequences with ground truth, beside OpenCV's trackers.

    Every tracker starts on the first box of each sequence and runs to its end without help (the
    one-pass evaluation of OTB), all on the same decoded frames in turn, so that their times
    compare. Frames where the target is absent (nan) count for the score alone.

    [bold]What the columns say[/bold]

    AUC: success, the mean over 21 thresholds 0…1 of the share of frames with a larger overlap.

    P@20: share of frames whose centre is off by 20 pixels at most. norm.P: the same in sizes of the
    target, mean over 0…0.5.

    AUROC: how well the score tells frames with IoU > 0.5 from the others; 0.5 is chance.

    re-found: share of returns after an absence where the target was found within 30 frames.

    ms, updates/s: median time of one update and mean rate, decoding not in them. A speed is given
    as the ratio of medians.

    [bold]Examples[/bold]

      spacetime-tracker evaluate otb/

      spacetime-tracker evaluate otb/ --trackers nano,kcf,csrt,mil,mosse --out results/

      spacetime-tracker evaluate otb/ --weights mine.safetensors --starts 3

      spacetime-tracker evaluate otb/Car4 --trackers nano,nanotrack2 --peer-weights nanotrack/

    KCF, CSRT and MOSSE need opencv-contrib-python, installed after the rest. With --out, boxes are
    in boxes/TRACKER/SEQUENCE.txt as soon as a tracker has finished a sequence, and Ctrl-C still
    writes the report of the sequences that all trackers have finished.
    """
    # matplotlib loads here, not when another command starts
    from model.evaluation import peers, report, runner
    from model.evaluation.sequences import read_sequences

    if threads is not None:
        _set_threads(threads)
    names = _names(trackers, "--trackers")
    if names is None:
        names = [] if weights else ["nano"]
    chosen = read_sequences(folder, _names(sequences, "--sequences"))
    if out is not None:
        _make_folder(out)
    contenders = peers.open_trackers(
        names, weights=weights or (), peer_weights=peer_weights, device=device, precision=precision
    )
    finished: list[Run] = []
    stopped = False
    console = Console(stderr=True)
    with _progress(console, runner.updates(chosen, starts) * len(contenders)) as advance:
        try:
            for sequence in chosen:
                runs: list[Run] = []
                for run in runner.run_sequence(
                    contenders, sequence, starts=starts, progress=advance
                ):
                    runs.append(run)
                    if out is not None:
                        runner.write_boxes(run, out / "boxes")
                finished += runs
        except KeyboardInterrupt:
            stopped = True
    results = runner.summarise(finished)
    if results:
        _show(results)
        if out is not None:
            settings = {
                "trackers": [c.name for c in contenders],
                "sequences": [s.name for s in chosen],
                "starts": starts,
                "device": device,
                "precision": precision,
                "threads": threads,
                "complete": not stopped,
            }
            written = report.write_report(results, out, settings)
            names_written = ", ".join(p.name for p in written)
            console.print(f"Wrote {names_written} and boxes/ to {out}.", highlight=False)
    if stopped:
        raise KeyboardInterrupt


def _names(text: str | None, option: str) -> list[str] | None:
    if text is None:
        return None
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise InputError(f"{option} names nothing; give names separated by commas.")
    return names


def _set_threads(count: int) -> None:
    import cv2
    import torch

    cv2.setNumThreads(count)
    torch.set_num_threads(count)


def _make_folder(folder: Path) -> None:
    """Fail before the trackers run, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); give another --out."
        ) from error


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Any]:
    """A progress bar on standard error; yields the function to call after each frame."""
    log = logging.getLogger("model.evaluation")
    handler = RichHandler(console=console, show_time=False, show_path=False)
    log.addHandler(handler)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("updates, left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    try:
        with bar:
            task = bar.add_task("starting", total=total)
            yield lambda tracker, sequence: bar.update(
                task, advance=1, description=f"{tracker} on {sequence}"
            )
    finally:
        log.removeHandler(handler)


def _show(results: "list[TrackerResult]") -> None:
    from model.evaluation import report

    console = Console()
    heading, rows = report.success_table(results)
    console.print(_table("Success AUC", heading, rows, total=True))
    heading, rows = report.summary_table(results)
    console.print(_table("Mean over sequences", heading, rows))
    for a in report.against_best_peer(results):
        console.print(
            f"{a.tracker} against {a.peer}, the most accurate peer: success AUC "
            f"×{a.success_ratio:.2f}, speed ×{a.speed_ratio:.2f}",
            highlight=False,
        )


def _table(title: str, heading: list[str], rows: list[list[str]], *, total: bool = False) -> Table:
    table = Table(title=title, title_justify="left")
    for i, name in enumerate(heading):
        table.add_column(name, justify="right" if i else "left", overflow="fold")
    for i, row in enumerate(rows):
        if total and i == len(rows) - 1:
            table.add_section()
        table.add_row(*row, style="bold" if total and i == len(rows) - 1 else None)
    return table
