"""What an evaluation found as tables of text: heading and rows, for a terminal or a README."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from model.evaluation.machine import cores
from model.evaluation.metrics import PRECISION_AT
from model.evaluation.summary import (
    FOUND_WITHIN,
    AttributeResult,
    Summary,
    TrackerResult,
    against_best_peer,
    on_loaded_machine,
)

MEAN = "mean"
"""Name of the row that stands for all sequences."""


@dataclass(frozen=True)
class Table:
    """Texts to lay out: the first column names, the others hold numbers."""

    title: str
    heading: list[str]
    rows: list[list[str]]
    total: bool = False
    """Whether the last row stands for all before it."""


def success_table(results: Sequence[TrackerResult]) -> Table:
    """Success AUC per sequence and tracker, the mean last; a dash where one did not finish."""
    names = dict.fromkeys(s for r in results for s in r.sequences)
    rows = [[s, *(shown(_success(r, s), 3) for r in results)] for s in names]
    rows.append([MEAN, *(shown(r.mean.success_auc, 3) for r in results)])
    return Table("Success AUC", ["sequence", *(r.name for r in results)], rows, total=True)


def summary_table(results: Sequence[TrackerResult], *, jobs: int = 1) -> Table:
    """One row per tracker, means over sequences, with the ratios to the most accurate peer.

    Args:
        jobs: sequences that ran at once; above 1 the title says so of the times.
    """
    heading = [
        "tracker", "AUC", "ΔAUC", f"P@{PRECISION_AT}", "norm.P", "AUROC", "ms", "time×",
        "per s",
    ]  # fmt: skip
    ratios = {a.tracker: a for a in against_best_peer(results)}
    rows = []
    for r in results:
        a = ratios.get(r.name)
        itself = a is None or a.peer == r.name
        rows.append([
            r.name, shown(r.mean.success_auc, 3),
            "–" if a is None or itself else f"{a.success_difference:+.3f}",
            shown(r.mean.precision, 3), shown(r.mean.norm_precision, 3), shown(r.mean.auroc, 3),
            shown(r.mean.median_ms, 2),
            "–" if a is None or itself else shown(a.time_ratio, 2),
            shown(r.mean.rate, 1 if r.mean.rate < 100 else 0),
        ])  # fmt: skip
    times = f", times with {jobs} jobs at once" if jobs > 1 else ""
    return Table(f"Mean over sequences{times}", heading, rows)


def lost_table(results: Sequence[TrackerResult]) -> Table | None:
    """How trackers took the target up again after absences; None where it was never away."""
    if not any(r.mean.absences for r in results):
        return None
    heading = [
        "tracker", "absences", "returns", f"re-found in {FOUND_WITHIN}", "frames until re-found",
    ]  # fmt: skip
    rows = [
        [r.name, str(r.mean.absences), str(r.mean.returns), _share(r.mean), _delay(r.mean)]
        for r in results
    ]
    return Table("Lost and found", heading, rows)


def attribute_table(
    attributes: Sequence[AttributeResult], results: Sequence[TrackerResult]
) -> Table | None:
    """Success AUC per attribute and tracker; None where no sequence has an attribute."""
    if not attributes:
        return None
    names = [r.name for r in results]
    rows = [
        [a.name, str(len(a.sequences)), *(shown(a.success_auc[n], 3) for n in names)]
        for a in attributes
    ]
    return Table("Success AUC by attribute", ["attribute", "sequences", *names], rows)


def conclusions(results: Sequence[TrackerResult], *, jobs: int = 1) -> list[str]:
    """Sentences to end with: each tracker of ours beside the best peer, and doubts of the times."""
    ours = {r.name: r for r in results if r.ours}
    lines = [
        f"{a.tracker} against {a.peer}, the most accurate peer: success AUC "
        f"{a.success_difference:+.3f} (×{shown(a.success_ratio, 2)}), time of an update "
        f"×{shown(a.time_ratio, 2)}."
        for a in against_best_peer(results)
        if a.tracker in ours
    ]
    return lines + doubts(results, jobs=jobs)


def doubts(results: Sequence[TrackerResult], *, jobs: int = 1) -> list[str]:
    """Why the times of this evaluation may not be good ones; empty where nothing speaks so."""
    lines = []
    if jobs > 1:
        lines.append(
            f"Times were taken with {jobs} jobs at once on {cores()} cores, so they are longer and "
            "less even than one tracker's alone; quote those of --jobs 1."
        )
    loaded = on_loaded_machine(results)
    if loaded:
        names = ", ".join(f"{r.name} (load {r.mean.load:.1f} per core)" for r in loaded)
        lines.append(
            f"The machine had too much to do while times were taken of {names}; they are too "
            "long, so measure again when nothing else runs."
        )
    return lines


def shown(value: float, digits: int) -> str:
    """A number for a table; a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def _success(result: TrackerResult, sequence: str) -> float:
    summary = result.sequences.get(sequence)
    return math.nan if summary is None else summary.success_auc


def _share(s: Summary) -> str:
    return f"{s.refound:.0%} of {s.returns}" if s.returns else "–"


def _delay(s: Summary) -> str:
    if math.isinf(s.frames_to_find):
        return "never"
    return shown(s.frames_to_find, 0)
