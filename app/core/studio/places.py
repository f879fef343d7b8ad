"""Places in a track that are worth going to."""

from collections.abc import Iterable

import numpy as np

from app.core.player.document import STATES, TargetTrack

_DOUBTFUL = [STATES.index("uncertain"), STATES.index("lost")]


def doubts(track: TargetTrack) -> list[int]:
    """Frames at which a target becomes uncertain or lost, in order."""
    columns = track.rows.columns()
    doubtful = np.isin(columns.state, _DOUBTFUL)
    begins = doubtful & ~np.concatenate([[False], doubtful[:-1]])
    return [int(frame) for frame in columns.frame[begins]]


def following(places: Iterable[int], frame: int) -> int | None:
    """The first of `places` after `frame`."""
    return min((place for place in places if place > frame), default=None)


def preceding(places: Iterable[int], frame: int) -> int | None:
    """The last of `places` before `frame`."""
    return max((place for place in places if place < frame), default=None)
