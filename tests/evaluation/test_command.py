"""`evaluate` from the command line, with OpenCV's MIL: it comes with every OpenCV."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from app.cli import app
from model.evaluation import lineup
from model.network import SpaceTimeNetwork
from model.presets import preset
from model.weights import save
from tests.evaluation.scenes import draw_sequence


def words(text: str) -> str:
    """`text` without the line breaks of a narrow terminal."""
    return " ".join(text.split())


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
    for text in ("left", "right", "mean", "mil", "per s", "low resolution"):
        assert text in done.stdout
    files = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert files == [
        "attributes.csv", "attributes.png", "boxes/mil/left.txt", "boxes/mil/left@2.txt",
        "boxes/mil/right.txt", "boxes/mil/right@2.txt", "precision.png", "results.json",
        "sequences.csv", "success.png", "summary.csv", "summary.json",
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
    honest = lineup.run_sequence

    def stopping(contenders, sequence, **options):
        if sequence.name == "right":
            raise KeyboardInterrupt
        yield from honest(contenders, sequence, **options)

    monkeypatch.setattr(lineup, "run_sequence", stopping)
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
        (["--trackers", "mil", "--compare", "mil,kcf"], "give --video DIR too"),
        (["--trackers", "mil", "--video", "videos"], "two of the trackers that run, here mil;"),
    ],
)
def test_bad_input_is_one_sentence(folder: Path, args: list[str], sentence: str) -> None:
    done = run(folder, *args)
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_a_damaged_picture_keeps_the_sequences_before_it(folder: Path, tmp_path: Path) -> None:
    (folder / "right" / "img" / "0003.jpg").write_bytes(b"broken")
    done = run(folder, "--trackers", "mil", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "0003.jpg is not a readable picture" in done.stderr
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert list(data["trackers"]["mil"]["sequences"]) == ["left"]
    assert data["settings"]["complete"] is False


def test_weights_of_two_runs_beside_a_peer_and_a_video_of_both(
    folder: Path, tmp_path: Path
) -> None:
    files = [tmp_path / name / "best.safetensors" for name in ("a", "b")]
    for seed, file in enumerate(files):
        file.parent.mkdir()
        torch.manual_seed(seed)
        save(SpaceTimeNetwork(preset("nano").network), file, preset="nano")
    video = tmp_path / "video"
    done = run(
        folder, "--sequences", "left", "--frames", 3, "--trackers", f"{files[0]},mil,{files[1]}",
        "--video", video, "--compare", f"{files[0]},b-best", "--device", "cpu",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    for name in ("a-best", "b-best", "mil"):
        assert name in done.stdout
    assert "a-best against mil, the most accurate peer" in words(done.stdout)
    (path,) = video.iterdir()
    assert path.name == "left-a-best-b-best.mp4"
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        pictures = [f.to_ndarray(format="rgb24") for f in container.decode(stream)]
    assert len(pictures) == 3
    assert pictures[0].shape[1] == 964


def test_several_jobs_are_said_where_times_are(folder, tmp_path, monkeypatch) -> None:
    asked: dict[str, object] = {}

    def backwards(entered, sequences, task, advance, **options):
        asked.update(options)
        yield from lineup.run_in_turn(entered.open(), sequences[::-1], task, advance)

    monkeypatch.setattr(lineup, "run_at_once", backwards)
    done = run(folder, "--trackers", "mil", "--jobs", 2, "--threads", 1, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert asked == {"jobs": 2, "threads": 1}
    assert "times with 2 jobs at once" in done.stdout
    assert "quote those of --jobs 1" in words(done.stdout)
    (row,) = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert row["jobs"] == 2
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert list(data["trackers"]["mil"]["sequences"]) == ["left", "right"]


def test_a_busy_machine_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for load, said in ((1.4, False), (1.6, True)):
        monkeypatch.setattr("model.evaluation.runner.load_per_core", lambda load=load: load)
        done = run(folder, "--sequences", "left", "--trackers", "mil")
        assert ("mil (load 1.6 per core)" in words(done.stdout)) is said


def test_an_output_folder_that_cannot_be_written_fails_before_the_run(folder: Path) -> None:
    (folder / "file").touch()
    done = run(folder, "--trackers", "mil", "--out", folder / "file" / "out")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_usage(folder: Path) -> None:
    assert run(folder, "--starts", 0).exit_code == 2
    assert run().exit_code == 2
