"""When the frames of a file are due, by a clock that the test turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.player import pace as module
from app.core.player.pace import Pace


class Clock:
    """Stands in for `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def play(clock: Clock, pace: Pace, step_s: float, work_s: list[float]) -> list[float]:
    """How late each frame is when it is taken; each takes so long to work on afterwards."""
    late = []
    for each in work_s:
        due_s = pace.due_s(step_s)
        clock.now = max(clock.now, due_s)
        late.append(clock.now - pace.passed(due_s))
        clock.now += each
    return late


def test_a_short_delay_is_caught_up_with(clock: Clock) -> None:
    pace = Pace()
    begun = clock.now
    late = play(clock, pace, 0.04, [0.05, 0.01, 0.05, 0.01, 0.01])
    assert late == pytest.approx([0, 0.01, 0, 0.01, 0], abs=1e-9)
    # the fifth frame comes when it would have come without
    assert clock.now - 0.01 == pytest.approx(begun + 5 * 0.04)


def test_what_cannot_be_kept_up_with_plays_more_slowly(clock: Clock) -> None:
    pace = Pace()
    begun = clock.now
    late = play(clock, pace, 0.04, [0.06] * 50)
    assert max(late) == pytest.approx(0.02)
    assert clock.now == pytest.approx(begun + 0.04 + 50 * 0.06)
    # and does not hurry afterwards
    begun = clock.now
    play(clock, pace, 0.04, [0.001] * 50)
    assert clock.now - begun == pytest.approx(49 * 0.04, abs=0.041)


def test_speed_and_long_gaps(clock: Clock) -> None:
    pace = Pace()
    pace.speed = 4.0
    assert pace.due_s(0.04) == pytest.approx(clock.now + 0.01)
    assert pace.due_s(1e6) == pytest.approx(clock.now + 10)


@given(
    st.floats(0.001, 0.2), st.floats(0.1, 8), st.lists(st.floats(0, 0.5), min_size=1, max_size=40)
)
def test_no_frame_is_more_than_half_a_frame_late(
    step_s: float, speed: float, work_s: list[float]
) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", clock)
        pace = Pace()
        pace.speed = speed
        late = play(clock, pace, step_s, work_s)
    assert all(-1e-9 <= each <= 0.5 * step_s / speed + 1e-9 for each in late)
