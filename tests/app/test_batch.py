"""Many videos: what is found, what is done, what a failure or an interruption leaves."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.core.batch import (
    BatchSettings,
    BatchState,
    GivenBoxes,
    Outcome,
    expand_sources,
    plan_tasks,
    run_local,
)
from app.core.batch.pool import cores
from app.core.exchange import read_boxes, read_rows
from model.errors import InputError
from tests.app.clips import encode, quarters
from tests.app.still import load

REPOSITORY = Path(__file__).parents[2]


def video(path: Path, frames: int = 6, width: int = 96) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return encode(path, [quarters(width)] * frames)


def box_file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(["source,x,y,w,h,label,frame", *lines]) + "\n")
    return path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The tracker without torch behind the command; returns the log of its processes."""
    log = tmp_path / "loads.log"
    monkeypatch.setattr(
        "app.commands.track_many.load_tracker", lambda *settings: None, raising=True
    )
    monkeypatch.setattr("app.commands.track_many.partial", lambda *_: partial(load, log=log))
    monkeypatch.chdir(tmp_path)
    return log


def track(*args: object) -> Result:
    return CliRunner().invoke(app, ["track", *(str(arg) for arg in args)])


def summary(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "summary.csv").open(newline="") as file:
        return {Path(row["source"]).name: row for row in csv.DictReader(file)}


