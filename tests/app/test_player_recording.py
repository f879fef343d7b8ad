"""Recording while playing: each played frame once, what is drawn, what ends it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import BoxRow
from app.core.journal import read_journal
from app.core.overlay import Mark
from app.core.player.snapshot import Playback
from app.core.recorder import Content
from app.core.sources import SourceFrame, SourceInfo, VideoFile
from app.core.studio.recording import RecordingFactory
from app.core.studio.status import RecordingStatus
from model.geometry import Box
from tests.app.camera import PATIENT, Camera
from tests.app.playing import watched
from tests.app.sources.numbered import Recipe, number_of, write
from tests.app.square import square_at, write_video

COUNT = 24
BOX: Box = (24.0, 16.0, 32.0, 32.0)


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = Recipe("numbered.mp4", options={"preset": "ultrafast"})
    return write(tmp_path_factory.mktemp("recording") / recipe.name, recipe, COUNT)


@pytest.fixture(scope="module")
def square(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("recording") / "square.mp4", COUNT)


class Noted:
    """Notes what a recording is told, instead of writing it."""

    def __init__(
        self, info: SourceInfo, tell: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        self.frames: list[tuple[int, list[int]]] = []
        self.events: list[tuple[object, ...]] = []
        self.rows: list[int] = []
        self.is_on = False
        self.reasons: list[str] = []
        self.closed = False
        self._changed = changed

    def start(
        self, path: Path, content: Content | str = "", *,
        tracker: object | None = None, targets: Sequence[BoxRow] = (),
    ) -> None:  # fmt: skip
        self.is_on = True
        self.events.append(("start", [row.id for row in targets], tracker is not None))

    def on_frame(self, frame: SourceFrame, marks: Sequence[Mark], rows: Sequence[BoxRow]) -> None:
        if self.is_on:
            assert all(row.frame == frame.index for row in rows)
            self.frames.append((frame.index, [mark.id for mark in marks]))

    def on_rows(self, frame: int, time_s: float, rows: Sequence[BoxRow]) -> None:
        self.rows.append(frame)

    def on_target(self, frame: int, time_s: float, id: int, label: str, box: Box) -> None:
        self.events.append(("target", frame, id, label))

    def on_correction(self, frame: int, time_s: float, id: int, box: Box) -> None:
        self.events.append(("correction", frame, id))

    def on_removed(self, frame: int, id: int) -> None:
        self.events.append(("removed", frame, id))

    def status(self) -> RecordingStatus | None:
        return RecordingStatus(Path("x.mp4")) if self.is_on else None

    def stop(self, reason: str = "") -> None:
        if self.is_on:
            self.reasons.append(reason)
        self.is_on = False
        self._changed()

    def close(self, reason: str = "") -> None:
        self.stop(reason)
        self.closed = True

    @property
    def is_alive(self) -> bool:
        return self.is_on


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> tuple[RecordingFactory, list[Noted]]:
    """A factory, and the recordings that it made."""
    made: list[Noted] = []

    def make(
        self: RecordingFactory, info: SourceInfo, tell: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
    ) -> Noted:  # fmt: skip
        made.append(Noted(info, tell, changed))
        return made[-1]

    monkeypatch.setattr(RecordingFactory, "__call__", make)
    return RecordingFactory("x"), made


def test_each_played_frame_is_recorded_once(numbered: Path, tmp_path: Path) -> None:
    recording = RecordingFactory(str(numbered), sessions=lambda _: tmp_path / "session")
    path = tmp_path / "out.mp4"
    with watched(numbered, recording=recording, boxes=[BOX], paused=True) as player:
        player.played_to(2)
        player.player.start_recording(path, Content.CLEAN)
        player.until(lambda s: s.recording is not None)
        player.played_to(8)
        player.went(4)
        player.player.play()
        player.ended()
        status = player.until(lambda s: s.recording is not None).recording
        assert status is not None
        assert status.problem == ""
        player.player.stop_recording()
        player.until(lambda s: s.recording is None)
    with VideoFile(path) as video:
        assert [number_of(frame.rgb) for frame in video] == list(range(2, COUNT))
    journal = read_journal(tmp_path / "session" / "journal.jsonl", repair=False)
    assert journal.outcome == "done"
    assert [row.frame for row in journal.rows] == list(range(2, COUNT))


def test_recording_that_was_not_stopped_is_whole_after_closing(
    square: Path, tmp_path: Path
) -> None:
    recording = RecordingFactory(str(square), sessions=lambda _: tmp_path / "session")
    path = tmp_path / "out.mp4"
    with watched(square, recording=recording, boxes=[square_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.player.start_recording(path)
        player.played_to(9)
    with VideoFile(path) as video:
        frames = list(video)
    assert len(frames) == 10
    with VideoFile(square) as source:
        plain = next(iter(source)).rgb
    # the box is drawn on it
    assert np.abs(frames[0].rgb.astype(int) - plain).max() > 60


def test_overlay_leaves_hidden_targets_out_and_paused_frames_are_recorded_first(
    square: Path, noted: tuple[RecordingFactory, list[Noted]]
) -> None:
    factory, made = noted
    boxes = [square_at(0), square_at(0)]
    with watched(square, recording=factory, boxes=boxes, paused=True) as player:
        player.played_to(3)
        player.player.show(2, False)
        player.player.start_recording(Path("x.mp4"))
        assert player.until(lambda s: s.recording is not None)
        player.played_to(6)
        player.player.show(2, True)
        player.played_to(8)
        (recording,) = made
        assert recording.frames == [(k, [1] if k <= 6 else [1, 2]) for k in range(3, 9)]
        assert recording.events[-1] == ("start", [1, 2], True)
    assert recording.closed
    assert recording.reasons == [""]


def test_what_is_done_with_targets_is_told(
    square: Path, noted: tuple[RecordingFactory, list[Noted]]
) -> None:
    factory, made = noted
    with watched(square, recording=factory, boxes=[square_at(0)], paused=True) as player:
        player.played_to(10)
        player.player.start_recording(Path("x.mp4"))
        player.player.add(square_at(10), "b")
        player.went(5)
        player.player.correct(1, square_at(5))
        player.done()
        player.player.remove([1])
        player.player.undo()
        player.player.undo()
        player.player.undo()
        player.done()
        (recording,) = made
        assert recording.events == [
            ("target", 0, 1, ""), ("start", [1], True), ("target", 10, 2, "b"),
            ("correction", 5, 1), ("removed", 5, 1), ("removed", 5, 2),
        ]  # fmt: skip
        assert recording.rows[:5] == [6, 7, 8, 9, 10]


def test_frames_gone_to_are_not_recorded(
    square: Path, noted: tuple[RecordingFactory, list[Noted]]
) -> None:
    factory, made = noted
    with watched(square, recording=factory, paused=True) as player:
        player.until(lambda s: s.playback is Playback.PAUSED)
        player.player.start_recording(Path("x.mp4"))
        player.went(10)
        player.player.step(-3)
        player.at(7)
        player.player.step(2)
        player.at(9)
        assert [index for index, _ in made[0].frames] == [0, 8, 9]


def test_recording_before_there_is_a_picture_is_nothing(square: Path) -> None:
    gate = threading.Event()

    def opened() -> VideoFile:
        assert gate.wait(20)
        return VideoFile(square)

    with watched(opened, paused=True) as player:
        player.player.start_recording(Path("x.mp4"))
        player.player.stop_recording()
        gate.set()
        assert player.at(0).recording is None
        assert player.notices() == []


def test_live_source_that_breaks_finishes_the_recording(tmp_path: Path) -> None:
    camera = Camera(watch=replace(PATIENT, give_up_s=0.1))
    recording = RecordingFactory("0", sessions=lambda _: tmp_path / "session")
    path = tmp_path / "out.mp4"
    with watched(camera.source, recording=recording, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.player.start_recording(path, Content.CLEAN)
        player.barrier()
        for _ in range(5):
            camera.give()
            player.at(camera.given - 1)
        camera.end()
        player.ended()
        player.until(lambda s: s.recording is None)
        told = player.notices()
        assert any("plug it in" in sentence for sentence in told)
        assert any(f"{path} was finished, for its source broke" in sentence for sentence in told)
        with VideoFile(path) as video:
            assert [number_of(frame.rgb) for frame in video] == list(range(6))


def test_live_frames_are_recorded_as_they_are_shown(
    noted: tuple[RecordingFactory, list[Noted]],
) -> None:
    factory, made = noted
    camera = Camera()
    with watched(camera.source, recording=factory, boxes=[BOX]) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.player.start_recording(Path("x.mp4"))
        player.barrier()
        player.player.hold()
        player.barrier()
        camera.give(20)
        player.until(lambda s: s.span is not None and s.span.last == 20)
        player.player.release()
        player.at(20)
        assert [index for index, _ in made[0].frames] == list(range(21))
