"""Recording when things go wrong: full disks, slow encoders, faults, a second Ctrl-C."""

import contextlib
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from app.core.recorder import Recorder
from app.core.recorder.atoms import atoms
from app.core.recorder.segment import Segment
from app.core.sources import VideoFile
from model.errors import InputError
from model.images import Frame
from tests.app.clips import noise, quarters
from tests.app.recordings import RATE, grain, read, shade


class Gate:
    """Lets the encoder take as many frames as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._tokens = threading.Semaphore(0)
        self.reached = 0
        self.on_frame = lambda: None
        write = Segment.write

        def gated(segment: Segment, rgb: Frame, tick: int) -> None:
            self.on_frame()
            self._tokens.acquire()
            write(segment, rgb, tick)
            self.reached += 1

        monkeypatch.setattr(Segment, "write", gated)

    def open(self, frames: int = 100_000) -> None:
        self._tokens.release(frames)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate(monkeypatch)
    yield made
    made.open()


def test_slow_encoder_holds_a_file_back(gate: Gate, tmp_path: Path) -> None:
    accepted, ahead = 0, []
    gate.on_frame = lambda: ahead.append(accepted - gate.reached)
    gate.open()
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE) as recorder:
        for index in range(150):
            recorder.write(shade(index), index / RATE)
            accepted += 1
    times, indices = read(tmp_path / "out.mp4")
    assert indices == [index % 60 for index in range(150)]
    assert len(times) == 150
    # those not on disk: half a second, the one being encoded and the one in the muxer among them
    assert 2 < max(ahead) <= RATE / 2 + 1
    assert recorder.spilled == 0


def test_slow_encoder_never_holds_back_a_live_source(gate: Gate, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE, is_live=True)
    for index in range(60):
        recorder.write(shade(index), index / RATE)
    assert recorder.spilled >= 45
    assert (tmp_path / "out.mp4.spill").is_dir()
    gate.open(25)
    for index in range(60, 90):
        recorder.write(shade(index), index / RATE)
    gate.open()
    recorder.write(quarters(48, 48), 90 / RATE)
    recorder.close()
    times, indices = read(tmp_path / "out.mp4")
    assert times == pytest.approx([index / RATE for index in range(90)], abs=1e-4)
    assert indices == [index % 60 for index in range(90)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out-2.mp4", "out.mp4"]


def test_waiting_on_disk_changes_nothing(gate: Gate, tmp_path: Path) -> None:
    seen: list[Frame] = []
    given = noise(40, 33, 17)
    with pytest.MonkeyPatch.context() as patch:
        gated = Segment.write
        patch.setattr(
            Segment, "write", lambda s, rgb, tick: (seen.append(rgb.copy()), gated(s, rgb, tick))
        )
        recorder = Recorder(tmp_path / "out.mp4", 33, 17, rate=RATE, is_live=True)
        for index, rgb in enumerate(given):
            recorder.write(rgb, index / RATE)
        assert recorder.spilled > 20
        gate.open()
        recorder.close()
    assert len(seen) == 40
    assert all(np.array_equal(a, b) for a, b in zip(seen, given, strict=True))


@pytest.fixture(params=["tmpfs", "limit"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder that takes 600 kB: on a small disk, or else by a limit on the size of files."""
    import resource

    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    tool = shutil.which("mount")
    if request.param == "tmpfs" and tool and not subprocess.run(mount, check=False).returncode:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_until_refused(recorder: Recorder, pictures: Sequence[Frame]) -> tuple[int, Exception]:
    """Write at 25 a second until it is refused; how many were taken, and why no more."""
    for index in range(500):
        try:
            recorder.write(pictures[index % len(pictures)], index / RATE)
        except (InputError, RuntimeError) as error:
            return index, error
    raise AssertionError("every frame was taken")


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_full_disk_ends_the_recording_and_leaves_it_whole(small_disk: Path, name: str) -> None:
    path = small_disk / name
    pictures = grain(8)
    recorder = Recorder(path, 192, 128, rate=RATE)
    _, error = write_until_refused(recorder, pictures)
    sentence = r"Recording to \S+ stopped after about \d+\.\d s: .* whole .*\."
    assert re.fullmatch(sentence, str(error))
    with pytest.raises(InputError, match="stopped after"):
        recorder.write(pictures[0], 1000.0)
    with pytest.raises(InputError, match="stopped after"):
        recorder.close()
    recorder.close()
    assert [file.name for file in small_disk.iterdir()] == [name]
    with VideoFile(path) as source:
        frames = list(source)
    # 600 kB of such noise; the last frame may be the one there was no room for
    assert len(frames) >= recorder.encoded - 1 >= 20
    assert [f.time_s for f in frames] == pytest.approx([f.index / RATE for f in frames], abs=1e-3)
    assert all(
        np.abs(f.rgb.astype(int) - pictures[f.index % 8].astype(int)).mean() < 20 for f in frames
    )
    if name == "out.mp4":
        assert [atom.end for atom in atoms(path)][-1] == path.stat().st_size


