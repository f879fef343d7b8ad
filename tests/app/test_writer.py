"""Annotated video: sizes, times, and a file that survives its process."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.core.sources import VideoFile
from app.core.writer import VideoWriter
from model.errors import InputError
from tests.app.clips import quarters

REPOSITORY = Path(__file__).parents[2]


def read(path: Path) -> tuple[list[float], list[np.ndarray]]:
    with VideoFile(path) as source:
        frames = list(source)
    return [frame.time_s for frame in frames], [frame.rgb for frame in frames]


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_frames_come_back_as_far_apart_as_they_were(tmp_path: Path, name: str) -> None:
    times = [0.0, 0.033, 0.2, 0.21, 0.5, 1.3, 1.34]
    with VideoWriter(tmp_path / name, 96, 64, rate=25) as writer:
        for time_s in times:
            writer.write(quarters(), time_s)
    found, images = read(tmp_path / name)
    assert found == pytest.approx(times, abs=0.001)
    assert np.abs(images[3].astype(int) - quarters().astype(int)).mean() < 6


def test_video_begins_with_its_first_frame_and_never_goes_back(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", 96, 64) as writer:
        for time_s in (100.0, 100.5, 100.5, 100.2, 101.0):
            writer.write(quarters(), time_s)
    found, _ = read(tmp_path / "out.mp4")
    assert len(found) == 5
    assert found == pytest.approx([0, 0.5, 0.5, 0.5, 1.0], abs=0.001)
    assert all(a < b for a, b in pairwise(found))


def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path) -> None:
    odd = np.ascontiguousarray(quarters()[:63, :95])
    with VideoWriter(tmp_path / "out.mp4", 95, 63) as writer:
        writer.write(odd, 0.0)
        writer.write(odd, 0.04)
    _, images = read(tmp_path / "out.mp4")
    assert [image.shape for image in images] == [(64, 96, 3)] * 2
    assert np.abs(images[1][:63, :95].astype(int) - odd.astype(int)).mean() < 6


def test_frame_of_another_size_is_refused_and_the_file_stays_whole(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", 96, 64) as writer:
        writer.write(quarters(), 0.0)
        with pytest.raises(InputError, match="64×96 pixels"):
            writer.write(quarters(64, 96), 0.04)
        writer.write(quarters(), 0.08)
    assert len(read(tmp_path / "out.mp4")[0]) == 2


@pytest.mark.parametrize("name", ["out.gif", "out", "absent/out.mp4"])
def test_what_cannot_be_written_says_so_in_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught:
        VideoWriter(tmp_path / name, 96, 64)
    assert "\n" not in str(caught.value)


def test_killed_process_leaves_every_frame_but_its_last(tmp_path: Path) -> None:
    path = tmp_path / "killed.mp4"
    script = """
import os, signal, sys
from pathlib import Path
from app.core.writer import VideoWriter
from tests.app.clips import quarters
writer = VideoWriter(Path(sys.argv[1]), 96, 64, rate=25)
for index in range(30):
    writer.write(quarters() // (1 + index % 3), index / 25)
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=REPOSITORY, check=False)
    assert done.returncode != 0
    found, images = read(path)
    assert len(found) >= 29
    assert found == pytest.approx([index / 25 for index in range(len(found))], abs=1e-4)
    expected = quarters() // (1 + (len(found) - 1) % 3)
    assert np.abs(images[-1].astype(int) - expected.astype(int)).mean() < 8
