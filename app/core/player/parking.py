"""What was known of targets, and what was done for them, when a change cut it short."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.player.retrack import Job

if TYPE_CHECKING:
    from model.target_memory import TargetMemory

_KEPT = 64
_KEPT_BYTES = 256 << 20


@dataclass(frozen=True)
class Parked:
    """A target as the tracker knew it when frame `at` had been tracked."""

    at: int
    memory: "TargetMemory"


@dataclass(frozen=True)
class Interrupted:
    """What went on with a target."""

    parked: Parked | None = None
    """How far it was followed; None where it was not, or still is."""
    jobs: tuple[Job, ...] = ()
    """What was being tracked anew."""


class Interruptions:
    """What each change cut short, to go on with when that is undone or redone.

    At most 64 memories of targets are kept, and 256 MiB; without them a target goes on from its
    last drawn box.
    """

    def __init__(self, *, kept: int = _KEPT, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept, self._kept_bytes = kept, kept_bytes
        self._all: OrderedDict[tuple[int, int, bool], Interrupted] = OrderedDict()

    def keep(self, edit: int | None, id: int, what: Interrupted, *, undone: bool = False) -> None:
        """Keep what change number `edit` cut short; `undone`, what undoing it did."""
        if edit is None or (what.parked is None and not what.jobs):
            return
        self._all[edit, id, undone] = what
        while self._is_full:
            self._all.popitem(last=False)

    def take(self, edit: int, id: int, *, undone: bool = False) -> Interrupted:
        """What was kept of that; it is kept no longer."""
        return self._all.pop((edit, id, undone), Interrupted())

    def drop_memories(self) -> None:
        """Another tracker could not read them."""
        for key, what in self._all.items():
            self._all[key] = Interrupted(jobs=drawn(what.jobs))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def _is_full(self) -> bool:
        sizes = [memory.nbytes for what in self._all.values() for memory in _memories(what)]
        return max(len(sizes), len(self._all) // 4) > self._kept or sum(sizes) > self._kept_bytes


def _memories(what: Interrupted) -> Iterator["TargetMemory"]:
    if what.parked is not None:
        yield what.parked.memory
    yield from (job.memory for job in what.jobs if job.memory is not None)


def drawn(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """New jobs like those that begin with a box of the user, which any tracker can do."""
    return tuple(replace(job) for job in jobs if job.box is not None and job.place is None)
