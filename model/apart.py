"""Targets that were seen apart are different things: none is taken for another. Pure.

Look-alikes that meet are what trackers confuse most. Where both are followed, it is known of each
place that looks like two of them that it is one of them at most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.geometry import Box

SAME_PLACE = 0.75
"""Overlap over which two boxes are one place."""
_APART = 0.3
"""Overlap under which two boxes are those of different things."""
_COME = 0.1
"""Of a claim: what is left to a target that is found beside its last box."""
_LOST = 0.5
"""Of a claim: what it is worth that a lost target may have come from anywhere."""
_LIKENESS = 0.55
"""Of a target that is followed somewhere else, as far as is known."""


@dataclass(frozen=True)
class Claim:
    """Where a target would be in a frame if there were no other."""

    box: Box
    """`(x, y, w, h)` in pixels of the frame."""
    strength: float
    """How much speaks for it, from 0 on."""

    @classmethod
    def of(cls, box: Box, score: float, likeness: float, *, stayed: float | None) -> "Claim":
        """Weigh what speaks for a place.

        Who comes from further away is the one that was mistaken.

        Args:
            box: in pixels of the frame.
            score: predicted IoU, 0..1.
            likeness: to the first template, -1..1.
            stayed: IoU with the last box, 0..1; None for a target that was lost.
        """
        stayed = _LOST if stayed is None else stayed
        return cls(box, score * max(likeness, 0.0) * (_COME + stayed))

    @classmethod
    def elsewhere(cls, box: Box, score: float) -> "Claim":
        """Of a target that is followed without doubt, but somewhere else."""
        return cls.of(box, score, _LIKENESS, stayed=1.0)


def overlap(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Common area of boxes `(..., 4)` xywh over the geometric mean of their areas, 0..1.

    (Ochiai's coefficient.) Of a box that lies within one of twice its area it is 0.71, where the
    intersection over union is 0.5: boxes of one thing often differ in how much of it they hold.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=-1)
    mean = np.sqrt(np.prod(a[..., 2:], axis=-1) * np.prod(b[..., 2:], axis=-1))
    return np.asarray(common / np.maximum(mean, 1e-9))


def disputes(claims: Mapping[int, Claim]) -> dict[int, list[Box]]:
    """Who has to look elsewhere, and the places that are taken for it.

    The strongest claim to a place stands. Who yields leaves all places of stronger claims, that it
    may not go from one to the next.
    """
    taken: dict[int, list[Box]] = {}
    standing: list[Box] = []
    for key in sorted(claims, key=lambda key: -claims[key].strength):
        box = claims[key].box
        if standing and overlap(box, standing).max() > SAME_PLACE:
            taken[key] = list(standing)
        else:
            standing.append(box)
    return taken


def stands_apart(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box has little or nothing in common with each of the others."""
    return not others or bool(overlap(box, others).max() < _APART)
