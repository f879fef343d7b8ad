"""Recordings whose process was killed: what is left, and what recovery makes of it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.core.recorder import recover_recording
from app.core.recorder.atoms import holds_no_frame, is_fragmented
from app.core.sources import VideoFile
from model.errors import InputError
from model.images import Frame
from tests.app.clips import cut_off
from tests.app.recordings import RATE, read

REPOSITORY = Path(__file__).parents[2]

KILLED = """
import os, sys, threading
from pathlib import Path
import numpy as np
from app.core.overlay import Mark
from app.core.recorder import Recorder
from app.core.recorder.segment import Segment
RATE = 25
def shade(index):
    return np.full((64, 96, 3), 20 + index % 60 * 3.5, np.uint8)
path, content, stuck_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
write, seen, stuck = Segment.write, [], threading.Event()
def slow(segment, rgb, tick):
    seen.append(tick)
    if len(seen) == stuck_at:
        stuck.set()
        threading.Event().wait()
    write(segment, rgb, tick)
Segment.write = slow
recorder = Recorder(path, 96, 64, rate=RATE, content=content, is_live=stuck_at > 0)
mark = Mark(1, (0.0, 50.0, 90.0, 10.0), "", 0.9, "tracking")
index = 0
while True:
    if index == 50 and stuck_at:
        stuck.wait()
    if index < 100 or not stuck_at:
        recorder.write(shade(index), index / RATE, [mark])
        index += 1
        os.write(1, b".")
"""


def kill_while_recording(
    path: Path, after: int, content: str = "overlay", stuck_at: int = 0
) -> int:
    """Kill a process once it gave `after` frames to its recorder; how many it gave in all."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), content, str(stuck_at)],
        cwd=REPOSITORY, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    given = len(process.stdout.read(after))
    process.kill()
    given += len(process.stdout.read())
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert given >= after
    return given


@pytest.mark.parametrize(("name", "after"), [("k.mp4", 20), ("k.mp4", 137), ("k.mkv", 61)])
def test_killed_process_leaves_all_but_half_a_second(tmp_path: Path, name: str, after: int) -> None:
    path = tmp_path / name
    given = kill_while_recording(path, after)
    times, indices = read(path)
    assert times == pytest.approx([index / RATE for index in range(len(times))], abs=1e-3)
    assert indices == [index % 60 for index in range(len(times))]
    assert times[-1] >= (given - 1) / RATE - 0.5
    if path.suffix == ".mp4":
        assert is_fragmented(path)
        assert recover_recording(path) == [path]
        assert not is_fragmented(path)
        assert read(path) == (times, indices)
    assert recover_recording(path) == []


def test_killed_process_leaves_the_frames_that_waited_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "live.mp4"
    kill_while_recording(path, 100, "both", stuck_at=40)
    early = read(path)[1]
    waiting = sorted((tmp_path / "live.mp4.spill").glob("*.frame"))
    cut_off(waiting[-1], 0.5)  # as if it were being written
    made = recover_recording(path)
    assert [file.name for file in made] == ["live.mp4", "live-2.mp4", "live-clean-2.mp4"]
    assert not (tmp_path / "live.mp4.spill").exists()
    for file in made[1:]:
        times, late = read(file)
        assert times == pytest.approx([k / RATE for k in range(len(times))], abs=1e-4)
        assert [index % 60 for index in range(99 - len(late), 99)] == late
        # one frame may be in both
        assert -1 <= 99 - len(late) - len(early) <= RATE / 2 + 1
    bottoms = [last_picture(file)[56:60, 20:70].astype(int) for file in made[1:]]
    assert np.abs(bottoms[0] - bottoms[1]).mean() > 20  # the box is drawn in one of them


@pytest.mark.parametrize("stuck_at", [1, 2])
def test_process_killed_before_its_first_frame_leaves_no_empty_file(
    tmp_path: Path, stuck_at: int
) -> None:
    path = tmp_path / "live.mp4"
    kill_while_recording(path, 100, "both", stuck_at=stuck_at)
    assert (tmp_path / "live-clean.mp4").stat().st_size == 0
    recover_recording(path)
    found = sorted(tmp_path.iterdir())
    assert all(file.stat().st_size for file in found)
    for stem in ("live", "live-clean"):
        late = read(tmp_path / f"{stem}.mp4")[1]
        assert late == [index % 60 for index in range(100 - len(late), 100)]
        assert len(late) >= 100 - RATE / 2 - 1
    assert recover_recording(path) == []


def test_only_a_recording_without_a_frame_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "k.mp4"
    kill_while_recording(path, 20)
    torn = path.read_bytes()
    assert not holds_no_frame(path)
    first_frame = torn.index(b"mdat") + 4
    for end in range(0, first_frame, 7):
        path.write_bytes(torn[:end])
        # before the first box is whole nobody can tell what it is
        assert holds_no_frame(path) is (end == 0 or end >= torn.index(b"free") - 4)
    path.write_bytes(torn)
    recover_recording(path)
    whole = path.read_bytes()
    # one that was whole is kept, however little is left of its pictures
    path.write_bytes(whole[: whole.index(b"mdat") + 20])
    assert not holds_no_frame(path)
    path.write_bytes(b"no video at all")
    assert not holds_no_frame(path)


def last_picture(path: Path) -> Frame:
    with VideoFile(path) as source:
        return list(source)[-1].rgb


def test_waiting_frames_that_belong_to_nothing_known_stay(tmp_path: Path) -> None:
    folder = tmp_path / "x.mp4.spill"
    folder.mkdir()
    (folder / "000000000.frame").write_bytes(b"?")
    for text in ("", "{}", '{"destinations": [], "base": [1, 9], "rate": [1, 0]}', "[1]"):
        (folder / "recording.json").write_text(text)
        with pytest.raises(InputError, match="they stay there"):
            recover_recording(tmp_path / "x.mp4")
    assert (folder / "000000000.frame").exists()


def test_waiting_frames_never_lead_out_of_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "x.mp4.spill"
    folder.mkdir(parents=True)
    plan = {"destinations": [{"name": "../../out.mp4", "draws": False}]}
    (folder / "recording.json").write_text(json.dumps({**plan, "base": [1, 90], "rate": [9, 1]}))
    head = b'{"tick": 5, "shape": [2, 4], "marks": []}\n'
    (folder / "000000000.frame").write_bytes(head + bytes(24))
    assert recover_recording(tmp_path / "in" / "x.mp4") == [tmp_path / "in" / "out.mp4"]
    assert list(tmp_path.rglob("*.mp4")) == [tmp_path / "in" / "out.mp4"]
