"""Targets of a source that is played: followed live, tracked anew, undone.

Everything here belongs to the player's thread. Where a frame lies before the one that the targets
were followed to (`Following.at`), its boxes come from the document, and what is changed there is
tracked anew in the background.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from app.core.player.background import Background
from app.core.player.boxes import box_row
from app.core.player.document import Document, TargetTrack, TrackRow, TrackRows, default_colour
from app.core.player.following import Following, PlayerTracker, given_row
from app.core.player.parking import Parked, Parking
from app.core.player.reel import Frames
from app.core.player.retrack import Job, Outcome
from app.core.player.seat import TrackerSeat
from app.core.player.snapshot import Work
from app.core.sources.base import SourceFrame
from app.core.studio.recording import Recording
from model.errors import InputError, TrackerError
from model.geometry import Box, check_box
from model.target_memory import TargetMemory

_log = logging.getLogger(__name__)

_GAP = 600
"""Frames without a row that are tracked before a target goes on; beyond that it jumps."""
_RATE_WINDOW_S = 1.0


class Tracking:
    """Document, live tracker and background tracker of one source."""

    def __init__(
        self, document: Document, load: Callable[[], PlayerTracker],
        open_frames: Callable[[], Frames], post: Callable[[Callable[[], None]], None],
        tell: Callable[[str], None], stopping: Callable[[], bool],
    ) -> None:  # fmt: skip
        """Begin to load the tracker.

        Args:
            document: what is shown and changed.
            load: makes a tracker; called in threads of their own.
            open_frames: frames for tracking in the background.
            post: lets a function be called in the player's thread.
            tell: takes sentences for the user.
            stopping: whether the player is to end.
        """
        self.document = document
        self.is_live = False
        self.recording: Recording | None = None
        self.following = Following()
        self.fallback: Callable[[], PlayerTracker] | None = None
        """Makes a tracker that works where the first one broke."""
        self._tell = tell
        self._seat = TrackerSeat(load, tell, stopping)
        self._background = Background(open_frames, load, post, self._take_rows, self._take_outcome)
        self._parking = Parking()
        self._over: set[int] = set()
        self._broken_off: dict[tuple[int, frozenset[tuple[int, Box]]], Job] = {}
        self._moments: deque[float] = deque()
        self._last: SourceFrame | None = None

    @property
    def name(self) -> str:
        """Preset and device of the tracker; empty until it is loaded."""
        return self._seat.name

    @property
    def rate(self) -> float:
        """Updates within the last second."""
        now = time.monotonic()
        while self._moments and self._moments[0] < now - _RATE_WINDOW_S:
            self._moments.popleft()
        return len(self._moments) / _RATE_WINDOW_S

    @property
    def is_alive(self) -> bool:
        """Whether a thread of it runs."""
        return self._seat.is_alive or self._background.is_alive

    @property
    def tracker(self) -> PlayerTracker | None:
        """The tracker, once it is loaded."""
        return self._seat.tracker

    def blocks(self, index: int) -> bool:
        """Whether frame `index` of a file is to wait, for its boxes are still being tracked."""
        if self.is_live:
            return False
        if self._background.blocks(index):
            return True
        at = self.following.at
        return (at is None or index > at) and not self._ready(index)

    def advance(self, frame: SourceFrame) -> None:
        """Follow the targets into `frame`, unless they have been followed there before."""
        self._seat.tell()
        at = self.following.at
        if at is not None and frame.index <= at:
            return
        if self.is_live:
            self._rejoin()
        if not self.following.ids:
            self._last = frame
            return
        try:
            rows = self.following.update(frame)
        except InputError as error:
            self._end_all(str(error))
        except Exception as error:
            _log.exception("the tracker broke")
            self._fall_back(error)
        else:
            self._moments.append(time.monotonic())
            self.document.grow({id: [row] for id, row in rows.items()})
            self._seat.tell()
        self._last = frame

    def begin(self, frame: SourceFrame, box: Box, label: str = "") -> int | None:
        """A new target; its id, or None where it could not be begun and that was told."""
        id = self.document.next_id()
        try:
            box = _checked(box, frame)
            self.following.use(self._seat.wait())
            job = self._from(id, frame, box)
        except TrackerError as error:
            self._tell(str(error))
            return None
        rows = TrackRows.of([given_row(frame, box)])
        self.document.add(
            TargetTrack(
                id,
                label,
                default_colour(id),
                begun=frame.index,
                rows=rows,
                corrections={frame.index: box},
            )
        )
        if self.recording is not None:
            self.recording.on_target(frame.index, frame.time_s, id, label, box)
        self._background.start(job)
        return id

    def correct(self, id: int, frame: SourceFrame, box: Box) -> None:
        """Put the box of a target right on `frame`, and track it anew up to the next correction."""
        target = self.document.state.target(id)
        if target is None:
            return
        try:
            box = _checked(box, frame)
            self.following.use(self._seat.wait())
            job = self._corrected(target, frame, box)
        except TrackerError as error:
            self._tell(str(error))
            return
        self._over.discard(id)
        row = given_row(frame, box)
        self.document.change(
            id, "Correct box",
            lambda track: replace(
                track, rows=track.rows.merged([row]),
                corrections={**track.corrections, frame.index: box},
            ),
        )  # fmt: skip
        if self.recording is not None:
            self.recording.on_correction(frame.index, frame.time_s, id, box)
        self._background.start(job)

    def track_backwards(self, id: int, frame: int, first: int) -> None:
        """Track a target from its last correction up to `frame` back to the one before it.

        Args:
            id: of the target.
            frame: number of a frame.
            first: number of the first frame there is.
        """
        target = self.document.state.target(id)
        if target is None or not target.corrections:
            return
        marks = sorted(target.corrections)
        start = max((mark for mark in marks if mark <= frame), default=marks[0])
        stop = max((mark + 1 for mark in marks if mark < start), default=first)
        if stop >= start:
            return
        self._background.cancel(id, backwards=True)
        job = Job(id, start, stop, target.corrections[start], backwards=True)
        # rows of their own make it a change that can be undone
        self.document.change(
            id, "Track backwards",
            lambda track: replace(
                track,
                rows=TrackRows.of(row for row in track.rows if not stop <= row.frame < start),
            ),
        )  # fmt: skip
        self._background.start(job)

    def remove(self, ids: Iterable[int] | None, frame: int) -> None:
        """Take targets out, or all."""
        state = self.document.state
        chosen = [t.id for t in state.targets if ids is None or t.id in set(ids)]
        for id in chosen:
            self._withdraw(state.target(id))
        self.document.remove(chosen)
        if self.recording is not None:
            for id in chosen:
                self.recording.on_removed(frame, id)

    def undo(self) -> None:
        """Take the last change back, and follow as it was before it."""
        self._turn(self.document.undo)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._turn(self.document.redo)

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Track with another tracker from now on."""
        self._seat.use(load)
        self._background.use(load)
        # its memory would mean nothing to another network
        self.following = self._without_memory()
        self._parking.clear()
        self._over.clear()

    def work(self) -> tuple[Work, ...]:
        """What goes on in the background."""
        return self._background.work()

    def stop(self) -> None:
        """Ask every thread to end."""
        self._background.stop()

    def join(self) -> None:
        """Wait for the end of every thread."""
        self._background.join()
        self._seat.join()

    def _ready(self, index: int) -> bool:
        """Whether all targets that should be in frame `index` can be followed into it."""
        ready = True
        for target in self.document.state.targets:
            last = target.rows.last
            if target.id in self.following.ids or target.id in self._over:
                continue
            if last is None or last >= index:
                continue
            is_coming = self._background.leads_on(target.id)
            if is_coming or not self._joins(target, index):
                ready = False
        return ready

    def _joins(self, target: TargetTrack, index: int) -> bool:
        """Follow a target again that was followed up to before frame `index`."""
        last = target.rows.last
        assert last is not None
        parked = self._parking.get(target.id)
        stop = index - 1 if index - 1 - last <= _GAP else last
        if parked is not None and parked.at in (index - 1, stop):
            self._take_up(target.id, parked, index - 1)
            return True
        row = target.rows.at(last)
        if parked is not None:
            job = Job(target.id, parked.at, stop, memory=parked.memory, adopts=True)
        elif target.corrections and row is not None:
            start = max((c for c in target.corrections if c <= last), default=last)
            box = target.corrections.get(start, row.box)
            job = Job(
                target.id, start, stop, box, place=row.box, resume=last, adopts=True
            )  # fmt: skip
        else:
            self._over.add(target.id)
            return True
        self._background.start(job)
        return False

    def _rejoin(self) -> None:
        """Follow targets of a live source again that a new tracker does not know yet."""
        frame = self._last
        for target in self.document.state.targets:
            if target.id in self.following.ids or target.id in self._over:
                continue
            if self._background.leads_on(target.id):
                continue
            row = target.rows.at(frame.index) if frame is not None else None
            if frame is None or row is None or row.state == "lost":
                self._over.add(target.id)
                continue
            try:
                self.following.use(self._seat.wait())
                self.following.begin(target.id, frame, row.box)
            except TrackerError as error:
                self._over.add(target.id)
                self._tell(str(error))

    def _from(self, id: int, frame: SourceFrame, box: Box) -> Job | None:
        """Follow a target from its box on: at once, or after a job that leads up to the others."""
        at = self.following.at
        if not self.following.ids:
            # nobody else has to be waited for
            self.following.at = at = None
        if at is None or frame.index >= at:
            self.following.begin(id, frame, box)
            self._last = frame
            return None
        return Job(id, frame.index, None if self.is_live else at, box, adopts=True)

    def _corrected(self, target: TargetTrack, frame: SourceFrame, box: Box) -> Job | None:
        id, index = target.id, frame.index
        later = [mark for mark in target.corrections if mark > index]
        is_here = id in self.following.ids and self.following.at == index
        self._background.shorten(id, index)
        if is_here:
            self._parking.note(target, self.following.memory_of(id))
            self.following.correct(id, frame, box)
            return None
        if later:
            return Job(id, index, min(later) - 1, box) if min(later) - 1 > index else None
        memory = self._withdraw(target)
        last = target.rows.last
        ends = [index, *([] if last is None else [last])]
        if memory is not None and self.following.at is not None:
            ends.append(self.following.at)
        if max(ends) == index:
            return self._from(id, frame, box)
        return Job(id, index, None if self.is_live else max(ends), box, adopts=True)

    def _withdraw(self, target: TargetTrack | None) -> TargetMemory | None:
        """Follow a target no longer; what was known of it is noted for undo."""
        if target is None:
            return None
        memory = self.following.let_go(target.id)
        parked = self._parking.take(target.id)
        if memory is None and parked is not None and parked.at == target.rows.last:
            memory = parked.memory
        self._parking.note(target, memory)
        self._background.cancel(target.id)
        return memory

    def _turn(self, act: Callable[[], frozenset[int]]) -> None:
        before = self.document.state
        running = self._background.drawn()
        touched = act()
        state = self.document.state
        for id in touched:
            was, now = before.target(id), state.target(id)
            self._withdraw(was)
            self._over.discard(id)
            if was is not None and id in running:
                # if this comes back by redo, its frames are still to be tracked
                self._broken_off[id, frozenset(was.corrections.items())] = running[id]
            if now is None:
                continue
            left = self._broken_off.pop((id, frozenset(now.corrections.items())), None)
            if left is not None:
                self._background.start(Job(id, left.start, left.stop, left.box, adopts=left.adopts))
            else:
                self._parking.recall(now)
                self._take_up_parked(id)

    def _take_rows(self, job: Job, rows: Sequence[TrackRow]) -> None:
        target = self.document.state.target(job.target)
        if target is None:
            return
        # a correction that was made meanwhile stands
        kept = [row for row in rows if row.frame not in target.corrections]
        self.document.grow({job.target: kept})
        if self.recording is not None:
            for row in kept:
                self.recording.on_rows(row.frame, row.time_s, [box_row(target, row)])

    def _take_outcome(self, job: Job, outcome: Outcome) -> None:
        if outcome.problem:
            self._tell(outcome.problem)
            if job.adopts:
                self._over.add(job.target)
        elif outcome.memory is not None:
            self._parking.put(job.target, Parked(outcome.at, outcome.memory))
            self._take_up_parked(job.target)

    def _take_up_parked(self, id: int) -> None:
        """Follow a target again at once, where the others are as far as it is."""
        parked, at = self._parking.get(id), self.following.at
        if parked is None:
            return
        if not self.following.ids:
            self.following.at = at = None
        if self.is_live or at is None or parked.at == at:
            self._take_up(id, parked, parked.at)

    def _take_up(self, id: int, parked: Parked, at: int) -> None:
        self._parking.take(id)
        try:
            self.following.use(self._seat.wait())
            self.following.take_up(id, parked.memory, at)
        except TrackerError as error:
            self._over.add(id)
            self._tell(str(error))

    def _without_memory(self) -> Following:
        new = Following()
        new.at = self.following.at
        return new

    def _end_all(self, sentence: str) -> None:
        self._over.update(self.following.ids)
        self.following.let_all_go()
        self._tell(sentence)

    def _fall_back(self, error: Exception) -> None:
        fallback, self.fallback = self.fallback, None
        what = f"The tracker broke ({type(error).__name__}: {str(error).splitlines()[0][:120]})"
        if fallback is None:
            self._end_all(f"{what}; draw the boxes again to go on.")
            return
        self._tell(f"{what}; it goes on on the CPU.")
        self.use(fallback)


def _checked(box: Box, frame: SourceFrame) -> Box:
    height, width = frame.rgb.shape[:2]
    return check_box(box, width, height, where="the picture")
