"""Sessions: what their folder holds, who may write it, and what is saved after a SIGKILL."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.core import recovery
from app.core.exchange import read_rows
from app.core.journal import Added, Journal, read_journal
from app.core.provenance import hash_source, refer_source
from app.core.recovery import recover_session, unfinished_sessions
from app.core.session import Session, SessionInfo, info_from_header, is_locked
from app.core.sources import SourceInfo, VideoFile, open_source
from model.errors import InputError
from tests.app.sessions import BOX, invoke, track, write_weights
from tests.app.square import write_video

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "square.mp4", 12)


@pytest.fixture(scope="module")
def finished(clip: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished") / "session"
    assert track(clip, folder, weights, "--label", "square").exit_code == 0
    return folder


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setattr(recovery, "sessions_folder", lambda: tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def cut_short(finished: Path, tmp_path: Path) -> Path:
    """A session as it is when its process was killed while it wrote a line."""
    folder = tmp_path / "cut short"
    shutil.copytree(finished, folder)
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    assert b"ended" in lines[-1]
    journal.write_bytes(b"".join(lines[:-1]) + b'{"box":{"frame":12,"ti')
    document = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps({**document, "outcome": None}))
    (folder / "square-boxes.csv").rename(folder / "square-boxes.csv.part")
    return folder


def info(folder: Path) -> SessionInfo:
    path = folder / "journal.jsonl"
    return info_from_header(read_journal(path, repair=False).header, path)


def test_folder_says_what_was_tracked_with_what(finished: Path, clip: Path, weights: Path) -> None:
    names = {path.name for path in finished.iterdir()} - {".lock"}
    assert names == {"session.json", "journal.jsonl", "square-boxes.csv", "square-tracked.mp4"}
    document = json.loads((finished / "session.json").read_text())
    assert document["outcome"] == "done"
    about = info(finished)
    assert document["session"] == json.loads(json.dumps(asdict(about)))
    assert about.source.path == str(clip)
    assert about.source.sha256 == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert about.model.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (about.model.preset, about.environment.device) == ("nano", "cpu")
    assert about.environment.torch
    assert about.settings.tracker["slots"] == 2
    assert [export.path for export in about.exports] == ["square-tracked.mp4", "square-boxes.csv"]


def test_journal_holds_the_rows_of_the_table(finished: Path) -> None:
    contents = read_journal(finished / "journal.jsonl")
    assert contents.outcome == "done"
    assert contents.entries[0] == Added(0, 0.0, 1, "square", 40.0, 60.0, 40.0, 40.0)
    table = read_rows(finished / "square-boxes.csv")
    assert [row.frame for row in table] == list(range(12))
    for ours, theirs in zip(contents.rows, table, strict=True):
        assert (ours.frame, ours.id, ours.label) == (theirs.frame, theirs.id, theirs.label)
        assert (ours.state, ours.reason) == (theirs.state, theirs.reason)
        assert (ours.x, ours.y, ours.w, ours.h) == pytest.approx(
            (theirs.x, theirs.y, theirs.w, theirs.h), abs=0.006
        )


def test_folder_with_a_session_is_refused_and_kept(
    finished: Path, clip: Path, weights: Path
) -> None:
    before = {path: path.read_bytes() for path in finished.iterdir()}
    result = track(clip, finished, weights)
    assert result.exit_code == 1
    assert "holds a session already" in result.stderr
    assert {path: path.read_bytes() for path in finished.iterdir()} == before


def test_box_outside_the_frame_leaves_no_folder(clip: Path, weights: Path, tmp_path: Path) -> None:
    result = invoke(
        "track", clip, "--box", "900,900,5,5", "--weights", weights, "--session", tmp_path / "s"
    )
    assert result.exit_code == 1
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "done"), (InputError("The camera was unplugged."), "The camera was unplugged."),
        (KeyboardInterrupt(), "stopped"), (MemoryError(), "MemoryError"),
    ],
)  # fmt: skip
def test_session_notes_how_it_ended(
    finished: Path, tmp_path: Path, error: BaseException | None, outcome: str
) -> None:
    def run() -> None:
        with Session(tmp_path / "s", info(finished)) as session:
            session.begin()
            if error is not None:
                raise error

    if error is None:
        run()
    else:
        with pytest.raises(type(error)):
            run()
    assert read_journal(tmp_path / "s" / "journal.jsonl").outcome == outcome
    assert json.loads((tmp_path / "s" / "session.json").read_text())["outcome"] == outcome
    assert unfinished_sessions([tmp_path]) == []


def test_no_two_write_one_session_and_none_recovers_a_living_one(
    finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    second = Session(folder, info(finished))
    with Session(folder, info(finished)) as session:
        session.begin()
        session.target(0, 0.0, 1, "", (1.0, 2.0, 3.0, 4.0))
        assert is_locked(folder)
        assert unfinished_sessions([tmp_path]) == []
        for attempt in (second.begin, lambda: recover_session(folder)):
            with pytest.raises(InputError, match="by another process"):
                attempt()
    assert not is_locked(folder)
    assert len(read_journal(folder / "journal.jsonl").entries) == 2


def test_file_in_place_of_the_folder_is_one_sentence(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("a file")
    with pytest.raises(InputError, match="cannot be written") as caught:
        Session(tmp_path / "s", info(finished)).begin()
    assert "\n" not in str(caught.value)


def test_unfinished_session_is_found_and_recovered(cut_short: Path, data_folder: Path) -> None:
    data_folder.mkdir()
    moved = cut_short.rename(data_folder / "one")
    (found,) = unfinished_sessions()
    assert (found.folder, found.source, found.last_frame) == (moved, "square", 11)
    listed = invoke("recover", "--list")
    assert f"{moved}: square, up to frame 11" in " ".join(listed.stdout.split("\n"))
    assert unfinished_sessions() == [found]
    result = invoke("recover")
    assert result.exit_code == 0
    assert "was torn" in result.stdout
    assert [row.frame for row in read_rows(moved / "square-boxes.csv")] == list(range(12))
    assert not (moved / "square-boxes.csv.part").exists()
    assert unfinished_sessions() == []
    assert read_journal(moved / "journal.jsonl", repair=False).outcome == "recovered"
    assert "No unfinished session" in invoke("recover").stdout


def test_recovery_needs_the_journal_alone(cut_short: Path) -> None:
    for name in ("session.json", "square-tracked.mp4", ".lock"):
        (cut_short / name).unlink()
    (found,) = unfinished_sessions([cut_short])
    assert found.source == "square"
    saved = recover_session(cut_short)
    assert (saved.rows, saved.frames, saved.videos, saved.problems) == (12, 12, (), ())
    assert json.loads((cut_short / "session.json").read_text())["outcome"] == "recovered"


def test_table_keeps_the_format_that_was_asked_for(cut_short: Path) -> None:
    about = info(cut_short)
    other = replace(about, exports=(replace(about.exports[1], path="/gone/b.txt", format="mot"),))
    journal = cut_short / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.unlink()
    Journal.create(journal, asdict(other)).close()
    journal.write_bytes(journal.read_bytes() + b"".join(lines[1:]))
    assert recover_session(cut_short).table == cut_short / "b.txt"
    first = (cut_short / "b.txt").read_text().splitlines()[0]
    assert first.startswith("1,1,41.00,61.00,40.00,40.00")


@pytest.mark.parametrize(("age_s", "count"), [(1, 1), (60, 0)])
def test_recording_of_a_later_run_is_left_alone(cut_short: Path, age_s: float, count: int) -> None:
    about, journal = info(cut_short), cut_short / "journal.jsonl"
    video = (cut_short / "square-tracked.mp4").rename(cut_short.parent / "out.mp4")
    journal.unlink()
    other = replace(about, exports=(replace(about.exports[0], path=str(video)),))
    Journal.create(journal, asdict(other)).close()
    died = journal.stat().st_mtime
    os.utime(video, (died + age_s, died + age_s))
    assert len(recover_session(cut_short).videos) == count


def test_what_stands_before_damage_is_saved(cut_short: Path) -> None:
    journal = cut_short / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:6], b"garbage\n", *lines[6:]]))
    before = journal.read_bytes()
    result = invoke("recover", cut_short)
    assert result.exit_code == 1
    assert "Line 7 of the journal" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(read_rows(cut_short / "square-boxes.csv")) == 5
    assert journal.read_bytes() == before
    assert unfinished_sessions([cut_short]) == []


@pytest.mark.parametrize("text", [b"", b"\0" * 90, b'{"header": {"format": "else"}}\n'])
def test_journal_without_a_header_stops_no_other_recovery(cut_short: Path, text: bytes) -> None:
    broken = cut_short.parent / "broken"
    broken.mkdir()
    (broken / "journal.jsonl").write_bytes(text)
    found = unfinished_sessions([cut_short.parent])
    assert {session.folder.name: bool(session.problem) for session in found} == {
        "broken": True, "cut short": False,
    }  # fmt: skip
    result = invoke("recover", cut_short.parent)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert (broken / "journal.jsonl").read_bytes() == text
    assert len(read_rows(cut_short / "square-boxes.csv")) == 12


@pytest.mark.parametrize("change", [{"width": "wide"}, {"width": 10**30}, {"source": None}])
def test_changed_header_is_one_sentence(cut_short: Path, change: dict[str, object]) -> None:
    journal = cut_short / "journal.jsonl"
    first, *rest = journal.read_bytes().splitlines(keepends=True)
    header = {**json.loads(first)["header"], **change}
    journal.write_bytes(json.dumps({"header": header}).encode() + b"\n" + b"".join(rest))
    with pytest.raises(InputError, match="header of the journal") as caught:
        recover_session(cut_short)
    assert "\n" not in str(caught.value)


def test_recover_refuses_what_is_no_session(tmp_path: Path) -> None:
    result = invoke("recover", tmp_path / "absent")
    assert (result.exit_code, "There is no folder" in result.stderr) == (1, True)
    with pytest.raises(InputError, match="holds no session"):
        recover_session(tmp_path)


def test_new_folders_have_the_name_of_their_source(data_folder: Path) -> None:
    first = recovery.new_session_folder("a/b:../c.mp4")
    assert first.parent == data_folder
    assert first.name.endswith("a-b-..-c.mp4")
    first.mkdir(parents=True)
    assert recovery.new_session_folder("..").parent == data_folder


def test_hash_of_a_folder_is_that_of_names_and_sizes(tmp_path: Path) -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    for number in (2, 10):
        cv2.imwrite(str(tmp_path / f"{number}.png"), image)
    (tmp_path / "notes.txt").write_text("beside")
    whole = hash_source(tmp_path)
    size = (tmp_path / "2.png").stat().st_size
    assert whole == hashlib.sha256(f"10.png\t{size}\n2.png\t{size}\n".encode()).hexdigest()
    (tmp_path / "notes.txt").unlink()
    assert hash_source(tmp_path) == whole
    (tmp_path / "10.png").rename(tmp_path / "11.png")
    assert hash_source(tmp_path) != whole


def test_live_source_is_named_without_its_password() -> None:
    shown = SourceInfo("rtsp://host/live", 8, 8, None, None, is_live=True)
    reference = refer_source("rtsp://user:secret@host/live?token=1", shown)
    assert (reference.kind, reference.path, reference.sha256) == ("live", None, None)
    assert "secret" not in str(asdict(reference))


def wait_for_rows_and_pictures(process: subprocess.Popen[str], folder: Path, rows: int) -> None:
    journal = folder / "journal.jsonl"
    while process.poll() is None:
        has_rows = journal.exists() and journal.read_bytes().count(b'"box"') > rows
        # the encoder holds the first pictures back for a while
        if has_rows and any(b"moof" in video.read_bytes() for video in folder.glob("*.mp4")):
            return
        time.sleep(0.02)
    raise AssertionError(process.communicate()[1])


def test_killed_process_leaves_a_session_to_recover_and_replay(
    weights: Path, tmp_path: Path
) -> None:
    clip = write_video(tmp_path / "long.mp4", 600)
    folder = tmp_path / "sessions" / "killed"
    command = ("track", clip, "--box", BOX, "--weights", weights, "--session", folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, command), "--device", "cpu"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for_rows_and_pictures(process, folder, 5)
        process.send_signal(signal.SIGSTOP)  # it would come to its end meanwhile on a busy machine
        assert unfinished_sessions([folder]) == []
        with pytest.raises(InputError, match="by another process"):
            recover_session(folder)
    finally:
        process.kill()
        process.communicate(timeout=60)
    assert process.returncode == -9
    (found,) = unfinished_sessions([folder.parent])
    assert found.folder == folder
    result = invoke("recover", folder.parent)
    assert result.exit_code == 0, result.stderr
    table = read_rows(folder / "long-boxes.csv")
    assert 5 < len(table) < 600
    assert [row.frame for row in table] == list(range(len(table)))
    with VideoFile(folder / "long-tracked.mp4") as video:
        assert 0 < len(list(video)) <= len(table)
    assert unfinished_sessions([folder]) == []
    again = invoke("replay", folder)
    assert (again.exit_code, again.stderr.count("SHA")) == (0, 0)
    assert f"identical in {len(table) - 1} frames" in again.stdout


def test_source_is_opened_by_its_reference(clip: Path) -> None:
    with open_source(clip.as_uri()) as source:
        reference = refer_source(clip.as_uri(), source.info)
    assert reference.path == str(clip)
    assert reference.sha256 == hash_source(clip)
