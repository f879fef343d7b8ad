"""`spacetime-tracker track` on many videos: processes or a cluster, resume, one summary."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.commands.stopping import Stopped
from app.core.batch import (
    BatchSettings,
    BatchState,
    GivenBoxes,
    Load,
    Outcome,
    Task,
    expand_sources,
    is_collection,
    load_tracker,
    plan_tasks,
    run_local,
    run_on_ray,
    write_summary,
)
from app.core.sources.base import check_rate, reason
from model.errors import InputError, TrackerError

STATE_NAME = "state.json"
SUMMARY_NAME = "summary.csv"
_SHOWN_ROWS = 60


@dataclass(frozen=True)
class ManyOptions:
    """What only many videos have; None where it is not asked for."""

    into: Path | None = None
    boxes_from: Path | None = None
    jobs: int | None = None
    ray: str | None = None
    videos: bool = False


def is_many(sources: list[str], options: ManyOptions) -> bool:
    """Whether this is work for many videos rather than one."""
    return len(sources) > 1 or options != ManyOptions() or is_collection(sources[0])


def track_many(
    sources: list[str], options: ManyOptions, settings: BatchSettings, device: str
) -> None:
    """Track every video of `sources` and write tables, state and summary into `settings.folder`.

    Raises:
        InputError: the sources cannot be listed, or the folder cannot be written.
        TrackerError: some videos failed; the others are done.
    """
    check_rate(settings.rate)
    given = GivenBoxes(options.boxes_from) if options.boxes_from is not None else None
    tasks = plan_tasks(expand_sources(sources), settings, given)
    try:
        settings.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {settings.folder} cannot be made: {reason(error)}."
        ) from error
    state = BatchState(settings.folder / STATE_NAME)
    outcomes = {task.source: Outcome(task.source, "waiting") for task in tasks}
    before = {task.source: done for task in tasks if (done := state.done(task)) is not None}
    outcomes.update(before)
    load = partial(load_tracker, settings.network, device, settings.precision)
    try:
        _run([task for task in tasks if task.source not in before], options, load, device,
             state, outcomes, len(tasks))  # fmt: skip
    finally:
        state.save()
        write_summary(settings.folder / SUMMARY_NAME, outcomes.values())
    _show(list(outcomes.values()), len(before), settings.folder)
    failed = sum(outcome.status != "done" for outcome in outcomes.values())
    if failed:
        raise TrackerError(
            f"{failed} of {len(tasks)} videos could not be tracked; "
            f"{settings.folder / SUMMARY_NAME} says why, and the same command tries them again."
        )


def _run(
    tasks: list[Task], options: ManyOptions, load: Load, device: str,
    state: BatchState, outcomes: dict[str, Outcome], total: int,
) -> None:  # fmt: skip
    """Do `tasks` under a progress bar, noting what comes of each."""
    if not tasks:
        return
    if options.ray is not None:
        gpus = 1.0 if device.startswith("cuda") else 0.0
        results = run_on_ray(tasks, load, address=options.ray, jobs=options.jobs, gpus=gpus)
    else:
        results = run_local(tasks, load, jobs=options.jobs or 1)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    with _raise_on_signals(), bar, closing(results):
        line = bar.add_task("videos", total=total, completed=total - len(tasks))
        for task, outcome in results:
            outcomes[task.source] = outcome
            state.record(task, outcome)
            bar.advance(line)
            if outcome.error:
                bar.console.print(f"{task.name}: {outcome.error}", markup=False, highlight=False)


@contextmanager
def _raise_on_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end a batch as Ctrl-C does: with whole files."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped(signal.Signals(number).name)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {
        number: signal.signal(number, stop)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(outcomes: list[Outcome], before: int, folder: Path) -> None:
    """The summary as a table; of many, the failed alone, for the file holds all."""
    shown = outcomes
    if len(outcomes) > _SHOWN_ROWS:
        shown = [outcome for outcome in outcomes if outcome.status != "done"][:_SHOWN_ROWS]
    table = Table("video", "status", "frames", "targets", "fps", "lost")
    for outcome in shown:
        table.add_row(
            Path(outcome.source).name, outcome.status, str(outcome.frames), str(outcome.targets),
            f"{outcome.fps:.1f}", f"{outcome.lost:.0%}",
        )  # fmt: skip
    if shown:
        Console().print(table)
    done = [outcome for outcome in outcomes if outcome.status == "done"]
    earlier = f", {before} of them earlier" if before else ""
    typer.echo(
        f"{len(done)} of {len(outcomes)} videos done{earlier}, "
        f"{sum(outcome.frames for outcome in done)} frames. Written: {folder / SUMMARY_NAME}"
    )
