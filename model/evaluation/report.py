"""What an evaluation found as files: JSON, CSV and plots."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from model.errors import InputError
from model.evaluation.attributes import ATTRIBUTES
from model.evaluation.metrics import PRECISION_THRESHOLDS, SUCCESS_THRESHOLDS, Values
from model.evaluation.plots import attribute_plot, precision_plot, success_plot
from model.evaluation.summary import (
    AttributeResult,
    Summary,
    TrackerResult,
    against_best_peer,
    by_attribute,
)
from model.evaluation.tables import MEAN, doubts

_NUMBERS = (
    "success_auc", "precision", "norm_precision", "auroc", "absences", "returns", "refound",
    "frames_to_find", "median_ms", "rate", "load", "runs", "frames",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """An evaluation, ready to be written."""

    results: Sequence[TrackerResult]
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Of each sequence, by its name."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the evaluation was run with, kept in the JSON as given."""
    jobs: int = 1
    """Sequences that ran at once while times were taken."""

    @property
    def by_attribute(self) -> list[AttributeResult]:
        """Success by attribute."""
        return by_attribute(self.results, self.attributes)


def as_dict(report: Report) -> dict[str, Any]:
    """Everything as plain data for JSON; numbers that do not exist are None."""
    return {
        "settings": dict(report.settings),
        "times": {"jobs": report.jobs, "doubts": doubts(report.results, jobs=report.jobs)},
        "success_thresholds": _list(SUCCESS_THRESHOLDS),
        "precision_thresholds": _list(PRECISION_THRESHOLDS),
        "trackers": {
            r.name: {
                "ours": r.ours,
                MEAN: _summary_dict(r.mean),
                "sequences": {name: _summary_dict(s) for name, s in r.sequences.items()},
            }
            for r in report.results
        },
        "attributes": {
            "definitions": ATTRIBUTES,
            "sequences": {name: list(has) for name, has in report.attributes.items()},
            "success_auc": {
                a.name: {t: _number(v) for t, v in a.success_auc.items()}
                for a in report.by_attribute
            },
        },
    }


def summary_rows(report: Report) -> list[dict[str, Any]]:
    """One small record per tracker: means over sequences, and the ratios to the best peer."""
    ratios = {a.tracker: a for a in against_best_peer(report.results)}
    rows = []
    for r in report.results:
        against = ratios.get(r.name)
        rows.append({
            "tracker": r.name,
            "ours": r.ours,
            **{n: _number(getattr(r.mean, n)) for n in _NUMBERS},
            "jobs": report.jobs,
            "best_peer": against.peer if against else None,
            "success_difference": _number(against.success_difference) if against else None,
            "success_ratio": _number(against.success_ratio) if against else None,
            "time_ratio": _number(against.time_ratio) if against else None,
        })  # fmt: skip
    return rows


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write tables and plots into `folder`.

    `summary.json` and `summary.csv` have a row per tracker, `sequences.csv` one per tracker and
    sequence, `attributes.csv` one per attribute, `results.json` everything with its curves;
    `success.png`, `precision.png` and `attributes.png` are the plots.

    Returns:
        The paths written.

    Raises:
        InputError: the folder cannot be written.
    """
    rows = summary_rows(report)
    tables = {
        "summary.csv": [list(rows[0]), *([_cell(v) for v in row.values()] for row in rows)],
        "sequences.csv": _sequence_cells(report),
        "attributes.csv": _attribute_cells(report),
    }
    plots = {
        "success.png": success_plot(report.results),
        "precision.png": precision_plot(report.results),
        "attributes.png": attribute_plot(report.by_attribute, report.results),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in {"summary.json": rows, "results.json": as_dict(report)}.items():
            text = json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False)
            (folder / name).write_text(text + "\n", encoding="utf-8")
        for name, cells in tables.items():
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(cells)
        for name, plot in plots.items():
            plot.savefig(folder / name)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror or error}).") from error
    return [folder / n for n in ("summary.json", "results.json", *tables, *plots)]


def _sequence_cells(report: Report) -> list[list[str]]:
    cells = [["tracker", "sequence", *_NUMBERS]]
    for r in report.results:
        for name, summary in [*r.sequences.items(), (MEAN, r.mean)]:
            numbers = (_number(getattr(summary, n)) for n in _NUMBERS)
            cells.append([r.name, name, *(_cell(v) for v in numbers)])
    return cells


def _attribute_cells(report: Report) -> list[list[str]]:
    names = [r.name for r in report.results]
    return [
        ["attribute", "sequences", *names],
        *(
            [a.name, str(len(a.sequences)), *(_cell(_number(a.success_auc[n])) for n in names)]
            for a in report.by_attribute
        ),
    ]


def _summary_dict(s: Summary) -> dict[str, Any]:
    numbers: dict[str, Any] = {n: _number(getattr(s, n)) for n in _NUMBERS}
    numbers["success_curve"] = _list(s.success_curve)
    numbers["precision_curve"] = _list(s.precision_curve)
    return numbers


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _list(values: Values) -> list[float | None]:
    return [_number(float(v)) for v in np.asarray(values)]
