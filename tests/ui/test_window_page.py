"""The page about the window names what is in the window."""

import re
from pathlib import Path

import pytest
from PyQt6.QtGui import QKeySequence

from app.ui.window import MainWindow
from app.ui.window.table import ActionTable

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "window.md").read_text("utf-8")


def plain(text: str) -> str:
    return text.replace("&", "").removesuffix("…")


def tables(window: MainWindow) -> str:
    """A table of actions for each menu, in Markdown."""
    table = ActionTable(window)
    parts = []
    for menu, title in table.menus().items():
        rows = [
            f"| {plain(spec.text)} | {keys(spec.keys)} | {spec.tip} |"
            for spec in table.specs() if spec.menu == menu
        ]  # fmt: skip
        parts.append(
            f"**{plain(title)}**\n\n| Action | Keys | What it does |\n|---|---|---|\n"
            + "\n".join(rows)
        )
    return "\n\n".join(parts)


def keys(given: tuple[str, ...]) -> str:
    portable = QKeySequence.SequenceFormat.PortableText
    return " or ".join(f"`{QKeySequence(key).toString(portable)}`" for key in given)


def test_every_action_is_explained_with_its_keys(window: MainWindow) -> None:
    _, _, begun = PAGE.partition("## Shortcuts\n")
    section, _, _ = begun.partition("\n## ")
    wanted = tables(window)
    assert wanted in section, f"put this into docs/window.md:\n\n{wanted}"


def test_links_within_the_page_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    anchors = re.findall(r"\]\(#([^)]+)\)", PAGE)
    assert anchors
    assert set(anchors) <= headings


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#]+)\)", PAGE))))
def test_files_that_are_linked_are_there(path: str) -> None:
    assert (DOCS / path).is_file()
