"""What an evaluation found: a table as plain data, JSON, CSV, and the plots of OTB."""

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from model.errors import InputError
from model.evaluation.metrics import PRECISION_AT, PRECISION_THRESHOLDS, SUCCESS_THRESHOLDS, Values
from model.evaluation.runner import Summary, TrackerResult

MEAN = "mean"
"""Name of the row that stands for all sequences."""

# Okabe and Ito's colours, told apart by colour-blind readers; dashes tell them apart in grey
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#B8A800")
_DASHES = ("-", "--", "-.", ":")

_NUMBERS = (
    "success_auc", "precision", "norm_precision", "auroc", "returns", "refound", "median_ms",
    "rate", "runs", "frames",
)  # fmt: skip


@dataclass(frozen=True)
class Against:
    """A tracker of ours beside the most accurate peer of the same evaluation."""

    tracker: str
    peer: str
    success_ratio: float
    """Mean success AUC over the peer's; above 1 is more accurate."""
    speed_ratio: float
    """Median time of the peer's update over ours; above 1 is faster."""


def best_peer(results: Sequence[TrackerResult]) -> TrackerResult | None:
    """The peer of the highest mean success AUC; None where no peer ran."""
    peers = [r for r in results if not r.ours]
    return max(peers, key=lambda r: r.mean.success_auc, default=None)


def against_best_peer(results: Sequence[TrackerResult]) -> list[Against]:
    """Each tracker of ours against the best peer; empty where no peer ran."""
    peer = best_peer(results)
    if peer is None:
        return []
    return [
        Against(
            r.name,
            peer.name,
            _ratio(r.mean.success_auc, peer.mean.success_auc),
            _ratio(peer.mean.median_ms, r.mean.median_ms),
        )
        for r in results
        if r.ours
    ]


def success_table(results: Sequence[TrackerResult]) -> tuple[list[str], list[list[str]]]:
    """Success AUC per sequence and tracker: heading, and rows ending with the mean.

    A sequence that a tracker did not finish shows as a dash.
    """
    heading = ["sequence", *(r.name for r in results)]
    names = dict.fromkeys(s for r in results for s in r.sequences)
    rows = [[s, *(_shown(_success(r, s), 3) for r in results)] for s in names]
    rows.append([MEAN, *(_shown(r.mean.success_auc, 3) for r in results)])
    return heading, rows


def summary_table(results: Sequence[TrackerResult]) -> tuple[list[str], list[list[str]]]:
    """One row per tracker, means over sequences: heading and rows."""
    heading = [
        "tracker", "AUC", f"P@{PRECISION_AT}", "norm.P", "AUROC", "re-found", "ms", "updates/s",
    ]  # fmt: skip
    return heading, [_summary_row(r.name, r.mean) for r in results]


def as_dict(results: Sequence[TrackerResult], settings: dict[str, Any]) -> dict[str, Any]:
    """Everything as plain data for JSON; numbers that do not exist are None."""
    return {
        "settings": settings,
        "success_thresholds": _list(SUCCESS_THRESHOLDS),
        "precision_thresholds": _list(PRECISION_THRESHOLDS),
        "trackers": {
            r.name: {
                "ours": r.ours,
                MEAN: _summary_dict(r.mean),
                "sequences": {name: _summary_dict(s) for name, s in r.sequences.items()},
            }
            for r in results
        },
        "against_best_peer": [
            {
                "tracker": a.tracker,
                "peer": a.peer,
                "success_ratio": _number(a.success_ratio),
                "speed_ratio": _number(a.speed_ratio),
            }
            for a in against_best_peer(results)
        ],
    }


