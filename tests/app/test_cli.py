"""The command line: one sentence and an exit code for every mistake, whole files for Ctrl-C."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.core.exchange import read_rows, read_truth
from app.core.sources import VideoFile
from assets.demo import truth_path
from model.images import Frame
from model.states import State
from model.tracker import TrackResult
from tests.app.clips import container_times, cut_off, encode, noise, sound_only
from tests.app.square import PatchTracker, square_at, write_video

REPOSITORY = Path(__file__).parents[2]
BOX = "40,60,40,40"
LONG = "x" * 300
"""A name that no file can have."""


class Loaded(PatchTracker):
    """The quick tracker behind the door of the real one."""

    @classmethod
    def load(cls, *names: str, **settings: str) -> "Loaded":
        return cls()


@pytest.fixture(autouse=True)
def quick_tracker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("model.Tracker", Loaded, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "square.mp4", 12)


def invoke(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def sentence(result: Result) -> str:
    """The one line on standard error of a failed command."""
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.stderr.strip().splitlines()
    # a progress bar that was begun stands above the sentence
    assert lines[-1].endswith((".", "…"))
    assert "Traceback" not in result.stderr
    return lines[-1]


def test_track_writes_a_video_and_a_csv_beside_nothing_said(clip: Path, tmp_path: Path) -> None:
    result = invoke("track", clip, "--box", BOX, "--label", "square")
    assert result.exit_code == 0, result.stderr
    with (tmp_path / "square-boxes.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "frame",
        "time_s",
        "id",
        "label",
        "x",
        "y",
        "w",
        "h",
        "score",
        "state",
        "reason",
    ]
    assert len(rows) == 13
    assert rows[1][:8] == ["0", "0.0", "1", "square", "40.0", "60.0", "40.0", "40.0"]
    assert container_times(tmp_path / "square-tracked.mp4") == pytest.approx(
        container_times(clip), abs=1e-4
    )


@pytest.mark.parametrize("name", ["b.csv", "b.jsonl", "b.txt", "b.json"])
def test_only_what_is_asked_for_is_written(clip: Path, tmp_path: Path, name: str) -> None:
    result = invoke("track", clip, "--box", BOX, "--boxes", tmp_path / name, "--json")
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)
    assert summary["frames"] == 12
    assert summary["states"] == ["tracking"]
    assert {path.name for path in tmp_path.iterdir()} == {"square.mp4", name}


@pytest.mark.parametrize("inner", ["", "img"])
def test_folder_with_ground_truth_needs_no_box(tmp_path: Path, inner: str) -> None:
    folder = tmp_path / "walk"
    (folder / "img").mkdir(parents=True)
    with VideoFile(write_video(tmp_path / "v.mp4", 5)) as source:
        for frame in source:
            bgr = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / "img" / f"{frame.index:04d}.png"), bgr)
    box = ",".join(str(v) for v in square_at(1))
    (folder / "groundtruth.txt").write_text(f"nan,nan,nan,nan\n{box}\n")
    result = invoke("track", folder / inner, "--boxes", "b.csv", "--rate", 10)
    assert result.exit_code == 0, result.stderr
    rows = read_rows(tmp_path / "b.csv")
    assert [row.frame for row in rows] == [1, 2, 3, 4]
    assert rows[0].x == square_at(1)[0]
    assert [row.time_s for row in rows] == pytest.approx([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["none.mp4", "--box", BOX], "no file none.mp4"),
        (["square.mp4"], "--box x,y,w,h"),
        (["square.mp4", "--box", "1,2,3"], "four numbers"),
        (["square.mp4", "--box", "a,b,c,d"], "four numbers"),
        (["square.mp4", "--box", "0,0,0,0"], "empty"),
        (["square.mp4", "--box", "nan,0,5,5"], "not finite"),
        (["square.mp4", "--box", "5000,0,5,5"], "outside"),
        (["square.mp4", "--box", BOX, "--label", "a", "--label", "b"], "--label"),
        (["square.mp4", "--box", BOX, "--start", "500"], "no frame 500"),
        (["square.mp4", "--box", BOX, "--out", "x.gif"], "x.gif"),
        (["square.mp4", "--box", BOX, "--out", "absent/x.mp4"], "cannot be written"),
        (["square.mp4", "--box", BOX, "--boxes", "absent/x.csv"], "cannot be written"),
        (["square.mp4", "--box", BOX, "--boxes", "x.xls"], "--format"),
        (["square.mp4", "--box", BOX, "--format", "xml"], "--format"),
        (["square.mp4", "--box", BOX, "--box", BOX, "--boxes", "b", "--format", "otb"], "one"),
        (["square.mp4", "--box", BOX, "--out", "square.mp4"], "replace what is needed"),
        (
            ["square.mp4", "--box", BOX, "--out", "x.mp4", "--boxes", "./x.mp4", "--format", "csv"],
            "choose two names",
        ),
        (["square.mp4", "--box", BOX, "--box", BOX, "--format", "otb"], "one"),
        (["square.mp4", "--box", BOX, "--session", "s", "--format", "xml"], "--format"),
        (["square.mp4", "--box", BOX, "--session", "s", "--boxes", "s/journal.jsonl"], "replace"),
        (["square.mp4", "--box", BOX, "--session", "s", "--out", "absent/x.mp4"], "no folder"),
        (["square.mp4", "--box", "0,0,1e200,1e200"], "too large"),
        (["http://[bad/x", "--box", BOX], "rtsp://host/path"),
        (["~nobody-has-this-name/x.mp4", "--box", BOX], "no file"),
        ([f"{LONG}.mp4", "--box", BOX], "too long"),
        (["square.mp4", "--box", BOX, "--out", f"{LONG}.mp4"], "too long"),
        (["square.mp4", "--box", BOX, "--boxes", f"{LONG}.csv"], "too long"),
        (["square.mp4", "--box", BOX, "--weights", LONG], "too long"),
        (["square.mp4", "--box", BOX, "--weights", "none.safetensors"], "no weights file"),
        (["empty-folder", "--box", BOX], "holds no images"),
        (["98", "--box", BOX], "amera 98"),
        (["sound.m4a", "--box", BOX], "no video"),
        (["text.mp4", "--box", BOX], "cannot be read as a video"),
    ],
)
def test_mistakes_are_one_sentence(clip: Path, tmp_path: Path, args: list[str], says: str) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "text.mp4").write_text("not a video")
    if "sound.m4a" in args:
        sound_only(tmp_path / "sound.m4a")
    before = {path.name for path in tmp_path.iterdir()}
    data = clip.read_bytes()
    result = invoke("track", *args)
    assert says in sentence(result)
    assert clip.read_bytes() == data
    assert {path.name for path in tmp_path.iterdir()} == before


def test_name_that_the_terminal_cannot_write_is_no_fault(clip: Path) -> None:
    args = ["track", str(clip), "--box", BOX, "--frames", "2", "--boxes", "汽车.csv"]
    result = CliRunner(charset="latin-1").invoke(app, args)
    assert result.exit_code == 0, result.exception
    assert "\\u6c7d\\u8f66.csv" in result.stdout
    assert len(read_rows(Path("汽车.csv"))) == 2


def test_source_named_by_its_address_is_never_overwritten(clip: Path) -> None:
    data = clip.read_bytes()
    result = invoke("track", clip.as_uri(), "--box", BOX, "--out", clip)
    assert "replace what is needed" in sentence(result)
    assert clip.read_bytes() == data


def test_ground_truth_is_found_beside_an_address(clip: Path) -> None:
    clip.with_name("square.groundtruth.txt").write_text(f"{BOX}\n")
    result = invoke("track", clip.as_uri(), "--boxes", "b.csv", "--frames", 2)
    assert result.exit_code == 0, result.stderr
    assert len(read_rows(Path("b.csv"))) == 2


@pytest.mark.parametrize(
    "args",
    [["convert", LONG, "b.csv"], ["convert", "b.csv", f"{LONG}.csv"], ["recover", LONG],
     ["replay", LONG], ["evaluate", LONG], ["train", LONG]],
    ids=" ".join,
)  # fmt: skip
def test_names_that_no_file_can_have_are_one_sentence(tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "b.csv").write_text("frame,time_s,id,label,x,y,w,h,score,state,reason\n")
    assert "too long" in sentence(invoke(*args))


def test_ground_truth_is_never_overwritten(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((20, 20, 3), np.uint8))
    truth = tmp_path / "groundtruth.txt"
    truth.write_text("1,1,5,5\n")
    assert "replace what is needed" in sentence(invoke("track", tmp_path, "--boxes", truth))
    assert truth.read_text() == "1,1,5,5\n"


def test_video_that_breaks_leaves_what_was_tracked(tmp_path: Path) -> None:
    path = cut_off(encode(tmp_path / "cut.mp4", noise(40), movflags="faststart"), 0.6)
    result = invoke("track", path, "--box", "10,10,20,20")
    assert "cut off after frame" in sentence(result)
    rows = read_rows(tmp_path / "cut-boxes.csv")
    assert f"after frame {rows[-1].frame};" in result.stderr
    assert len(container_times(tmp_path / "cut-tracked.mp4")) == len(rows) >= 15


@pytest.mark.parametrize("args", [["track"], ["track", "x.mp4", "--start", "-1"], ["trakc"]])
def test_wrong_usage_is_exit_code_2(args: list[str]) -> None:
    assert invoke(*args).exit_code == 2


@pytest.mark.parametrize("command", ["track", "convert", "demo", "doctor", "evaluate", "train"])
def test_every_command_explains_itself(command: str) -> None:
    assert command in invoke("--help").stdout
    result = invoke(command, "--help")
    assert result.exit_code == 0
    assert "spacetime-tracker" in result.stdout


def test_headless_demo_tracks_the_embedded_clip_and_measures_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = read_truth(truth_path())

    class Knowing(Loaded):
        """Gives the truth in half of its frames, and nothing that overlaps it in the others."""

        frame = 0

        def update(self, rgb: Frame, time: float = 0.0) -> list[TrackResult]:
            self.frame += 1
            box = tuple(np.nan_to_num(truth[self.frame], nan=1.0))
            box = box if self.frame % 2 else (0.0, 0.0, 1.0, 1.0)
            return [TrackResult(1, box, 0.5, State.TRACKING, "", ())]

    monkeypatch.setattr("model.Tracker", Knowing)
    result = invoke("demo", "--headless", "--out", tmp_path / "new" / "demo")
    assert result.exit_code == 0, result.stderr
    seen = np.isfinite(truth[1:]).all(1)
    expected = seen[::2].sum() / seen.sum()
    assert f"Mean overlap (IoU) with the ground truth: {expected:.3f}" in result.stdout
    assert f"over {seen.sum()} frames" in result.stdout
    assert len(read_rows(tmp_path / "new" / "demo" / "demo-boxes.csv")) == len(truth)
    assert len(container_times(tmp_path / "new" / "demo" / "demo-tracked.mp4")) == len(truth)


@pytest.mark.parametrize(
    "args", [[], ["square.mp4"], ["0"], ["screen:"], ["rtsp://camera/stream"], [f"{LONG}.mp4"]]
)
def test_alone_or_with_a_source_opens_the_window(
    args: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str | None] = []
    monkeypatch.setattr("app.doctor.window_problem", lambda: None)
    monkeypatch.setattr("app.ui.window.run", lambda source: opened.append(source) or 3)
    assert invoke(*args).exit_code == 3
    assert opened == [args[0] if args else None]


def test_window_is_given_a_file_by_its_path(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("app.doctor.window_problem", lambda: None)
    monkeypatch.setattr("app.ui.window.run", lambda source: opened.append(source) or 0)
    assert invoke(clip.as_uri()).exit_code == 0
    assert opened == [str(clip)]
    assert "rtsp://host/path" in sentence(invoke("http://[bad/x"))


def test_window_without_a_display_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.doctor.window_problem", lambda: "There is no display.")
    assert sentence(invoke()).startswith("There is no display;")


@pytest.fixture
def running(tmp_path: Path):
    """A process that tracks a long clip slowly, once its first rows are written."""
    write_video(tmp_path / "long.mp4", 300)
    # a tracker without torch, so that the processes start quickly
    script = """
