"""Accuracy of one track against its ground truth: the OTB protocol and what the score is worth.

Boxes are `(N, 4)` arrays of `x, y, w, h` in pixels, one row per frame. A row of the truth with a
value that is not finite, or without area, is a frame where the target is absent; a row of the
track with a value that is not finite is a miss. Success, precision and normalised precision are
taken over the frames where the target is there, the first among them: the initial box is the given
one and counts, as in the OTB toolkit (Wu, Lim, Yang, "Online object tracking: a benchmark", CVPR
2013, and "Object tracking benchmark", TPAMI 2015).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.geometry import iou

Boxes = NDArray[np.float64]
Values = NDArray[np.float64]

SUCCESS_THRESHOLDS: Values = np.linspace(0, 1, 21)
"""IoU thresholds of the success plot."""
PRECISION_THRESHOLDS: Values = np.arange(51, dtype=np.float64)
"""Centre errors of the precision plot, pixels."""
NORM_PRECISION_THRESHOLDS: Values = np.linspace(0, 0.5, 51)
"""Centre errors of the normalised precision plot, in widths and heights of the truth."""
PRECISION_AT = 20
"""The centre error a precision is quoted at, pixels."""
FOUND_IOU = 0.5
"""Overlap above which the target counts as found."""


@dataclass(frozen=True)
class Accuracy:
    """The OTB numbers of one track; shares in 0..1, nan where the truth has no box at all."""

    success_auc: float
    """Mean of the success curve: share of frames with IoU above 0, 0.05, …, 1."""
    precision: float
    """Share of frames with a centre error of at most 20 px."""
    norm_precision: float
    """Mean of the normalised precision curve over errors of 0..0.5 target sizes."""
    success_curve: Values
    """Success at `SUCCESS_THRESHOLDS`, `(21,)`."""
    precision_curve: Values
    """Precision at `PRECISION_THRESHOLDS`, `(51,)`."""
    frames: int
    """Frames the numbers were taken over: those where the target is there."""


def present(truth: Boxes) -> NDArray[np.bool_]:
    """Frames of a ground truth `(N, 4)` where the target is there: `(N,)`."""
    truth = np.asarray(truth, np.float64)
    return np.asarray(np.isfinite(truth).all(axis=1) & (truth[:, 2:] > 0).all(axis=1))


def overlaps(boxes: Boxes, truth: Boxes) -> Values:
    """IoU per frame `(N,)`; 0 where the target is absent or the tracker gave no box.

    Raises:
        ValueError: the two differ in shape.
    """
    boxes, truth = _pair(boxes, truth)
    # rounding may leave the overlap of equal boxes a hair above 1, past the last threshold
    return np.where(present(truth), np.minimum(iou(boxes, truth), 1.0), 0.0)


def centre_errors(boxes: Boxes, truth: Boxes, *, normalised: bool = False) -> Values:
    """Distance between the centres per frame `(N,)`, pixels; infinite where there is no box.

    Args:
        normalised: divide the error along x and y by the truth's width and height (Müller et al.,
            "TrackingNet", ECCV 2018).

    Raises:
        ValueError: the two differ in shape.
    """
    boxes, truth = _pair(boxes, truth)
    usable = np.isfinite(boxes).all(axis=1) & present(truth)
    errors = np.full(len(truth), np.inf)
    b, t = boxes[usable], truth[usable]
    delta = (b[:, :2] + b[:, 2:] / 2) - (t[:, :2] + t[:, 2:] / 2)
    if normalised:
        delta = delta / t[:, 2:]
    errors[usable] = np.hypot(delta[:, 0], delta[:, 1])
    return errors


def accuracy(boxes: Boxes, truth: Boxes) -> Accuracy:
    """Success, precision and normalised precision of a track.

    Success follows the OTB toolkit: the mean over its 21 thresholds of the share of frames whose
    IoU lies *above* the threshold, so that a perfect track reaches 20/21, not 1. Precision and
    normalised precision count errors *up to* the threshold, so there it reaches 1.

    Raises:
        ValueError: the two differ in shape.
    """
    boxes, truth = _pair(boxes, truth)
    there = present(truth)
    success = _curve(overlaps(boxes, truth)[there], SUCCESS_THRESHOLDS, above=True)
    pixels = _curve(centre_errors(boxes, truth)[there], PRECISION_THRESHOLDS, above=False)
    sizes = _curve(
        centre_errors(boxes, truth, normalised=True)[there], NORM_PRECISION_THRESHOLDS, above=False
    )
    return Accuracy(
        success_auc=float(success.mean()),
        precision=float(pixels[PRECISION_AT]),
        norm_precision=float(sizes.mean()),
        success_curve=success,
        precision_curve=pixels,
        frames=int(there.sum()),
    )


def auroc(scores: Values, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of `scores` `(N,)` for `positive` `(N,)`: 0.5 is chance, 1 perfect.

    It is the probability that a random positive scores above a random negative, a tie counting
    half. Scores that are not finite are left out. nan where one of the two classes is empty.
    """
    scores, positive = np.asarray(scores, np.float64), np.asarray(positive, bool)
    known = np.isfinite(scores)
    scores, positive = scores[known], positive[known]
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    _, index, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[index]
    rank_sum = float(ranks[positive].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def absences(truth: Boxes) -> int:
    """Times the target went away after it had been there; one that never ends counts too."""
    there = present(truth)
    return int((there[:-1] & ~there[1:]).sum())


def frames_until_found(boxes: Boxes, truth: Boxes) -> list[float]:
    """For each return of the target after an absence, the frames until it was found again.

    Found means IoU above 0.5. 0 is found in the very frame it came back; infinite is not found
    before the next absence or the end. An absence at the very start has no target to lose and
    does not count.

    Raises:
        ValueError: the two differ in shape.
    """
    found = overlaps(boxes, truth) > FOUND_IOU
    there = present(truth)
    delays: list[float] = []
    returns = np.flatnonzero(there[1:] & ~there[:-1]) + 1
    for start in returns:
        if not there[:start].any():
            continue
        gone = np.flatnonzero(~there[start:])
        stop = start + int(gone[0]) if len(gone) else len(there)
        hits = np.flatnonzero(found[start:stop])
        delays.append(float(hits[0]) if len(hits) else float("inf"))
    return delays


def success_per_frame(boxes: Boxes, truth: Boxes) -> Values:
    """What each frame adds to success AUC, `(N,)`: the share of thresholds below its IoU.

    Its mean over any frames is their success AUC; nan where the target is absent.

    Raises:
        ValueError: the two differ in shape.
    """
    shares = (overlaps(boxes, truth)[:, None] > SUCCESS_THRESHOLDS).mean(axis=1)
    return np.where(present(truth), shares, np.nan)


def _pair(boxes: Boxes, truth: Boxes) -> tuple[Boxes, Boxes]:
    boxes, truth = np.asarray(boxes, np.float64), np.asarray(truth, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.shape != truth.shape:
        raise ValueError(
            f"A track of shape {boxes.shape} cannot be held against a truth of shape "
            f"{truth.shape}; both must be (frames, 4)."
        )
    return boxes, truth


def _curve(values: Values, thresholds: Values, *, above: bool) -> Values:
    if len(values) == 0:
        return np.full(len(thresholds), np.nan)
    hits = values[:, None] > thresholds if above else values[:, None] <= thresholds
    return hits.mean(axis=0)
