"""Plots of an evaluation: success and precision as in OTB, and success by attribute."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from model.evaluation.metrics import (
    PRECISION_AT,
    PRECISION_THRESHOLDS,
    SUCCESS_THRESHOLDS,
    Values,
)
from model.evaluation.summary import AttributeResult, TrackerResult
from model.evaluation.tables import shown

# Okabe and Ito's colours, told apart by colour-blind readers; dashes tell them apart in grey
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#B8A800")
_DASHES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def success_plot(results: Sequence[TrackerResult]) -> Figure:
    """Success over IoU thresholds, one curve per tracker, best first in the legend."""
    figure, axes = _figure(
        "Success: share of frames above an overlap [AUC]", "overlap threshold (IoU)"
    )
    for r in sorted(results, key=lambda r: -r.mean.success_auc):
        label = f"{r.name} [{shown(r.mean.success_auc, 3)}]"
        _curve(axes, results, r, SUCCESS_THRESHOLDS, r.mean.success_curve, label)
    axes.set_xlim(0, 1)
    axes.legend(loc="lower left", framealpha=0.9)
    return figure


def precision_plot(results: Sequence[TrackerResult]) -> Figure:
    """Precision over centre errors, one curve per tracker, best first in the legend."""
    figure, axes = _figure(
        f"Precision: share of frames within a centre error [at {PRECISION_AT} px]",
        "centre error (pixels)",
    )
    for r in sorted(results, key=lambda r: -r.mean.precision):
        label = f"{r.name} [{shown(r.mean.precision, 3)}]"
        _curve(axes, results, r, PRECISION_THRESHOLDS, r.mean.precision_curve, label)
    axes.axvline(PRECISION_AT, color="0.6", linewidth=1, zorder=0)
    axes.set_xlim(0, PRECISION_THRESHOLDS[-1])
    axes.legend(loc="lower right", framealpha=0.9)
    return figure


def attribute_plot(
    attributes: Sequence[AttributeResult], results: Sequence[TrackerResult]
) -> Figure:
    """Success AUC by attribute: a row per attribute and one for all, a marker per tracker."""
    rows = [("all", {r.name: r.mean.success_auc for r in results})]
    rows += [(f"{a.name} ({len(a.sequences)})", a.success_auc) for a in attributes]
    figure = Figure(figsize=(7, 1.8 + 0.45 * len(rows)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    heights = range(len(rows))
    for i, r in enumerate(results):
        axes.plot(
            [aucs[r.name] for _, aucs in rows], heights, label=r.name, linestyle="none",
            marker=_MARKERS[i % len(_MARKERS)], color=_COLOURS[i % len(_COLOURS)],
            markersize=9 if r.ours else 7, alpha=0.9,
        )  # fmt: skip
    axes.set_yticks(list(heights), [name for name, _ in rows])
    axes.set(title="Success AUC by attribute (sequences)", xlabel="success AUC", xlim=(0, 1))
    axes.invert_yaxis()
    axes.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=4)
    return figure


def _figure(title: str, xlabel: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=xlabel, ylabel="share of frames", ylim=(0, 1))
    axes.grid(alpha=0.3)
    return figure, axes


def _curve(
    axes: Axes, results: Sequence[TrackerResult], result: TrackerResult, x: Values, y: Values,
    label: str,
) -> None:  # fmt: skip
    """A tracker keeps its colour in every plot, whatever its rank there; ours are thicker."""
    place = [r.name for r in results].index(result.name)
    axes.plot(
        x, y, label=label, linewidth=2.5 if result.ours else 1.5,
        color=_COLOURS[place % len(_COLOURS)], linestyle=_DASHES[place % len(_DASHES)],
    )  # fmt: skip
