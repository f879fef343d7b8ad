"""What the user has made: targets with their tracks, marks in time, a scale; with undo and redo."""

import threading
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.player.rows import STATES, Stretch, TrackColumns, TrackRow, TrackRows
from model.geometry import Box
from model.states import State

__all__ = [
    "STATES",
    "Document",
    "DocumentState",
    "Scale",
    "Stretch",
    "TargetTrack",
    "TrackColumns",
    "TrackRow",
    "TrackRows",
    "Turned",
]

_COLOURS = 8
_DEPTH = 200
"""Changes that can be undone."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """A known length in the picture: two points in pixels, and how far they are apart in `unit`."""

    a: Point
    b: Point
    length: float
    unit: str = "m"

    @property
    def per_pixel(self) -> float:
        """Units per pixel; 0 where both points are the same."""
        pixels = ((self.a[0] - self.b[0]) ** 2 + (self.a[1] - self.b[1]) ** 2) ** 0.5
        return self.length / pixels if pixels else 0.0


@dataclass(frozen=True)
class TargetTrack:
    """One target with all that is known of it."""

    id: int
    label: str = ""
    colour: int = 0
    """Place in `overlay.PALETTE`."""
    visible: bool = True
    begun: int = 0
    """Number of the frame where it was first drawn."""
    rows: TrackRows = field(default_factory=TrackRows)
    corrections: Mapping[int, Box] = field(default_factory=dict)
    """Boxes the user drew by frame, the first one among them."""

    def before(self, frame: int, first: int) -> range:
        """Frames that can be tracked backwards: between its last correction up to `frame` and the
        one before that, or from the first frame there is."""
        marks = sorted(self.corrections)
        if not marks:
            return range(0)
        start = max((mark for mark in marks if mark <= frame), default=marks[0])
        stop = max((mark + 1 for mark in marks if mark < start), default=first)
        return range(stop, start)


@dataclass(frozen=True)
class DocumentState:
    """The document at one moment."""

    targets: tuple[TargetTrack, ...] = ()
    """In order of id."""
    in_frame: int | None = None
    out_frame: int | None = None
    scale: Scale | None = None
    version: int = 0
    """Grows with every change."""

    def target(self, id: int) -> TargetTrack | None:
        """The target of that id."""
        return next((target for target in self.targets if target.id == id), None)

    def places(self, frame: int) -> dict[int, tuple[Box, float]]:
        """Box and score of each target that is known without doubt in a frame, by id."""
        rows = {target.id: target.rows.at(frame) for target in self.targets}
        return {
            id: (row.box, row.score)
            for id, row in rows.items()
            if row is not None and State(row.state).is_sure
        }


@dataclass(frozen=True)
class Turned:
    """What undoing or redoing did."""

    edit: int
    """Number of the change that was undone or redone."""
    touched: Mapping[int, Stretch]
    """Targets that came or went, or whose rows became others, and in which frames."""


_Side = dict[int, TargetTrack | None]


@dataclass
class _Edit:
    """A change to be undone: what it touched, as it was and as it is."""

    number: int
    text: str
    was: _Side
    now: _Side
    fields: dict[int, frozenset[str]]
    """What it changed of targets that stayed."""
    stretches: dict[int, Stretch]
    """In which frames it changed rows."""
    view_was: dict[str, object] = field(default_factory=dict)
    view_now: dict[str, object] = field(default_factory=dict)


class Document:
    """The state, its history, and whether it is saved.

    All methods may be called from any thread, and none waits for tracking. What tracking finds
    (`grow`) is no step of the history: undoing a name leaves it.
    """

    def __init__(self, state: DocumentState | None = None) -> None:
        self._state = state or DocumentState()
        self._lock = threading.RLock()
        self._done: list[_Edit] = []
        self._undone: list[_Edit] = []
        self._edits = 0
        self._highest = max((target.id for target in self._state.targets), default=0)
        self._saved = self._state
        self._compared = (self._saved, self._saved, False)

    @property
    def state(self) -> DocumentState:
        """As it is now."""
        return self._state

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def undo_text(self) -> str:
        """What would be undone, such as `Rename`; empty where nothing is."""
        with self._lock:
            return self._done[-1].text if self._done else ""

    @property
    def redo_text(self) -> str:
        """What would be done again; empty where nothing is."""
        with self._lock:
            return self._undone[-1].text if self._undone else ""

    @property
    def is_modified(self) -> bool:
        """Whether it is other than it was when it was last saved; not where that was undone."""
        state, saved = self._state, self._saved
        if self._compared[0] is not state or self._compared[1] is not saved:
            # it is asked with every frame that is shown
            self._compared = (state, saved, not _say_same(state, saved))
        return self._compared[2]

    @property
    def history(self) -> frozenset[int]:
        """Numbers of the changes that can be undone or redone."""
        with self._lock:
            return frozenset(edit.number for edit in [*self._done, *self._undone])

    def mark_saved(self, state: DocumentState | None = None) -> None:
        """Note that `state` is saved; by default that of now."""
        self._saved = self._state if state is None else state

    def next_id(self) -> int:
        """An id that no target has or had."""
        with self._lock:
            return self._highest + 1

    def add(self, target: TargetTrack) -> int:
        """Put in a new target; the number of this change."""
        with self._lock:
            self._highest = max(self._highest, target.id)
            return self._edit("Add target", {target.id: target}, Stretch())

    def remove(self, ids: Iterable[int]) -> int | None:
        """Take targets out; the number of this change, None where there were none."""
        with self._lock:
            gone: _Side = {id: None for id in ids if self._state.target(id)}
            text = "Remove target" if len(gone) == 1 else "Remove targets"
            return self._edit(text, gone, Stretch()) if gone else None

    def change(
        self, id: int, text: str, act: Callable[[TargetTrack], TargetTrack],
        stretch: Stretch | None = None,
    ) -> int | None:  # fmt: skip
        """Change a target, if there is one of that id and it becomes another.

        Args:
            id: of the target.
            text: what it is called, such as `Rename`.
            act: gives the target as it is to be.
            stretch: frames whose rows belong to the change, where rows do; all by default. What is
                found in other frames afterwards, undoing it leaves.

        Returns:
            The number of this change; None where there was none.
        """
        with self._lock:
            target = self._state.target(id)
            if target is None or (new := act(target)) == target:
                return None
            return self._edit(text, {id: new}, stretch or Stretch())

    def set_view(self, text: str, **changes: object) -> None:
        """Change `in_frame`, `out_frame` or `scale`."""
        with self._lock:
            now = {n: value for n, value in changes.items() if getattr(self._state, n) != value}
            if now:
                was = {name: getattr(self._state, name) for name in now}
                self._note(_Edit(self._number(), text, {}, {}, {}, {}, was, now))
                self._put({}, now)

    def note(self, text: str) -> int:
        """Put a step into the history that changes nothing here; its number, to undo it by."""
        with self._lock:
            number = self._number()
            self._note(_Edit(number, text, {}, {}, {}, {}))
            return number

    def drop(self, notes: Container[int]) -> None:
        """Take steps of `note` out of the history: they can be turned back no longer."""
        with self._lock:
            self._done = [edit for edit in self._done if edit.number not in notes]
            self._undone = [edit for edit in self._undone if edit.number not in notes]

    def grow(self, found: Mapping[int, Sequence[TrackRow]]) -> None:
        """Put rows into targets; those of targets that are gone are dropped."""
        with self._lock:
            self._put(
                {
                    target.id: replace(target, rows=target.rows.merged(found[target.id]))
                    for target in self._state.targets
                    if found.get(target.id)
                }
            )

    def undo(self) -> Turned | None:
        """Take the last change back; None where there is none."""
        with self._lock:
            if not self._done:
                return None
            edit = self._done.pop()
            self._undone.append(edit)
            return self._turn(edit, edit.now, edit.was, edit.view_was)

    def redo(self) -> Turned | None:
        """Do again what was undone last; None where nothing was."""
        with self._lock:
            if not self._undone:
                return None
            edit = self._undone.pop()
            self._done.append(edit)
            return self._turn(edit, edit.was, edit.now, edit.view_now)

    def _edit(self, text: str, new: _Side, stretch: Stretch) -> int:
        was = {id: self._state.target(id) for id in new}
        fields = {id: _differing(was[id], track) for id, track in new.items()}
        stretches = {id: stretch for id, names in fields.items() if "rows" in names}
        number = self._number()
        self._note(_Edit(number, text, was, dict(new), fields, stretches))
        self._put(new)
        return number

    def _number(self) -> int:
        self._edits += 1
        return self._edits

    def _note(self, edit: _Edit) -> None:
        self._done = [*self._done, edit][-_DEPTH:]
        self._undone = []

    def _turn(self, edit: _Edit, old: _Side, new: _Side, view: Mapping[str, object]) -> Turned:
        """Go from one side of an edit to the other, keeping what else happened meanwhile."""
        changed: _Side = {}
        for id, wanted in new.items():
            current = self._state.target(id)
            if wanted is None or current is None:
                changed[id] = wanted
            else:
                values = {name: getattr(wanted, name) for name in edit.fields[id]}
                if "rows" in values:
                    values["rows"] = current.rows.exchanged(wanted.rows, edit.stretches[id])
                changed[id] = replace(current, **values)
            # what was tracked since belongs to the side that is left
            old[id] = current
        self._put(changed, view)
        return Turned(edit.number, dict(edit.stretches))

    def _put(self, targets: _Side, view: Mapping[str, object] | None = None) -> None:
        if not targets and not view:
            return
        kept = {target.id: target for target in self._state.targets}
        for id, target in targets.items():
            if target is None:
                kept.pop(id, None)
            else:
                kept[id] = target
        self._state = replace(
            self._state,
            targets=tuple(kept[id] for id in sorted(kept)),
            version=self._state.version + 1,
            **(view or {}),  # type: ignore[arg-type]
        )


def _say_same(one: DocumentState, other: DocumentState) -> bool:
    """Whether nothing but the version differs."""
    if replace(one, targets=(), version=0) != replace(other, targets=(), version=0):
        return False
    return len(one.targets) == len(other.targets) and all(
        replace(a, rows=b.rows) == b and a.rows.says_same(b.rows)
        for a, b in zip(one.targets, other.targets, strict=True)
    )


def default_colour(id: int) -> int:
    """Place in `overlay.PALETTE` of the target with this id (from 1)."""
    return (id - 1) % _COLOURS


def free_colour(id: int, taken: Container[int]) -> int:
    """The colour of a new target: its own, or the next one that is not `taken`, if there is one."""
    own = default_colour(id)
    others = ((own + step) % _COLOURS for step in range(_COLOURS))
    return next((colour for colour in others if colour not in taken), own)


_FIELDS = ("label", "colour", "visible", "begun", "corrections")


def _differing(before: TargetTrack | None, after: TargetTrack | None) -> frozenset[str]:
    """Fields in which two states of a target differ; where it came or went, all."""
    if before is None or after is None:
        return frozenset([*_FIELDS, "rows"])
    names = [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]
    # rows are immutable, so that other ones are another object
    return frozenset([*names, *(["rows"] if before.rows is not after.rows else [])])
