"""The command line: one typer application, one function per command."""

import inspect
import io
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.commands.convert import convert
from app.commands.demo import demo
from app.commands.doctor import doctor
from app.commands.evaluate import evaluate
from app.commands.recover import recover
from app.commands.replay import replay
from app.commands.stopping import Stopped
from app.commands.track import track
from app.commands.train import train
from app.core.files import is_there
from app.core.sources import source_path
from app.core.sources.base import reason
from model.errors import TrackerError

HELP = """Point at anything in a video and have it followed.

[bold]spacetime-tracker[/bold] alone opens the window; with a file, a folder, the number of a
camera or an address it opens that in it. The commands below work without a window.

[bold]Examples[/bold]

  spacetime-tracker

  spacetime-tracker holiday.mp4

  spacetime-tracker demo --headless

  spacetime-tracker track dog.mp4 --box 120,80,60,90 --out dog-tracked.mp4

  spacetime-tracker evaluate otb/ --trackers nano,kcf,csrt,mil,mosse

  spacetime-tracker doctor

Every command has a --help of its own. Exit codes: 0 done, 1 something could not be done (one
sentence on standard error says what), 2 wrong usage, 130 ended by Ctrl-C."""


class Commands(TyperGroup):
    """Takes a source in place of a command, and turns errors into one sentence and an exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and _names_source(args[0]):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
            # as standard error is: a name that cannot be written here must not end what is done
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except TrackerError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        except OSError as error:
            if error.filename is None:
                raise
            typer.echo(
                f"{error.filename} cannot be used: {reason(error)}; check the name, and who may "
                "read and write there.",
                err=True,
            )
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            stopped = error if isinstance(error, Stopped) else Stopped("SIGINT")
            typer.echo(f"Stopped by {stopped.by}; what was done so far is on disk.", err=True)
            raise typer.Exit(stopped.exit_code) from error


def paragraphs(text: str) -> str:
    """Join the lines of each paragraph, for the width of the terminal to break them anew.

    Indented lines, such as examples, stay as they are.
    """
    return re.sub(r"(?<=\S)\n(?=\S)", " ", inspect.cleandoc(text))


app = typer.Typer(
    cls=Commands,
    name="spacetime-tracker",
    help=paragraphs(HELP),
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("spacetime-tracker"))
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_window(None)


@app.command("open", hidden=True)
def open_in_window(
    source: Annotated[str, typer.Argument(help="File, folder, camera number or address.")],
) -> None:
    """Open a source or a project in the window."""
    open_window(source)


def open_window(source: str | None) -> None:
    """Show the window, with `source` open where one is given.

    Raises:
        TrackerError: no display, libraries of Qt are missing, or an address that cannot be.
    """
    if source is not None and "://" in source:
        path = source_path(source)
        source = source if path is None else str(path)
    from app.doctor import require_window
    from app.ui.window import run

    require_window()
    raise typer.Exit(run(source))


def _names_source(text: str) -> bool:
    if text.startswith("-"):
        return False
    is_live = text.isdecimal() or "://" in text or text.startswith("screen:")
    return is_live or bool(Path(text).suffix) or is_there(Path(text))


for command in (track, convert, demo, evaluate, train, recover, replay, doctor):
    app.command(help=paragraphs(command.__doc__ or ""))(command)
