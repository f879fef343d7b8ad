"""The targets of a tracker and what it remembers of each: all of that which needs no network."""

from collections.abc import Callable
from typing import TypeVar

from model.apart import stands_apart
from model.buffer import Entry, RollingBuffer
from model.errors import InputError
from model.images import Frame
from model.inputs import FrameSize
from model.results import LastLook, SlotInfo
from model.target import Target
from model.target_memory import FrameMemory, TargetMemory

_T = TypeVar("_T")


class Remembering:
    """Targets with their rows in a rolling buffer: looked at, changed, copied, put back."""

    def __init__(self, buffer: RollingBuffer) -> None:
        """There is no target yet; `buffer` is empty."""
        self._buffer = buffer
        self._targets: list[Target] = []
        self._next_id = 1
        self._updates = 0
        self._frame_size: FrameSize | None = None

    @property
    def ids(self) -> list[int]:
        """Ids of the targets, in order of their adding."""
        return [target.id for target in self._targets]

    def remove(self, target_id: int) -> None:
        """Stop to follow a target.

        Raises:
            InputError: there is no target of that id.
        """
        row = self._row(target_id)
        self._afford(lambda: self._buffer.remove_row(row))
        del self._targets[row]

    def reset(self) -> None:
        """Forget every target and the size of the frames."""
        for target_id in self.ids:
            self.remove(target_id)
        self._frame_size = None

    def pin(self, target_id: int, slot: int, *, pinned: bool = True) -> None:
        """Keep a remembered frame, or let it roll again.

        Raises:
            InputError: no such target or frame.
        """
        self._entry(target_id, slot).pinned = pinned

    def forget(self, target_id: int, slot: int) -> None:
        """Drop a remembered frame; the first template stays.

        Raises:
            InputError: no such target or frame, or the first template.
        """
        self._entry(target_id, slot)
        if slot == 0:
            raise InputError("The first template cannot be forgotten; remove the target instead.")
        row = self._row(target_id)
        self._afford(lambda: self._buffer.forget(row, slot))

    def slots(self, target_id: int) -> tuple[SlotInfo, ...]:
        """The frames in a target's memory.

        Raises:
            InputError: no such target.
        """
        return self._buffer.rows[self._row(target_id)].infos()

    def thumbnail(self, target_id: int, slot: int) -> Frame:
        """The template crop in a slot, `(size, size, 3)` RGB.

        Raises:
            InputError: no such target or frame.
        """
        return self._entry(target_id, slot).thumbnail

    def last_look(self, target_id: int) -> LastLook | None:
        """Where the target was searched in the last update, and the answer.

        None before its first update, and where the network gave no number.

        Raises:
            InputError: no such target.
        """
        found = self._targets[self._row(target_id)].found
        return found.as_last_look() if found else None

    def memory_of(self, target_id: int) -> TargetMemory:
        """A copy of all that is known of a target, which no later update changes.

        Raises:
            InputError: no such target.
        """
        row = self._row(target_id)
        target, size = self._targets[row], self._frame_size
        assert size is not None
        return self._afford(lambda: TargetMemory.of(target, self._buffer, row, self._updates, size))

    def restore(self, memory: TargetMemory) -> int:
        """Follow a target on from where `memory_of` copied it, in this tracker or another one.

        The results are those that it would have had there, as long as weights and settings are the
        same and no other target comes in its way; memory of another device is moved. Restoring
        takes nothing from `memory`.

        Returns:
            A new id.

        Raises:
            InputError: the memory is of a network of another shape, has another number of slots, or
                its frames differ in size from those of the targets that are followed now.
        """
        memory.check(self._buffer, self._frame_size if self._targets else None)
        self._afford(lambda: self._buffer.put_row(memory.kept, self._updates))
        target = memory.revive(self._next_id, self._updates)
        # it may have been alone where it was
        target.apart &= stands_apart(target.box, [t.box for t in self._targets if not t.is_lost])
        self._targets.append(target)
        self._frame_size = memory.frame_size
        self._next_id += 1
        return self._targets[-1].id

    def copy_frame(self, target_id: int, slot: int) -> FrameMemory:
        """A copy of a remembered frame, which no later update changes.

        Raises:
            InputError: no such target or frame.
        """
        self._entry(target_id, slot)
        row = self._row(target_id)
        return self._afford(lambda: FrameMemory.of(self._buffer, row, slot, self._updates))

    def recall(self, target_id: int, memory: FrameMemory) -> FrameMemory | None:
        """Put a frame that was forgotten back: a target then is followed as if it never had been.

        It comes into its slot, or into a free one if another frame has taken that; where none is
        free, in place of the oldest frame that is not pinned, as a new frame would. That one
        leaves even if it is newer: who asks for a frame wants to have it.

        Returns:
            A copy of the frame that had to leave; None where none had to.

        Raises:
            InputError: no such target, the memory is of a network of another shape, or every frame
                that the target remembers is pinned.
        """
        row = self._row(target_id)
        memory.check(self._buffer)
        slot = self._buffer.rows[row].slot_for(memory.slot)
        if slot is None:
            raise InputError("Every frame in this memory is pinned; let one go first.")
        is_taken = self._buffer.rows[row].entries[slot] is not None
        left = self.copy_frame(target_id, slot) if is_taken else None
        self._afford(lambda: self._buffer.put_slot(row, slot, memory.kept, self._updates))
        return left

    def _afford(self, step: Callable[[], _T]) -> _T:
        """Take a step on the device that the buffer lies on."""
        return step()

    def _row(self, target_id: int) -> int:
        if target_id not in self.ids:
            raise InputError(
                "There is no target {target}; there are {ids}.",
                target=target_id,
                ids=self.ids,
            )
        return self.ids.index(target_id)

    def _entry(self, target_id: int, slot: int) -> Entry:
        entries = self._buffer.rows[self._row(target_id)].entries
        entry = entries[slot] if 0 <= slot < len(entries) else None
        if entry is None:
            raise InputError(
                "Target {target} remembers no frame in slot {slot}.",
                target=target_id,
                slot=slot,
            )
        return entry
