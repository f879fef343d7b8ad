import csv
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.report import (
    against_best_peer,
    as_dict,
    best_peer,
    success_plot,
    success_table,
    summary_table,
    write_report,
)
from model.evaluation.runner import Summary, TrackerResult


def summary(auc: float, ms: float = 10.0, **other: float) -> Summary:
    values = {"auroc": math.nan, "returns": 0, "refound": math.nan, **other}
    return Summary(
        success_auc=auc, precision=auc, norm_precision=auc, success_curve=np.full(21, auc),
        precision_curve=np.full(51, auc), median_ms=ms, rate=1000 / ms, runs=1, frames=9, **values,
    )  # fmt: skip


def result(name: str, auc: float, *, ours: bool = False, ms: float = 10.0) -> TrackerResult:
    return TrackerResult(name, ours, summary(auc, ms), {"one": summary(auc), "two": summary(auc)})


RESULTS = [result("nano", 0.6, ours=True, ms=5), result("kcf", 0.3, ms=2), result("csrt", 0.5)]


def test_ratio_to_the_best_peer() -> None:
    assert best_peer(RESULTS).name == "csrt"
    (only,) = against_best_peer(RESULTS)
    assert (only.tracker, only.peer) == ("nano", "csrt")
    assert only.success_ratio == pytest.approx(1.2)
    assert only.speed_ratio == pytest.approx(2)
    assert against_best_peer(RESULTS[:1]) == []
    assert math.isnan(against_best_peer([RESULTS[0], result("kcf", 0)])[0].success_ratio)


def test_tables() -> None:
    partly = TrackerResult("late", False, summary(0.2, auroc=0.91, returns=4, refound=0.75),
                           {"two": summary(0.2)})  # fmt: skip
    heading, rows = success_table([*RESULTS, partly])
    assert heading == ["sequence", "nano", "kcf", "csrt", "late"]
    assert rows[0] == ["one", "0.600", "0.300", "0.500", "–"]
    assert rows[-1] == ["mean", "0.600", "0.300", "0.500", "0.200"]
    heading, rows = summary_table([RESULTS[0], partly])
    assert [len(r) for r in rows] == [len(heading)] * 2
    assert rows[0] == ["nano", "0.600", "0.600", "0.600", "–", "–", "5.00", "200.0"]
    assert rows[1][4:6] == ["0.910", "75% of 4"]


def test_files(tmp_path: Path) -> None:
    paths = write_report(RESULTS, tmp_path / "new" / "folder", {"starts": 2})
    assert [p.name for p in paths] == ["results.json", "results.csv", "success.png",
                                       "precision.png"]  # fmt: skip
    data = json.loads(paths[0].read_text())
    assert data == as_dict(RESULTS, {"starts": 2})
    assert data["trackers"]["csrt"]["sequences"]["two"]["success_auc"] == 0.5
    assert data["trackers"]["nano"]["mean"]["auroc"] is None
    assert data["against_best_peer"][0]["speed_ratio"] == pytest.approx(2)
    with paths[1].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["tracker"], r["sequence"]) for r in rows[:3]] == [
        ("nano", "one"), ("nano", "two"), ("nano", "mean")
    ]  # fmt: skip
    assert rows[2]["success_auc"] == "0.6"
    assert rows[2]["auroc"] == ""
    for path in paths[2:]:
        picture = cv2.imread(str(path))
        assert picture.shape[1] > picture.shape[0] > 500
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 3


def test_plot_shows_the_curves_best_first_with_a_colour_each() -> None:
    axes = success_plot(RESULTS).axes[0]
    labels = [t.get_text() for t in axes.get_legend().get_texts()]
    assert labels == ["nano [0.600]", "csrt [0.500]", "kcf [0.300]"]
    np.testing.assert_allclose(axes.lines[1].get_ydata(), 0.5)
    assert len({line.get_color() for line in axes.lines}) == 3
    assert len({line.get_linestyle() for line in axes.lines}) == 3


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_report(RESULTS, tmp_path / "file", {})
