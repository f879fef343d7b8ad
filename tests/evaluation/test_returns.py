"""Windows that pan away from a target and back."""

from pathlib import Path

import numpy as np
import pytest

from model.evaluation.metrics import present
from model.evaluation.runner import run_sequence
from model.evaluation.sequences import Sequence, read_sequences
from tests.evaluation.scenes import Scripted, draw_sequence
from tools.returns import BACK, COMES, GOES, GONE, Window, pan


@pytest.fixture
def sequence(tmp_path: Path) -> Sequence:
    draw_sequence(tmp_path / "square", frames=110, size=(120, 480))
    return read_sequences(tmp_path)[0]


def test_the_target_leaves_and_comes_back_and_is_where_the_truth_says(sequence: Sequence) -> None:
    seen = pan(sequence, Window(5, 0.4))
    assert seen is not None
    assert len(seen) == 105
    there = present(seen.truth)
    assert there[:GOES].all()
    assert not there[GONE:COMES].any()
    assert there[BACK:].all()
    for index in np.flatnonzero(there):
        frame, whole = seen.read(index), sequence.read(5 + index)
        assert frame.shape == (48, 192, 3)
        x, y, w, h = seen.truth[index].astype(int)
        left, top = seen.corners[index]
        part = whole[top + y : top + y + h, left + x : left + x + w]
        np.testing.assert_array_equal(frame[y : y + h, x : x + w], part)
        # and that is where the target is in the frame itself
        own = sequence.truth[5 + index]
        assert left + x >= own[0]
        assert left + x + w <= own[0] + own[2]


def test_returns_are_counted(sequence: Sequence) -> None:
    seen = pan(sequence, Window(0, 0.4))
    assert seen is not None
    back = np.flatnonzero(present(seen.truth) & (np.arange(len(seen)) >= COMES))[0]
    answers = [(True, tuple(box)) for box in np.nan_to_num(seen.truth, nan=1.0)[1:]]
    late = [(True, (0.0, 0.0, 5.0, 5.0)) if back - 1 <= k < back + 6 else answer
            for k, answer in enumerate(answers)]  # fmt: skip
    at_once, after_seven = run_sequence([Scripted("a", answers), Scripted("b", late)], seen)
    assert at_once.delays == [0]
    assert after_seven.delays == [7]


def test_where_the_target_cannot_leave_there_is_no_window(sequence: Sequence) -> None:
    assert pan(sequence, Window(0, 0.97)) is None
    assert pan(sequence.first(BACK), Window(0, 0.4)) is None
