"""`spacetime-tracker replay`: run a session again and say what differs."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import track as progress

from model.errors import InputError

if TYPE_CHECKING:
    from app.core.replay import Replay
    from app.core.session import SessionInfo


def replay(
    session: Annotated[Path, typer.Argument(metavar="SESSION", help="Folder of the session.")],
    source: Annotated[
        str | None, typer.Option("--source", help="The source, where it is at another place now.")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="The weights, likewise."),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", help="Another device than that of the session.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the differences as JSON on standard output.")
    ] = False,
) -> None:
    """Track a session's source again, with its targets and corrections, and compare.

    On the same machine and device the results are the same to the last digit. Of each target the
    frames that differ are counted, with the first of them and the largest difference of a box.
    Exit code 1 if anything differs: a frame, the source or the model.

    [bold]Examples[/bold]

      spacetime-tracker replay runs/session-1

      spacetime-tracker replay from-a-friend --source ~/videos/dog.mp4 --json
    """
    # torch takes seconds to import, which --help should not cost
    from app.core.journal import read_journal
    from app.core.provenance import environment, hash_source, refer_model
    from app.core.replay import Replay
    from app.core.session import JOURNAL_FILE, info_from_header
    from app.core.sources import open_source, source_path

    path = session / JOURNAL_FILE
    if not path.is_file():
        raise InputError(
            f"The folder {session} holds no session: there is no {JOURNAL_FILE} in it; give the "
            "folder that `track --session` wrote."
        )
    contents = read_journal(path, repair=False)
    info = info_from_header(contents.about, path)
    place = source or info.source.path
    if place is None:
        raise InputError(
            f"The source {info.source.name} was live and cannot be run again; "
            "give a recording of it with --source."
        )
    with open_source(place, rate=info.source.rate) as opened:
        at = source_path(place)
        changed = []
        if at is None or hash_source(at) != info.source.sha256:
            changed.append(
                f"The source {place} is not what it was in the session: its SHA-256 is another."
            )
        tracker, own = _load(info, weights, device)
        if refer_model(tracker, own).sha256 != info.model.sha256:
            changed.append(
                f"The model {own or info.model.preset} is not what it was in the session: "
                "its SHA-256 is another."
            )
        for sentence in changed:
            typer.echo(sentence, err=True)
        again = Replay(contents, opened, tracker)
        steps = again.run()
        for _ in progress(
            steps, f"Replaying {opened.info.name}", len(again), console=Console(stderr=True)
        ):
            pass
        machine = info.environment.differences(environment(tracker))
    report(again, changed, machine, as_json=as_json)
    if changed or not again.is_identical:
        raise typer.Exit(1)


def _load(info: "SessionInfo", weights: Path | None, device: str | None) -> tuple[Any, Path | None]:
    """The tracker of the session, and the path of its weights where they are the user's own."""
    import torch

    from model import Tracker
    from model.presets import TrackerConfig

    # sums come out another way with another number of threads
    torch.set_num_threads(max(1, min(info.environment.threads, 1024)))
    own = weights or (Path(info.model.weights) if info.model.weights else None)
    known = {field.name for field in fields(TrackerConfig)}
    if odd := sorted(set(info.settings.tracker) - known):
        raise InputError(
            f"The session has settings of the tracker that this version does not know "
            f"({', '.join(odd)}); replay it with that which wrote it, {info.environment.program}."
        )
    tracker = Tracker.load(
        str(own) if own else info.model.preset,
        device=device or info.environment.device,
        precision=info.environment.precision,
        **info.settings.tracker,
    )
    return tracker, own


def report(again: "Replay", changed: list[str], machine: list[str], *, as_json: bool) -> None:
    """Say on standard output how the replay went."""
    if as_json:
        document = {
            "identical": again.is_identical and not changed,
            "targets": [asdict(target) for target in again.differences],
            "changed": changed,
            "machine": machine,
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for target in again.differences:
        name = f"Target {target.id}" + (f" ({target.label})" if target.label else "")
        if not target.differing:
            typer.echo(f"{name}: identical in {target.frames} frames.")
            continue
        typer.echo(
            f"{name}: {target.differing} of {target.frames} frames differ, the first is frame "
            f"{target.first}; boxes by up to {target.max_px:.3g} px."
        )
    if machine and not again.is_identical:
        typer.echo("Another machine or version: " + "; ".join(machine) + ".")
