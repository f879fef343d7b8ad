"""The player with the tracker that ships: the same to the last bit, whatever detour was made."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from app.core.player.document import Document
from app.core.sources import SourceFrame, open_source
from assets.demo import clip_path, truth
from model import Tracker
from model.geometry import Box
from tests.app.playing import Watched, watched

NEWEST = 24


class Pool:
    """Trackers that are loaded once; those that are lent at a time are different ones."""

    def __init__(self) -> None:
        self._all: list[Tracker] = []
        self._lent = 0

    def load(self) -> Tracker:
        if self._lent == len(self._all):
            self._all.append(Tracker.load("nano", threads=1))
        self._lent += 1
        return self._all[self._lent - 1]

    def take_back(self) -> None:
        self._lent = 0
        for tracker in self._all:
            tracker.reset()


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool()


@pytest.fixture
def load(pool: Pool) -> Iterator[Callable[[], Tracker]]:
    yield pool.load
    pool.take_back()


@pytest.fixture(scope="module")
def frames() -> list[SourceFrame]:
    with open_source(str(clip_path())) as source:
        return [frame for frame, _ in zip(source, range(NEWEST + 8), strict=False)]


def box_at(frame: int) -> Box:
    x, y, w, h = (float(value) for value in truth()[frame])
    return (x, y, w, h)


@pytest.fixture
def played(load: Callable[[], Tracker]) -> Iterator[Watched]:
    with watched(clip_path(), load, boxes=[box_at(0)], paused=True) as player:
        player.until(lambda s: len(s.marks) == 1)
        player.played_to(NEWEST)
        yield player


def fresh(
    tracker: Tracker, frames: list[SourceFrame], corrections: Mapping[int, Box], last: int
) -> dict[int, tuple[Box, float, str, str]]:
    """What comes of these boxes without any detour."""
    rows = {}
    marks = sorted(corrections)
    for start, stop in zip(marks, [*marks[1:], last + 1], strict=True):
        tracker.reset()
        tracker.add(frames[start].rgb, corrections[start], time=frames[start].time_s)
        rows[start] = (corrections[start], 1.0, "tracking", "given")
        for frame in frames[start + 1 : stop]:
            (found,) = tracker.update(frame.rgb, time=frame.time_s)
            rows[frame.index] = (found.box, found.score, str(found.state), found.reason)
    return rows


def rows(player: Watched, id: int = 1) -> dict[int, tuple[Box, float, str, str]]:
    return {
        row.frame: (row.box, row.score, row.state, row.reason) for row in player.target(id).rows
    }


def same(
    found: dict[int, tuple[Box, float, str, str]], expected: dict[int, tuple[Box, float, str, str]]
) -> bool:
    """Whether boxes are the same to the last bit; scores are kept in single precision."""
    return {k: (row[0], row[2:]) for k, row in found.items()} == {
        k: (row[0], row[2:]) for k, row in expected.items()
    } and all(found[k][1] == pytest.approx(expected[k][1], abs=1e-6) for k in expected)


def test_correction_in_the_past_undone_and_redone(
    played: Watched, load: Callable[[], Tracker], frames: list[SourceFrame]
) -> None:
    played.went(9)
    played.player.correct(1, box_at(9))
    played.done()
    marks = {0: box_at(0), 9: box_at(9)}
    with_it, without = rows(played), {0: box_at(0)}
    played.player.undo()
    played.done()
    played.went(NEWEST)
    played.played_to(NEWEST + 3)
    undone = rows(played)
    played.player.redo()
    played.done()
    played.played_to(NEWEST + 6)
    redone = rows(played)
    tracker = load()
    assert same(with_it, fresh(tracker, frames, marks, NEWEST))
    assert same(undone, fresh(tracker, frames, without, NEWEST + 3))
    assert same(redone, fresh(tracker, frames, marks, NEWEST + 6))


def test_forgetting_and_pinning_undone(
    played: Watched, load: Callable[[], Tracker], frames: list[SourceFrame]
) -> None:
    played.played_to(NEWEST + 3)
    before = played.done().memory[1]
    slot = before[-1].slot
    assert slot > 0
    played.player.pin(1, slot)
    played.player.forget(1, slot)
    assert len(played.done().memory[1]) == len(before) - 1
    played.player.undo()
    played.player.undo()
    after = played.done().memory[1]
    assert [(v.slot, v.frame_time_s, v.pinned, v.share) for v in after] == [
        (v.slot, v.frame_time_s, v.pinned, v.share) for v in before
    ]
    played.played_to(NEWEST + 7)
    assert same(rows(played), fresh(load(), frames, {0: box_at(0)}, NEWEST + 7))


def test_correction_on_the_newest_frame_beside_another_target(
    played: Watched, load: Callable[[], Tracker], frames: list[SourceFrame]
) -> None:
    played.went(12)
    played.player.add(box_at(12))
    played.done()
    played.went(NEWEST)
    played.player.correct(1, box_at(NEWEST))
    shown = played.played_to(NEWEST + 4)
    assert set(shown.memory) == {1, 2}
    found = rows(played, 1), rows(played, 2)
    tracker = load()
    marks = {0: box_at(0), NEWEST: box_at(NEWEST)}
    expected = [fresh(tracker, frames, marks, NEWEST + 4)]
    expected.append(fresh(tracker, frames, {12: box_at(12)}, NEWEST + 4))
    # two targets in one batch may differ in the last bits
    for got, wanted in zip(found, expected, strict=True):
        assert got.keys() == wanted.keys()
        for frame in wanted:
            assert got[frame][0] == pytest.approx(wanted[frame][0], abs=0.05)


def test_attention_and_responses_of_the_last_step(played: Watched) -> None:
    played.player.look_into(1)
    played.player.want_responses(True)
    shown = played.until(lambda s: s.attention is not None and s.responses)
    attention = shown.attention
    assert attention is not None
    assert attention.space.sum(-1) == pytest.approx(1.0, abs=1e-3)
    assert len(attention.slots) == len(shown.memory[1])
    assert shown.responses[1].region == shown.search[1]
    assert 0 < shown.responses[1].map.max() <= 1


def test_document_opened_again_goes_on_with_the_target_it_began_with(
    played: Watched, load: Callable[[], Tracker]
) -> None:
    state = played.player.document.state
    with watched(clip_path(), load, document=Document(state), paused=True, at=NEWEST) as player:
        player.played_to(NEWEST + 4)
        found = rows(player)
        assert sorted(found) == list(range(NEWEST + 5))
        x, y, w, h = found[NEWEST + 4][0]
        tx, ty, tw, th = box_at(NEWEST + 4)
        assert (x + w / 2, y + h / 2) == pytest.approx((tx + tw / 2, ty + th / 2), abs=12)


def test_memories_say_how_large_they_are(pool: Pool, frames: list[SourceFrame]) -> None:
    tracker = pool.load()
    id = tracker.add(frames[0].rgb, box_at(0))
    memory = tracker.memory_of(id)
    assert 100_000 < memory.nbytes < 100_000_000
    pool.take_back()
