"""Recording while playing: which frames are taken, what is noted, and what failures leave."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import BoxRow, read_rows
from app.core.journal import JournalContents, read_journal
from app.core.overlay import Mark
from app.core.provenance import hash_source
from app.core.recorder import Content, recover_recording
from app.core.recorder.atoms import is_fragmented
from app.core.recovery import recover_session, unfinished_sessions
from app.core.session import info_from_header
from app.core.sources import SourceFrame, SourceInfo, VideoFile
from app.core.studio import recording
from app.core.studio.recording import RecordingController, RecordingFactory, recording_path
from tests.app.recordings import RATE, read, shade
from tests.faults.conftest import small_disk

__all__ = ["small_disk"]

REPOSITORY = Path(__file__).parents[2]
BOX = (10.0, 40.0, 30.0, 16.0)


def row(index: int, id: int = 1) -> BoxRow:
    return BoxRow(index, index / RATE, id, "cat", *BOX, 0.9, "tracking", "")


def mark(id: int = 1) -> Mark:
    return Mark(id, BOX, "cat", 0.9, "tracking")


def frame(index: int, size: tuple[int, int] = (96, 64)) -> SourceFrame:
    rgb = shade(index)
    if size != (96, 64):
        rgb = np.full((size[1], size[0], 3), rgb[0, 0, 0], np.uint8)
    return SourceFrame(index, index / RATE, rgb)


class Rig:
    """A controller, what it said, and where it writes."""

    def __init__(self, folder: Path, *, is_live: bool = False, text: str = "0") -> None:
        self.folder = folder
        self.told: list[str] = []
        self.session = folder / "session"
        info = SourceInfo("clip", 96, 64, None, RATE, is_live=is_live)
        of = RecordingFactory(text, sessions=lambda _: self.session)
        self.controller: RecordingController = of(info, self.told.append)

    def play(self, *indices: int) -> None:
        for index in indices:
            self.controller.on_frame(frame(index), [mark()], [row(index)])

    def journal(self) -> JournalContents:
        return read_journal(self.session / "journal.jsonl", repair=False)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.controller.close()


@pytest.fixture(autouse=True)
def all_threads_end() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [t.name for t in threading.enumerate() if t not in before]
    assert not left


def test_records_what_is_played_and_notes_it(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "videos" / "a.mp4"
    rig.controller.start(path, targets=[row(4)])
    rig.play(*range(5, 25))
    status = rig.controller.status()
    assert status is not None
    assert (status.path, status.frames, status.problem) == (path, 20, "")
    assert status.elapsed_s == pytest.approx(20 / RATE)
    assert status.free_bytes is not None
    rig.controller.close()
    assert rig.controller.status() is None
    times, indices = read(path)
    assert indices == list(range(5, 25))
    assert times == pytest.approx([k / RATE for k in range(20)], abs=1e-3)
    assert not is_fragmented(path)
    journal = rig.journal()
    assert journal.outcome == "done"
    assert [entry.frame for entry in journal.rows] == list(range(4, 25))
    assert rig.told == []


def test_each_frame_is_taken_once_however_one_goes_back_and_forth(rig: Rig, tmp_path: Path) -> None:
    rig.controller.start(tmp_path / "a.mp4", Content.CLEAN)
    rig.play(*range(10), *range(4, 8), 3, *range(6, 14))
    rig.controller.close()
    assert read(tmp_path / "a.mp4")[1] == list(range(14))


def test_frames_jumped_over_are_left_out_and_leave_no_hole(rig: Rig, tmp_path: Path) -> None:
    rig.controller.start(tmp_path / "a.mp4", Content.CLEAN)
    rig.play(*range(6), *range(40, 46))
    status = rig.controller.status()
    assert status is not None
    assert status.elapsed_s == pytest.approx(12 / RATE)
    rig.controller.close()
    times, indices = read(tmp_path / "a.mp4")
    assert indices == [*range(6), *range(40, 46)]
    assert times == pytest.approx([k / RATE for k in range(12)], abs=1e-3)


def test_a_live_source_keeps_its_times(tmp_path: Path) -> None:
    rig = Rig(tmp_path, is_live=True)
    rig.controller.start(tmp_path / "a.mp4", Content.CLEAN)
    rig.play(0, 1, 10, 11)
    rig.controller.close()
    assert read(tmp_path / "a.mp4")[0] == pytest.approx([0, 0.04, 0.4, 0.44], abs=1e-3)


def test_overlay_clean_and_both(rig: Rig, tmp_path: Path) -> None:
    rig.controller.start(tmp_path / "b.mp4", "both")
    rig.play(*range(5))
    rig.controller.close()
    drawn, clean = (picture(tmp_path / name) for name in ("b.mp4", "b-clean.mp4"))
    assert np.abs(drawn - clean)[36:60].max() > 60  # the box
    assert np.ptp(clean) < 20


def picture(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    with VideoFile(path) as source:
        return next(iter(source)).rgb.astype(np.int64)


def test_corrections_and_targets_are_noted(rig: Rig, tmp_path: Path) -> None:
    control = rig.controller
    control.start(tmp_path / "a.mp4")
    rig.play(0, 1)
    control.on_target(1, 0.04, 2, "dog", (1, 2, 3, 4))
    control.on_correction(1, 0.04, 1, (5, 6, 7, 8))
    control.on_rows(0, 0.0, [row(0, id=7)])
    control.on_removed(1, 2)
    control.close()
    rows = {(r.frame, r.id): (r.x, r.reason) for r in rig.journal().rows}
    assert rows[1, 2] == (1, "given")
    assert rows[1, 1] == (5, "corrected")
    assert (0, 7) in rows
    assert rig.journal().outcome == "done"


def test_another_size_goes_on_in_a_further_file_and_says_so_once(rig: Rig, tmp_path: Path) -> None:
    rig.controller.start(tmp_path / "a.mp4", Content.CLEAN)
    rig.play(*range(5))
    for index in range(5, 10):
        rig.controller.on_frame(frame(index, (64, 48)), [], [])
    rig.controller.close()
    assert read(tmp_path / "a.mp4")[1] == list(range(5))
    assert read(tmp_path / "a-2.mp4")[1] == list(range(5, 10))
    assert len(rig.told) == 1
    assert "64×48" in rig.told[0]


def test_another_source_finishes_the_file_and_says_so(rig: Rig, tmp_path: Path) -> None:
    rig.controller.start(tmp_path / "a.mp4")
    rig.play(*range(5))
    rig.controller.close("another source was opened")
    assert read(tmp_path / "a.mp4")[1] == list(range(5))
    assert rig.told == [
        f"The recording {tmp_path / 'a.mp4'} was finished, for another source was opened."
    ]


def test_full_disk_ends_the_recording_in_one_sentence(small_disk: Path, tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    path = small_disk / "a.mp4"
    rig.controller.start(path, Content.CLEAN)
    rng = np.random.default_rng(3)
    for index in range(2000):
        rgb = rng.integers(0, 255, (64, 96, 3), np.uint8)
        rig.controller.on_frame(SourceFrame(index, index / RATE, rgb), [mark()], [row(index)])
        if rig.told:
            break
    assert len(rig.told) == 1
    assert "no space" in rig.told[0] or "too large" in rig.told[0]
    status = rig.controller.status()
    assert status is not None
    assert status.problem == rig.told[0]
    rig.play(5000)  # playing goes on
    rig.controller.close()
    with VideoFile(path) as source:
        assert sum(1 for _ in source) > 10
    # the next one starts afresh
    rig.session = tmp_path / "session 2"
    rig.controller.start(tmp_path / "b.mp4")
    rig.play(0)
    rig.controller.close()
    assert rig.controller.status() is None
    assert read(tmp_path / "b.mp4")[1] == [0]


def test_folder_that_is_gone_ends_the_recording_in_one_sentence(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "gone" / "a.mp4"
    rig.controller.start(path)
    rig.play(0, 1)
    path.unlink()
    path.parent.rmdir()
    rig.play(*range(2, 40))
    rig.controller.close()
    assert rig.told == [
        f"Recording stopped, for the folder {path.parent} is gone; tracking goes on, and the next "
        "recording needs another folder."
    ]


def test_folder_that_cannot_be_made_is_one_sentence(rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    rig.controller.start(tmp_path / "file" / "videos" / "a.mp4")
    rig.play(0)
    assert len(rig.told) == 1
    assert "choose another folder" in rig.told[0]
    status = rig.controller.status()
    assert status is not None
    assert status.problem == rig.told[0]


def test_session_that_cannot_be_written_costs_a_sentence_not_the_video(tmp_path: Path) -> None:
    (tmp_path / "session").write_text("in the way")
    rig = Rig(tmp_path)
    rig.controller.start(tmp_path / "a.mp4")
    rig.play(*range(5))
    rig.controller.close()
    assert read(tmp_path / "a.mp4")[1] == list(range(5))
    assert len(rig.told) == 1
    assert "recorded on" in rig.told[0]


def test_session_that_cannot_go_on_is_let_go_and_can_be_recovered(
    small_disk: Path, tmp_path: Path
) -> None:
    rig = Rig(tmp_path)
    rig.session = small_disk / "session"
    rig.controller.start(tmp_path / "a.mp4")
    rig.controller.on_target(0, 0.0, 1, "cat", BOX)
    rig.play(*range(3))
    rig.controller.on_target(2, 2 / RATE, 2, "x" * 700_000, BOX)
    assert len(rig.told) == 1
    assert "recorded on" in rig.told[0]
    assert not [thread for thread in threading.enumerate() if thread.name == "journal"]
    rig.play(3, 4)
    (found,) = unfinished_sessions([rig.session])
    assert found.last_frame == 2
    assert recover_session(rig.session).frames == 3
    rig.controller.close()
    assert read(tmp_path / "a.mp4")[1] == list(range(5))
    assert len(rig.told) == 1


def test_source_is_hashed_beside_and_noted(tmp_path: Path) -> None:
    clip = tmp_path / "clip.bin"
    clip.write_bytes(b"x" * 9_000_000)
    rig = Rig(tmp_path, text=str(clip))
    rig.controller.start(tmp_path / "a.mp4")
    rig.play(0)
    path = rig.session / "journal.jsonl"
    header = info_from_header(rig.journal().header, path)
    assert header.source.sha256 is None  # frames did not wait for it
    rig.controller.stop()
    wait_for(lambda: not rig.controller.is_alive)
    about = info_from_header(rig.journal().about, path)
    assert about.source.sha256 == hash_source(clip)
    assert about.source.path == str(clip)
    assert hash_source(clip) in (rig.session / "session.json").read_text()


def wait_for(condition: Callable[[], bool]) -> None:
    turn = threading.Event()
    for _ in range(1000):
        if condition():
            return
        turn.wait(0.02)
    pytest.fail("it did not come to it")


def test_names_of_recordings_replace_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = recording_path(tmp_path, "a/b:c", Content.BOTH)
    assert first.parent == tmp_path
    assert first.name.startswith("a-b-c 20")
    monkeypatch.setattr(recording, "now_name", lambda: "now")
    names = []
    for ending in ("-clean", "", "-clean"):
        path = recording_path(tmp_path, "a/b:c", Content.BOTH)
        names.append(path.name)
        path.with_stem(path.stem + ending).touch()
    assert names == ["a-b-c now.mp4", "a-b-c now 2.mp4", "a-b-c now 3.mp4"]


KILLED = """
import os, sys
from pathlib import Path
from app.core.sources import SourceInfo
from app.core.studio import recording
from app.core.studio.recording import RecordingFactory
from tests.app.test_recording import RATE, frame, mark, row
folder = Path(sys.argv[1])
info = SourceInfo("clip", 96, 64, None, RATE, is_live=sys.argv[2] == "live")
of = RecordingFactory("0", sessions=lambda _: folder / "session")
control = of(info, lambda text: None)
control.start(folder / "videos" / "k.mp4", "both", targets=[row(0)])
index = 0
while True:
    rows = [row(index)] if index < 200 else []
    control.on_frame(frame(index), [mark()], rows)
    os.write(1, b".")
    index += 1
"""


@pytest.mark.parametrize("kind", ["file", "live"])
def test_kill_9_loses_half_a_second_at_most(tmp_path: Path, kind: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), kind],
        cwd=REPOSITORY, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    given = len(process.stdout.read(90))
    process.kill()
    given += len(process.stdout.read())
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    saved = recover_session(tmp_path / "session")
    assert saved.problems == ()
    rows = read_rows(saved.table)
    expected = min(given, 200)
    assert expected - 1 <= len(rows) <= min(given + 1, 200)
    videos = {path.name: read(path)[1] for path in saved.videos if path.exists()}
    held = [videos.get(name, []) for name in ("k.mp4", "k-2.mp4")]
    assert {"k.mp4", "k-clean.mp4"} <= set(videos)
    # where not even the first frame was encoded yet, those are lost that were on the way to it
    first = held[0][0]
    assert first <= RATE // 2 + 2
    assert held[0] == [(first + index) % 60 for index in range(len(held[0]))]
    assert len(held[0]) + len(held[1]) >= given - RATE // 2 - 2
    assert recover_recording(tmp_path / "videos" / "k.mp4") == []
