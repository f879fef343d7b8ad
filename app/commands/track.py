"""`spacetime-tracker track`: follow targets through a source without a window."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from app.commands.outages import telling_outages
from app.commands.stopping import Stopped, stop_by_signal
from app.commands.track_many import ManyOptions, is_many, track_many
from app.core.batch import BatchSettings
from app.core.exchange import ONE_TARGET, SUFFIXES, table_format
from app.core.files import is_folder, is_same
from app.core.job import Outputs, Target, TrackJob
from app.core.recorder import Content, Timing, check_video_name, clean_path
from app.core.sources import Source, SourceInfo, open_source, source_path
from app.core.truth import find_truth, first_truth
from model.errors import InputError
from model.geometry import Box


def track(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…", help="Video file, folder, camera number, URL; many, or @LIST."
        ),
    ],
    box: Annotated[
        list[str] | None,
        typer.Option("--box", metavar="X,Y,W,H", help="Target, pixels. Repeat for several."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", help="Name of the target of each --box, in order."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.mp4", help="Annotated video to write.")
    ] = None,
    boxes: Annotated[
        Path | None,
        typer.Option("--boxes", metavar="FILE", help="Table to write: .csv .jsonl .txt .json."),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="Format of --boxes, whatever its ending.")
    ] = None,
    start: Annotated[
        int, typer.Option("--start", min=0, metavar="FRAME", help="Frame to begin at, from 0.")
    ] = 0,
    frames: Annotated[
        int | None, typer.Option("--frames", min=1, metavar="N", help="Track so many frames.")
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", help="Network: nano, small or base.")
    ] = "small",
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="Weights of your own (.safetensors)."),
    ] = None,
    device: Annotated[
        str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 or mps.")
    ] = "auto",
    precision: Annotated[
        str, typer.Option("--precision", help="auto, float32, bfloat16 or float16.")
    ] = "auto",
    rate: Annotated[
        float | None,
        typer.Option("--rate", help="Frames per second of a folder of images or a camera."),
    ] = None,
    session: Annotated[
        Path | None,
        typer.Option("--session", metavar="FOLDER", help="Keep all there, to recover or replay."),
    ] = None,
    video: Annotated[
        Content,
        typer.Option("--video", help="Boxes on the video, none (clean), or both in two files."),
    ] = Content.OVERLAY,
    timestamps: Annotated[
        Timing,
        typer.Option("--timestamps", help="Times of the video: the source's, or at constant rate."),
    ] = Timing.TRUE,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Many videos: folder of results, or tracked/."),
    ] = None,
    boxes_from: Annotated[
        Path | None,
        typer.Option("--boxes-from", metavar="FILE", help="Many videos: CSV source,x,y,w,h."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="Many videos: N at a time.")
    ] = None,
    with_videos: Annotated[
        bool, typer.Option("--with-videos", help="Many videos: annotated videos too.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS", help="Many videos: on a Ray cluster."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as JSON on standard output.")
    ] = False,
) -> None:
    """Follow one or more targets through a video and write what was seen.

    [bold]SOURCE[/bold] is a video file, a folder of images, the number of a camera, or the URL of a
    stream. Each --box starts one target in the first frame (or in that of --start); x and y are the
    top-left corner in pixels. For a folder with [cyan]groundtruth.txt[/cyan] beside its images, as
    OTB and GOT-10k lay it out, the box may be left out; so too for NAME.mp4 beside a
    [cyan]NAME.groundtruth.txt[/cyan].

    Without --out and --boxes, an annotated video and a CSV are written to the current folder, or to
    that of --session. A session holds all that was seen, flushed with every frame, and what it came
    from: `recover` saves it after a crash, `replay` runs it again and compares. A box
    is drawn solid while tracking, dashed when uncertain, dashed and faded when lost.

    [bold]Many videos[/bold]

    Several SOURCE, a folder of videos or of image folders, or @LIST with one source per line are
    tracked one after the other, or --jobs at a time, each in a process of its own with its share of
    the cores. Boxes come from ground truth, or from --boxes-from: one CSV with the columns
    source,x,y,w,h and, if need be, label and frame, or a folder with NAME.txt for each. Tables,
    summary.csv and state.json go into --into; run again, the same command does what is left. A
    video that fails stops no other; the exit code is 1 then. --ray gives the work to a Ray cluster
    whose machines share the disk: its address, or auto, or local.

    [bold]Examples[/bold]

      spacetime-tracker track dog.mp4 --box 120,80,60,90

      spacetime-tracker track videos/ --boxes-from boxes.csv --jobs 4 --into results

      spacetime-tracker track race.mp4 --box 10,20,50,40 --box 200,30,60,60
          --label red --label blue --out race-tracked.mp4 --boxes race.jsonl

      spacetime-tracker track OTB/Basketball --boxes basketball.txt

      spacetime-tracker track dog.mp4 --box 120,80,60,90 --session runs/dog

      spacetime-tracker track 0 --box 200,150,120,160 --frames 300 --out me.mp4

    Boxes go by the ending of the file: .csv, .jsonl, .txt (MOT) or .json (COCO); --format overrides
    it: csv, jsonl, mot, mot-gt, coco, otb or got10k. Columns of the CSV:
    frame,time_s,id,label,x,y,w,h,score,state,reason. Times are those of the container. Ctrl-C ends
    with whole files; a killed process leaves the boxes it had in FILE.part.
    """
    if weights is not None and not weights.is_file():
        raise InputError(f"There is no weights file {weights}; check --weights.")
    many = ManyOptions(into, boxes_from, jobs, ray, with_videos)
    if is_many(sources, many):
        if box or label or out or boxes or session or as_json:
            raise InputError(
                "--box, --label, --out, --boxes, --session and --json are for one video; give "
                "many their boxes with --boxes-from, and a folder for results with --into."
            )
        settings = BatchSettings(
            into or Path("tracked"), str(weights.absolute() if weights else preset), precision,
            table_format(Path("boxes.csv"), format_), with_videos, video, timestamps, start,
            frames, rate,
        )  # fmt: skip
        return track_many(sources, many, settings, device)
    # torch takes seconds to import, which neither --help nor the head of a batch should cost
    from app.core.session import KEPT, Session, describe_session, refuse_session
    from model import Tracker

    (source,) = sources
    if session is not None:
        refuse_session(session)
    targets = parse_targets(box or [], label or [])
    # before a session is begun, whose folder would be taken then
    kind = table_format(boxes or Path("boxes.csv"), format_)
    if kind in ONE_TARGET and len(targets) > 1 and (boxes is not None or out is None):
        raise InputError(f"{kind} can hold one target; choose another --format or one --box.")
    with open_source(source, rate=rate) as opened:
        if opened.info.notice:
            typer.echo(opened.info.notice, err=True)
        truth = None if targets else find_truth(source)
        if truth is not None:
            target, start = first_truth(truth, start)
            targets = [target]
        if not targets:
            raise InputError(
                f"No target is given for {source}; add --box x,y,w,h with its place in frame "
                f"{start}."
            )
        outputs = plan_outputs(opened.info, out, boxes, format_, folder=session)
        outputs = replace(outputs, content=video, timing=timestamps)
        kept = [session / name for name in KEPT] if session is not None else []
        refuse_inputs([source_path(source), truth, weights, *kept], outputs)
        if session is not None:
            refuse_missing_folders(outputs, session)
        tracker = Tracker.load(
            str(weights) if weights else preset, device=device, precision=precision
        )
        job = TrackJob(opened, tracker, targets, outputs, start=start, limit=frames)
        if session is not None:
            about = describe_session(
                session, source, opened.info, tracker,
                weights=weights, rate=rate, start=start, limit=frames, video=outputs.video,
                table=outputs.table, table_format=outputs.table_format,
            )  # fmt: skip
            job.session = Session(session, about)
        summary = follow(job, opened)
    report(summary, as_json=as_json)
    end(job)


def parse_targets(boxes: list[str], labels: list[str]) -> list[Target]:
    """Targets from the texts of --box and --label.

    Raises:
        InputError: a box that is not four numbers, or more labels than boxes.
    """
    if len(labels) > len(boxes):
        raise InputError(
            f"{len(labels)} --label were given for {len(boxes)} --box; give one box per label."
        )
    names = [*labels, *[""] * (len(boxes) - len(labels))]
    return [Target(parse_box(text), name) for text, name in zip(boxes, names, strict=True)]


def parse_box(text: str) -> Box:
    """A box from `x,y,w,h`.

    Raises:
        InputError: not four numbers. Their values are judged against the frame later.
    """
    parts = text.replace(",", " ").split()
    try:
        x, y, w, h = (float(part) for part in parts)
    except ValueError as error:
        raise InputError(
            f"The box {text!r} is not four numbers; write --box x,y,w,h, for example 120,80,60,90."
        ) from error
    return (x, y, w, h)


def plan_outputs(
    info: SourceInfo, out: Path | None, boxes: Path | None, chosen: str | None,
    *, folder: Path | None = None,
) -> Outputs:  # fmt: skip
    """Where to write; with neither a video nor a table asked for, both into `folder`.

    Args:
        info: of the source.
        out: video asked for.
        boxes: table asked for.
        chosen: its format.
        folder: of the session; None for the current folder.

    Raises:
        InputError: a video that would end in a name no video has.
    """
    if out is not None:
        check_video_name(out)
    if out is None and boxes is None:
        stem = (
            "".join(c if c.isalnum() or c in " ._-" else "-" for c in info.name).strip() or "video"
        )
        ending = SUFFIXES.get((chosen or "csv").lower(), "")
        place = folder or Path()
        return Outputs(place / f"{stem}-tracked.mp4", place / f"{stem}-boxes{ending}", chosen)
    return Outputs(out, boxes, chosen)


def refuse_inputs(needed: Sequence[Path | None], outputs: Outputs) -> None:
    """Refuse outputs that would replace a file that is `needed`, or each other.

    Raises:
        InputError: an output is one of these, or two outputs are one file.
    """
    both = outputs.video is not None and outputs.content is Content.BOTH
    clean = clean_path(outputs.video) if both and outputs.video is not None else None
    written = [path for path in (outputs.video, clean, outputs.table) if path is not None]
    for path in written:
        if any(given is not None and is_same(path, given) for given in needed):
            raise InputError(f"Writing {path} would replace what is needed; choose another name.")
    for one, other in combinations(written, 2):
        if is_same(one, other):
            raise InputError(f"Video and table would both be {other}; choose two names.")


def refuse_missing_folders(outputs: Outputs, session: Path) -> None:
    """Refuse what cannot be written before the session begins, whose folder would be taken then.

    Raises:
        InputError: a folder is missing, and is not that of the session.
    """
    for path in (outputs.video, outputs.table):
        folder = None if path is None else path.absolute().parent
        if folder is not None and folder != session.absolute() and not is_folder(folder):
            raise InputError(f"{path} cannot be written: there is no folder {folder}; make it.")


def follow(job: TrackJob, source: Source) -> dict[str, object]:
    """Run `job` under a progress bar; Ctrl-C and SIGTERM end it after the frame at hand.

    Returns:
        What was done: source, frames, rate, last states, names of files written.
    """
    last = None
    console = Console(stderr=True)
    with stop_by_signal(job), _bar(console) as bar, telling_outages(source, _above(bar)):
        task = bar.add_task(source.info.name, total=None, rate="", state="starting")
        for step in job.run():
            last = step
            if step.problem:
                _above(bar)(step.problem)
            bar.update(
                task, completed=step.done, total=step.total,
                rate=f"{step.rate:.1f} fps", state=_states(step.states),
            )  # fmt: skip
    return {
        "source": source.info.name,
        "frames": last.done if last else 0,
        "fps": round(last.rate, 2) if last else 0.0,
        "states": list(last.states) if last else [],
        "written": [str(path) for path in job.written],
        "problems": job.problems,
        "interrupted": job.was_stopped,
    }


def report(summary: dict[str, object], *, as_json: bool) -> None:
    """Say on standard output what was done."""
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
        return
    typer.echo(f"{summary['frames']} frames at {summary['fps']} fps.")
    written = summary["written"]
    if isinstance(written, list) and written:
        typer.echo("Written: " + ", ".join(written))


def end(job: TrackJob) -> None:
    """Leave with an exit code that is not 0 where `job` was stopped or lacks an output.

    Raises:
        Stopped: a signal stopped it.
        InputError: something went wrong that did not end it.
    """
    if job.was_stopped:
        raise Stopped(job.stopped_by or "SIGINT")
    if job.problems:
        raise InputError(" ".join(job.problems))


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(), console=console,
    )  # fmt: skip


def _above(bar: Progress) -> Callable[[str], None]:
    """Prints a sentence above the progress bar."""
    return partial(bar.console.print, highlight=False, markup=False, soft_wrap=True)


def _states(states: tuple[str, ...]) -> str:
    if len(states) == 1:
        return states[0]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    return ", ".join(f"{count} {state}" for state, count in counts.items())
