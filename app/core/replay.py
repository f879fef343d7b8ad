"""Runs a session again and says what differs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.exchange import BoxRow
from app.core.job import FrameTracker, Result
from app.core.journal import Added, Correction, Entry, JournalContents, Removed
from app.core.sources.base import Source, SourceFrame
from model.errors import InputError
from model.geometry import Box
from model.images import Frame

Action = Added | Removed | Correction


class ReplayTracker(FrameTracker, Protocol):
    """What a replay needs of a tracker (`model.Tracker`)."""

    def remove(self, target_id: int) -> None: ...

    def correct(
        self, target_id: int, rgb: Frame, box: Box, *, time: float | None = None
    ) -> None: ...


@dataclass
class TargetDifference:
    """How one target went in the replay, against the session."""

    id: int
    label: str = ""
    frames: int = 0
    """Frames compared."""
    differing: int = 0
    """Frames whose box, score, state or reason is another, or that only one of both has."""
    first: int | None = None
    """Number of the first such frame; None if there is none."""
    max_px: float = 0.0
    """Largest difference of a side or corner of a box, pixels."""

    def compare(self, then: BoxRow, now: Result | None) -> None:
        """Count a frame of the session, and what the replay says of it."""
        self.frames += 1
        if now is None:
            self.note(then.frame)
            return
        was = (then.x, then.y, then.w, then.h)
        self.max_px = max([self.max_px, *map(_distance, was, now.box)])
        numbers = all(map(_same, (*was, then.score), (*now.box, now.score)))
        if not numbers or (then.state, then.reason) != (str(now.state), now.reason):
            self.note(then.frame)

    def note(self, frame: int) -> None:
        """Count a frame that differs."""
        self.differing += 1
        self.first = frame if self.first is None else self.first


@dataclass(frozen=True)
class Visit:
    """A frame the session came to: what the tracker said, then what the user did."""

    frame: int
    rows: list[BoxRow] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


@dataclass(frozen=True)
class ReplayProgress:
    """How far a replay is."""

    frame: int
    done: int
    total: int


class Replay:
    """Runs the targets and corrections of a session through its source again.

    Args:
        contents: the journal.
        source: open, at its beginning.
        tracker: without targets.
    """

    def __init__(self, contents: JournalContents, source: Source, tracker: ReplayTracker) -> None:
        self._visits = visits(contents.entries)
        self._finished = contents.outcome is not None
        self._reader = _Reader(source)
        self._tracker = tracker
        self._ids: dict[int, int] = {}
        """Ids in the session to ids now."""
        self._targets: dict[int, TargetDifference] = {}

    def __len__(self) -> int:
        """Frames to run."""
        return len(self._visits)

    @property
    def differences(self) -> list[TargetDifference]:
        """One per target, in order of id."""
        return [self._targets[id] for id in sorted(self._targets)]

    @property
    def is_identical(self) -> bool:
        """Whether no frame of any target differs."""
        return not any(target.differing for target in self._targets.values())

    def run(self) -> Iterator[ReplayProgress]:
        """Run, yielding after each frame.

        Raises:
            InputError: the source breaks, or cannot go back where the session did; a target or box
                that cannot be used.
        """
        for done, visit in enumerate(self._visits, 1):
            frame = self._reader.read(visit.frame)
            if visit.rows:
                self._compare(visit, frame, is_last=done == len(self._visits))
            if frame is not None:
                for action in visit.actions:
                    self._act(action, frame)
            yield ReplayProgress(visit.frame, done, len(self._visits))

    def _compare(self, visit: Visit, frame: SourceFrame | None, *, is_last: bool) -> None:
        results = self._tracker.update(frame.rgb, time=frame.time_s) if frame is not None else []
        now = {result.id: result for result in results}
        for row in visit.rows:
            target = self._targets.setdefault(row.id, TargetDifference(row.id, row.label))
            target.compare(row, now.get(self._ids.get(row.id, -1)))
        # of its last frame a killed session may hold the first targets only
        if self._finished or not is_last:
            known = {row.id for row in visit.rows}
            for then, id in self._ids.items():
                if id in now and then not in known:
                    self._targets[then].note(visit.frame)

    def _act(self, action: Action, frame: SourceFrame) -> None:
        if isinstance(action, Added):
            self._targets.setdefault(action.id, TargetDifference(action.id, action.label))
            self._ids[action.id] = self._tracker.add(frame.rgb, action.box, time=frame.time_s)
            return
        if action.id not in self._ids:
            raise InputError(
                f"The journal speaks of target {action.id} at frame {action.frame}, but that "
                "target was not begun there; the journal was changed."
            )
        if isinstance(action, Removed):
            self._tracker.remove(self._ids.pop(action.id))
        else:
            self._tracker.correct(self._ids[action.id], frame.rgb, action.box, time=frame.time_s)


class _Reader:
    """Frames of a source by number."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._frames = iter(source)
        self._last: SourceFrame | None = None

    def read(self, index: int) -> SourceFrame | None:
        """Frame number `index`; None if the source ends before it."""
        last = self._last
        if last is not None and index < last.index:
            self._source.seek(index)
            self._frames = iter(self._source)
            self._last = None
        elif last is not None and index == last.index:
            return last
        for frame in self._frames:
            self._last = frame
            if frame.index >= index:
                break
        return self._last if self._last is not None and self._last.index == index else None


def visits(entries: Sequence[Entry]) -> list[Visit]:
    """The frames a journal came to, in its order.

    A frame begins anew with a row after an action, or with the second row of a target.
    """
    found: list[Visit] = []
    for entry in entries:
        if not isinstance(entry, BoxRow | Action):
            continue
        at = found[-1] if found and found[-1].frame == entry.frame else None
        again = at is not None and (bool(at.actions) or entry.id in {row.id for row in at.rows})
        if at is None or (again and isinstance(entry, BoxRow)):
            at = Visit(entry.frame)
            found.append(at)
        if isinstance(entry, BoxRow):
            at.rows.append(entry)
        else:
            at.actions.append(entry)
    return found


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _distance(a: float, b: float) -> float:
    return 0.0 if _same(a, b) else abs(a - b)
