"""Bring the translations up to date with the texts of `app/ui` and the sentences of the core.

    python -m tools.translations
    python -m tools.translations --lrelease /opt/qt/bin/lrelease

First the texts are gathered into `assets/translations/*.ts`, where those that are gone drop out and
new ones are marked as unfinished: to be written in Qt Linguist or by hand. Then each `.ts` is
compiled into the `.qm` that the application reads. `lrelease` comes with Qt's own tools, and with
`pip install PySide6-Essentials` (as `PySide6/lrelease`, best in an environment of its own).
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

import typer
from PyQt6.lupdate import lupdate

from app.ui.sentences import CONTEXT
from tools import sentences

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "app" / "ui"
FOLDER = ROOT / "assets" / "translations"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def gather(ts: Path) -> None:
    """Make the messages of `ts` those of the source, and keep the translations that still fit.

    Lines of the source are left out: they would change with every edit.
    """
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.py"
        said.write_text(_for_qt(sentences.gathered()), "utf-8")
        lupdate([str(TEXTS), str(said)], [str(ts)], no_obsolete=True)
    tree = ElementTree.parse(ts)
    contexts = sorted(tree.getroot().findall("context"), key=lambda c: c.findtext("name") or "")
    for context in contexts:
        tree.getroot().remove(context)
        for message in context.findall("message"):
            for location in message.findall("location"):
                message.remove(location)
    tree.getroot().extend(contexts)
    ElementTree.indent(tree, "    ")
    text = ElementTree.tostring(tree.getroot(), encoding="unicode")
    ts.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', "utf-8")


def _for_qt(templates: list[str]) -> str:
    """A source in which Qt's tool finds `templates`."""
    return "".join(f"QCoreApplication.translate({CONTEXT!r}, {text!r})\n" for text in templates)


def unfinished(ts: Path) -> list[tuple[str, str]]:
    """Context and text of every message of `ts` without a finished translation."""
    found = []
    for context in ElementTree.parse(ts).getroot().findall("context"):
        for message in context.findall("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") or not translation.text:
                found.append((context.findtext("name") or "", message.findtext("source") or ""))
    return found


@app.command()
def main(
    lrelease: Annotated[str, typer.Option(help="Path of Qt's lrelease.")] = "",
) -> None:
    """Update every .ts and .qm; the exit code is 1 while something is not translated."""
    compiler = lrelease or shutil.which("lrelease") or shutil.which("pyside6-lrelease")
    missing = 0
    for ts in sorted(FOLDER.glob("*.ts")):
        gather(ts)
        left = unfinished(ts)
        missing += len(left)
        for context, source in left:
            typer.echo(f"{ts.name}: {context}: {source}")
        if compiler:
            command = [compiler, "-silent", str(ts), "-qm", str(ts.with_suffix(".qm"))]
            subprocess.run(command, check=True)
    if not compiler:
        typer.echo("There is no lrelease; give its path with --lrelease to compile the .qm files.")
    typer.echo(f"{missing} texts are not translated.")
    sys.exit(1 if missing or not compiler else 0)


if __name__ == "__main__":
    app()
