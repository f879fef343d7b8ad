"""States of a target, and when one turns into another. Pure; no pictures and no tensors."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from model.sentences import Sentence

if TYPE_CHECKING:
    # presets know the network, and that torch, which takes seconds to import
    from model.presets import TrackerConfig


class State(StrEnum):
    """What the tracker believes of a target."""

    TRACKING = "tracking"
    UNCERTAIN = "uncertain"
    LOST = "lost"
    RECOVERED = "recovered"

    @property
    def is_sure(self) -> bool:
        """Whether the target is followed without doubt."""
        return self in (State.TRACKING, State.RECOVERED)


@dataclass(frozen=True)
class Evidence:
    """What one update says of a target."""

    score: float
    """Predicted IoU, 0..1; 0 if the network gave no number."""
    second_peak: float
    """Height of the second peak of the centre map over that of the first, 0..1."""
    likeness: float
    """Cosine of the target's features with those of the first template, -1..1."""
    in_frame: bool
    """Whether the box's centre lies inside the frame."""
    yields: bool = False
    """Whether a place that looks more like it is another target's."""


@dataclass(frozen=True)
class Standing:
    """A state with its reason and its memory."""

    state: State = State.TRACKING
    reason: str = ""
    low: int = 0
    """Updates in a row under the score that counts towards being lost, and those it was lost."""


def judge(standing: Standing, evidence: Evidence, config: "TrackerConfig") -> Standing:
    """The next standing of a target whose neighbourhood was searched.

    `TRACKING -> UNCERTAIN -> LOST -> RECOVERED -> TRACKING`, with hysteresis: it takes a score over
    `sure_above` to leave UNCERTAIN, and `lost_after` updates under `lost_below` to be LOST.
    """
    low = standing.low + 1 if evidence.score < config.lost_below else 0
    if low >= config.lost_after:
        return Standing(State.LOST, Sentence("score stayed low"), low)
    threshold = config.uncertain_below if standing.state.is_sure else config.sure_above
    if evidence.score < threshold:
        return Standing(State.UNCERTAIN, _doubt(evidence), low)
    if evidence.likeness < config.unlike_below:
        return Standing(State.UNCERTAIN, Sentence("unlike the first template"), low)
    if evidence.second_peak > config.distractor_ratio:
        return Standing(State.UNCERTAIN, Sentence("second peak"), low)
    return Standing(State.TRACKING, "", low)


def _doubt(evidence: Evidence) -> Sentence:
    if not evidence.in_frame:
        return Sentence("leaving the frame")
    return Sentence("another target is there") if evidence.yields else Sentence("low score")


def judge_lost(standing: Standing, evidence: Evidence, config: "TrackerConfig") -> Standing:
    """The next standing of a lost target, from the best place found in the whole frame.

    What was lost just now is most often hidden and comes back as it was, so little that looks less
    than right is taken for it: the score must be over `recover_soon` at first, and over
    `recover_above` after `recover_after` updates.
    """
    gone = standing.low - config.lost_after
    fresh = max(0.0, 1 - gone / config.recover_after)
    least = config.recover_above + fresh * max(0.0, config.recover_soon - config.recover_above)
    if evidence.score >= least and evidence.likeness >= config.unlike_below:
        return Standing(State.RECOVERED, Sentence("found again"))
    return Standing(State.LOST, Sentence("searching the whole frame"), standing.low + 1)


def may_remember(standing: Standing, evidence: Evidence, config: "TrackerConfig") -> bool:
    """Whether the frame is sure enough to enter the rolling buffer."""
    return (
        standing.state is State.TRACKING
        and evidence.score >= config.remember_score
        and evidence.in_frame
    )
