import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from model.evaluation.metrics import (
    absences,
    accuracy,
    auroc,
    centre_errors,
    frames_until_found,
    overlaps,
    success_per_frame,
)

NAN = [math.nan] * 4
SIDE = st.floats(4, 200)
BOXES = st.lists(st.tuples(st.floats(-50, 500), st.floats(-50, 500), SIDE, SIDE), min_size=1,
                 max_size=20).map(lambda rows: np.array(rows, np.float64))  # fmt: skip


def shifted(truth: np.ndarray, sizes: float) -> np.ndarray:
    moved = truth.copy()
    moved[:, 0] += sizes * truth[:, 2]
    return moved


def test_success_auc_by_hand() -> None:
    # IoU 1, 1/3 (half a width aside), 0: above 20, 7 and 0 of the 21 thresholds
    truth = np.array([[0, 0, 10, 10]] * 3, float)
    boxes = np.array([[0, 0, 10, 10], [5, 0, 10, 10], [50, 0, 10, 10]], float)
    result = accuracy(boxes, truth)
    assert overlaps(boxes, truth) == pytest.approx([1, 1 / 3, 0])
    assert result.success_auc == pytest.approx((20 + 7 + 0) / 21 / 3)
    assert result.success_curve[[0, 6, 7, 20]] == pytest.approx([2 / 3, 2 / 3, 1 / 3, 0])
    assert result.frames == 3


def test_precision_by_hand() -> None:
    # centre errors 0, exactly 20, and 21 px
    truth = np.array([[100, 100, 40, 80]] * 3, float)
    boxes = np.array([[100, 100, 40, 80], [112, 116, 40, 80], [121, 100, 40, 80]], float)
    assert centre_errors(boxes, truth) == pytest.approx([0, 20, 21])
    result = accuracy(boxes, truth)
    assert result.precision == pytest.approx(2 / 3)
    assert result.precision_curve[[0, 19, 20, 21]] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1])


def test_normalised_precision_by_hand() -> None:
    # 0.2525 of a width aside: within 25 of the 51 thresholds 0, 0.01, … 0.5, those from 0.26 on
    truth = np.array([[0, 0, 40, 80]], float)
    boxes = np.array([[0.2525 * 40, 0, 40, 80]])
    assert centre_errors(boxes, truth, normalised=True) == pytest.approx([0.2525])
    assert accuracy(boxes, truth).norm_precision == pytest.approx(25 / 51)
    # the same error along y is half as many heights
    high = np.array([[0, 0.2525 * 40, 40, 80]])
    assert centre_errors(high, truth, normalised=True) == pytest.approx([0.12625])


def test_centre_not_corner_is_measured() -> None:
    truth = np.array([[10, 10, 20, 20]], float)
    grown = np.array([[0, 0, 40, 40]], float)
    assert centre_errors(grown, truth) == pytest.approx([0])


def test_absent_frames_are_left_out_and_a_nan_box_is_a_miss() -> None:
    truth = np.array([[0, 0, 10, 10], NAN, [0, 0, 10, 10], [0, 0, 0, 5]], float)
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], NAN, [0, 0, 10, 10]], float)
    result = accuracy(boxes, truth)
    assert result.frames == 2
    assert result.success_auc == pytest.approx(20 / 21 / 2)
    assert result.precision == 0.5
    assert result.norm_precision == 0.5
    assert overlaps(boxes, truth).tolist() == [1, 0, 0, 0]


def test_a_truth_without_any_box_has_no_accuracy() -> None:
    result = accuracy(np.zeros((2, 4)), np.array([NAN, NAN]))
    assert result.frames == 0
    assert math.isnan(result.success_auc)
    assert math.isnan(result.precision)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (3,)])
