"""What the list says of each target. No Qt."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from app.core.overlay import Mark
from app.core.player.document import STATES, TargetTrack
from app.core.player.rows import TrackRows
from app.core.player.snapshot import Snapshot

_LOST = STATES.index("lost")


@dataclass(frozen=True)
class Item:
    """One target as it is now."""

    id: int
    label: str
    colour: int
    """Place in `overlay.PALETTE`."""
    is_visible: bool
    state: str = ""
    """Its state in the frame that is shown; empty where it was not tracked there."""
    score: float | None = None
    """0..1; None where it was not tracked."""
    frames: int = 0
    """How many it was tracked in."""
    lost: int = 0
    """In how many of these it was lost."""


class Items:
    """Makes the items of snapshots; counts the frames of a track only where it has changed."""

    def __init__(self) -> None:
        self._counts: WeakKeyDictionary[TrackRows, tuple[int, int]] = WeakKeyDictionary()

    def of(self, snapshot: Snapshot) -> tuple[Item, ...]:
        """One item for each target of the document, in order of id."""
        marks = {mark.id: mark for mark in snapshot.marks}
        frame = snapshot.frame.index if snapshot.frame is not None else None
        return tuple(
            self._item(target, marks.get(target.id), frame) for target in snapshot.document.targets
        )

    def _item(self, target: TargetTrack, mark: Mark | None, frame: int | None) -> Item:
        state, score = "", None
        if mark is not None:
            state, score = mark.state, mark.score
        elif frame is not None:
            row = target.rows.at(frame)
            if row is not None:
                state, score = row.state, row.score
        frames, lost = self._count(target.rows)
        return Item(
            target.id, target.label, target.colour, target.visible, state, score, frames, lost
        )

    def _count(self, rows: TrackRows) -> tuple[int, int]:
        known = self._counts.get(rows)
        if known is None:
            known = (len(rows), int(np.count_nonzero(rows.columns().state == _LOST)))
            self._counts[rows] = known
        return known


def is_same_but_for_now(before: tuple[Item, ...], after: tuple[Item, ...]) -> bool:
    """Whether two lists differ at most in what changes with every frame."""
    return [_lasting(item) for item in before] == [_lasting(item) for item in after]


def _lasting(item: Item) -> tuple[int, str, int, bool]:
    return (item.id, item.label, item.colour, item.is_visible)
