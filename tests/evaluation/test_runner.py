import math
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.metrics import Boxes
from model.evaluation.peers import Contender
from model.evaluation.runner import Run, run_sequence, summarise, updates, write_boxes
from model.evaluation.sequences import read_sequence
from tests.evaluation.scenes import Scripted, draw_sequence

HERE = (0.0, 0.0, 10.0, 10.0)
AWAY = (500.0, 0.0, 10.0, 10.0)
NOWHERE = (math.nan,) * 4


def told(truth: Boxes) -> list[tuple[bool, tuple[float, float, float, float]]]:
    return [(True, tuple(row)) for row in truth[1:]]


def made_run(boxes: list, *, tracker: str = "t", sequence: str = "s", score: float = 0.5,
             truth: list | None = None, seconds: float = 0.01) -> Run:  # fmt: skip
    n = len(boxes)
    return Run(
        tracker=tracker, ours=True, sequence=sequence, start=0,
        truth=np.array(truth or [HERE] * n, float), boxes=np.array(boxes, float),
        scores=np.array([math.nan] + [score] * (n - 1)), states=("",) * n,
        seconds=np.full(n - 1, seconds),
    )  # fmt: skip


def test_a_perfect_tracker(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "s", frames=8)
    sequence = read_sequence(tmp_path / "s")
    perfect: Contender = Scripted("perfect", told(truth), score=0.75)
    seen: list[tuple[str, str]] = []
    (run,) = run_sequence([perfect], sequence, progress=lambda t, s: seen.append((t, s)))
    assert run.accuracy.success_auc == pytest.approx(20 / 21)
    assert run.scores[1:].tolist() == [0.75] * 7
    assert math.isnan(run.scores[0])
    assert run.states == ("", *["tracking"] * 7)
    assert run.seconds.shape == (7,)
    assert (run.seconds > 0).all()
    assert seen == [("perfect", "s")] * 7 == [("perfect", "s")] * updates([sequence], 1)


def test_a_nan_box_is_a_miss_and_no_box_holds_the_last(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "s", frames=4)
    still = [(True, tuple(truth[0])), (False, AWAY), (True, NOWHERE)]
    (run,) = run_sequence([Scripted("t", still)], read_sequence(tmp_path / "s"))
    np.testing.assert_allclose(run.boxes[:3], [truth[0]] * 3)
    assert np.isnan(run.boxes[3]).all()
    assert run.accuracy.precision == 3 / 4
    assert np.isnan(run.scores).all()


def test_all_trackers_see_the_same_frames(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "s", frames=5)
    a, b = Scripted("a", told(truth)), Scripted("b", told(truth))
    runs = list(run_sequence([a, b], read_sequence(tmp_path / "s"), starts=2))
    assert [(r.tracker, r.start) for r in runs] == [("a", 0), ("b", 0), ("a", 2), ("b", 2)]
    assert len(a.seen) == 4 + 2
    assert all(x is y for x, y in zip(a.seen, b.seen, strict=True))
    with pytest.raises(ValueError, match="read-only"):
        a.seen[0][:] = 0


def test_frames_beyond_memory_are_decoded_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("model.evaluation.runner.CACHE_BYTES", 2 * 96 * 128 * 3)
    truth = draw_sequence(tmp_path / "s", frames=5)
    a, b = Scripted("a", told(truth)), Scripted("b", told(truth))
    list(run_sequence([a, b], read_sequence(tmp_path / "s")))
    assert [x is y for x, y in zip(a.seen, b.seen, strict=True)] == [True, False, False, False]
    for x, y in zip(a.seen, b.seen, strict=True):
        np.testing.assert_array_equal(x, y)


def test_each_start_begins_on_its_own_box(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "s", frames=12, absent=range(4, 7))
    tracker = Scripted("t", [(True, HERE)])
    sequence = read_sequence(tmp_path / "s")
    runs = list(run_sequence([tracker], sequence, starts=3))
    assert [r.start for r in runs] == [0, 7, 8]
    np.testing.assert_allclose(tracker.starts, truth[[0, 7, 8]])
    assert [len(r.truth) for r in runs] == [12, 5, 4]
    assert updates([sequence], 3) == 11 + 4 + 3


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


def test_time_per_update() -> None:
    runs = [made_run([HERE] * 4, seconds=0.01), made_run([HERE] * 2, seconds=0.05)]
    (result,) = summarise(runs)
    assert result.mean.median_ms == pytest.approx(10)
    assert result.mean.rate == pytest.approx(4 / 0.08)


def test_a_row_per_tracker_in_order_of_appearance() -> None:
    runs = [made_run([HERE, HERE], tracker=t) for t in ("b", "a", "b")]
    assert [r.name for r in summarise(runs)] == ["b", "a"]
    assert summarise([]) == []


def test_boxes_on_disk(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=5)
    sequence = read_sequence(tmp_path / "s")
    for tracker in (Scripted("scored", [(True, HERE)], score=0.5), Scripted("t", [(True, HERE)])):
        for run in run_sequence([tracker], sequence, starts=2):
            path = write_boxes(run, tmp_path / "boxes")
            np.testing.assert_allclose(np.loadtxt(path, delimiter=","), run.boxes, atol=5e-4)
    files = sorted(str(p.relative_to(tmp_path / "boxes")) for p in tmp_path.glob("boxes/*/*"))
    assert files == [
        "scored/s.txt", "scored/s@2.txt", "scored/s@2_score.txt", "scored/s_score.txt",
        "t/s.txt", "t/s@2.txt",
    ]  # fmt: skip
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_boxes(run, tmp_path / "file")


def test_a_picture_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=4)
    (tmp_path / "s" / "img" / "0003.jpg").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"0003.jpg is not a readable picture"):
        list(run_sequence([Scripted("t", [(True, HERE)])], read_sequence(tmp_path / "s")))