def write_report(
    results: Sequence[TrackerResult], folder: Path, settings: dict[str, Any]
) -> list[Path]:
    """Write `results.json`, `results.csv`, `success.png` and `precision.png` into `folder`.

    Args:
        settings: what the evaluation was run with, kept in the JSON as given.

    Returns:
        The paths written.

    Raises:
        InputError: the folder cannot be written.
    """
    paths = [folder / n for n in ("results.json", "results.csv", "success.png", "precision.png")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(as_dict(results, settings), indent=2, allow_nan=False)
        paths[0].write_text(text + "\n", encoding="utf-8")
        _write_csv(results, paths[1])
        success_plot(results).savefig(paths[2])
        precision_plot(results).savefig(paths[3])
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror or error}).") from error
    return paths


def success_plot(results: Sequence[TrackerResult]) -> Figure:
    """Success over IoU thresholds, one curve per tracker, best first in the legend."""
    order = sorted(results, key=lambda r: -_finite(r.mean.success_auc))
    return _plot(
        [
            (f"{r.name} [{r.mean.success_auc:.3f}]", SUCCESS_THRESHOLDS, r.mean.success_curve)
            for r in order
        ],
        _colours(results, order),
        "Success: share of frames above an overlap [AUC]",
        "overlap threshold (IoU)",
    )


def precision_plot(results: Sequence[TrackerResult]) -> Figure:
    """Precision over centre errors, one curve per tracker, best first in the legend."""
    order = sorted(results, key=lambda r: -_finite(r.mean.precision))
    return _plot(
        [
            (f"{r.name} [{r.mean.precision:.3f}]", PRECISION_THRESHOLDS, r.mean.precision_curve)
            for r in order
        ],
        _colours(results, order),
        f"Precision: share of frames within a centre error [at {PRECISION_AT} px]",
        "centre error (pixels)",
    )


def _plot(
    curves: Sequence[tuple[str, Values, Values]], styles: Sequence[int], title: str, xlabel: str
) -> Figure:
    figure = Figure(figsize=(7, 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for (label, x, y), style in zip(curves, styles, strict=True):
        axes.plot(
            x, y, label=label, linewidth=2, color=_COLOURS[style % len(_COLOURS)],
            linestyle=_DASHES[style % len(_DASHES)],
        )  # fmt: skip
    axes.set(
        title=title, xlabel=xlabel, ylabel="share of frames", xlim=(0, curves[0][1][-1]),
        ylim=(0, 1),
    )  # fmt: skip
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _colours(results: Sequence[TrackerResult], order: Sequence[TrackerResult]) -> list[int]:
    """A tracker keeps its colour in every plot, whatever its rank there."""
    names = [r.name for r in results]
    return [names.index(r.name) for r in order]


def _write_csv(results: Sequence[TrackerResult], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["tracker", "sequence", *_NUMBERS])
        for r in results:
            for name, summary in [*r.sequences.items(), (MEAN, r.mean)]:
                numbers = (getattr(summary, n) for n in _NUMBERS)
                writer.writerow([r.name, name, *(_cell(v) for v in numbers)])


def _summary_row(name: str, s: Summary) -> list[str]:
    refound = f"{s.refound:.0%} of {s.returns}" if s.returns else "–"
    return [
        name, _shown(s.success_auc, 3), _shown(s.precision, 3), _shown(s.norm_precision, 3),
        _shown(s.auroc, 3), refound, _shown(s.median_ms, 2), _shown(s.rate, 1),
    ]  # fmt: skip


def _summary_dict(s: Summary) -> dict[str, Any]:
    numbers: dict[str, Any] = {n: _number(getattr(s, n)) for n in _NUMBERS}
    numbers["success_curve"] = _list(s.success_curve)
    numbers["precision_curve"] = _list(s.precision_curve)
    return numbers


def _success(result: TrackerResult, sequence: str) -> float:
    summary = result.sequences.get(sequence)
    return math.nan if summary is None else summary.success_auc


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else math.nan


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _shown(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.6g}" if math.isfinite(value) else ""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _list(values: Values) -> list[float | None]:
    return [_number(float(v)) for v in np.asarray(values)]
