import math

from model.evaluation.summary import TrackerResult, by_attribute
from model.evaluation.tables import (
    attribute_table,
    conclusions,
    lost_table,
    success_table,
    summary_table,
)
from tests.evaluation.scenes import RESULTS, result, summary


def test_success_per_sequence() -> None:
    partly = TrackerResult("late", False, summary(0.2), {"two": summary(0.2)})
    table = success_table([*RESULTS, partly])
    assert table.heading == ["sequence", "nano", "kcf", "csrt", "late"]
    assert table.rows[0] == ["one", "0.600", "0.300", "0.500", "–"]
    assert table.rows[-1] == ["mean", "0.600", "0.300", "0.500", "0.200"]
    assert table.total


def test_a_row_per_tracker_with_its_ratios() -> None:
    table = summary_table(RESULTS)
    assert [len(r) for r in table.rows] == [len(table.heading)] * 3
    assert table.rows[0] == [
        "nano", "0.600", "+0.100", "0.600", "0.600", "–", "5.00", "0.50", "200",
    ]  # fmt: skip
    assert table.rows[1][2] == "-0.200"
    assert (table.rows[2][2], table.rows[2][7]) == ("–", "–"), "the best peer against itself"
    assert "jobs" not in table.title
    assert "4 jobs" in summary_table(RESULTS, jobs=4).title


def test_lost_and_found() -> None:
    assert lost_table(RESULTS) is None
    numbers = {"absences": 5, "returns": 4, "refound": 0.75}
    found = TrackerResult("a", True, summary(0.5, frames_to_find=3.0, **numbers), {})
    never = TrackerResult("b", True, summary(0.5, frames_to_find=math.inf, **numbers), {})
    away = TrackerResult("c", True, summary(0.5, absences=1), {})
    assert lost_table([found, never, away]).rows == [
        ["a", "5", "4", "75% of 4", "3"], ["b", "5", "4", "75% of 4", "never"],
        ["c", "1", "0", "–", "–"],
    ]  # fmt: skip


def test_attributes() -> None:
    assert attribute_table([], RESULTS) is None
    table = attribute_table(by_attribute(RESULTS, {"one": ["long"], "two": ["long"]}), RESULTS)
    assert table.heading == ["attribute", "sequences", "nano", "kcf", "csrt"]
    assert table.rows == [["long", "2", "0.600", "0.300", "0.500"]]


def test_each_of_ours_is_held_against_the_best_peer_in_a_sentence() -> None:
    (line,) = conclusions(RESULTS)
    assert line.startswith("nano against csrt")
    assert "+0.100 (×1.20)" in line
    assert "×0.50" in line
    assert conclusions(RESULTS[:1]) == []


def test_doubtful_times_are_said() -> None:
    busy = TrackerResult("busy", True, summary(0.5, load=2.345), {})
    lines = conclusions([busy, result("mil", 0.4)], jobs=2)
    assert len(lines) == 3
    assert "2 jobs" in lines[1]
    assert "busy (load 2.3 per core)" in lines[2]
    assert "mil" not in lines[2]
