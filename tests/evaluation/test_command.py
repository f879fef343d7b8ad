"""`evaluate` from the command line, with OpenCV's MIL: it comes with every OpenCV."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from model.evaluation import runner
from tests.evaluation.scenes import draw_sequence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("left", "right"):
        draw_sequence(tmp_path / "data" / name, frames=4)
    return tmp_path / "data"


def run(*args: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, args)])


def test_table_and_files(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(folder, "--trackers", "mil", "--starts", 2, "--out", out)
    assert done.exit_code == 0, done.output
    for text in ("left", "right", "mean", "mil", "updates/s"):
        assert text in done.stdout
    files = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert files == [
        "boxes/mil/left.txt", "boxes/mil/left@2.txt", "boxes/mil/right.txt",
        "boxes/mil/right@2.txt", "precision.png", "results.csv", "results.json", "success.png",
    ]  # fmt: skip
    data = json.loads((out / "results.json").read_text())
    assert data["settings"]["starts"] == 2
    assert data["settings"]["complete"] is True
    assert 0.5 < data["trackers"]["mil"]["mean"]["success_auc"] <= 1
    assert data["trackers"]["mil"]["mean"]["frames"] == 2 * (3 + 1)
    assert np.loadtxt(out / "boxes/mil/left.txt", delimiter=",").shape == (4, 4)


def test_only_some_sequences(folder: Path, tmp_path: Path) -> None:
    done = run(folder, "--trackers", "mil", "--sequences", "right")
    assert done.exit_code == 0, done.output
    assert "right" in done.stdout
    assert "left" not in done.stdout


def test_interrupted_keeps_what_is_finished(folder, tmp_path, monkeypatch) -> None:
    honest = runner.run_sequence

    def stopping(contenders, sequence, **options):
        if sequence.name == "right":
            raise KeyboardInterrupt
        yield from honest(contenders, sequence, **options)

    monkeypatch.setattr(runner, "run_sequence", stopping)
    done = run(folder, "--trackers", "mil", "--out", tmp_path / "out")
    assert done.exit_code == 130
    data = json.loads((tmp_path / "out" / "results.json").read_text())
    assert list(data["trackers"]["mil"]["sequences"]) == ["left"]
    assert data["settings"]["complete"] is False
    assert (tmp_path / "out" / "boxes" / "mil" / "left.txt").exists()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--trackers", "mil", "--sequences", "gone"], "holds no sequence named gone"),
        (["--trackers", ","], "--trackers names nothing"),
        (["--trackers", "nanotrack1"], "--peer-weights"),
        (["--trackers", "mil,mil"], "name each once"),
    ],
)
def test_bad_input_is_one_sentence(folder: Path, args: list[str], sentence: str) -> None:
    done = run(folder, *args)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_an_output_folder_that_cannot_be_written_fails_before_the_run(folder: Path) -> None:
    (folder / "file").touch()
    done = run(folder, "--trackers", "mil", "--out", folder / "file" / "out")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_usage(folder: Path) -> None:
    assert run(folder, "--starts", 0).exit_code == 2
    assert run().exit_code == 2
