"""`spacetime-tracker recover`: save the sessions whose process ended before they did."""

from pathlib import Path
from typing import Annotated

import typer

from model.errors import InputError


def recover(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FOLDER]...", help="A session, or a folder that holds some."),
    ] = None,
    only_list: Annotated[
        bool, typer.Option("--list", help="Show what is unfinished, and change nothing.")
    ] = False,
) -> None:
    """Find sessions that were cut short, by a crash or a power cut, and save what they hold.

    Looks into the folder where the window keeps its sessions, and into each [bold]FOLDER[/bold].
    Of every unfinished session the journal is repaired, the recording made seekable, and the table
    of boxes written into its folder. A session that is still being written is left alone.

    [bold]Examples[/bold]

      spacetime-tracker recover --list

      spacetime-tracker recover runs/session-1
    """
    # pydantic and the encoders take a moment to import, which --help should not cost
    from app.core.recovery import recover_session, sessions_folder, unfinished_sessions

    given = folders or []
    for folder in given:
        if not folder.is_dir():
            raise InputError(f"There is no folder {folder}; give that of a session.")
    found = unfinished_sessions(given)
    if not found:
        places = ", ".join(str(place) for place in (sessions_folder(), *given))
        typer.echo(f"No unfinished session in {places}.")
        return
    failed = 0
    for session in found:
        title = f"{session.folder}: {session.source or 'unreadable'}"
        if session.last_frame is not None:
            title += f", up to frame {session.last_frame}"
        typer.echo(f"{title}, begun {session.created or 'at an unknown time'}.")
        if only_list:
            continue
        try:
            saved = recover_session(session.folder)
        except InputError as error:
            typer.echo(str(error), err=True)
            failed += 1
            continue
        for sentence in saved.notices:
            typer.echo(f"  {sentence}")
        typer.echo(f"  {saved.rows} boxes in {saved.frames} frames: {saved.table}")
        for video in saved.videos:
            typer.echo(f"  Video: {video}")
        for sentence in saved.problems:
            typer.echo(sentence, err=True)
        failed += bool(saved.problems)
    if failed:
        raise typer.Exit(1)
