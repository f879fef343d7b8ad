"""The targets that the tracker follows as the source is played, under their document's ids."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from app.core.job import FrameTracker
from app.core.player.rows import TrackRow
from app.core.player.snapshot import Response, SlotView
from app.core.sources.base import SourceFrame
from model.geometry import Box
from model.images import Frame
from model.results import Attention, LastLook, SlotInfo, TrackResult
from model.sentences import Sentence

if TYPE_CHECKING:
    # it knows the network, and that torch, which takes seconds to import
    from model.target_memory import FrameMemory, TargetMemory


_FIRST = 0
"""Slot of the first template."""


class PlayerTracker(FrameTracker, Protocol):
    """What a player needs of a tracker (`model.Tracker`)."""

    @property
    def preset(self) -> str: ...
    @property
    def device(self) -> object: ...
    @property
    def ids(self) -> list[int]: ...
    def remove(self, target_id: int) -> None: ...
    def update(
        self, rgb: Frame, *, time: float | None = None, others: Sequence[tuple[Box, float]] = ()
    ) -> Sequence[TrackResult]: ...
    def correct(
        self, target_id: int, rgb: Frame, box: Box, *, time: float | None = None
    ) -> None: ...
    def memory_of(self, target_id: int) -> "TargetMemory": ...
    def restore(self, memory: "TargetMemory") -> int: ...
    def pin(self, target_id: int, slot: int, *, pinned: bool = True) -> None: ...
    def forget(self, target_id: int, slot: int) -> None: ...
    def copy_frame(self, target_id: int, slot: int) -> "FrameMemory": ...
    def recall(self, target_id: int, memory: "FrameMemory") -> "FrameMemory | None": ...
    def slots(self, target_id: int) -> tuple[SlotInfo, ...]: ...
    def thumbnail(self, target_id: int, slot: int) -> Frame: ...
    def last_look(self, target_id: int) -> LastLook | None: ...
    def attention(self, target_id: int) -> Attention | None: ...


class Following:
    """Which targets are followed, and by what number the tracker knows them.

    `at` is the number of the frame up to which all of them have been followed.
    """

    def __init__(self) -> None:
        self.at: int | None = None
        self.version = 0
        """Grows with every change of what the tracker knows."""
        self._numbers: dict[int, int] = {}
        self._tracker: PlayerTracker | None = None
        self._slots: dict[int, tuple[SlotView, ...]] = {}

    @property
    def ids(self) -> list[int]:
        """Of the targets that are followed."""
        return list(self._numbers)

    @property
    def tracker(self) -> PlayerTracker | None:
        """That follows them; None before the first target."""
        return self._tracker

    def follows(self, id: int) -> bool:
        """Whether a target is followed."""
        return id in self._numbers

    def use(self, tracker: PlayerTracker) -> None:
        """Follow with `tracker` from now on; where it is another one, it knows no target."""
        if tracker is not self._tracker:
            self._tracker = tracker
            self._numbers.clear()
            self._slots.clear()

    def begin(self, id: int, frame: SourceFrame, box: Box) -> None:
        """Follow a target from its box on `frame`.

        Raises:
            InputError: the box or the frame cannot be used.
        """
        self._numbers[id] = self._sure.add(frame.rgb, box, time=frame.time_s)
        self._look_at_slots(id)
        self.pass_by(frame)

    def correct(self, id: int, frame: SourceFrame, box: Box) -> None:
        """Put the box of a target right on the frame it was followed to.

        Raises:
            InputError: the box or the frame cannot be used.
        """
        self._sure.correct(self._numbers[id], frame.rgb, box, time=frame.time_s)
        self._look_at_slots(id)

    def update(self, frame: SourceFrame) -> dict[int, TrackRow]:
        """Follow all targets into `frame`.

        Raises:
            InputError: the frame has another size than those before it.
        """
        rows: dict[int, TrackRow] = {}
        if self._numbers:
            results = {
                result.id: result for result in self._sure.update(frame.rgb, time=frame.time_s)
            }
            for id, number in self._numbers.items():
                rows[id] = row_of(frame, results[number])
                self._look_at_slots(id)
        self.pass_by(frame)
        return rows

    def pass_by(self, frame: SourceFrame) -> None:
        """Note that `frame` is done, whatever came of it."""
        self.at = frame.index if self.at is None else max(self.at, frame.index)

    def let_go(self, id: int) -> "TargetMemory | None":
        """Follow a target no longer; what the tracker knew of it, to go on later."""
        number = self._numbers.pop(id, None)
        self._slots.pop(id, None)
        if number is None or self._tracker is None:
            return None
        memory = self._tracker.memory_of(number)
        self._tracker.remove(number)
        return memory

    def memory_of(self, id: int) -> "TargetMemory | None":
        """What the tracker knows of a target that is followed."""
        number = self._numbers.get(id)
        return self._sure.memory_of(number) if number is not None else None

    def take_up(self, id: int, memory: "TargetMemory", at: int) -> None:
        """Follow a target again, as it was when frame `at` had been tracked.

        Raises:
            InputError: the memory is that of another network.
        """
        self.let_go(id)
        self._numbers[id] = self._sure.restore(memory)
        self._look_at_slots(id)
        self.at = at if self.at is None else max(self.at, at)

    def drop_all(self) -> None:
        """Follow nothing any more, even with a tracker that broke."""
        numbers, self._numbers = self._numbers, {}
        self._slots.clear()
        for number in numbers.values():
            # one that broke may not let go
            with suppress(Exception):
                self._sure.remove(number)

    def let_go_all(self) -> None:
        """Follow nothing any more, and know no tracker."""
        self._numbers.clear()
        self._slots.clear()
        self._tracker = None

    def pin(self, id: int, slot: int, pinned: bool) -> "FrameMemory | None":
        """Keep a remembered frame, or let it roll again.

        Returns:
            The frame as it was; None where that changed nothing.

        Raises:
            InputError: no such frame.
        """
        number = self._numbers.get(id)
        if number is None:
            return None
        was = self._sure.copy_frame(number, slot)
        if was.pinned == pinned:
            return None
        self._sure.pin(number, slot, pinned=pinned)
        self._look_at_slots(id)
        return was

    def forget(self, id: int, slot: int) -> "FrameMemory | None":
        """Drop a remembered frame.

        Returns:
            The frame; None where the target is not followed.

        Raises:
            InputError: no such frame, or the first one.
        """
        number = self._numbers.get(id)
        if number is None:
            return None
        was = self._sure.copy_frame(number, slot)
        self._sure.forget(number, slot)
        self._look_at_slots(id)
        return was

    def recall(self, id: int, memory: "FrameMemory") -> "FrameMemory | None":
        """Put a frame back into the memory of a target that is followed; the one that had to leave.

        Raises:
            InputError: it cannot be put there.
        """
        left = self._sure.recall(self._numbers[id], memory)
        self._look_at_slots(id)
        return left

    def slot_of(self, id: int, memory: "FrameMemory") -> int | None:
        """Where a target has that frame now; None where it does not remember it."""
        is_first = memory.slot == _FIRST
        return next(
            (
                view.slot
                for view in self._slots.get(id, ())
                # the template may be of the same moment as one of the others
                if view.frame_time_s == memory.time and (view.slot == _FIRST) == is_first
            ),
            None,
        )

    def slots(self) -> Mapping[int, tuple[SlotView, ...]]:
        """Frames in the memory of each target."""
        return dict(self._slots)

    def regions(self) -> Mapping[int, Box]:
        """Where each target was searched for last."""
        looks = {id: self._sure.last_look(number) for id, number in self._numbers.items()}
        return {id: look.region for id, look in looks.items() if look is not None}

    def responses(self) -> Mapping[int, Response]:
        """How the network answered there."""
        looks = {id: self._sure.last_look(number) for id, number in self._numbers.items()}
        return {
            id: Response(_floats(look.response), look.region)
            for id, look in looks.items()
            if look is not None
        }

    def attention(self, id: int) -> Attention | None:
        """What the last step looked at for a target; None where it was not looked for yet."""
        number = self._numbers.get(id)
        return self._sure.attention(number) if number is not None else None

    @property
    def _sure(self) -> PlayerTracker:
        assert self._tracker is not None
        return self._tracker

    def _look_at_slots(self, id: int) -> None:
        self.version += 1
        tracker, number = self._sure, self._numbers[id]
        self._slots[id] = tuple(
            SlotView(
                slot.index, slot.time, slot.score, slot.pinned, slot.share,
                tracker.thumbnail(number, slot.index),
            )
            for slot in tracker.slots(number)
        )  # fmt: skip


def row_of(frame: SourceFrame, result: TrackResult) -> TrackRow:
    """A row of what the tracker said of a target on `frame`."""
    return TrackRow(
        frame.index, frame.time_s, result.box, result.score, str(result.state), result.reason
    )


def given_row(frame: SourceFrame, box: Box) -> TrackRow:
    """A row of a box that the user drew on `frame`."""
    return TrackRow(frame.index, frame.time_s, box, 1.0, "tracking", Sentence("given"))


def _floats(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(values, np.float32)
