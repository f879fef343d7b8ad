"""What the user has made: targets with their tracks, marks in time, a scale; with undo and redo."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.core.player.rows import STATES, TrackColumns, TrackRow, TrackRows
from model.geometry import Box

__all__ = [
    "STATES",
    "Document",
    "DocumentState",
    "Scale",
    "TargetTrack",
    "TrackColumns",
    "TrackRow",
    "TrackRows",
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


@dataclass
class _Edit:
    """A change to be undone: what it touched, as it was and as it is."""

    text: str
    was: dict[int, TargetTrack | None]
    now: dict[int, TargetTrack | None]
    view_was: DocumentState
    view_now: DocumentState


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
        self._saved = self._state.version

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
        """Whether it changed since it was last saved."""
        return self._state.version != self._saved

    def mark_saved(self, version: int | None = None) -> None:
        """Note that the state of `version` is saved; by default that of now."""
        self._saved = self._state.version if version is None else version

    def next_id(self) -> int:
        """An id that no target has or had."""
        with self._lock:
            ids = [target.id for target in self._state.targets]
            for edit in (*self._done, *self._undone):
                ids += edit.was
            return max(ids, default=0) + 1

    def add(self, target: TargetTrack) -> None:
        """Put in a new target."""
        self._edit("Add target", {target.id: target})

    def remove(self, ids: Iterable[int]) -> None:
        """Take targets out."""
        gone: dict[int, TargetTrack | None] = {id: None for id in ids if self._state.target(id)}
        if gone:
            self._edit("Remove target" if len(gone) == 1 else "Remove targets", gone)

    def change(self, id: int, text: str, act: Callable[[TargetTrack], TargetTrack]) -> None:
        """Change a target, if there is one of that id and it becomes another."""
        with self._lock:
            target = self._state.target(id)
            if target is not None and (new := act(target)) != target:
                self._edit(text, {id: new})

    def set_view(self, text: str, **changes: object) -> None:
        """Change `in_frame`, `out_frame` or `scale`."""
        with self._lock:
            new = replace(self._state, **changes)  # type: ignore[arg-type]
            if new != self._state:
                self._edit(text, {}, view=new)

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

    def undo(self) -> frozenset[int]:
        """Take the last change back.

        Returns:
            Ids of the targets that came, went, or have other rows and corrections.
        """
        with self._lock:
            if not self._done:
                return frozenset()
            edit = self._done.pop()
            self._undone.append(edit)
            return self._turn(edit, edit.now, edit.was, edit.view_now, edit.view_was)

    def redo(self) -> frozenset[int]:
        """Do again what was undone last; returns as `undo`."""
        with self._lock:
            if not self._undone:
                return frozenset()
            edit = self._undone.pop()
            self._done.append(edit)
            return self._turn(edit, edit.was, edit.now, edit.view_was, edit.view_now)

    def _edit(
        self,
        text: str,
        new: dict[int, TargetTrack | None],
        view: DocumentState | None = None,
    ) -> None:
        with self._lock:
            state = self._state
            was = {id: state.target(id) for id in new}
            self._done = [*self._done, _Edit(text, was, dict(new), state, view or state)][-_DEPTH:]
            self._undone = []
            self._put(new, view)

    def _turn(
        self,
        edit: _Edit,
        old: dict[int, TargetTrack | None],
        new: dict[int, TargetTrack | None],
        view_old: DocumentState,
        view_new: DocumentState,
    ) -> frozenset[int]:
        """Go from one side of an edit to the other, keeping what else happened meanwhile."""
        changed: dict[int, TargetTrack | None] = {}
        touched: set[int] = set()
        for id, wanted in new.items():
            before, current = old[id], self._state.target(id)
            if wanted is None or before is None or current is None:
                changed[id] = wanted
                touched.add(id)
            else:
                differing = _difference(before, wanted)
                changed[id] = replace(current, **differing)  # type: ignore[arg-type]
                if "rows" in differing:
                    touched.add(id)
            # what was tracked since belongs to the side that is left
            old[id] = current if before is not None else None
        view = {
            name: getattr(view_new, name)
            for name in ("in_frame", "out_frame", "scale")
            if getattr(view_new, name) != getattr(view_old, name)
        }
        self._put(changed, replace(self._state, **view))
        return frozenset(touched)

    def _put(
        self, targets: Mapping[int, TargetTrack | None], view: DocumentState | None = None
    ) -> None:
        if not targets and view is None:
            return
        kept = {target.id: target for target in self._state.targets}
        for id, target in targets.items():
            if target is None:
                kept.pop(id, None)
            else:
                kept[id] = target
        self._state = replace(
            view or self._state,
            targets=tuple(kept[id] for id in sorted(kept)),
            version=self._state.version + 1,
        )


def default_colour(id: int) -> int:
    """Place in `overlay.PALETTE` of the target with this id (from 1)."""
    return (id - 1) % _COLOURS


def _difference(before: TargetTrack, after: TargetTrack) -> dict[str, object]:
    """Fields that an edit changed; where it changed corrections, the rows belong to it too."""
    names = [n for n in ("label", "colour", "visible") if getattr(before, n) != getattr(after, n)]
    if before.corrections != after.corrections or before.rows is not after.rows:
        names += ["corrections", "rows", "begun"]
    return {name: getattr(after, name) for name in names}