def test_sources_of_every_kind(tmp_path: Path) -> None:
    for name in ("v/10.mp4", "v/9.mkv", "v/notes.txt", "v/.hidden.mp4", "one.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    for name in ("v/seq/img", "v/flat", "v/empty"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "v/seq/img/1.jpg").write_bytes(b"")
    (tmp_path / "v/flat/1.png").write_bytes(b"")
    (tmp_path / "list.txt").write_text("# a comment\none.mp4\nv/seq  # twice below\n\n")
    found = expand_sources([str(tmp_path / "v"), f"@{tmp_path / 'list.txt'}"])
    names = [str(Path(source).relative_to(tmp_path)) for source in found]
    assert names == ["v/flat", "v/seq", "v/9.mkv", "v/10.mp4", "one.mp4"]


@pytest.mark.parametrize("text", ["rtsp://host/live", "@none.txt", "@empty.txt"])
def test_sources_that_cannot_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("# nothing\n")
    with pytest.raises(InputError) as caught:
        expand_sources([text])
    assert "\n" not in str(caught.value)


def test_boxes_are_found_by_as_much_of_the_path_as_is_named(tmp_path: Path) -> None:
    path = box_file(
        tmp_path / "b.csv", "a/walk.mp4,1,2,3,4,,", "walk,5,6,7,8,dog,", "walk,9,9,9,9,cat,"
    )
    given = GivenBoxes(path)
    begin = given.find("/data/a/walk.mp4", 0)
    assert begin is not None
    assert [target.box for target in begin.targets] == [(1, 2, 3, 4)]
    begin = given.find("/data/b/walk.mp4", 0)
    assert begin is not None
    assert [target.label for target in begin.targets] == ["dog", "cat"]
    assert given.find("/data/b/sidewalk.mp4", 0) is None


@pytest.mark.parametrize(
    "text",
    ["", "source,x,y\n", "source,x,y,w,h\na,1,2,3,b\n", "source,x,y,w,h,frame\na,1,2,3,4,-1\n"],
)
def test_broken_boxes_are_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        GivenBoxes(tmp_path / "b.csv")
    assert "\n" not in str(caught.value)


def test_a_folder_is_tracked_resumed_and_summed_up(quick: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        video(tmp_path / "v" / f"{name}.mp4")
    (tmp_path / "v" / "a.groundtruth.txt").write_text("nan,nan,nan,nan\n10,10,20,20\n")
    boxes = box_file(tmp_path / "boxes.csv", "b,5,5,10,10,dog,2", "b,20,5,10,10,,2")
    command = ["v", "--boxes-from", boxes, "--into", "out", "--jobs", "2", "--format", "jsonl"]
    result = track(*command)
    assert result.exit_code == 0, result.stderr
    assert "2 of 2 videos done" in result.stdout
    rows = summary(tmp_path / "out")
    assert [(row["status"], row["frames"], row["targets"]) for row in rows.values()] == [
        ("done", "5", "1"), ("done", "4", "2")
    ]  # fmt: skip
    found = read_boxes(tmp_path / "out" / "b-boxes.jsonl").rows
    assert [(r.frame, r.label, r.x) for r in found[:2]] == [(2, "dog", 5), (2, "", 20)]
    assert not list((tmp_path / "out").glob("*.part*"))

    (tmp_path / "out" / "b-boxes.jsonl").unlink()
    video(tmp_path / "v" / "c.mp4")
    (tmp_path / "v" / "c.groundtruth.txt").write_text("1,1,20,20\n")
    before = (tmp_path / "out" / "a-boxes.jsonl").stat().st_mtime_ns
    loads = len(quick.read_text().split())
    result = track(*command)
    assert result.exit_code == 0, result.stderr
    assert "3 of 3 videos done, 1 of them earlier" in result.stdout
    assert len(quick.read_text().split()) == loads + 2
    assert (tmp_path / "out" / "a-boxes.jsonl").stat().st_mtime_ns == before
    # other settings are other work
    assert "0 of them" not in track(*command, "--frames", "2").stdout
    assert [row["frames"] for row in summary(tmp_path / "out").values()] == ["2", "2", "2"]


def test_failures_stop_no_other_video(quick: Path, tmp_path: Path) -> None:
    video(tmp_path / "good.mp4")
    video(tmp_path / "outside.mp4")
    (tmp_path / "text.mp4").write_text("not a video")
    video(tmp_path / "unnamed.mp4")
    boxes = box_file(
        tmp_path / "b.csv",
        "good,5,5,9,9,,",
        "outside,900,5,9,9,,",
        "text,5,5,9,9,,",
        "gone,1,1,9,9,,",
    )
    names = ["gone.mp4", "outside.mp4", "text.mp4", "unnamed.mp4", "good.mp4"]
    result = track(*names, "--boxes-from", boxes)
    assert result.exit_code == 1
    assert "4 of 5 videos could not be tracked" in result.stderr.strip().splitlines()[-1]
    assert "Traceback" not in result.stderr
    rows = summary(tmp_path / "tracked")
    assert {name: row["status"] for name, row in rows.items()} == {
        **dict.fromkeys(names, "failed"), "good.mp4": "done"
    }  # fmt: skip
    assert "no file" in rows["gone.mp4"]["error"]
    assert "outside" in rows["outside.mp4"]["error"]
    assert "cannot be read as a video" in rows["text.mp4"]["error"]
    assert "--boxes-from" in rows["unnamed.mp4"]["error"]
    assert len(read_rows(tmp_path / "tracked" / "good-boxes.csv")) == 6


def test_a_process_that_dies_takes_its_own_video_alone(tmp_path: Path) -> None:
    for name, width in (("a", 96), ("deadly", 128), ("b", 96), ("c", 96)):
        video(tmp_path / f"{name}.mp4", width=width)
        (tmp_path / f"{name}.groundtruth.txt").write_text("1,1,20,20\n")
    sources = expand_sources(str(path) for path in sorted(tmp_path.glob("*.mp4")))
    tasks = plan_tasks(sources, BatchSettings(tmp_path))
    results = {
        task.name: outcome
        for task, outcome in run_local(tasks, partial(load, kill_at_width=128), jobs=2)
    }
    assert {name: outcome.status for name, outcome in results.items()} == {
        "a": "done", "b": "done", "c": "done", "deadly": "failed"
    }  # fmt: skip
    assert "died" in results["deadly"].error
    assert len(read_rows(tmp_path / "deadly-boxes.csv.part")) == 1


def test_results_never_replace_a_source(quick: Path, tmp_path: Path) -> None:
    videos = [video(tmp_path / "v" / name) for name in ("dog.mp4", "dog-tracked.mp4")]
    data = [path.read_bytes() for path in videos]
    boxes = box_file(tmp_path / "b.csv", "dog,1,1,20,20,,", "dog-tracked,1,1,20,20,,")
    result = track(tmp_path / "v", "--boxes-from", boxes, "--into", tmp_path / "v", "--with-videos")
    assert result.exit_code == 1
    assert [path.read_bytes() for path in videos] == data
    rows = list(csv.DictReader((tmp_path / "v" / "summary.csv").open()))
    found = {Path(row["source"]).name: (row["status"], row["error"]) for row in rows}
    assert found["dog-tracked.mp4"] == ("done", "")
    assert found["dog.mp4"][0] == "failed"
    assert "would replace the source" in found["dog.mp4"][1]


def test_a_source_that_may_not_be_looked_at_stops_no_other(quick: Path, tmp_path: Path) -> None:
    video(tmp_path / "dog.mp4")
    long = "x" * 300
    boxes = box_file(tmp_path / "b.csv", "dog,1,1,20,20,,", f"{long},1,1,20,20,,")
    result = track("dog.mp4", f"{long}.mp4", "--boxes-from", boxes)
    assert result.exit_code == 1
    rows = csv.DictReader((tmp_path / "tracked" / "summary.csv").open())
    assert [row["status"] for row in rows] == ["done", "failed"]


def test_sources_of_one_name_do_not_share_a_table(tmp_path: Path) -> None:
    sources = [str(tmp_path / name) for name in ("a/walk.mp4", "b/Walk.avi", "c/walk-2.mp4")]
    tables = [task.outputs.table for task in plan_tasks(sources, BatchSettings(tmp_path))]
    assert len({str(table).lower() for table in tables}) == 3


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 9}', '{"version": 1, "sources": {"a": 1}}']
)
def test_a_damaged_state_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(InputError, match="remove it to start anew") as caught:
        BatchState(tmp_path / "state.json")
    assert "\n" not in str(caught.value)


