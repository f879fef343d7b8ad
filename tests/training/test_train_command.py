"""The command line hands on what was asked for, and says in one sentence what cannot be."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from model.training import loop
from model.training.config import TrainConfig
from model.training.library import Library

Call = tuple[Library, Path, TrainConfig, str | None]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Call]:
    """What training was called with, in a folder of its own."""
    found: list[Call] = []

    def train(
        load: Callable[[int], Library], folder: Path, config: TrainConfig, *, init: str | None,
        report: object,
    ) -> Path:  # fmt: skip
        found.append((load(0), folder, config, init))
        return folder / "weights"

    monkeypatch.setattr(loop, "train", train)
    monkeypatch.chdir(tmp_path)
    return found


def track(root: Path, name: str) -> Path:
    folder = root / "train" / name
    (folder / "img").mkdir(parents=True)
    for i in range(3):
        picture = np.full((60, 80, 3), 40 * i, np.uint8)
        assert cv2.imwrite(str(folder / "img" / f"{i}.jpg"), picture)
    (folder / "groundtruth.txt").write_text("10,10,20,20\n" * 3)
    return root


def test_several_folders_and_every_option_reach_the_run(tmp_path: Path, calls: list[Call]) -> None:
    roots = [str(track(tmp_path / name, name)) for name in ("a", "b")]
    options = ["--preset", "small", "--frozen", "early", "--init", "imagenet", "--unrolled", "0.25"]
    result = CliRunner().invoke(app, ["train", *roots, *options, "--no-unlabelled", "--batch", "3"])
    assert result.exit_code == 0, result.output
    ((library, folder, config, init),) = calls
    assert [each.name for each in library.tracks] == ["a", "b"]
    assert folder == Path("runs/small")
    assert (config.preset, config.frozen, config.unrolled, config.batch) == (
        "small", "early", 0.25, 3,
    )  # fmt: skip
    assert init == "imagenet"


def test_boxes_found_in_videos_are_kept_beside_the_run(tmp_path: Path, calls: list[Call]) -> None:
    root, out = str(track(tmp_path / "a", "a")), tmp_path / "run"
    out.mkdir()
    (out / "unlabelled.json").write_text("{")
    result = CliRunner().invoke(app, ["train", root, "--out", str(out), "--no-unlabelled"])
    assert result.exit_code == 0, result.output
    ((_, folder, config, init),) = calls
    assert (folder, config.frozen, config.unrolled, init) == (out, None, 0, None)
    result = CliRunner().invoke(app, ["train", root, "--out", str(out)])
    assert result.exit_code == 1
    assert "unlabelled.json cannot be read" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nowhere"], 1, "There is no folder nowhere"),
        (["nowhere", "--preset", "huge"], 1, "There is no preset 'huge'"),
        (["nowhere", "--frozen", "late"], 2, "--frozen"),
        (["nowhere", "--unrolled", "2"], 2, "--unrolled"),
    ],
)
def test_what_cannot_be_is_said(
    calls: list[Call], words: list[str], code: int, message: str
) -> None:
    result = CliRunner().invoke(app, ["train", *words])
    assert result.exit_code == code
    assert message in " ".join(result.output.split())
