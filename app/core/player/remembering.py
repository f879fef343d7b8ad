"""What the user did with frames in the memory of targets, to be undone and redone."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.player.document import Document
from app.core.player.following import Following

if TYPE_CHECKING:
    from model.target_memory import FrameMemory


@dataclass(frozen=True)
class FrameEdit:
    """A change of one remembered frame, which is told from others by its time."""

    id: int
    """Of the target."""
    was: "FrameMemory"
    """The frame before it."""
    pinned: bool | None
    """Whether it was pinned from then on; None where it was forgotten."""
    left: "FrameMemory | None" = None
    """The frame that had to leave when this was undone."""


class FrameEdits:
    """Pins and forgets frames, as steps of a document's history.

    They change no state of the document, so that nothing is unsaved by them. What undoes them is
    kept as long as they are in the history. For a target that is not followed at the moment, such
    as one that is being tracked anew up to the others, undoing and redoing wait until it is.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._all: dict[int, FrameEdit] = {}
        self._waiting: list[tuple[int, bool]] = []
        """Numbers of steps to be undone (True) or done again, in this order."""

    def pin(self, following: Following, id: int, slot: int, pinned: bool) -> None:
        """Keep a remembered frame, or let it roll again; raises as `Following.pin`."""
        was = following.pin(id, slot, pinned)
        if was is not None:
            self._keep("Pin frame" if pinned else "Unpin frame", FrameEdit(id, was, pinned))

    def forget(self, following: Following, id: int, slot: int) -> None:
        """Drop a remembered frame; raises as `Following.forget`."""
        was = following.forget(id, slot)
        if was is not None:
            self._keep("Forget frame", FrameEdit(id, was, None))

    def undo(self, following: Following, number: int) -> None:
        """Take step `number` of the history back, where it is one of these.

        A frame that was forgotten comes back, and one that left because it was let go: in its own
        slot, or else as `Tracker.recall` finds one for it.
        """
        edit = self._all.get(number)
        if edit is None or self._waits(following, edit, number, undone=True):
            return
        slot = following.slot_of(edit.id, edit.was)
        if slot is not None:
            following.pin(edit.id, slot, edit.was.pinned)
        elif not edit.pinned:
            self._all[number] = replace(edit, left=following.recall(edit.id, edit.was))

    def redo(self, following: Following, number: int) -> None:
        """Do step `number` again, where it is one of these; what left for its frame comes back."""
        edit = self._all.get(number)
        if edit is None or self._waits(following, edit, number, undone=False):
            return
        slot = following.slot_of(edit.id, edit.was)
        if slot is None:
            return
        if edit.pinned is not None:
            following.pin(edit.id, slot, edit.pinned)
            return
        following.forget(edit.id, slot)
        if edit.left is not None:
            following.recall(edit.id, edit.left)

    def catch_up(self, following: Following) -> None:
        """Undo and redo what has waited for targets that are followed now."""
        waiting, self._waiting = self._waiting, []
        for number, undone in waiting:
            # those whose targets are still not followed wait on
            (self.undo if undone else self.redo)(following, number)

    def drop(self) -> None:
        """Take them out of the history: another tracker could not read what is kept."""
        self._document.drop(self._all)
        self._all.clear()
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._all)

    def _waits(self, following: Following, edit: FrameEdit, number: int, *, undone: bool) -> bool:
        """Whether a step has to wait for its target; with one that waits to go the other way
        nothing is left to be done."""
        if following.follows(edit.id):
            return False
        if (number, not undone) in self._waiting:
            self._waiting.remove((number, not undone))
        else:
            self._waiting.append((number, undone))
        return True

    def _keep(self, text: str, edit: FrameEdit) -> None:
        self._all[self._document.note(text)] = edit
        alive = self._document.history
        self._all = {number: kept for number, kept in self._all.items() if number in alive}