def test_state_notes_failures_as_still_to_do(tmp_path: Path) -> None:
    video(tmp_path / "a.mp4")
    (task,) = plan_tasks([str(tmp_path / "a.mp4")], BatchSettings(tmp_path))
    state = BatchState(tmp_path / "state.json")
    state.record(task, Outcome(task.source, "failed", error="…"))
    assert BatchState(tmp_path / "state.json").done(task) is None


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["a.mp4", "b.mp4", "--box", "1,2,3,4"], "--boxes-from"),
        (["a.mp4", "b.mp4", "--out", "x.mp4"], "--into"),
        (["a.mp4", "b.mp4", "--format", "xml"], "xml"),
        (["a.mp4", "--jobs", "2", "--boxes-from", "none.csv"], "none.csv"),
        (["a.mp4", "--into", "a.mp4"], "cannot be made"),
    ],
)
def test_mistakes_are_one_sentence(quick: Path, tmp_path: Path, args: list[str], says: str) -> None:
    video(tmp_path / "a.mp4")
    result = track(*args)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


SCRIPT = """
import sys
from functools import partial
from pathlib import Path
import app.commands.track_many as many
from tests.app.still import load
if __name__ == "__main__":
    many.partial = lambda *_: partial(load, pause=0.05)
    from app.__main__ import main
    main()
"""


@pytest.fixture
def batch(tmp_path: Path):
    """A running batch of a short video and two long ones, once the short one is done."""
    for name, frames in (("a", 3), ("b", 400), ("c", 400)):
        video(tmp_path / "v" / f"{name}.mp4", frames)
        (tmp_path / "v" / f"{name}.groundtruth.txt").write_text("1,1,20,20\n")
    (tmp_path / "batch.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "batch.py", "track", "v", "--jobs", "2", "--into", "out"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: (tmp_path / "out" / "state.json").exists() or process.poll() is not None)
    wait_for(
        lambda: len(list((tmp_path / "out").glob("*.part"))) == 2 or process.poll() is not None
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(group: int) -> bool:
    """Whether a process of a group is left, other than as a zombie."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True
    )
    fields = (line.split() for line in listed.stdout.splitlines())
    return any(int(pgid) == group and not state.startswith("Z") for pgid, state, *_ in fields)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_batch_goes_on_where_it_was(
    batch: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    if number == signal.SIGINT:
        os.killpg(batch.pid, number)  # as a terminal does
    else:
        batch.send_signal(number)
    _, errors = batch.communicate(timeout=120)
    wait_for(lambda: not is_running(batch.pid))
    state = json.loads((tmp_path / "out" / "state.json").read_text())["sources"]
    statuses = {Path(source).stem: entry["outcome"]["status"] for source, entry in state.items()}
    assert statuses == {"a": "done"}
    if number == signal.SIGKILL:
        assert len(list((tmp_path / "out").glob("*.part"))) == 2
        return
    assert batch.returncode == 128 + number
    assert "Stopped by" in errors
    assert "Traceback" not in errors
    for name in ("b", "c"):
        assert 0 < len(read_rows(tmp_path / "out" / f"{name}-boxes.csv")) < 400
    rows = summary(tmp_path / "out")
    assert [row["status"] for row in rows.values()] == ["done", "waiting", "waiting"]


def test_threads_are_divided(tmp_path: Path) -> None:
    video(tmp_path / "a.mp4")
    (tmp_path / "a.groundtruth.txt").write_text("1,1,20,20\n")
    tasks = plan_tasks([str(tmp_path / "a.mp4")], BatchSettings(tmp_path))
    seen = tmp_path / "threads.txt"
    ((_, outcome),) = run_local(tasks, partial(_note_threads, seen), jobs=cores())
    assert outcome.status == "done"
    assert seen.read_text() == "1 1"
    assert np.isclose(outcome.lost, 0)


def _note_threads(path: Path) -> object:
    import cv2

    path.write_text(f"{os.environ['OMP_NUM_THREADS']} {cv2.getNumThreads()}")
    return load()
