"""Seeking: whatever the container, frame number n carries the number n in its pixels."""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.sources import VideoFile
from app.core.sources.order import Clock
from model.errors import InputError
from tests.app.sources.numbered import Recipe, number_of, write

COUNT = 100
X264 = {"bf": "3", "g": "24", "preset": "ultrafast", "b-adapt": "0"}
OPEN_GOP = {**X264, "x264-params": "open-gop=1"}
_STEPS = random.Random(3)
UNEVEN = np.cumsum([0, *(_STEPS.choice([0.011, 0.033, 0.04, 0.2]) for _ in range(COUNT))]).tolist()
VP = {"g": "24", "deadline": "realtime", "cpu-used": "8"}

RECIPES = [
    Recipe("b-frames.mp4", options=X264),
    Recipe("b-frames.mkv", options=X264),
    Recipe("vp9.webm", "libvpx-vp9", VP),
    Recipe("motion-jpeg.avi", "mjpeg", pixels="yuvj420p"),
    Recipe("b-frames.ts", options=X264),
    Recipe("mpeg2.mpg", "mpeg2video", {"bf": "2", "g": "24"}),
    Recipe("uneven.mp4", options=X264, times=UNEVEN),
    Recipe("turned.mp4", options=X264, rotation=90),
    Recipe("open-gop.mp4", options=OPEN_GOP),
    Recipe("open-gop.ts", options=OPEN_GOP),
    Recipe("fragments.mp4", options=X264, container={"movflags": "frag_keyframe+empty_moov"}),
    Recipe("no-keyframes.ts", options={**X264, "bf": "0", "x264-params": "intra-refresh=1"}),
    Recipe("no-times.h264", options=X264),
    Recipe("wrong-times.avi", options=X264),
    Recipe("flash.flv", options=X264),
]


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipe: recipe.name)
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe: Recipe = request.param
    return write(tmp_path_factory.mktemp("numbered") / recipe.name, recipe, COUNT)


def shown(source: VideoFile) -> Iterator[tuple[int, int]]:
    """For each frame the number it is given and the number in its pixels."""
    turned = source.info.height > source.info.width
    for frame in source:
        yield frame.index, number_of(np.rot90(frame.rgb, -1) if turned else frame.rgb)


def test_every_frame_has_the_number_in_its_pixels(video: Path) -> None:
    with VideoFile(video) as source:
        assert list(shown(source)) == [(k, k) for k in range(COUNT)]


def test_seek_lands_on_the_exact_frame_and_goes_on_from_there(video: Path) -> None:
    rng = random.Random(str(video))
    aims = [90, 91, 3, 89, 0, COUNT - 1, 23, 24, 72, *rng.sample(range(COUNT), 3)]
    with VideoFile(video) as played:
        times = [frame.time_s for frame in played]
    with VideoFile(video) as source:
        for aim in aims:
            source.seek(aim)
            found = shown(source)
            assert [pair for pair, _ in zip(found, range(3), strict=False)] == [
                (k, k) for k in range(aim, min(aim + 3, COUNT))
            ]
            source.seek(aim)
            assert next(iter(source)).time_s == pytest.approx(times[aim], abs=1e-9)


def test_seek_out_of_range_says_so_and_stays(video: Path) -> None:
    with VideoFile(video) as source:
        source.seek(70)
        for wrong in (COUNT, COUNT + 1000, -1):
            with pytest.raises(InputError, match=f"no frame {wrong} in .* it has {COUNT}"):
                source.seek(wrong)
            assert next(shown(source)) == (70, 70)
            source.seek(70)


def test_seek_back_after_the_end(video: Path) -> None:
    with VideoFile(video) as source:
        assert len(list(source)) == COUNT
        source.seek(COUNT - 2)
        assert [k for k, _ in shown(source)] == [COUNT - 2, COUNT - 1]


def test_frames_before_the_first_keyframe_do_not_count(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.ts", Recipe("whole.ts", options=OPEN_GOP), 96)
    data = whole.read_bytes()
    late = tmp_path / "late.ts"
    late.write_bytes(data[len(data) // 4 // 188 * 188 :])
    with VideoFile(late) as source:
        played = list(shown(source))
        first = played[0][1]
        assert first % 24 == 0
        assert played == [(k, first + k) for k in range(96 - first)]
        for aim in (40, 2, 0):
            source.seek(aim)
            assert next(shown(source)) == (aim, first + aim)


def test_frames_cut_away_by_an_edit_list_do_not_count(tmp_path: Path) -> None:
    times = [(k - 5) / 25 for k in range(60)]
    path = write(tmp_path / "edited.mp4", Recipe("edited.mp4", options=X264, times=times), 60)
    with VideoFile(path) as source:
        assert list(shown(source)) == [(k, k + 5) for k in range(55)]
        for aim in (54, 0, 3, 30):
            source.seek(aim)
            assert next(shown(source)) == (aim, aim + 5)


def test_clock_that_jumps_back_goes_on_increasing(tmp_path: Path) -> None:
    once = write(tmp_path / "once.ts", Recipe("once.ts", options=X264), 100)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(once.read_bytes() * 2)
    with VideoFile(twice) as source:
        frames = [(f.index, number_of(f.rgb), f.time_s) for f in source]
        # the decoder leaves out a picture or two where the second clip begins
        assert len(frames) > 195
        assert all(k % 100 == n for k, n, _ in frames)
        steps = np.diff([t for *_, t in frames])
        assert 0.02 < steps.min() <= steps.max() < 0.13
        assert source.index is None
        for aim, number, time_s in (frames[k] for k in (150, 20, -1)):
            source.seek(aim)
            found = next(iter(source))
            assert (found.index, number_of(found.rgb)) == (aim, number)
            assert found.time_s == pytest.approx(time_s)


def test_frames_after_a_damaged_one_keep_their_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "hole.avi", Recipe("hole.avi", "mjpeg", pixels="yuvj420p"), 120)
    with av.open(str(path)) as container:
        packet = next(p for p in container.demux(video=0) if p.pts == 50)
        place, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[place : place + size] = bytes(size)
    path.write_bytes(data)
    with VideoFile(path) as source:
        assert list(shown(source)) == [(k, k) for k in range(120) if k != 50]
        source.seek(10)
        with pytest.raises(InputError, match=r"Frame 50 .* is damaged"):
            source.seek(50)
        assert next(shown(source)) == (10, 10)
        source.seek(51)
        assert next(shown(source)) == (51, 51)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.none(), st.floats(-1e4, 1e4)), min_size=2, max_size=30))
def test_times_always_increase(raw: list[float | None]) -> None:
    clock = Clock(0.04)
    times = [clock.time(value) for value in raw]
    assert all(a < b for a, b in pairwise(times))


@given(st.lists(st.floats(0.01, 5), min_size=2, max_size=30))
def test_times_in_order_are_left_alone(steps: list[float]) -> None:
    raw = np.cumsum(steps).tolist()
    clock = Clock(None)
    assert [clock.time(value) for value in raw] == raw
