import math
from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.metrics import Boxes
from model.evaluation.peers import Contender
from model.evaluation.runner import run_sequence, updates, write_boxes
from model.evaluation.sequences import read_sequence
from model.geometry import Box, check_box
from model.images import Frame
from tests.evaluation.scenes import Scripted, draw_sequence

HERE = (0.0, 0.0, 10.0, 10.0)
AWAY = (500.0, 0.0, 10.0, 10.0)
NOWHERE = (math.nan,) * 4


def told(truth: Boxes) -> list[tuple[bool, tuple[float, float, float, float]]]:
    return [(True, tuple(row)) for row in truth[1:]]


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
    assert run.load >= 0 or math.isnan(run.load)
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


class Particular(Scripted):
    def init(self, bgr: Frame, box: Box) -> None:
        check_box(box, bgr.shape[1], bgr.shape[0])


def test_a_box_that_cannot_be_started_from_is_told_with_its_sequence(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=4)
    sequence = read_sequence(tmp_path / "s")
    sequence.truth[0] += 10_000
    with pytest.raises(InputError, match=r"t cannot start in frame 0 of s: The box .* outside"):
        list(run_sequence([Particular("t", [(True, HERE)])], sequence))


def test_a_picture_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=4)
    (tmp_path / "s" / "img" / "0003.jpg").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"0003.jpg is not a readable picture"):
        list(run_sequence([Scripted("t", [(True, HERE)])], read_sequence(tmp_path / "s")))
