import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.plots import attribute_plot, precision_plot, success_plot
from model.evaluation.report import Report, as_dict, summary_rows, write_report
from model.evaluation.summary import TrackerResult
from tests.evaluation.scenes import RESULTS, result, summary

REPORT = Report(RESULTS, {"one": ["fast motion"], "two": []}, {"starts": 2}, jobs=3)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_files(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    paths = write_report(REPORT, folder)
    assert [p.name for p in paths] == [
        "summary.json", "results.json", "summary.csv", "sequences.csv", "attributes.csv",
        "success.png", "precision.png", "attributes.png",
    ]  # fmt: skip
    assert sorted(paths) == sorted(folder.iterdir())
    for path in folder.glob("*.png"):
        picture = cv2.imread(str(path))
        assert picture.shape[1] > 1000
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 3


def test_everything_is_in_the_json(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert data == as_dict(REPORT)
    assert data["settings"] == {"starts": 2}
    assert data["trackers"]["csrt"]["sequences"]["two"]["success_auc"] == 0.5
    assert len(data["trackers"]["csrt"]["mean"]["success_curve"]) == 21
    assert data["trackers"]["nano"]["mean"]["auroc"] is None
    assert data["attributes"]["success_auc"] == {
        "fast motion": {"nano": 0.6, "kcf": 0.3, "csrt": 0.5}
    }
    assert data["attributes"]["sequences"] == {"one": ["fast motion"], "two": []}
    assert "LaSOT" in data["attributes"]["definitions"]["fast motion"]
    assert data["times"]["jobs"] == 3
    assert "3 jobs" in data["times"]["doubts"][0]


def test_the_small_table_is_the_same_in_json_and_csv(tmp_path: Path) -> None:
    lost = TrackerResult("lost", True, summary(0.2, returns=2, refound=0.0,
                         frames_to_find=float("inf")), {"one": summary(0.2)})  # fmt: skip
    report = Report([*RESULTS, lost], jobs=2)
    write_report(report, tmp_path)
    rows = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert rows == summary_rows(report)
    nano = rows[0]
    assert (nano["tracker"], nano["best_peer"], nano["jobs"]) == ("nano", "csrt", 2)
    assert nano["success_difference"] == pytest.approx(0.1)
    assert nano["time_ratio"] == pytest.approx(0.5)
    assert rows[3]["frames_to_find"] is None
    cells = rows_of(tmp_path / "summary.csv")
    assert [list(c) for c in cells] == [list(r) for r in rows]
    assert float(cells[0]["success_ratio"]) == pytest.approx(1.2)
    assert cells[3]["frames_to_find"] == ""
    assert cells[3]["refound"] == "0"


def test_rows_per_sequence_and_per_attribute(tmp_path: Path) -> None:
    write_report(REPORT, tmp_path)
    rows = rows_of(tmp_path / "sequences.csv")
    assert [(r["tracker"], r["sequence"]) for r in rows[:3]] == [
        ("nano", "one"), ("nano", "two"), ("nano", "mean")
    ]  # fmt: skip
    assert rows[2]["success_auc"] == "0.6"
    assert rows[2]["auroc"] == ""
    assert rows_of(tmp_path / "attributes.csv") == [
        {"attribute": "fast motion", "sequences": "1", "nano": "0.6", "kcf": "0.3", "csrt": "0.5"}
    ]


def test_without_peers_there_is_no_ratio() -> None:
    (row,) = summary_rows(Report(RESULTS[:1]))
    assert row["best_peer"] is None
    assert row["success_difference"] is None


def test_curves_best_first_with_a_colour_each_and_the_same_in_both() -> None:
    swapped = [*RESULTS, result("mil", 0.4)]
    axes, other = success_plot(swapped).axes[0], precision_plot(swapped).axes[0]
    labels = [t.get_text() for t in axes.get_legend().get_texts()]
    assert labels == ["nano [0.600]", "csrt [0.500]", "mil [0.400]", "kcf [0.300]"]
    np.testing.assert_allclose(axes.lines[1].get_ydata(), 0.5)
    assert len({line.get_color() for line in axes.lines}) == 4
    assert len({line.get_linestyle() for line in axes.lines}) == 4
    curves = {line.get_label(): line.get_color() for line in other.lines}
    assert {line.get_label(): line.get_color() for line in axes.lines}.items() <= curves.items()


def test_a_row_per_attribute_and_a_marker_per_tracker() -> None:
    figure = attribute_plot(REPORT.by_attribute, RESULTS)
    axes = figure.axes[0]
    assert [t.get_text() for t in axes.get_yticklabels()] == ["all", "fast motion (1)"]
    np.testing.assert_allclose([line.get_xdata() for line in axes.lines],
                               [[0.6, 0.6], [0.3, 0.3], [0.5, 0.5]])  # fmt: skip
    assert len({line.get_marker() for line in axes.lines}) == 3


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        write_report(REPORT, tmp_path / "file")