import time
from types import SimpleNamespace
import model

class Slow:
    @classmethod
    def load(cls, *names, **settings):
        return cls()
    def add(self, rgb, box, *, time):
        self.box = box
        return 1
    def update(self, rgb, *, time):
        sleep(0.02)
        state = SimpleNamespace(id=1, box=self.box, score=0.9, state="tracking", reason="")
        return [state]

sleep = time.sleep
model.Tracker = Slow
from app.__main__ import main
main()
"""
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    started: list[subprocess.Popen[str]] = []

    def start(table: str) -> subprocess.Popen[str]:
        args = ["track", "long.mp4", "--box", BOX, "--out", "o.mp4", "--boxes", table]
        process = subprocess.Popen(
            [sys.executable, "-c", script, *args],
            cwd=tmp_path, env=env, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        video = tmp_path / "o.mp4"
        while process.poll() is None and not (video.exists() and video.stat().st_size > 20_000):
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()[1]
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        (signal.SIGINT, 130, "Stopped by Ctrl-C;"),
        (signal.SIGTERM, 143, "Stopped by SIGTERM;"),
        (signal.SIGHUP, 129, "Stopped by SIGHUP;"),
    ],
)
def test_signal_leaves_whole_files_and_says_so(
    running, tmp_path: Path, sent: signal.Signals, code: int, says: str
) -> None:
    process = running("o.json")
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors.strip().splitlines()[-1].startswith(says)
    assert "Traceback" not in errors
    notes = json.loads((tmp_path / "o.json").read_text())["annotations"]
    assert 1 < len(notes) < 300
    assert len(container_times(tmp_path / "o.mp4")) == len(notes)


def test_killed_process_leaves_rows_and_a_playable_video(running, tmp_path: Path) -> None:
    process = running("o.csv")
    process.kill()
    process.communicate(timeout=60)
    rows = read_rows(tmp_path / "o.csv.part")
    shutil.copy(tmp_path / "o.mp4", tmp_path / "copy.mp4")
    with VideoFile(tmp_path / "copy.mp4") as source:
        times = [frame.time_s for frame in source]
    assert 1 < len(times) < 300
    assert abs(len(times) - len(rows)) <= 2
    assert times == pytest.approx([row.time_s for row in rows[: len(times)]], abs=1e-4)
