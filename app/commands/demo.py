"""`spacetime-tracker demo`: the embedded clip, in the window or headless."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from app.commands.track import end, follow, report
from app.core.exchange import read_rows, read_truth
from app.core.job import Outputs, Target, TrackJob
from app.core.sources import open_source
from app.doctor import window_problem
from assets.demo import clip_path, truth_path
from model.errors import InputError
from model.geometry import iou


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="No window, even where there is a display.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder of the headless demo's files.")
    ] = Path("runs/demo"),
) -> None:
    """Show the tracker at work on the embedded clip.

    Opens the window where there is a display. Without one, or with --headless, tracks the clip,
    writes an annotated video and a CSV, and prints the mean overlap with the clip's ground truth.

    [bold]Examples[/bold]

      spacetime-tracker demo

      spacetime-tracker demo --headless --out /tmp/demo
    """
    problem = None if headless else window_problem()
    if not headless and problem is None:
        from app.ui.window import run_demo

        raise typer.Exit(run_demo())
    if problem is not None:
        typer.echo(f"{problem} Tracking without a window.", err=True)
    run_headless(out)


def run_headless(out: Path) -> None:
    """Track the embedded clip into `out` and print how well.

    Raises:
        InputError: `out` cannot be written.
    """
    # torch takes seconds to import, which --help should not cost
    from model import Tracker

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {out} cannot be made: {(error.strerror or str(error)).lower()}; "
            "choose another with --out."
        ) from error
    truth = read_truth(truth_path())
    x, y, w, h = (float(v) for v in truth[0])
    outputs = Outputs(out / "demo-tracked.mp4", out / "demo-boxes.csv")
    with open_source(str(clip_path())) as source:
        job = TrackJob(source, Tracker.load("small"), [Target((x, y, w, h), "target")], outputs)
        summary = follow(job, source)
    report(summary, as_json=False)
    overlap, frames = mean_overlap(out / "demo-boxes.csv", truth)
    typer.echo(f"Mean overlap (IoU) with the ground truth: {overlap:.3f} over {frames} frames.")
    end(job)


def mean_overlap(table: Path, truth: np.ndarray) -> tuple[float, int]:
    """Mean IoU of a table's boxes with `truth` `(frames, 4)`, and over how many frames.

    The first frame, whose box was given, and frames where the target is hidden do not count.
    """
    rows = [row for row in read_rows(table) if 0 < row.frame < len(truth)]
    seen = [row for row in rows if np.isfinite(truth[row.frame]).all()]
    if not seen:
        return 0.0, 0
    boxes = np.array([(row.x, row.y, row.w, row.h) for row in seen])
    return float(iou(boxes, truth[[row.frame for row in seen]]).mean()), len(seen)
