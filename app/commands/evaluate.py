"""`spacetime-tracker evaluate`: accuracy and rate on sequences with ground truth."""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
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

from model.errors import InputError, TrackerError

if TYPE_CHECKING:
    from model.evaluation.report import Report
    from model.evaluation.runner import Run
    from model.evaluation.sequences import Sequence
    from model.evaluation.tables import Table as Texts


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Sequences as NAME/img/*.jpg and NAME/groundtruth.txt, one such NAME, or the "
            "folders of OTB, LaSOT, GOT-10k or TrackingNet.",
        ),
    ],
    trackers: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…",
            help="Presets, weights files, OpenCV's kcf, csrt, mil, mosse, nanotrack1, nanotrack2, "
            "or peers for all of those that can run here.  \\[default: nano]",
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
    frames: Annotated[
        int | None, typer.Option(min=2, help="Only so many frames of each, from its first.")
    ] = None,
    starts: Annotated[
        int, typer.Option(min=1, help="Start each sequence at so many places evenly spread.")
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write tables, plots and every box into this folder."),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a video of two trackers side by side, each "
                     "sequence's own."),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Trackers in --video.  \\[default: the first two]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, float32, bfloat16 or float16.")] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Threads of every tracker, OpenCV's too.  \\[default: theirs]"),
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, help="Sequences at once; above 1 times are rough.")
    ] = 1,
) -> None:  # fmt: skip
    """Measure accuracy and rate on sequences with ground truth, beside OpenCV's trackers.

    Every tracker starts on the first box of each sequence and runs to its end without help (the
    one-pass evaluation of OTB), all on the same decoded frames in turn, so that their times
    compare. Frames where the target is absent (nan) count for the score alone.

    [bold]What the columns say[/bold]

    AUC: success, the mean over 21 thresholds 0…1 of the share of frames with a larger overlap.
    ΔAUC: that less the most accurate peer's.

    P@20: share of frames whose centre is off by 20 pixels at most. norm.P: the same in sizes of the
    target, mean over 0…0.5.

    AUROC: how well the score tells frames with IoU > 0.5 from the others; 0.5 is chance.

    ms, per s: median time of one update and mean rate, decoding not in them. time×: the median over
    the most accurate peer's; below 1 is faster.

    re-found in 30: share of returns after an absence where the target was found within 30 frames.

    Attributes are told from the ground truth; results.json of --out defines each.

    [bold]Examples[/bold]

      spacetime-tracker evaluate otb/

      spacetime-tracker evaluate otb/ --trackers nano,peers --out results/

      spacetime-tracker evaluate otb/ --trackers nano,runs/a/best.safetensors --starts 3 --jobs 4

      spacetime-tracker evaluate otb/Car4 --trackers nano,csrt --video videos/

      spacetime-tracker evaluate otb/Car4 --trackers nano,nanotrack2 --peer-weights nanotrack/

    KCF, CSRT and MOSSE need opencv-contrib-python, installed after the rest. With --out, boxes are
    in boxes/TRACKER/SEQUENCE.txt as soon as a tracker has finished a sequence, and Ctrl-C still
    writes the report of the sequences that all trackers have finished.
    """
    # matplotlib loads here, not when another command starts
    from model.evaluation import lineup, machine, peers
    from model.evaluation.report import write_report
    from model.evaluation.runner import updates
    from model.evaluation.sequences import read_sequences

    if threads is not None:
        machine.set_threads(threads)
    console = Console(stderr=True)
    names, left_out = peers.expand_peers(_trackers(trackers, weights), peer_weights)
    for sentence in left_out:
        console.print(sentence, highlight=False, markup=False)
    pair = _pair([*names, *map(str, weights or ())], compare, video)
    chosen = read_sequences(folder, _names(sequences, "--sequences"))
    if frames is not None:
        chosen = [s.first(frames) for s in chosen]
    for target, option in ((out, "--out"), (video, "--video")):
        if target is not None:
            _make_folder(target, option)
    entered = lineup.Lineup(tuple(names), tuple(weights or ()), peer_weights, device, precision)
    contenders = entered.open()
    task = lineup.Task(starts, None if out is None else out / "boxes")
    with _progress(console, updates(chosen, starts) * len(contenders)) as advance:
        done = (
            lineup.run_in_turn(contenders, chosen, task, advance) if jobs == 1
            else lineup.run_at_once(entered, chosen, task, advance, jobs=jobs, threads=threads)
        )  # fmt: skip
        finished, ended = _collect(done, lambda runs: _write_video(runs, chosen, pair, video))
    settings = {
        "trackers": [c.name for c in contenders],
        "sequences": [s.name for s in chosen],
        "frames": frames,
        "starts": starts,
        "device": device,
        "precision": precision,
        "threads": threads,
        "jobs": jobs,
        "complete": ended is None,
    }
    if finished:
        found = _report(finished, chosen, settings, jobs)
        _show(found)
        if out is not None:
            written = ", ".join(p.name for p in write_report(found, out))
            console.print(f"Wrote {written} and boxes/ to {out}.", highlight=False)
    if ended is not None:
        raise ended


def _collect(
    done: "Generator[list[Run], None, None]", follow: "Callable[[list[Run]], None]"
) -> "tuple[list[Run], BaseException | None]":
    """The runs of all finished sequences, and what ended them before their time, if anything."""
    finished: list[Run] = []
    try:
        with closing(done):
            for runs in done:
                finished += runs
                follow(runs)
    except (KeyboardInterrupt, TrackerError) as error:
        return finished, error
    return finished, None


def _report(
    finished: "list[Run]", chosen: "list[Sequence]", settings: dict[str, Any], jobs: int
) -> "Report":
    from model.evaluation.attributes import attributes
    from model.evaluation.report import Report
    from model.evaluation.summary import summarise

    order = [s.name for s in chosen]
    # with several jobs they finish in any order
    results = summarise(sorted(finished, key=lambda r: order.index(r.sequence)))
    known = {s.name: attributes(s) for s in chosen if s.name in results[0].sequences}
    return Report(results, known, settings, jobs)


def _trackers(text: str | None, weights: list[Path] | None) -> list[str]:
    names = _names(text, "--trackers")
    if names is not None:
        return names
    return [] if weights else ["small"]


def _names(text: str | None, option: str) -> list[str] | None:
    if text is None:
        return None
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise InputError(f"{option} names nothing; give names separated by commas.")
    return names


def _pair(named: list[str], compare: str | None, video: Path | None) -> tuple[str, str]:
    """The two trackers in the video, by the names reports call them."""
    from model.evaluation.peers import shown_names

    if video is None:
        if compare is not None:
            raise InputError("--compare chooses who is in the video; give --video DIR too.")
        return ("", "")
    shown = dict(zip(named, shown_names(named), strict=True))
    chosen = list(shown)[:2] if compare is None else _names(compare, "--compare") or []
    pair = [shown.get(name, name) for name in chosen]
    if len(pair) != 2 or pair[0] == pair[1] or not set(pair) <= set(shown.values()):
        raise InputError(
            f"A video shows two of the trackers that run, here {', '.join(shown.values())}; "
            "name them in --trackers, and which two in --compare A,B."
        )
    return (pair[0], pair[1])


def _write_video(
    runs: "list[Run]", chosen: "list[Sequence]", pair: tuple[str, str], folder: Path | None
) -> None:
    """The first start of the sequence that these runs are of; nothing without a folder."""
    if folder is None:
        return
    from app.core.recorder import Recorder
    from model.evaluation.comparison import RATE, side_by_side

    sequence = next(s for s in chosen if s.name == runs[0].sequence)
    left, right = (next(r for r in runs if r.tracker == name) for name in pair)
    path = folder / f"{sequence.name}-{left.tracker}-{right.tracker}.mp4"
    pictures = side_by_side(sequence, left, right)
    first = next(pictures)
    with Recorder(path, first.shape[1], first.shape[0], rate=RATE) as recorder:
        recorder.write(first, 0.0)
        for i, picture in enumerate(pictures, 1):
            recorder.write(picture, i / RATE)


def _make_folder(folder: Path, option: str) -> None:
    """Fail before the trackers run, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); give another {option}."
        ) from error


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[int, str], None]]:
    """A progress bar on standard error; yields the function to call with updates made."""
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
            yield lambda count, what: bar.update(task, advance=count, description=what)
    finally:
        log.removeHandler(handler)


def _show(found: "Report") -> None:
    from model.evaluation import tables

    console = Console()
    results = found.results
    for texts in (
        tables.success_table(results),
        tables.attribute_table(found.by_attribute, results),
        tables.lost_table(results),
        tables.summary_table(results, jobs=found.jobs),
    ):
        if texts is not None:
            console.print(_table(texts))
    for sentence in tables.conclusions(results, jobs=found.jobs):
        console.print(sentence, highlight=False, markup=False)


def _table(texts: "Texts") -> Table:
    table = Table(title=texts.title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(texts.heading):
        table.add_column(name, justify="right" if i else "left", overflow="fold", no_wrap=not i)
    for i, row in enumerate(texts.rows):
        last = texts.total and i == len(texts.rows) - 1
        if last:
            table.add_section()
        table.add_row(*row, style="bold" if last else None)
    return table
