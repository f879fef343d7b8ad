"""A tracking job: what it writes, how it ends, and what is left when it ends badly."""

import csv
import errno
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import read_rows
from app.core.job import Outputs, Progress, Target, TrackJob
from app.core.recorder import Content
from app.core.recorder.segment import Segment
from app.core.sources import VideoFile, open_source
from app.core.sources.base import Closing, SourceFrame, SourceInfo
from model.errors import InputError
from model.geometry import Box, iou
from tests.app.clips import container_times
from tests.app.square import HEIGHT, WIDTH, PatchTracker, square_at, write_video

START = square_at(0)


class Frames(Closing):
    """A source of given pictures, that may end in an error."""

    def __init__(self, pictures: Sequence[np.ndarray], error: Exception | None = None) -> None:
        self._pictures, self._error = pictures, error
        height, width = pictures[0].shape[:2]
        self.info = SourceInfo("frames", width, height, None, None, is_live=False)

    def __iter__(self) -> Iterator[SourceFrame]:
        for index, picture in enumerate(self._pictures):
            yield SourceFrame(index, index / 10, picture)
        if self._error is not None:
            raise self._error


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clip") / "square.mp4", 30)


def pictures(clip: Path) -> list[np.ndarray]:
    with VideoFile(clip) as source:
        return [frame.rgb for frame in source]


def outputs(folder: Path) -> Outputs:
    return Outputs(folder / "out.mp4", folder / "out.csv")


def follow(
    clip: Path, folder: Path, boxes: Sequence[Box] = (START,), **settings: int
) -> list[Progress]:
    with open_source(str(clip)) as source:
        targets = [Target(box, f"target {i}") for i, box in enumerate(boxes)]
        job = TrackJob(source, PatchTracker(), targets, outputs(folder), **settings)
        return list(job.run())


def test_rows_follow_the_target_with_the_times_of_the_container(clip: Path, tmp_path: Path) -> None:
    steps = follow(clip, tmp_path)
    rows = read_rows(tmp_path / "out.csv")
    assert [row.frame for row in rows] == list(range(30))
    assert [row.time_s for row in rows] == pytest.approx(container_times(clip), abs=1e-6)
    found = np.array([(row.x, row.y, row.w, row.h) for row in rows])
    assert iou(found, np.array([square_at(k) for k in range(30)])).min() > 0.8
    assert (rows[0].reason, rows[0].score) == ("given", 1.0)
    assert [step.done for step in steps] == list(range(1, 31))
    assert {step.total for step in steps} == {30}
    assert steps[-1].seconds_left == 0
    assert steps[0].seconds_left is not None
    assert steps[0].seconds_left > 0


def test_video_shows_the_box_and_keeps_the_times(clip: Path, tmp_path: Path) -> None:
    follow(clip, tmp_path)
    with VideoFile(tmp_path / "out.mp4") as source:
        frames = list(source)
    assert [frame.time_s for frame in frames] == pytest.approx(container_times(clip), abs=1e-4)
    plain = pictures(clip)
    difference = np.abs(frames[20].rgb.astype(int) - plain[20].astype(int)).sum(2)
    x, y, w, h = (int(v) for v in square_at(20))
    assert difference[y + 5 : y + h - 5, [x, x + w]].mean() > 60
    assert difference[y + 8 : y + h - 8, x + 8 : x + w - 8].mean() < 40


def test_several_targets_share_each_frame(clip: Path, tmp_path: Path) -> None:
    follow(clip, tmp_path, [START, (200.0, 20.0, 30.0, 20.0)], limit=4)
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["frame"], row["id"]) for row in rows] == [
        (str(frame), str(target)) for frame in range(4) for target in (1, 2)
    ]
    assert {row["label"] for row in rows if row["id"] == "2"} == {"target 1"}


def test_start_and_limit_choose_the_frames(clip: Path, tmp_path: Path) -> None:
    steps = follow(clip, tmp_path, [square_at(10)], start=10, limit=5)
    rows = read_rows(tmp_path / "out.csv")
    assert [row.frame for row in rows] == [10, 11, 12, 13, 14]
    assert rows[0].time_s == pytest.approx(10 / 30)
    assert steps[-1].total == 5


