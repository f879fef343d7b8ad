"""The plots of the tracked demo clip, exported and read back."""

import csv
import io
from pathlib import Path

import pytest
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QFileDialog

from app.core.measures import measure
from app.core.overlay import PALETTE
from app.core.player.document import Scale
from tests.ui.plotted import CAR, RIVAL, Plots, distance, plots, snapshot

__all__ = ["plots"]


def choose_file(monkeypatch: pytest.MonkeyPatch, path: Path) -> list[str]:
    """Let the dialog answer `path`; what it suggested is noted."""
    suggested: list[str] = []

    def answer(parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        suggested.append(name)
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return suggested


def export(plots: Plots, kind: str) -> str:
    """What the panel says of an export."""
    plots.panel.message.clear()
    plots.panel.header.exports[kind].trigger()
    plots.qtbot.waitUntil(lambda: bool(plots.panel.message.text()))
    assert plots.panel.message.isVisible()
    return plots.panel.message.text()


def test_the_plots_are_saved_as_a_picture_and_as_a_drawing(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggested = choose_file(monkeypatch, tmp_path / "a")
    plots.panel.set_folder(tmp_path)
    assert export(plots, "png") == "✓ Wrote a.png."
    assert suggested == [str(tmp_path / "clip-plots.png")]
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * plots.view.width()
    car = QColor(*PALETTE[0])
    colours = [image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, 60, 2)]
    # the legend, over the plots
    assert any(distance(colour, car) < 30 for colour in colours)
    choose_file(monkeypatch, tmp_path / "b.svg")
    assert export(plots, "svg") == "✓ Wrote b.svg."
    drawing = (tmp_path / "b.svg").read_text()
    assert "<image" not in drawing
    assert "Position x, px" in drawing
    assert "#1 car" in drawing
    assert "#e69f00" in drawing
    assert QSvgRenderer(str(tmp_path / "b.svg")).isValid()
    # on the screen nothing has changed
    assert plots.has_colour(car, plots.place(150, float(measure(CAR.rows.columns()).x[150])))


def test_what_was_measured_is_saved_as_a_table(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots.show(snapshot(CAR, RIVAL, scale=Scale((0, 0), (0, 50), 2.0, "ft")))
    suggested = choose_file(monkeypatch, tmp_path / "table.csv")
    assert export(plots, "csv") == "✓ Wrote table.csv."
    assert suggested[0].endswith("clip-measures.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text())))
    assert len(rows) == 660
    assert "speed [ft/s]" in rows[0]


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_an_export_that_fails_says_so_in_one_sentence(
    plots: Plots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    choose_file(monkeypatch, tmp_path / "no" / f"a.{kind}")
    said = export(plots, kind)
    assert "cannot be written: no such file or directory; choose a folder" in said
    assert said.count(".") - said.count(f".{kind}") == 1
    assert list(tmp_path.iterdir()) == []
    choose_file(monkeypatch, Path())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a: ("", ""))
    plots.panel.header.exports[kind].trigger()
    assert plots.panel.message.text() == said
