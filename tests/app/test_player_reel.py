"""Frames of a file in any order: exact, kept at hand, past damage."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.player.deck import FileDeck, Turn
from app.core.player.reel import FileReel
from app.core.sources import SourceFrame, SourceInfo, VideoFile
from app.core.sources.base import Closing, no_frame
from model.errors import InputError
from tests.app.sources.numbered import Recipe, number_of, picture, write

COUNT = 90
RECIPES = [
    Recipe("numbered.mp4", options={"bf": "3", "g": "24", "preset": "ultrafast"}),
    Recipe("no-times.h264", options={"bf": "3", "g": "24", "preset": "ultrafast"}),
]


@pytest.fixture(scope="module", params=RECIPES, ids=lambda recipe: recipe.name)
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe: Recipe = request.param
    return write(tmp_path_factory.mktemp("reel") / recipe.name, recipe, COUNT)


class Pictures(Closing):
    """Numbered pictures, some of which are damaged, as `how` says: missing, or an error."""

    seekable = True

    def __init__(self, count: int, damaged: set[int] = frozenset(), *, breaks: bool = False):  # type: ignore[assignment]
        self.info = SourceInfo("pictures", 128, 64, count, 25.0, is_live=False)
        self.damaged, self.breaks = damaged, breaks
        self.sought: list[int] = []
        self._next = 0

    def __iter__(self) -> Iterator[SourceFrame]:
        while self._next < (self.info.frames or 0):
            index = self._next
            self._next += 1
            if index not in self.damaged:
                yield SourceFrame(index, index / 25, picture(index))
            elif self.breaks:
                raise InputError(f"Picture {index} is damaged.")

    def seek(self, index: int) -> None:
        self.sought.append(index)
        if not 0 <= index < (self.info.frames or 0):
            raise no_frame(index, self.info.name, self.info.frames)
        if index in self.damaged and not self.breaks:
            raise InputError(f"Picture {index} is damaged.")
        self._next = index


aims = st.lists(
    st.tuples(st.booleans(), st.integers(0, COUNT - 1), st.integers(-3, 3)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(where=aims, room=st.sampled_from([1, 5 * 24576, 40 * 24576]))
def test_frames_in_any_order_are_the_right_ones(
    video: Path, where: list[tuple[bool, int, int]], room: int
) -> None:
    reel = FileReel(VideoFile(video), cache_bytes=room)
    at = 0
    try:
        for is_jump, far, near in where:
            wanted = far if is_jump else min(max(at + near, 0), COUNT - 1)
            frame = reel.frame(wanted)
            assert (frame.index, number_of(frame.rgb)) == (wanted, wanted)
            if wanted < COUNT - 1:
                following = reel.next(wanted)
                assert following is not None
                assert (following.index, number_of(following.rgb)) == (wanted + 1, wanted + 1)
            else:
                with pytest.raises(StopIteration):
                    reel.next(wanted)
            at = wanted
            held = sum(kept.rgb.nbytes for kept in reel._cache.values())
            assert held == reel._held
            assert held <= max(room, frame.rgb.nbytes)
    finally:
        reel.close()


def test_last_frame_kept_at_hand_is_the_last(video: Path) -> None:
    reel = FileReel(VideoFile(video))
    for index in (COUNT - 2, COUNT - 1, 0, 1):
        assert reel.frame(index).index == index
    assert reel.frame(COUNT - 1).index == COUNT - 1
    with pytest.raises(StopIteration):
        reel.next(COUNT - 1)
    assert reel.frame(3).index == 3
    reel.close()


def test_frame_that_is_not_there_says_so_and_the_reel_goes_on(video: Path) -> None:
    reel = FileReel(VideoFile(video))
    for index in (COUNT, COUNT + 500):
        with pytest.raises(InputError, match=f"no frame {index}"):
            reel.frame(index)
        assert number_of(reel.frame(7).rgb) == 7
    reel.close()


def test_steps_back_are_decoded_some_at_a_time() -> None:
    source = Pictures(200)
    reel = FileReel(source)
    for index in range(150, 100, -1):
        assert reel.frame(index).index == index
    assert len(source.sought) <= 50 / 12 + 2


def test_frames_that_are_missing_are_passed_over_each_time() -> None:
    reel = FileReel(Pictures(30, {10, 11, 20}))

    def played(after: int) -> list[int]:
        found = []
        while True:
            try:
                frame = reel.next(after)
            except StopIteration:
                return found
            assert frame is not None
            after = frame.index
            found.append(after)

    whole = [k for k in range(30) if k not in (10, 11, 20)]
    assert played(-1) == whole
    assert played(-1) == whole
    assert reel.frame(10).index == 12
    assert reel.frame(21).index == 21


def test_step_back_near_a_damaged_frame_needs_it_not() -> None:
    reel = FileReel(Pictures(60, {8}))
    assert reel.frame(40).index == 40
    assert reel.frame(20).index == 20


def test_damaged_image_ends_playing_and_the_others_can_be_gone_to() -> None:
    reel = FileReel(Pictures(20, {5}, breaks=True))
    assert reel.frame(4).index == 4
    for _ in range(2):
        with pytest.raises(InputError, match="Picture 5 is damaged"):
            reel.next(4)
    assert reel.span.last == 19
    assert reel.frame(6).index == 6
    following = reel.next(6)
    assert following is not None
    assert following.index == 7
    assert reel.frame(4).index == 4


def test_times_are_known_where_the_source_has_a_rate() -> None:
    span = FileReel(Pictures(5)).span
    assert span.times_s is not None
    assert np.allclose(span.times_s, np.arange(5) / 25)


class Declared(VideoFile):
    """A video whose container declares another number of frames than it has."""

    def __init__(self, path: Path, declared: int | None) -> None:
        super().__init__(path)
        info = self.info
        self.info = SourceInfo(info.name, info.width, info.height, declared, info.rate, False)


@pytest.mark.parametrize("declared", [None, 40, 500])
def test_going_beyond_the_end_shows_the_last_frame(video: Path, declared: int | None) -> None:
    posted = []
    deck = FileDeck(Declared(video, declared), posted.append)
    try:
        assert deck.first(0, lambda: False).index == 0  # type: ignore[union-attr]
        frame = deck.go_to(300)
        assert frame.index == number_of(frame.rgb)
        assert frame.index == COUNT - 1 or declared == 40
        turn = deck.turn(is_step=True, blocks=lambda index: False) if frame.index == 39 else None
        assert turn is None or isinstance(turn, Turn)
    finally:
        deck.close()