def test_full_disk_ends_a_live_recording_as_well(small_disk: Path) -> None:
    path = small_disk / "out.mp4"
    recorder = Recorder(path, 192, 128, rate=RATE, is_live=True)
    with contextlib.suppress(InputError):
        for index, rgb in enumerate(grain(100)):
            recorder.write(rgb, index / RATE)
    with pytest.raises(InputError, match="stopped after"):
        recorder.close()
    assert [file.name for file in small_disk.iterdir()] == ["out.mp4"]
    with VideoFile(path) as source:
        assert len(list(source)) >= recorder.encoded - 1 >= 12


def test_no_room_for_a_copy_leaves_the_recording_as_it_is(small_disk: Path) -> None:
    path = small_disk / "out.mp4"
    with Recorder(path, 192, 128, rate=RATE) as recorder:
        for index, rgb in enumerate(grain(35)):
            recorder.write(rgb, index / RATE)
    assert path.stat().st_size > 300_000
    assert len(read(path)[0]) == 35
    assert [file.name for file in small_disk.iterdir()] == ["out.mp4"]


def test_no_room_for_waiting_frames_ends_the_recording_after_those_it_took(
    gate: Gate, tmp_path: Path
) -> None:
    import resource

    recorder = Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE, is_live=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, hard))
    try:
        given, _ = write_until_refused(recorder, [shade(index) for index in range(60)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gate.open()
    with pytest.raises(InputError, match="stopped after"):
        recorder.close()
    assert 5 < given < 20
    assert read(tmp_path / "out.mp4")[1] == list(range(given))
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_file_that_is_taken_away_is_noticed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE)
    for index in range(30):  # half a second of which may not be on disk
        recorder.write(shade(index), index / RATE - 2)
    (tmp_path / "out.mp4").unlink()
    _, error = write_until_refused(recorder, [shade(1)])
    assert "no such file" in str(error)
    with pytest.raises(InputError, match="stopped"):
        recorder.close()
    assert list(tmp_path.iterdir()) == []


def test_fault_of_the_program_is_not_disguised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(segment: Segment, rgb: Frame, tick: int) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(Segment, "write", broken)
    recorder = Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE)
    _, error = write_until_refused(recorder, [shade(1)])
    assert isinstance(error, RuntimeError)
    with pytest.raises(RuntimeError, match="a fault"):
        recorder.close()


def test_interrupted_close_ends_at_once_with_a_playable_file(gate: Gate, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "out.mp4", 96, 64, rate=RATE)
    for index in range(10):
        recorder.write(shade(index), index / RATE)

    def interrupt() -> None:
        if gate.reached == 5:
            while not recorder.closed:
                pass
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    gate.on_frame = interrupt
    gate.open(5)
    with pytest.raises(KeyboardInterrupt):
        recorder.close()
    assert read(tmp_path / "out.mp4")[1] == list(range(4))
