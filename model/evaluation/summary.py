"""Runs of many sequences as one set of numbers per tracker, and per attribute."""

import math
from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass

import numpy as np

from model.evaluation.attributes import ATTRIBUTES
from model.evaluation.machine import LOADED
from model.evaluation.metrics import Accuracy, Values, absences, auroc
from model.evaluation.runner import Run

FOUND_WITHIN = 30
"""Frames within which a target that came back ought to be found."""


@dataclass(frozen=True)
class Summary:
    """Several runs of one tracker as one set of numbers; nan where there is nothing to count."""

    success_auc: float
    precision: float
    norm_precision: float
    success_curve: Values
    precision_curve: Values
    auroc: float
    """Of the score for "IoU > 0.5", over all frames of all runs but their first."""
    absences: int
    """Times the target went away."""
    returns: int
    """Times it came back after that."""
    refound: float
    """Share of those returns in which it was found within 30 frames."""
    frames_to_find: float
    """Median over the returns of frames until it was found; infinite where most never were."""
    median_ms: float
    """Median time of an update, milliseconds."""
    rate: float
    """Updates per second, over all of them."""
    load: float
    """Highest load per core of the machine while the times were taken; nan if unknown."""
    runs: int
    frames: int
    """Updates made."""


@dataclass(frozen=True)
class TrackerResult:
    """One tracker over all sequences: the mean over them, and each."""

    name: str
    ours: bool
    mean: Summary
    sequences: dict[str, Summary]


@dataclass(frozen=True)
class Against:
    """A tracker beside the most accurate peer of the same evaluation."""

    tracker: str
    peer: str
    success_difference: float
    """Mean success AUC less the peer's; above 0 is more accurate."""
    success_ratio: float
    """Mean success AUC over the peer's; above 1 is more accurate."""
    time_ratio: float
    """Median time of an update over the peer's; below 1 is faster."""


@dataclass(frozen=True)
class AttributeResult:
    """Trackers over the sequences of one attribute."""

    name: str
    sequences: tuple[str, ...]
    success_auc: dict[str, float]
    """By tracker, mean over those of the sequences that it finished."""


def summarise(runs: SequenceOf[Run]) -> list[TrackerResult]:
    """Numbers per tracker, in the order the trackers first appear.

    Accuracy is averaged over the runs of a sequence, then over sequences, so that a long sequence
    counts as much as a short one. AUROC, returns and times are pooled over all frames: a sequence
    in which the target was never lost has no AUROC of its own.
    """
    results: list[TrackerResult] = []
    for name in dict.fromkeys(r.tracker for r in runs):
        own = [r for r in runs if r.tracker == name]
        groups = {s: [r for r in own if r.sequence == s] for s in dict.fromkeys(
            r.sequence for r in own)}  # fmt: skip
        each = {s: _summary(group, [r.accuracy for r in group]) for s, group in groups.items()}
        mean = _summary(own, list(each.values()))
        results.append(TrackerResult(name, own[0].ours, mean, each))
    return results


def best_peer(results: SequenceOf[TrackerResult]) -> TrackerResult | None:
    """The peer of the highest mean success AUC; None where no peer ran."""
    peers = [r for r in results if not r.ours]
    return max(peers, key=lambda r: r.mean.success_auc, default=None)


def against_best_peer(results: SequenceOf[TrackerResult]) -> list[Against]:
    """Each tracker against the best peer, which is itself among them; empty where no peer ran."""
    peer = best_peer(results)
    if peer is None:
        return []
    return [
        Against(
            tracker=r.name,
            peer=peer.name,
            success_difference=r.mean.success_auc - peer.mean.success_auc,
            success_ratio=_ratio(r.mean.success_auc, peer.mean.success_auc),
            time_ratio=_ratio(r.mean.median_ms, peer.mean.median_ms),
        )
        for r in results
    ]


def by_attribute(
    results: SequenceOf[TrackerResult], attributes: Mapping[str, SequenceOf[str]]
) -> list[AttributeResult]:
    """Success AUC per attribute, for those that a sequence has, in the order of `ATTRIBUTES`.

    Args:
        attributes: by name of the sequence.
    """
    found: list[AttributeResult] = []
    for name in ATTRIBUTES:
        having = tuple(s for s, has in attributes.items() if name in has)
        if not having:
            continue
        aucs = {r.name: [r.sequences[s].success_auc for s in having if s in r.sequences]
                for r in results}  # fmt: skip
        means = {t: float(np.mean(v)) if v else math.nan for t, v in aucs.items()}
        found.append(AttributeResult(name, having, means))
    return found


def on_loaded_machine(results: SequenceOf[TrackerResult]) -> list[TrackerResult]:
    """Trackers whose times were taken while the machine had more to do than it has cores for."""
    return [r for r in results if r.mean.load > LOADED]


def _summary(runs: SequenceOf[Run], parts: SequenceOf[Accuracy | Summary]) -> Summary:
    """Accuracy averaged over `parts`, everything else pooled over `runs`."""
    seconds = np.concatenate([r.seconds for r in runs])
    delays = np.array([d for r in runs for d in r.delays])
    total = float(seconds.sum())
    loads = [r.load for r in runs if math.isfinite(r.load)]
    return Summary(
        success_auc=float(np.mean([p.success_auc for p in parts])),
        precision=float(np.mean([p.precision for p in parts])),
        norm_precision=float(np.mean([p.norm_precision for p in parts])),
        success_curve=np.mean([p.success_curve for p in parts], axis=0),
        precision_curve=np.mean([p.precision_curve for p in parts], axis=0),
        auroc=auroc(
            np.concatenate([r.scores for r in runs]), np.concatenate([r.on_target for r in runs])
        ),
        absences=sum(absences(r.truth) for r in runs),
        returns=len(delays),
        refound=float((delays <= FOUND_WITHIN).mean()) if len(delays) else math.nan,
        # the middle one, not the mean of two: with infinite ones among them that would be infinite
        frames_to_find=float(np.sort(delays)[(len(delays) - 1) // 2]) if len(delays) else math.nan,
        median_ms=float(np.median(seconds)) * 1000,
        rate=len(seconds) / total if total > 0 else math.nan,
        load=max(loads, default=math.nan),
        runs=len(runs),
        frames=len(seconds),
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0 else math.nan
