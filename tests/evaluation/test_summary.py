import math

import numpy as np
import pytest

from model.evaluation.attributes import ATTRIBUTES
from model.evaluation.runner import Run
from model.evaluation.summary import (
    TrackerResult,
    against_best_peer,
    best_peer,
    by_attribute,
    on_loaded_machine,
    summarise,
)
from tests.evaluation.scenes import RESULTS, result, summary

HERE = (0.0, 0.0, 10.0, 10.0)
AWAY = (500.0, 0.0, 10.0, 10.0)
NOWHERE = (math.nan,) * 4


def made_run(boxes: list, *, tracker: str = "t", sequence: str = "s", score: float = 0.5,
             truth: list | None = None, seconds: float = 0.01,
             load: float = 0.1) -> Run:  # fmt: skip
    n = len(boxes)
    return Run(
        tracker=tracker, ours=True, sequence=sequence, start=0,
        truth=np.array(truth or [HERE] * n, float), boxes=np.array(boxes, float),
        scores=np.array([math.nan] + [score] * (n - 1)), states=("",) * n,
        seconds=np.full(n - 1, seconds), load=load,
    )  # fmt: skip


def test_means_over_starts_then_over_sequences() -> None:
    hit, miss = made_run([HERE, HERE]), made_run([HERE, AWAY])
    other = made_run([HERE, AWAY], sequence="u")
    (result,) = summarise([hit, miss, other])
    assert result.sequences["s"].success_auc == pytest.approx(20 / 21 * 3 / 4)
    assert result.sequences["u"].success_auc == pytest.approx(20 / 21 / 2)
    assert result.mean.success_auc == pytest.approx(20 / 21 * (3 / 4 + 1 / 2) / 2)
    assert result.mean.success_curve[0] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert (result.mean.runs, result.mean.frames) == (3, 3)


def test_score_and_returns_are_pooled_over_sequences() -> None:
    never_lost = made_run([HERE] * 3, score=0.9)
    lost = made_run([HERE, HERE, AWAY, AWAY], sequence="u", score=0.2,
                    truth=[HERE, NOWHERE, HERE, HERE])  # fmt: skip
    (result,) = summarise([never_lost, lost])
    assert math.isnan(result.sequences["s"].auroc)
    assert result.mean.auroc == 1
    assert (result.mean.returns, result.mean.refound) == (1, 0)
    assert math.isnan(result.sequences["s"].refound)
    assert math.isnan(result.sequences["s"].frames_to_find)


def test_time_per_update() -> None:
    runs = [made_run([HERE] * 4, seconds=0.01), made_run([HERE] * 2, seconds=0.05)]
    (result,) = summarise(runs)
    assert result.mean.median_ms == pytest.approx(10)
    assert result.mean.rate == pytest.approx(4 / 0.08)


def test_a_row_per_tracker_in_order_of_appearance() -> None:
    runs = [made_run([HERE, HERE], tracker=t) for t in ("b", "a", "b")]
    assert [r.name for r in summarise(runs)] == ["b", "a"]
    assert summarise([]) == []


def test_frames_until_found_is_the_middle_return_and_an_open_absence_counts() -> None:
    truth = [HERE, NOWHERE, HERE, HERE, NOWHERE, HERE, NOWHERE, HERE, NOWHERE]
    boxes = [HERE, AWAY, AWAY, HERE, AWAY, AWAY, AWAY, HERE, AWAY]
    (found,) = summarise([made_run(boxes, truth=truth)])
    # found after one frame, never, at once; the fourth absence lasts to the end
    assert (found.mean.absences, found.mean.returns) == (4, 3)
    assert found.mean.refound == pytest.approx(2 / 3)
    assert found.mean.frames_to_find == 1
    (never,) = summarise([made_run([HERE] + [AWAY] * 8, truth=truth)])
    assert never.mean.frames_to_find == math.inf


def test_ratios_to_the_best_peer() -> None:
    assert best_peer(RESULTS).name == "csrt"
    ours, slower, itself = against_best_peer(RESULTS)
    assert (ours.tracker, ours.peer) == ("nano", "csrt")
    assert ours.success_difference == pytest.approx(0.1)
    assert ours.success_ratio == pytest.approx(1.2)
    assert ours.time_ratio == pytest.approx(0.5)
    assert slower.success_difference == pytest.approx(-0.2)
    assert (itself.success_difference, itself.success_ratio, itself.time_ratio) == (0, 1, 1)
    assert against_best_peer(RESULTS[:1]) == []
    assert math.isnan(against_best_peer([RESULTS[0], result("kcf", 0)])[0].success_ratio)


def test_success_by_attribute_is_the_mean_over_those_that_have_it() -> None:
    each = {"a": summary(0.2), "b": summary(0.6), "c": summary(0.9)}
    whole = TrackerResult("whole", True, summary(0.5), each)
    partly = TrackerResult("partly", True, summary(0.5), {"b": summary(0.4)})
    rows = by_attribute(
        [whole, partly],
        {"a": ["absent"], "b": ["fast motion", "absent"], "c": []},
    )
    assert [(r.name, r.sequences) for r in rows] == [
        ("fast motion", ("b",)), ("absent", ("a", "b"))
    ]  # fmt: skip
    assert rows[1].success_auc == {"whole": pytest.approx(0.4), "partly": pytest.approx(0.4)}
    assert set(ATTRIBUTES) > {"fast motion", "absent"}


def test_the_highest_load_tells_that_times_are_doubtful() -> None:
    calm = made_run([HERE] * 2, tracker="calm", load=1.2)
    busy = [made_run([HERE] * 2, tracker="busy", load=v) for v in (0.2, 1.7, math.nan)]
    unknown = made_run([HERE] * 2, tracker="unknown", load=math.nan)
    results = summarise([calm, *busy, unknown])
    assert [r.name for r in on_loaded_machine(results)] == ["busy"]
    assert results[1].mean.load == 1.7
    assert math.isnan(results[2].mean.load)
