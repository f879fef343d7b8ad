"""What the tracker knew of targets that are not followed at the moment, to go on from there."""

from collections import OrderedDict
from dataclasses import dataclass

from app.core.player.document import TargetTrack
from model.geometry import Box
from model.target_memory import TargetMemory

_KEPT = 64


@dataclass(frozen=True)
class Parked:
    """A target as the tracker knew it when frame `at` had been tracked."""

    at: int
    memory: TargetMemory


@dataclass(frozen=True)
class _Key:
    """A target whose track was made by these boxes of the user, up to this frame."""

    id: int
    last: int | None
    corrections: tuple[tuple[int, Box], ...]


class Parking:
    """The latest of each target, and for undo those it had before."""

    def __init__(self) -> None:
        self._latest: dict[int, Parked] = {}
        self._former: OrderedDict[_Key, Parked] = OrderedDict()

    def put(self, id: int, parked: Parked) -> None:
        """Keep the latest of a target."""
        self._latest[id] = parked

    def get(self, id: int) -> Parked | None:
        """The latest of a target."""
        return self._latest.get(id)

    def take(self, id: int) -> Parked | None:
        """The latest of a target, which is no longer kept."""
        return self._latest.pop(id, None)

    def note(self, target: TargetTrack, memory: TargetMemory | None) -> None:
        """Remember how far the tracker was with a track, for when it comes back by undo."""
        last = target.rows.last
        if memory is None or last is None:
            return
        self._former[_key(target)] = Parked(last, memory)
        while len(self._former) > _KEPT:
            self._former.popitem(last=False)

    def recall(self, target: TargetTrack) -> None:
        """Let the latest of a target be what was noted with this track, or nothing."""
        self._latest.pop(target.id, None)
        parked = self._former.get(_key(target))
        if parked is not None:
            self._latest[target.id] = parked

    def clear(self) -> None:
        """Forget all: another tracker could not read it."""
        self._latest.clear()
        self._former.clear()


def _key(target: TargetTrack) -> _Key:
    return _Key(target.id, target.rows.last, tuple(sorted(target.corrections.items())))
