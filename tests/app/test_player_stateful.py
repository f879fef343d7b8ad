"""Whatever a user does in whatever order: tracks stay those that their boxes make."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.core.player import retrack
from app.core.player.player import Player
from app.core.player.snapshot import Playback
from app.core.sources import SourceFrame
from model.images import Frame
from model.tracker import TrackResult
from tests.app.camera import Camera
from tests.app.playing import Watched, frames_of, threads_since, tracked, watched
from tests.app.square import Others, PatchTracker, square_at, write_video

COUNT = 16
OFFSETS = st.sampled_from([(0.0, 0.0), (2.0, -2.0), (-3.0, 1.0)])


class Leisurely(PatchTracker):
    """Takes its time in the background, so that much happens meanwhile."""

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        if threading.current_thread().name == "retrack":
            threading.Event().wait(0.005)
        return super().update(rgb, time, others)


class Playing(RuleBasedStateMachine):
    """A player on a short video. Without jumps the tracks can be told to the last bit."""

    video: Path
    frames: list[SourceFrame]

    @initialize(
        jumps=st.booleans(), leisurely=st.booleans(),
        frame=st.integers(4, 12), many=st.integers(1, 2),
    )  # fmt: skip
    def open(self, jumps: bool, leisurely: bool, frame: int, many: int) -> None:
        self.before = set(threading.enumerate())
        self.jumps = jumps
        boxes = [self._box(0, (2.0 * k, 0.0)) for k in range(many)]
        tracker = Leisurely if leisurely else PatchTracker
        self.watched = Watched(self.video, tracker, paused=True, boxes=boxes)
        self.player = self.watched.player
        self.player.set_speed(8)
        self.watched.until(lambda s: s.playback is Playback.PAUSED and s.tracker)
        self.watched.played_to(frame)

    @rule(frames=st.integers(-4, 6).filter(bool))
    def step(self, frames: int) -> None:
        aim = min(max(self._shown() + frames, 0), COUNT - 1)
        self.player.step(frames)
        self.watched.at(aim)

    @rule(frames=st.integers(1, 4))
    def play(self, frames: int) -> None:
        aim = min(self._shown() + frames, COUNT - 1)
        self.player.play()
        self.watched.until(lambda s: s.frame is not None and s.frame.index >= aim)
        self.player.pause()
        self._shown()

    @rule(share=st.floats(0, 1), off=OFFSETS)
    def add(self, share: float, off: tuple[float, float]) -> None:
        self.player.add(self._box(self._go(share), off))

    @rule(place=st.integers(0, 3), share=st.floats(0, 1), off=OFFSETS)
    def correct(self, place: int, share: float, off: tuple[float, float]) -> None:
        if (id := self._some(place)) is not None:
            self.player.correct(id, self._box(self._go(share), off))

    @rule(place=st.integers(0, 3), off=OFFSETS)
    def correct_here(self, place: int, off: tuple[float, float]) -> None:
        if (id := self._some(place)) is not None:
            self.player.correct(id, self._box(self._shown(), off))

    @rule(place=st.integers(0, 3))
    def remove(self, place: int) -> None:
        if (id := self._some(place)) is not None:
            self.player.remove([id])
            self.player.rename(id + 1, "renamed")

    @precondition(lambda self: self.jumps)
    @rule(place=st.integers(0, 3))
    def track_backwards(self, place: int) -> None:
        if (id := self._some(place)) is not None:
            self.player.track_backwards(id)

    @rule(place=st.integers(0, 3), slot=st.integers(1, 3), what=st.sampled_from("pfu"))
    def change_memory(self, place: int, slot: int, what: str) -> None:
        id = self._some(place)
        remembered = self.watched.barrier().memory.get(id or 0, ())
        if id is None or all(view.slot != slot for view in remembered):
            return
        if what == "f":
            self.player.forget(id, slot)
        else:
            self.player.pin(id, slot, what == "p")

    @rule(times=st.integers(1, 3))
    def undo(self, times: int) -> None:
        for _ in range(times):
            self.player.undo()

    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        for _ in range(times):
            self.player.redo()

    @rule()
    def rest(self) -> None:
        self.watched.done()
        self._check()

    def teardown(self) -> None:
        if not hasattr(self, "watched"):
            return
        try:
            self.watched.done()
            self._check()
            self._play_to_the_end()
            self._check_history()
            assert self.watched.notices() == []
        finally:
            self.player.close()
        assert not threads_since(self.before)

    def _go(self, share: float) -> int:
        """Go to a frame; without jumps no further than the targets were followed."""
        self.watched.barrier()
        at = self.player._stage.tracking.following.at
        last = COUNT - 1 if self.jumps or at is None else at
        self.watched.went(round(share * last))
        return round(share * last)

    def _shown(self) -> int:
        """Number of the frame that is shown once all has been carried out."""
        shown = self.watched.barrier()
        assert shown.frame is not None
        return shown.frame.index

    def _box(self, frame: int, off: tuple[float, float]) -> tuple[float, float, float, float]:
        x, y, w, h = square_at(frame)
        return (x + off[0], y + off[1], w, h)

    def _some(self, place: int) -> int | None:
        self.watched.barrier()
        targets = self.player.document.state.targets
        return targets[place % len(targets)].id if targets else None

    def _check(self) -> None:
        at = self.player._stage.tracking.following.at
        assert at is not None
        for target in self.player.document.state.targets:
            rows = self.watched.rows(target.id)
            numbers = target.rows.columns().frame.tolist()
            assert numbers == sorted(set(numbers))
            for mark, box in target.corrections.items():
                assert rows[mark] == (box, 1.0, "tracking")
            assert target.begun in target.corrections
            if not self.jumps:
                last = target.rows.last
                assert last is not None
                assert last >= at
                assert rows == tracked(self.frames, target.corrections, last)

    def _play_to_the_end(self) -> None:
        if self._shown() < COUNT - 1:
            self.watched.played_to(COUNT - 1)
        self.watched.done()
        self._check()
        if not self.jumps and self.player._stage.tracking.following.at == COUNT - 1:
            for target in self.player.document.state.targets:
                assert target.rows.last == COUNT - 1

    def _check_history(self) -> None:
        def made() -> list[tuple[int, str, dict[int, object]]]:
            self.watched.done()
            targets = self.player.document.state.targets
            return [(t.id, t.label, dict(t.corrections)) for t in targets]

        before, tracks = made(), [self.watched.rows(id) for id, *_ in made()]
        undone = 0
        while self.player.document.can_undo:
            self.player.undo()
            self.watched.barrier()
            undone += 1
        assert made() == []
        for _ in range(undone):
            self.player.redo()
        assert made() == before
        if not self.jumps:
            assert [self.watched.rows(id) for id, *_ in before] == tracks


def test_tracks_are_those_that_their_boxes_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrack, "_GIVE_EVERY_S", 0.01)
    video = write_video(tmp_path / "square.mp4", COUNT)

    class Short(Playing):
        pass

    Short.video, Short.frames = video, frames_of(video)
    run_state_machine_as_test(
        Short,
        settings=settings(
            max_examples=30, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def anything(player: Player, rng: random.Random) -> Callable[[], object]:
    """Something a user may do."""
    frame, id = rng.randrange(-1, COUNT + 1), rng.randrange(1, 5)
    x, y, w, h = square_at(max(0, frame))
    box = (x + rng.choice([-2.0, 0.0, 3.0]), y, w, h)
    return rng.choice([
        player.play, player.play, player.pause, player.toggle, player.hold, player.release,
        partial(player.step, rng.randrange(-4, 5)), partial(player.seek, frame),
        partial(player.set_speed, rng.choice([0.5, 8.0])),
        partial(player.set_loop, rng.random() < 0.5),
        partial(player.add, box), partial(player.add, (900.0, 900.0, 9.0, 9.0)),
        *[partial(player.correct, id, box)] * 3, partial(player.track_backwards, id),
        partial(player.remove, [id]), partial(player.rename, id, "x"),
        *[player.undo] * 2, *[player.redo] * 2,
        partial(player.set_range, rng.choice([None, 2]), rng.choice([None, 12])),
        partial(player.pin, id, 0), partial(player.forget, id, 1),
        partial(player.want_responses, rng.random() < 0.5), partial(player.look_into, id),
        partial(player.set_tracker, Leisurely), player.go_live,
        partial(player.stop_recording, ""),
    ])  # fmt: skip


def flood(player: Player, seed: int) -> None:
    """Do anything, from three threads at once."""

    def act(number: int) -> None:
        rng = random.Random(f"{seed} {number}")
        for _ in range(80):
            anything(player, rng)()
            if rng.random() < 0.3:
                time.sleep(rng.random() * 0.01)

    actors = [threading.Thread(target=act, args=(number,)) for number in range(3)]
    for actor in actors:
        actor.start()
    for actor in actors:
        actor.join()
    player.release()
    player.pause()


def is_sound(playing: Watched) -> None:
    """Check the document, its history and what was told."""
    for target in playing.done().document.targets:
        assert np.all(np.diff(target.rows.columns().frame) > 0)
        assert target.begun in target.corrections
        for mark, box in target.corrections.items():
            row = target.rows.at(mark)
            assert row is not None
            assert row.box == box
    while playing.player.document.can_undo:
        playing.player.undo()
        playing.barrier()
    assert playing.done().document.targets == ()
    expected = ("outside", "cannot be forgotten", "remembers no frame")
    assert [s for s in playing.notices() if not any(part in s for part in expected)] == []


@pytest.mark.parametrize("seed", range(3))
def test_anything_from_many_threads_leaves_a_sound_document(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrack, "_GIVE_EVERY_S", 0.01)
    video = write_video(tmp_path / "square.mp4", COUNT)
    with watched(video, Leisurely, boxes=[square_at(0)]) as playing:
        flood(playing.player, seed)
        is_sound(playing)


@pytest.mark.parametrize("seed", range(3))
def test_anything_from_many_threads_leaves_a_sound_document_of_a_live_source(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrack, "_GIVE_EVERY_S", 0.01)
    camera = Camera()
    with watched(camera.source, Leisurely, boxes=[(24.0, 16.0, 32.0, 32.0)]) as playing:
        camera.run()
        flood(playing.player, seed)
        camera.rest()
        is_sound(playing)