def test_shapes_that_do_not_match(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        accuracy(np.zeros(shape), np.ones((3, 4)))


@given(BOXES)
def test_a_perfect_track_reaches_the_top(truth: np.ndarray) -> None:
    result = accuracy(truth, truth)
    assert result.success_auc == pytest.approx(20 / 21)
    assert result.precision == 1
    assert result.norm_precision == 1


@given(BOXES, st.floats(0, 2), st.floats(0.05, 2))
def test_further_aside_is_never_better(truth: np.ndarray, near: float, more: float) -> None:
    good, bad = accuracy(shifted(truth, near), truth), accuracy(shifted(truth, near + more), truth)
    assert bad.success_auc <= good.success_auc
    assert bad.precision <= good.precision
    assert bad.norm_precision <= good.norm_precision
    assert good.success_auc < 20 / 21 or near < 0.06


@given(BOXES, st.floats(0.2, 5), st.floats(0, 1))
def test_success_does_not_depend_on_the_picture_size(
    truth: np.ndarray, scale: float, aside: float
) -> None:
    boxes = shifted(truth, aside)
    scaled = overlaps(boxes * scale, truth * scale)
    assert scaled == pytest.approx(overlaps(boxes, truth), abs=1e-9)
    assert centre_errors(boxes * scale, truth * scale, normalised=True) == pytest.approx(
        centre_errors(boxes, truth, normalised=True), abs=1e-9
    )


def test_auroc_by_hand() -> None:
    # pairs (positive, negative): 0.9 beats both, 0.5 ties one and beats the other
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    positive = np.array([True, True, False, False])
    assert auroc(scores, positive) == pytest.approx(3.5 / 4)


def test_auroc_needs_both_classes_and_ignores_missing_scores() -> None:
    assert math.isnan(auroc(np.array([0.1, 0.2]), np.array([True, True])))
    scores, positive = np.array([math.nan, 0.9, 0.1]), np.array([False, True, False])
    assert auroc(scores, positive) == 1
    assert math.isnan(auroc(scores[:2], positive[:2]))


@given(arrays(np.float64, st.integers(2, 30), elements=st.sampled_from([0, 0.2, 0.4, 0.7, 1.0])),
       st.randoms(use_true_random=False))  # fmt: skip
def test_auroc_is_the_chance_to_rank_a_pair_right(scores: np.ndarray, random) -> None:
    positive = np.array([random.random() < 0.5 for _ in scores])
    assume(positive.any() and not positive.all())
    a, b = scores[positive][:, None], scores[~positive][None]
    assert auroc(scores, positive) == pytest.approx(((a > b) + 0.5 * (a == b)).mean())
    assert auroc(-scores, positive) == pytest.approx(1 - auroc(scores, positive))


def test_lost_and_found() -> None:
    here, away = [0, 0, 10, 10], [100, 0, 10, 10]
    truth = np.array([NAN, here, NAN, here, here, here, NAN, NAN, here, NAN, here], float)
    boxes = np.array([here, here, here, away, away, here, here, here, away, here, here], float)
    # back at 3 and found at 5; back at 8 and gone again unfound; back at 10 and found at once
    assert frames_until_found(boxes, truth) == [2, math.inf, 0]


def test_a_target_that_never_leaves_never_returns() -> None:
    truth = np.array([[0, 0, 10, 10]] * 4, float)
    assert frames_until_found(truth, truth) == []


def test_absences_begin_when_the_target_goes() -> None:
    here = [0, 0, 10, 10]
    assert absences(np.array([NAN, here, NAN, NAN, here, NAN], float)) == 2
    assert absences(np.array([NAN, here], float)) == 0
    assert absences(np.array([here], float)) == 0


@given(BOXES, st.floats(0, 2))
def test_success_per_frame_averages_to_the_auc(truth: np.ndarray, aside: float) -> None:
    boxes = shifted(truth, aside)
    truth = np.vstack([truth, NAN])
    boxes = np.vstack([boxes, boxes[-1]])
    each = success_per_frame(boxes, truth)
    assert math.isnan(each[-1])
    assert np.nanmean(each) == pytest.approx(accuracy(boxes, truth).success_auc)
