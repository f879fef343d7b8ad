"""Recording: times, sizes, boxes, and files that every player can seek in."""

import sys
import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.overlay import Mark, draw
from app.core.recorder import Recorder, Timing, clean_path
from app.core.recorder.atoms import atoms
from app.core.recorder.formats import check_video_name
from app.core.recorder.timing import TimeStamps
from app.core.sources import VideoFile
from model.errors import InputError
from model.images import Frame
from tests.app.clips import quarters

MARK = Mark(1, (20.0, 10.0, 40.0, 40.0), "", 0.9, "tracking")


def read(path: Path) -> tuple[list[float], list[Frame]]:
    with VideoFile(path) as source:
        frames = list(source)
    return [frame.time_s for frame in frames], [frame.rgb for frame in frames]


def exact_times(path: Path) -> list[Fraction]:
    """Times as the container holds them, not rounded to floats."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [p.pts * stream.time_base for p in container.demux(stream) if p.size]


def distance(a: Frame, b: Frame) -> float:
    """Mean difference of two pictures, levels of 255."""
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def shade(index: int) -> Frame:
    """A picture that tells its index."""
    return np.full((64, 96, 3), 20 + index * 7 % 220, np.uint8)


@pytest.mark.parametrize("name", ["out.mp4", "out.mov", "out.mkv"])
def test_frames_come_back_in_their_colours_as_far_apart_as_they_were(
    tmp_path: Path, name: str
) -> None:
    times = [0.0, 0.033, 0.2, 0.21, 0.5, 1.3, 1.34]
    with Recorder(tmp_path / name, 96, 64, rate=25) as recorder:
        for time_s in times:
            recorder.write(quarters(), time_s)
    found, images = read(tmp_path / name)
    assert found == pytest.approx(times, abs=0.001)
    assert distance(images[3], quarters()) < 6
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_true_times_are_exact_to_the_tick(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    ticks = np.cumsum(rng.integers(1, 200_000, 60)).tolist()
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=25) as recorder:
        for index, tick in enumerate(ticks):
            recorder.write(shade(index), 7 + tick / 90_000)
    assert exact_times(tmp_path / "out.mp4") == [Fraction(t - ticks[0], 90_000) for t in ticks]


@pytest.mark.parametrize("rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(25)])
@pytest.mark.parametrize("mode", ["true", "constant"])
def test_steady_rates_are_exact(tmp_path: Path, rate: Fraction, mode: str) -> None:
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=float(rate), mode=mode) as recorder:
        for index in range(40):
            recorder.write(shade(index), float(index / rate))
    assert exact_times(tmp_path / "out.mp4") == [index / rate for index in range(40)]


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_constant_times_ignore_when_frames_came(tmp_path: Path, name: str) -> None:
    with Recorder(tmp_path / name, 96, 64, rate=20, mode="constant") as recorder:
        for time_s in (3.0, 3.5, 3.5, 2.0, 9.0):
            recorder.write(quarters(), time_s)
    assert exact_times(tmp_path / name) == [Fraction(index, 20) for index in range(5)]


def test_video_begins_with_its_first_frame_and_never_goes_back(tmp_path: Path) -> None:
    with Recorder(tmp_path / "out.mp4", 96, 64) as recorder:
        for time_s in (100.0, 100.5, 100.5, 100.2, 101.0):
            recorder.write(quarters(), time_s)
    found, _ = read(tmp_path / "out.mp4")
    assert found == pytest.approx([0, 0.5, 0.5, 0.5, 1.0], abs=0.001)
    assert all(a < b for a, b in pairwise(found))


@pytest.mark.parametrize("there", [3.0, -1e6, 1e9])
def test_clock_that_is_set_anew_leaves_one_nominal_frame(there: float) -> None:
    times = TimeStamps(Timing.TRUE, 10.0, check_video_name(Path("out.mp4")))
    given = [50.0, 50.1, 50.2, there, there + 0.1, there + 0.35]
    shown = [float(times.stamp(time_s) * times.base) for time_s in given]
    assert shown == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.65], abs=1e-4)


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40),
    st.sampled_from(list(Timing)),
    st.none() | st.floats(1e-6, 1000),
    st.sampled_from(["a.mp4", "a.mkv"]),
)
def test_stamps_begin_at_zero_and_grow(
    times: list[float], timing: Timing, rate: float | None, name: str
) -> None:
    stamps = TimeStamps(timing, rate, check_video_name(Path(name)))
    ticks = [stamps.stamp(time_s) for time_s in times]
    assert ticks[0] == 0
    # what MP4 holds between two frames
    assert all(0 < b - a < 2**31 for a, b in pairwise(ticks))


@pytest.mark.parametrize("name", ["out.mp4", "out.mov"])
def test_finished_file_is_plain_with_its_index_in_front(tmp_path: Path, name: str) -> None:
    with Recorder(tmp_path / name, 96, 64, rate=25) as recorder:
        for index in range(150):
            recorder.write(shade(index), index / 25)
    kinds = [atom.kind for atom in atoms(tmp_path / name)]
    assert b"moof" not in kinds
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.average_rate) == (150, 25)
        assert float(stream.duration * stream.time_base) == 6.0
        container.seek(int(4.0 / stream.time_base), stream=stream)
        reached = next(container.decode(stream)).time
    assert reached is not None
    assert 2.0 <= reached <= 4.0


def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path) -> None:
    odd = np.ascontiguousarray(quarters()[:63, :95])
    with Recorder(tmp_path / "out.mp4", 95, 63) as recorder:
        recorder.write(odd, 0.0)
        recorder.write(odd, 0.04)
    _, images = read(tmp_path / "out.mp4")
    assert [image.shape for image in images] == [(64, 96, 3)] * 2
    assert distance(images[1][:63, :95], odd) < 6


def test_each_change_of_size_begins_a_segment_and_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "out-2.mp4").write_bytes(b"of somebody else")
    sizes = [(96, 64)] * 3 + [(51, 33)] * 4 + [(1, 1)] * 2 + [(96, 64)] * 2
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=10) as recorder:
        for index, (width, height) in enumerate(sizes):
            recorder.write(quarters(width, height), index / 10)
    names = ["out.mp4", "out-3.mp4", "out-4.mp4", "out-5.mp4"]
    assert recorder.paths == tuple(tmp_path / name for name in names)
    found = [read(path) for path in recorder.paths]
    assert [len(times) for times, _ in found] == [3, 4, 2, 2]
    assert found[1][0] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert [images[0].shape[:2] for _, images in found] == [(64, 96), (34, 52), (2, 2), (64, 96)]
    assert (tmp_path / "out-2.mp4").read_bytes() == b"of somebody else"


def test_first_frame_of_another_size_leaves_no_empty_file(tmp_path: Path) -> None:
    with Recorder(tmp_path / "out.mp4", 96, 64) as recorder:
        recorder.write(quarters(40, 30), 0.0)
    _, images = read(tmp_path / "out.mp4")
    assert [image.shape for image in images] == [(30, 40, 3)]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("overlay", ["out.mp4"]),
        ("clean", ["out.mp4"]),
        ("both", ["out-clean.mp4", "out.mp4"]),
    ],
)
def test_boxes_are_drawn_where_they_are_wanted(
    tmp_path: Path, content: str, names: list[str]
) -> None:
    plain = shade(5)
    with Recorder(tmp_path / "out.mp4", 96, 64, content=content) as recorder:
        for index in range(3):
            recorder.write(plain, index / 10, [MARK] if index else [])
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    expected = {"out.mp4": plain if content == "clean" else draw(plain, [MARK])}
    expected["out-clean.mp4"] = plain
    for name in names:
        times, images = read(tmp_path / name)
        assert times == pytest.approx([0, 0.1, 0.2], abs=1e-4)
        assert distance(images[0], plain) < 3
        assert distance(images[2], expected[name]) < 4
    assert distance(plain, draw(plain, [MARK])) > 8
    assert clean_path(tmp_path / "out.mp4") == tmp_path / "out-clean.mp4"


def test_array_may_be_used_again_after_it_was_written(tmp_path: Path) -> None:
    canvas = np.zeros((64, 96, 3), np.uint8)
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=25) as recorder:
        for index in range(30):
            canvas[:] = shade(index)
            recorder.write(canvas, index / 25)
    _, images = read(tmp_path / "out.mp4")
    assert [round(float(image.mean())) for image in images] == pytest.approx(
        [int(shade(index)[0, 0, 0]) for index in range(30)], abs=3
    )


@pytest.mark.parametrize("name", ["out.gif", "out", "absent/out.mp4"])
def test_what_cannot_be_written_says_so_in_one_sentence(tmp_path: Path, name: str) -> None:
    threads = threading.active_count()
    with pytest.raises(InputError, match="cannot be written") as caught:
        Recorder(tmp_path / name, 96, 64, content="both")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == threads


@pytest.mark.parametrize("rate", [0.0, -5.0, float("nan"), 1e5])
def test_constant_times_need_a_usable_rate(tmp_path: Path, rate: float) -> None:
    with pytest.raises(InputError, match="frames per second"):
        Recorder(tmp_path / "out.mp4", 96, 64, rate=rate, mode="constant")
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=rate) as recorder:
        recorder.write(quarters(), 0.0)
    assert len(read(tmp_path / "out.mp4")[0]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no lock that a name may carry")
@pytest.mark.parametrize("name", ["out.mp4", "out-clean.mp4"])
def test_file_that_is_being_recorded_is_not_recorded_by_another(tmp_path: Path, name: str) -> None:
    with Recorder(tmp_path / "out.mp4", 96, 64, rate=25, content="both") as first:
        for index in range(5):
            first.write(shade(index), index / 25)
        with pytest.raises(InputError, match=f"{name} is being recorded already"):
            Recorder(tmp_path / name, 96, 64, rate=25)
        for index in range(5, 10):
            first.write(shade(index), index / 25)
    for path in first.paths:
        assert len(read(path)[0]) == 10
    with Recorder(tmp_path / name, 96, 64, rate=25) as again:
        again.write(shade(0), 0.0)
    assert len(read(tmp_path / name)[0]) == 1


def test_refused_frame_costs_no_other(tmp_path: Path) -> None:
    with Recorder(tmp_path / "out.mp4", 96, 64) as recorder:
        recorder.write(quarters(), 0.0)
        for wrong in (quarters()[:, :, 0], quarters().astype(np.float32), quarters()[:0]):
            with pytest.raises(InputError, match="cannot be recorded"):
                recorder.write(wrong, 0.1)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="time nan"):
            recorder.write(quarters(), float("nan"))
        recorder.write(quarters(), 0.2)
    assert read(tmp_path / "out.mp4")[0] == pytest.approx([0.0, 0.2], abs=1e-4)
    with pytest.raises(InputError, match="is closed"):
        recorder.write(quarters(), 0.3)


def test_link_stays_one_and_closing_twice_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.mp4"
    link.symlink_to(tmp_path / "real" / "video.mp4")
    recorder = Recorder(link, 96, 64)
    recorder.write(quarters(), 0.0)
    recorder.close()
    recorder.close()
    assert link.is_symlink()
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["video.mp4"]
    assert len(read(link)[0]) == 1


def test_name_from_outside_is_only_a_name(tmp_path: Path) -> None:
    name = "a b; touch evil %d:'$(x)'é.mp4"
    with Recorder(tmp_path / name, 96, 64) as recorder:
        recorder.write(quarters(), 0.0)
        recorder.write(quarters(64, 96), 0.1)
    assert {path.name for path in tmp_path.iterdir()} == {name, name[:-4] + "-2.mp4"}
