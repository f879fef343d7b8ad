"""The tape of a live source: what it keeps, how it is caught up with."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.player.tape import CatchUp, LiveTape, SharedTape
from model.errors import InputError
from tests.app.camera import Camera
from tests.app.playing import eventually
from tests.app.sources.numbered import number_of


def test_going_to_frames_that_are_gone_shows_the_oldest() -> None:
    camera = Camera()
    tape = LiveTape(camera.source(), keep_s=0.0)
    try:
        camera.give(5)
        eventually(lambda: tape.span.last == 5)
        frame = tape.nearest(0)
        assert frame is not None
        assert frame.index == tape.span.first > 0
        with pytest.raises(InputError, match="Frame 0 of camera is gone"):
            tape.frame(0)
        following = tape.next(-1)
        assert following is not None
        assert following.index == tape.span.first
    finally:
        tape.close()


def test_old_frames_are_kept_compressed_and_the_newest_as_they_came() -> None:
    camera = Camera()
    size = camera.frames()[0].rgb.nbytes
    tape = LiveTape(camera.source(), raw_bytes=4 * size)
    try:
        camera.give(40)
        eventually(lambda: tape.span.last == 40)
        eventually(lambda: sum(kept.rgb is not None for kept in tuple(tape._kept)) <= 4)
        originals = camera.frames()
        for index in range(tape.span.first, 41):
            rgb = tape.frame(index).rgb
            assert number_of(rgb) == index
            if index > 37:
                assert np.array_equal(rgb, originals[index].rgb)
            assert np.abs(rgb.astype(int) - originals[index].rgb).mean() < 8
        assert sum(kept.nbytes for kept in tape._kept) <= 12 * size
    finally:
        tape.close()


def test_frames_lost_on_the_way_leave_the_times_in_step() -> None:
    camera = Camera()
    tape = LiveTape(camera.source())
    try:
        camera.give(10)
        eventually(lambda: tape.span.last == 10)
        with tape._changed:
            del tape._kept[4]
        span = tape.span
        assert span.times_s is not None
        assert span.times_s.shape == (11,)
        assert np.all(np.diff(span.times_s) > 0)
        assert tape.next(3).index == 5  # type: ignore[union-attr]
    finally:
        tape.close()


def test_shared_tape_hurries_to_the_newest_frame_only_where_asked() -> None:
    camera = Camera()
    tape = LiveTape(camera.source())
    shared = SharedTape(tape)
    try:
        camera.give(60)
        eventually(lambda: tape.span.last == 60)
        at, seen = 0, []
        for _ in range(200):
            frame = shared.next(at, hurry=True)
            if frame is None:
                break
            at = frame.index
            seen.append(at)
        assert seen == list(range(1, 61))
        with pytest.raises(InputError):
            shared.frame(61)
    finally:
        tape.close()
    with pytest.raises(StopIteration):
        shared.next(60)


@given(behind=st.integers(1, 300), coming=st.integers(0, 6))
def test_catching_up_ends_and_passes_over_no_more_than_it_must(behind: int, coming: int) -> None:
    catch_up = CatchUp()
    first = behind
    for step in itertools.count():
        skip = catch_up.skip(behind)
        assert 0 <= skip < behind
        if coming == 0:
            assert skip == 0
        assert skip <= coming + 1
        behind += coming - skip - 1
        if behind <= max(1, coming):
            break
        assert step <= 2 * first + 4
