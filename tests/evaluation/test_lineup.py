from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.lineup import Lineup, Task, run_at_once, run_in_turn
from model.evaluation.sequences import read_sequences
from tests.evaluation.scenes import draw_sequence

MIL = Lineup(("mil",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(3):
        draw_sequence(tmp_path / "data" / f"s{i}", frames=4)
    return tmp_path / "data"


def test_processes_give_the_runs_of_one_after_the_other_and_pass_errors_on(folder: Path) -> None:
    (folder / "s2" / "img" / "0002.jpg").write_bytes(b"broken")
    sequences, boxes = read_sequences(folder), folder.parent / "boxes"
    counts: list[int] = []
    task = Task(starts=2, boxes=boxes)
    # one process, for each takes seconds to load
    at_once = run_at_once(MIL, sequences, task, lambda n, _: counts.append(n), jobs=1)
    found = [next(at_once), next(at_once)]
    with pytest.raises(InputError, match=r"0002.jpg is not a readable picture"):
        next(at_once)
    assert 0 < sum(counts) <= 2 * sum(len(s) for s in sequences)
    expected = list(run_in_turn(MIL.open(), sequences[:2], Task(starts=2), lambda n, _: None))
    for runs, others in zip(expected, sorted(found, key=lambda r: r[0].sequence), strict=True):
        keys = [("mil", runs[0].sequence, start) for start in sequences[0].starts(2)]
        assert [(r.tracker, r.sequence, r.start) for r in others] == keys
        for run, other in zip(runs, others, strict=True):
            np.testing.assert_array_equal(run.truth, other.truth)
            assert np.isfinite(other.boxes).all()
            assert (other.seconds > 0).all()
    written = {str(p.relative_to(boxes)) for p in boxes.rglob("*.txt")}
    assert {"mil/s0.txt", "mil/s0@2.txt", "mil/s1.txt", "mil/s1@2.txt"} <= written


def test_in_turn_counts_updates_and_says_what_is_at_work(folder: Path) -> None:
    seen: list[tuple[int, str]] = []
    list(run_in_turn(MIL.open(), read_sequences(folder, ["s0"]), Task(), lambda *a: seen.append(a)))
    assert seen == [(1, "mil on s0")] * 3