def test_start_behind_the_end_is_one_sentence(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no frame 99"):
        follow(clip, tmp_path, start=99)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 0.0, 10.0), (10.0, 10.0, -5.0, 10.0), (float(WIDTH), 0.0, 10.0, 10.0),
        (-20.0, -20.0, 10.0, 10.0), (float("nan"), 0.0, 5.0, 5.0), (0.0, 0.0, float("inf"), 5.0),
    ],
)  # fmt: skip
def test_unusable_box_replaces_no_earlier_result(clip: Path, tmp_path: Path, box: Box) -> None:
    (tmp_path / "out.csv").write_text("earlier")
    with pytest.raises(InputError, match="box") as caught:
        follow(clip, tmp_path, [START, box])
    assert "\n" not in str(caught.value)
    assert (tmp_path / "out.csv").read_text() == "earlier"
    assert not (tmp_path / "out.mp4").exists()


def run_to_error(folder: Path, source: Frames, kind: type[BaseException], says: str) -> None:
    job = TrackJob(source, PatchTracker(), [Target(START)], outputs(folder))
    with pytest.raises(kind, match=says):
        list(job.run())


def test_frame_of_another_size_ends_with_all_before_it_on_disk(clip: Path, tmp_path: Path) -> None:
    frames = pictures(clip)[:6]
    frames.append(np.ascontiguousarray(frames[0][: HEIGHT // 2]))
    run_to_error(tmp_path, Frames(frames), InputError, "Frame 6 is 320×90")
    assert [row.frame for row in read_rows(tmp_path / "out.csv")] == list(range(6))
    with VideoFile(tmp_path / "out.mp4") as video:
        assert len(list(video)) == 6


@pytest.mark.parametrize("error", [InputError("broke off"), KeyboardInterrupt("broke off")])
def test_source_that_breaks_leaves_whole_files(
    clip: Path, tmp_path: Path, error: BaseException
) -> None:
    run_to_error(tmp_path, Frames(pictures(clip)[:6], error), type(error), "broke off")
    assert len(read_rows(tmp_path / "out.csv")) == 6
    with VideoFile(tmp_path / "out.mp4") as video:
        assert len(list(video)) == 6


@pytest.mark.parametrize("content", list(Content))
def test_video_that_cannot_go_on_ends_nothing_else(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Content
) -> None:
    write = Segment.write

    def full(segment: Segment, rgb: np.ndarray, tick: int) -> None:
        if segment.frames == 5:
            raise InputError("full") from OSError(errno.ENOSPC, "No space left on device")
        write(segment, rgb, tick)

    monkeypatch.setattr(Segment, "write", full)
    where = replace(outputs(tmp_path), content=content)
    with open_source(str(clip)) as source:
        job = TrackJob(source, PatchTracker(), [Target(START)], where)
        steps = list(job.run())
    (problem,) = job.problems
    assert "no space left on device" in problem
    assert [step.problem for step in steps if step.problem] == [problem]
    assert len(steps) == len(read_rows(tmp_path / "out.csv")) == 30
    videos = ["out.mp4", "out-clean.mp4"] if content is Content.BOTH else ["out.mp4"]
    assert job.written == tuple(tmp_path / name for name in [*videos, "out.csv"])
    for name in videos:
        with VideoFile(tmp_path / name) as video:
            assert len(list(video)) == 5


def test_stop_ends_after_the_frame_at_hand(clip: Path, tmp_path: Path) -> None:
    with open_source(str(clip)) as source:
        where = Outputs(None, tmp_path / "out.json")
        job = TrackJob(source, PatchTracker(), [Target(START)], where)
        for step in job.run():
            if step.done == 7:
                job.stop()
    assert job.was_stopped
    assert len(json.loads((tmp_path / "out.json").read_text())["annotations"]) == 7


def test_unwritable_video_leaves_the_old_table(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    with open_source(str(clip)) as source:
        where = Outputs(tmp_path / "absent" / "out.mp4", tmp_path / "out.csv")
        job = TrackJob(source, PatchTracker(), [Target(START)], where)
        with pytest.raises(InputError, match="cannot be written"):
            list(job.run())
    assert [path.name for path in tmp_path.glob("out.csv*")] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "old"
