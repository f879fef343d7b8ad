"""Targets of a source that is played: begun, corrected, removed, undone, followed.

Everything here belongs to the player's thread. Where a frame lies before the one that the targets
were followed to (`Following.at`), its boxes come from the document, and what is changed there is
tracked anew in the background.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from app.core.player.background import Background
from app.core.player.boxes import box_row
from app.core.player.document import (
    Document,
    Stretch,
    TargetTrack,
    TrackRow,
    TrackRows,
    Turned,
    free_colour,
)
from app.core.player.following import Following, PlayerTracker, given_row
from app.core.player.parking import Interrupted, Interruptions, drawn
from app.core.player.reel import Frames
from app.core.player.remembering import FrameEdits
from app.core.player.retrack import Job, Outcome
from app.core.player.roster import Roster
from app.core.player.seat import TrackerSeat
from app.core.player.snapshot import Work
from app.core.sources.base import SourceFrame
from app.core.studio.recording import Recording
from model.errors import InputError, TrackerError
from model.geometry import Box, check_box
from model.sentences import Sentence

_log = logging.getLogger(__name__)

_RATE_WINDOW_S = 1.0

_T = TypeVar("_T")


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
        self.recording: Recording | None = None
        self.fallback: Callable[[], PlayerTracker] | None = None
        """Makes a tracker that works where the first one broke."""
        self._tell = tell
        self._background = Background(
            open_frames, load, lambda index: document.state.places(index), post,
            self._take_rows, self._take_outcome,
        )  # fmt: skip
        self._seat = TrackerSeat(
            load, tell, post, lambda: self._guard(self._roster.settle_all), stopping
        )
        self._roster = Roster(document, self._background, self._seat, tell)
        self._interruptions = Interruptions()
        self._frame_edits = FrameEdits(document)
        self._moments: deque[float] = deque()

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

    @property
    def following(self) -> Following:
        """The targets that are followed."""
        return self._roster.following

    @property
    def is_live(self) -> bool:
        """Whether frames of the source are gone after a while."""
        return self._roster.is_live

    def set_source(self, *, is_live: bool, has_pictures: bool) -> None:
        """Say what is played: on other pictures than it was drawn on, no target is followed."""
        self._roster.is_live, self._roster.has_pictures = is_live, has_pictures
        if is_live or not has_pictures:
            self._roster.give_up_all_known()

    def blocks(self, index: int) -> bool:
        """Whether frame `index` of a file is to wait, for its boxes are still being tracked."""
        if self.is_live:
            return False
        if self._background.blocks(index):
            return True
        at = self.following.at
        if at is not None and index <= at:
            return False
        is_ready = self._guard(lambda: self._roster.ready(index))
        return not is_ready

    def advance(self, frame: SourceFrame) -> None:
        """Follow the targets into `frame`, unless they have been followed there before."""
        at = self.following.at
        if at is not None and frame.index <= at:
            return
        self._guard(lambda: self._follow(frame))
        self._turn_waiting()
        self._seat.tell()

    def begin(self, frame: SourceFrame, box: Box, label: str = "") -> int | None:
        """A new target; its id, or None where it could not be begun and that was told."""
        id = self.document.next_id()

        def act() -> tuple[Box, Job | None]:
            checked = _checked(box, frame)
            self._seat.wait()
            return checked, self._roster.begin(id, frame, checked)

        begun = self._attempt(act)
        if begun is None:
            return None
        box, job = begun
        taken = {target.colour for target in self.document.state.targets}
        self.document.add(
            TargetTrack(
                id, label, free_colour(id, taken), begun=frame.index,
                rows=TrackRows.of([given_row(frame, box)]), corrections={frame.index: box},
            )
        )  # fmt: skip
        if self.recording is not None:
            self.recording.on_target(frame.index, frame.time_s, id, label, box)
        if job is not None:
            self._background.start(job)
        return id

    def correct(self, id: int, frame: SourceFrame, box: Box) -> None:
        """Put the box of a target right on `frame`, and track it anew up to the next correction."""
        target = self.document.state.target(id)
        if target is None:
            return

        def act() -> tuple[Box, Interrupted, Job | None]:
            checked = _checked(box, frame)
            self._seat.wait()
            return checked, *self._roster.correct(target, frame, checked)

        done = self._attempt(act)
        if done is None:
            return
        box, interrupted, job = done
        later = [mark for mark in target.corrections if mark > frame.index]
        edit = self.document.change(
            id, "Correct box", lambda track: self._corrected(track, frame, box),
            Stretch(frame.index, min(later, default=None)),
        )  # fmt: skip
        self._interruptions.keep(edit, id, interrupted)
        if self.recording is not None:
            self.recording.on_correction(frame.index, frame.time_s, id, box)
        if job is not None:
            self._background.start(job)

    def track_backwards(self, id: int, frame: int, first: int) -> None:
        """Track a target from its last correction up to `frame` back to the one before it.

        Args:
            id: of the target.
            frame: number of a frame.
            first: number of the first frame there is.
        """
        target = self.document.state.target(id)
        between = target.before(frame, first) if target is not None else range(0)
        if target is None or not between:
            return
        start, stretch = between.stop, Stretch(between.start, between.stop)
        interrupted = self._roster.interrupt(id, stretch)
        # what is found replaces what is there bit by bit; rows of their own make it a change
        edit = self.document.change(
            id, "Track backwards", lambda track: replace(track, rows=track.rows.copy()), stretch
        )
        self._interruptions.keep(edit, id, interrupted)
        self._background.start(
            Job(id, start, between.start, target.corrections[start], backwards=True)
        )

    def remove(self, ids: Iterable[int] | None, frame: int) -> None:
        """Take targets out, or all."""
        wanted = None if ids is None else set(ids)
        chosen = [t.id for t in self.document.state.targets if wanted is None or t.id in wanted]
        cut = {id: self._roster.interrupt(id, Stretch()) for id in chosen}
        edit = self.document.remove(chosen)
        for id, interrupted in cut.items():
            self._interruptions.keep(edit, id, interrupted)
            self._tell_removed(frame, id)

    def pin(self, id: int, slot: int, pinned: bool) -> None:
        """Keep a frame in a target's memory, or let it roll again."""
        self._attempt(lambda: self._frame_edits.pin(self.following, id, slot, pinned))

    def forget(self, id: int, slot: int) -> None:
        """Drop a frame from a target's memory; the first one stays."""
        self._attempt(lambda: self._frame_edits.forget(self.following, id, slot))

    def undo(self, frame: int) -> None:
        """Take the last change back, and follow as it was before it; `frame` is shown."""
        self._turn(self.document.undo(), frame, undone=True)

    def redo(self, frame: int) -> None:
        """Do again what was undone last; `frame` is shown."""
        self._turn(self.document.redo(), frame, undone=False)

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Track with another tracker from now on."""
        self._seat.use(load)
        # their memory would mean nothing to another network
        self._roster.forget_tracker()
        self._interruptions.drop_memories()
        self._frame_edits.drop()
        for job in drawn(self._background.use(load)):
            self._background.start(job)

    def work(self) -> tuple[Work, ...]:
        """What goes on in the background."""
        return self._background.work()

    def stop(self) -> None:
        """Ask every thread to end."""
        self._background.stop()

    def let_go(self) -> None:
        """Know no tracker any more; the last call in the player's thread."""
        self.following.let_go_all()
        self._seat.let_go()

    def join(self) -> None:
        """Wait for the end of every thread."""
        self._background.join()
        self._seat.join()

    def _follow(self, frame: SourceFrame) -> None:
        if self.is_live:
            self._roster.rejoin(frame.index)
        try:
            rows = self._roster.update(frame)
        except InputError as error:
            self._roster.give_up_all()
            self.following.pass_by(frame)
            self._tell(str(error))
            return
        if rows:
            self._moments.append(time.monotonic())
            self.document.grow({id: [row] for id, row in rows.items()})

    def _corrected(self, track: TargetTrack, frame: SourceFrame, box: Box) -> TargetTrack:
        rows = track.rows
        if self.is_live and frame.index >= max(track.corrections, default=0):
            # up to the newest not every frame is tracked again, and what is known of it is wrong
            rows = rows.until(frame.index)
        return replace(
            track, rows=rows.merged([given_row(frame, box)]), begun=min(track.begun, frame.index),
            corrections={**track.corrections, frame.index: box},
        )  # fmt: skip

    def _turn(self, turned: Turned | None, frame: int, *, undone: bool) -> None:
        if turned is None:
            return
        for id, stretch in turned.touched.items():
            interrupted = self._roster.interrupt(id, stretch)
            self._interruptions.keep(turned.edit, id, interrupted, undone=undone)
            left = self._interruptions.take(turned.edit, id, undone=not undone)
            if self.document.state.target(id) is None:
                self._tell_removed(frame, id)
                continue
            self._guard(partial(self._roster.resume, id, left))
        turn = self._frame_edits.undo if undone else self._frame_edits.redo
        self._attempt(lambda: turn(self.following, turned.edit))

    def _tell_removed(self, frame: int, id: int) -> None:
        if self.recording is not None:
            self.recording.on_removed(frame, id)

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
        if outcome.error is not None and self.fallback is not None:
            self._fall_back(outcome.error)
            for again in drawn((job,)):
                self._background.start(again)
            return
        self._guard(lambda: self._roster.take(job, outcome))
        self._turn_waiting()

    def _turn_waiting(self) -> None:
        self._attempt(lambda: self._frame_edits.catch_up(self.following))

    def _attempt(self, act: Callable[[], _T]) -> _T | None:
        """Do something with the tracker; where it breaks, once more with the other one."""
        while True:
            try:
                return act()
            except TrackerError as error:
                self._tell(str(error))
                return None
            except Exception as error:
                if not self._fall_back(error):
                    return None

    def _guard(self, act: Callable[[], _T]) -> _T | None:
        """Do something with the tracker, which may break."""
        try:
            return act()
        except Exception as error:
            self._fall_back(error)
            return None

    def _fall_back(self, error: Exception) -> bool:
        """Track with the other tracker, for this one broke; False where there is none."""
        _log.error("the tracker broke", exc_info=error)
        fallback, self.fallback = self.fallback, None
        why = (str(error).splitlines() or [""])[0][:120]
        told = Sentence("The tracker broke ({kind}: {why}); it goes on on the CPU.")
        if fallback is None:
            self._roster.give_up_all()
            told = Sentence("The tracker broke ({kind}: {why}); draw the boxes again to go on.")
        self._tell(Sentence(told, kind=type(error).__name__, why=why))
        if fallback is None:
            return False
        self.use(fallback)
        return True


def _checked(box: Box, frame: SourceFrame) -> Box:
    height, width = frame.rgb.shape[:2]
    return check_box(box, width, height, where=Sentence("the picture"))
