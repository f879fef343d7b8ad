import math
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.comparison import side_by_side
from model.evaluation.runner import Run
from model.evaluation.sequences import Sequence, read_sequence
from tests.evaluation.scenes import draw_sequence

BLUE, ORANGE, WHITE, RED = (86, 180, 233), (230, 159, 0), (255, 255, 255), (90, 40, 40)
TITLE, STRIP = 34, 110


@pytest.fixture
def drawn(tmp_path: Path) -> Sequence:
    draw_sequence(tmp_path / "s", frames=6, absent=range(2, 4))
    return read_sequence(tmp_path / "s")


def run_of(sequence: Sequence, name: str, boxes: np.ndarray | None = None, start: int = 0) -> Run:
    truth = sequence.truth[start:]
    n = len(truth)
    return Run(
        tracker=name, ours=True, sequence=sequence.name, start=start, truth=truth,
        boxes=truth if boxes is None else boxes, scores=np.full(n, 0.5), states=("",) * n,
        seconds=np.ones(n - 1),
    )  # fmt: skip


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour) <= 6).all(axis=2)


def test_a_frame_each_of_even_and_equal_size(drawn: Sequence) -> None:
    frames = list(side_by_side(drawn, run_of(drawn, "a"), run_of(drawn, "b")))
    assert len(frames) == 6
    assert {f.shape for f in frames} == {(TITLE + 360 + STRIP, 2 * 480 + 4, 3)}
    assert {f.dtype for f in frames} == {np.dtype(np.uint8)}


def test_each_half_shows_its_own_box_and_both_the_truth(drawn: Sequence) -> None:
    left = run_of(drawn, "a", np.full((6, 4), (80.0, 10.0, 24.0, 20.0)))
    right = run_of(drawn, "b", np.full((6, 4), (10.0, 50.0, 30.0, 20.0)))
    frames = list(side_by_side(drawn, left, right))
    # pictures of 128 px are shown 480 wide: times 3.75
    for half, colour, box in (
        (frames[1][TITLE:-STRIP, :480], BLUE, left.boxes[1]),
        (frames[1][TITLE:-STRIP, 484:], ORANGE, right.boxes[1]),
    ):
        x, y, w, h = (round(3.75 * v) for v in box)
        rows, columns = np.nonzero(has(half, colour))
        assert abs(columns.min() - x) <= 3
        assert abs(columns.max() - (x + w)) <= 3
        assert abs(rows.min() - y) <= 3
        assert abs(rows.max() - (y + h)) <= 3
        tx, ty, tw, _ = (round(3.75 * v) for v in drawn.truth[1])
        assert has(half, WHITE)[ty - 1 : ty + 1, tx + 4 : tx + tw - 4].any(axis=0).all()
    assert not has(frames[1][TITLE:-STRIP, :480], ORANGE).any()
    gone = frames[2][TITLE:-STRIP, :480]
    tx, ty, tw, _ = (round(3.75 * v) for v in drawn.truth[1])
    assert not has(gone, WHITE)[ty - 6 : ty + 6, tx : tx + tw].all(axis=1).any()


def test_the_strip_grows_and_marks_where_the_target_is_absent(drawn: Sequence) -> None:
    away = np.full((6, 4), (0.0, 0.0, 5.0, 5.0))
    away[0] = drawn.truth[0]
    strips = [f[-STRIP:] for f in side_by_side(drawn, run_of(drawn, "a"), run_of(drawn, "b", away))]
    reach = [np.nonzero(has(s[:, 210:], ORANGE))[1].max(initial=0) for s in strips]
    assert reach[0] < reach[1] < reach[-1]
    assert all(has(s, RED).any() for s in strips)
    # a perfect track stays at the top of the strip, a lost one falls to its bottom
    last = strips[-1][:, 210:]
    assert np.nonzero(has(last, BLUE))[0].max() < STRIP / 4
    assert np.nonzero(has(last, ORANGE))[0].max() > STRIP * 3 / 4


def test_boxes_that_are_missing_or_far_away(drawn: Sequence) -> None:
    wild = np.array([drawn.truth[0], [math.nan] * 4, [1e9, -1e9, 5, 5], [-1e7, -1e7, 2e7, 2e7],
                     [0, 0, 0, 0], [60, 40, 1e8, 1]])  # fmt: skip
    assert len(list(side_by_side(drawn, run_of(drawn, "a" * 200, wild), run_of(drawn, "跟")))) == 6


def test_a_name_of_a_file_that_is_no_text_is_drawn(drawn: Sequence) -> None:
    runs = run_of(drawn, "caf\udce9"), run_of(drawn, "b")
    assert len(list(side_by_side(drawn, *runs))) == 6


def test_a_later_start_shows_its_own_pictures(drawn: Sequence) -> None:
    late = list(side_by_side(drawn, run_of(drawn, "a", start=4), run_of(drawn, "b", start=4)))
    whole = list(side_by_side(drawn, run_of(drawn, "a"), run_of(drawn, "b")))
    assert len(late) == 2
    np.testing.assert_array_equal(late[0][TITLE:-STRIP], whole[4][TITLE:-STRIP])


def test_runs_that_do_not_belong_together(drawn: Sequence, tmp_path: Path) -> None:
    draw_sequence(tmp_path / "other", frames=6)
    other = read_sequence(tmp_path / "other")
    for right in (run_of(other, "b"), run_of(drawn, "b", start=1)):
        with pytest.raises(ValueError, match="one sequence from one start"):
            next(side_by_side(drawn, run_of(drawn, "a"), right))
