"""Videos that lost their tail: noticed, said in one sentence, and all before it kept."""

import random
from pathlib import Path

import av
import pytest

from app.core.sources import VideoFile
from app.core.sources.tail import is_cut_off
from model.errors import InputError
from tests.app.sources.numbered import Recipe, number_of, write

X264 = {"bf": "2", "g": "12", "preset": "ultrafast"}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
RECIPES = [
    Recipe("broadcast.ts", options=X264),
    Recipe("mpeg2.ts", "mpeg2video", {"bf": "2", "g": "12"}),
    Recipe("blu-ray.m2ts", options=X264),
    Recipe("recording.mkv", options=X264),
    Recipe("live.mkv", options=X264, container={"live": "1"}),
    Recipe("web.webm", "libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}),
    Recipe("fragments.mp4", options=X264, container=FRAGMENTS),
    Recipe("fast.mp4", options=X264, container={"movflags": "faststart"}),
    Recipe("photos.avi", "mjpeg", pixels="yuvj420p"),
]
COUNT = 60


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipe: recipe.name)
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe: Recipe = request.param
    return write(tmp_path_factory.mktemp("tails") / recipe.name, recipe, COUNT)


def test_whole_video_is_not_complained_of(video: Path) -> None:
    assert not is_cut_off(video)
    with VideoFile(video) as source:
        assert len(list(source)) == COUNT


def test_lost_tail_is_said_after_the_frames_before_it(video: Path, tmp_path: Path) -> None:
    data = video.read_bytes()
    rng = random.Random(video.name)
    path = tmp_path / video.name
    for _ in range(4):
        size = rng.randrange(len(data) // 3, len(data) - 200)
        # a transport stream cut between two packets is a shorter whole one
        while not (size % 188 and size % 192):
            size += 1
        path.write_bytes(data[:size])
        frames = []
        with VideoFile(path) as source, pytest.raises(InputError) as caught:
            frames.extend((frame.index, number_of(frame.rgb)) for frame in source)
        assert len(frames) > COUNT // 6
        # the last picture may be half there
        assert frames[:-1] == [(k, k) for k in range(len(frames) - 1)]
        assert f"cut off after frame {frames[-1][0]};" in str(caught.value)


@pytest.mark.parametrize("name", ["slides.mkv", "slides.webm"])
def test_last_picture_that_is_shown_for_long_is_no_lost_tail(tmp_path: Path, name: str) -> None:
    codec = "libvpx" if name.endswith("webm") else "libx264"
    times = [0.0, 5.0, 5.04, 5.08]
    made = write(tmp_path / f"made-{name}", Recipe(name, codec, times=times), len(times))
    path = tmp_path / name
    with av.open(made) as source, av.open(path, "w") as target:
        copy = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.duration = round((8 if packet.pts > 5060 else 0.04) / packet.time_base)
                packet.stream = copy
                target.mux(packet)
    with VideoFile(path) as source:
        assert [number_of(frame.rgb) for frame in source] == [0, 1, 2, 3]


def test_what_is_no_video_is_not_complained_of(tmp_path: Path) -> None:
    rng = random.Random(1)
    for size in (0, 1, 7, 188, 3000):
        path = tmp_path / f"{size}"
        path.write_bytes(rng.randbytes(size))
        assert not is_cut_off(path)
    assert not is_cut_off(tmp_path)
    assert not is_cut_off(tmp_path / "none")
