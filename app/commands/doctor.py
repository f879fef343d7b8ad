"""`spacetime-tracker doctor`: what of this machine can be used."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app import doctor as checks

_SIGNS = {
    checks.Status.OK: "[green]ok     [/green]",
    checks.Status.ABSENT: "[yellow]absent [/yellow]",
    checks.Status.MISSING: "[red]missing[/red]",
}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check Python, torch and its device, Qt, display, cameras, encoders and weights.

    Each is tried, not asked: cameras give a frame, encoders encode and decode, libraries are
    loaded. The exit code is 1 only where something needed is missing; a machine without camera
    or display tracks files all the same.

    [bold]Examples[/bold]

      spacetime-tracker doctor

      spacetime-tracker doctor --json
    """
    found = []
    console = Console(soft_wrap=True, highlight=False)
    for check in checks.run_checks():
        found.append(check)
        if not as_json:
            console.print(
                f"{_SIGNS[check.status]} [bold]{check.name}[/bold]  {escape(check.detail)}"
            )
            if check.fix:
                console.print(f"        → {escape(check.fix)}")
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in found], ensure_ascii=False, indent=2))
    if any(check.status is checks.Status.MISSING for check in found):
        raise typer.Exit(1)
