"""When a target is tracked, uncertain, lost and found again."""

from dataclasses import replace

import pytest

from model.presets import TrackerConfig
from model.states import Evidence, Standing, State, judge, judge_lost, may_remember

CONFIG = TrackerConfig(
    uncertain_below=0.35, sure_above=0.5, lost_below=0.2, lost_after=3, recover_above=0.55,
    recover_soon=0.8, recover_after=10,
    unlike_below=0.2, distractor_ratio=0.85, remember_score=0.7,
)  # fmt: skip


def evidence(
    score: float, *, second: float = 0.0, likeness: float = 0.9, in_frame: bool = True
) -> Evidence:
    return Evidence(score, second, likeness, in_frame)


@pytest.mark.parametrize(
    ("before", "score", "after"),
    [
        (State.TRACKING, 0.8, State.TRACKING),
        (State.TRACKING, 0.4, State.TRACKING),
        (State.TRACKING, 0.3, State.UNCERTAIN),
        (State.UNCERTAIN, 0.4, State.UNCERTAIN),  # what keeps a target does not win it back
        (State.UNCERTAIN, 0.6, State.TRACKING),
        (State.RECOVERED, 0.4, State.TRACKING),
        (State.RECOVERED, 0.3, State.UNCERTAIN),
    ],
)
def test_it_takes_more_to_become_sure_than_to_stay_so(
    before: State, score: float, after: State
) -> None:
    standing = judge(Standing(before), evidence(score), CONFIG)
    assert standing.state is after
    assert bool(standing.reason) == (after is State.UNCERTAIN)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (evidence(0.3), "low score"),
        (evidence(0.3, in_frame=False), "leaving the frame"),
        (replace(evidence(0.3), yields=True), "another target is there"),
        (evidence(0.9, likeness=0.1), "unlike the first template"),
        (evidence(0.9, second=0.9), "second peak"),
    ],
)
def test_doubt_has_a_reason(seen: Evidence, reason: str) -> None:
    standing = judge(Standing(), seen, CONFIG)
    assert standing.state is State.UNCERTAIN
    assert standing.reason == reason


def test_low_scores_in_a_row_lose_a_target() -> None:
    def states(scores: list[float]) -> list[State]:
        standing, out = Standing(), []
        for score in scores:
            standing = judge(standing, evidence(score), CONFIG)
            out.append(standing.state)
        return out

    unsure, lost = State.UNCERTAIN, State.LOST
    assert states([0.1, 0.1, 0.1]) == [unsure, unsure, lost]
    # a better score in between starts the count anew
    assert states([0.1, 0.1, 0.3, 0.1, 0.1]) == [unsure] * 5
    assert states([0.1, 0.1, 0.3, 0.1, 0.1, 0.0]) == [*[unsure] * 5, lost]


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (evidence(0.6), State.RECOVERED),
        (evidence(0.55), State.RECOVERED),
        (evidence(0.5), State.LOST),
        (evidence(0.9, likeness=0.1), State.LOST),
    ],
)
def test_a_lost_target_is_found_by_a_sure_and_alike_place(seen: Evidence, state: State) -> None:
    long_lost = Standing(State.LOST, low=CONFIG.lost_after + CONFIG.recover_after)
    standing = judge_lost(long_lost, seen, CONFIG)
    assert standing.state is state
    assert standing.reason
    if state is State.RECOVERED:
        assert judge(standing, evidence(0.8), CONFIG) == Standing()


def test_what_was_lost_just_now_is_found_only_where_it_looks_right() -> None:
    standing = Standing(State.LOST, low=CONFIG.lost_after)
    taken = 0
    while standing.state is State.LOST:
        assert judge_lost(standing, evidence(0.8), CONFIG).state is State.RECOVERED
        standing = judge_lost(standing, evidence(0.61), CONFIG)
        taken += 1
    # from 0.8 to 0.55 in ten updates: 0.61 is enough in the ninth
    assert taken == 9
    eager = replace(CONFIG, recover_soon=0.2)
    assert judge_lost(Standing(State.LOST, low=3), evidence(0.5), eager).state is State.LOST


def test_only_a_sure_frame_is_remembered() -> None:
    sure = Standing(State.TRACKING)
    assert may_remember(sure, evidence(0.7), CONFIG)
    assert not may_remember(sure, evidence(0.69), CONFIG)
    assert not may_remember(sure, evidence(0.9, in_frame=False), CONFIG)
    for state in (State.UNCERTAIN, State.LOST, State.RECOVERED):
        assert not may_remember(Standing(state), evidence(0.9), CONFIG)
