"""Which targets are followed as a source is played, and how the others come to be followed."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.core.player.background import Background
from app.core.player.document import Document, TargetTrack
from app.core.player.following import Following
from app.core.player.parking import Interrupted, Parked
from app.core.player.retrack import Job, Outcome
from app.core.player.rows import STATES, Stretch, TrackRow
from app.core.player.seat import TrackerSeat
from app.core.sources.base import SourceFrame
from model.errors import TrackerError
from model.geometry import Box
from model.states import State

_GAP = 600
"""Frames without a row that are tracked before a target goes on; beyond that it jumps."""
_LOST = STATES.index(str(State.LOST))


class Roster:
    """The targets of a document: followed live, led up to there in the background, or given up."""

    def __init__(
        self, document: Document, background: Background, seat: TrackerSeat,
        tell: Callable[[str], None],
    ) -> None:  # fmt: skip
        """Nothing is followed yet; `tell` takes sentences for the user."""
        self.following = Following()
        self.is_live = False
        self.has_pictures = True
        self._document, self._background, self._seat = document, background, seat
        self._tell = tell
        self._parked: dict[int, Parked] = {}
        self._over: set[int] = set()
        self._told: set[str] = set()
        self._last: SourceFrame | None = None

    def ready(self, index: int) -> bool:
        """Whether all targets that should be in frame `index` of a file can be followed there."""
        is_ready = True
        for target in self._idle():
            last = target.rows.last
            if last is None or last >= index:
                continue
            if self._background.leads_on(target.id) or not self._joins(target, index, last):
                is_ready = False
        return is_ready

    def rejoin(self, index: int) -> None:
        """Follow targets of a live source that are not followed into its frame `index`."""
        if self._seat.tracker is None:
            return
        for target in self._idle():
            last, parked, frame = target.rows.last, self._parked.get(target.id), self._last
            if last is None or last >= index or self._background.leads_on(target.id):
                continue
            row = target.rows.at(last)
            if parked is not None:
                self._take_up(target.id, parked.at)
            elif frame is None or frame.index != last or row is None or row.state == State.LOST:
                self._lead(target, None)
            else:
                self._try(target.id, partial(self._start, target.id, frame, row.box))

    def update(self, frame: SourceFrame) -> dict[int, TrackRow]:
        """Follow all targets into `frame`; raises as `Following.update`."""
        rows = self.following.update(frame)
        if rows:
            self._last = frame
        return rows

    def begin(self, id: int, frame: SourceFrame, box: Box) -> Job | None:
        """Follow a target from its box on: at once, or after a job that leads up to the others.

        Raises:
            InputError: the box or the frame cannot be used.
        """
        if not self.following.ids:
            # nobody else has to be waited for
            self.following.at = None
        at = self.following.at
        if at is None or frame.index >= at:
            self._start(id, frame, box)
            return None
        self._over.discard(id)
        return Job(id, frame.index, None if self.is_live else at, box, adopts=True)

    def correct(
        self, target: TargetTrack, frame: SourceFrame, box: Box
    ) -> tuple[Interrupted, Job | None]:
        """Follow a target from a box on `frame` on, up to its next box.

        Returns:
            What that cut short, and a job that has to be started.

        Raises:
            InputError: the box or the frame cannot be used; all goes on as before.
        """
        id, index, at = target.id, frame.index, self.following.at
        stretch = Stretch(index, min((c for c in target.corrections if c > index), default=None))
        if stretch.stop is not None:
            cut = self.interrupt(id, stretch)
            last = stretch.stop - 1
            return cut, Job(id, index, last, box) if last > index else None
        if id in self.following.ids and at == index:
            memory = self.following.memory_of(id)
            assert memory is not None
            self.following.correct(id, frame, box)
            self._last = frame
            return Interrupted(Parked(index, memory), self._background.cut(id, stretch)), None
        ends = [index, index if target.rows.last is None else target.rows.last]
        if at is not None and (id in self.following.ids or self._background.adopts(id)):
            ends.append(at)
        cut = self.interrupt(id, stretch)
        try:
            if max(ends) == index:
                return cut, self.begin(id, frame, box)
        except BaseException:
            self.resume(id, cut)
            raise
        self._over.discard(id)
        return cut, Job(id, index, None if self.is_live else max(ends), box, adopts=True)

    def interrupt(self, id: int, stretch: Stretch) -> Interrupted:
        """Stop what goes on with a target in a stretch of frames, to go on with it later."""
        jobs = self._background.cut(id, stretch)
        if stretch.stop is not None:
            return Interrupted(jobs=jobs)
        parked, at = self._parked.pop(id, None), self.following.at
        memory = self.following.let_go(id)
        if memory is not None and at is not None:
            parked = Parked(at, memory)
        return Interrupted(parked, jobs)

    def resume(self, id: int, what: Interrupted) -> None:
        """Go on with what was interrupted; where nothing is known of that, from the last row."""
        if not self.has_pictures:
            return
        self._over.discard(id)
        for job in what.jobs:
            self._background.start(replace(job))
        if what.parked is not None:
            self._parked[id] = what.parked
            self.settle(id)
        elif not self.following.follows(id) and not self._background.adopts(id):
            self._lead_up(id)

    def take(self, job: Job, outcome: Outcome) -> None:
        """A job has ended."""
        if outcome.problem:
            if job.adopts:
                self._over.add(job.target)
            if outcome.problem not in self._told:
                self._told.add(outcome.problem)
                self._tell(outcome.problem)
        elif job.adopts and outcome.memory is not None:
            self._parked[job.target] = Parked(outcome.at, outcome.memory)
            self.settle(job.target)

    def settle(self, id: int) -> None:
        """Follow a parked target where the others are as far as it is, else lead it up to there."""
        parked, at, ids = self._parked.get(id), self.following.at, self.following.ids
        if parked is None:
            return
        if at is None or parked.at == at or (self.is_live and parked.at < at):
            self._take_up(id, parked.at)
        elif parked.at > at:
            # those that are behind come to where it is
            if not ids:
                self._take_up(id, parked.at)
        else:
            target = self._document.state.target(id)
            if at - parked.at <= _GAP and target is not None:
                self._lead(target, at)
            elif not ids:
                self.following.at = None
                self._take_up(id, parked.at)

    def settle_all(self) -> None:
        """There is a tracker now, or it is known that there is none."""
        for id in list(self._parked):
            self.settle(id)

    def give_up_all(self) -> None:
        """Follow none of those that are followed any more."""
        self._over.update(self.following.ids)
        self.following.drop_all()

    def give_up_all_known(self) -> None:
        """Follow none of the document's targets: they are of another time."""
        self._over.update(target.id for target in self._document.state.targets)

    def forget_tracker(self) -> None:
        """Another tracker comes, to which memories of the last one mean nothing."""
        following = Following()
        following.at = self.following.at
        self.following = following
        self._parked.clear()
        self._over.clear()
        self._told.clear()

    def _idle(self) -> list[TargetTrack]:
        """Targets with which nothing happens as the source is played."""
        followed = set(self.following.ids)
        targets = self._document.state.targets
        return [t for t in targets if t.id not in followed and t.id not in self._over]

    def _joins(self, target: TargetTrack, index: int, last: int) -> bool:
        """Follow a target from frame `index` on; False where something has to be waited for."""
        parked = self._parked.get(target.id)
        stop = index - 1 if index - 1 - last <= _GAP else last
        if parked is not None and parked.at >= stop:
            return self._take_up(target.id, index - 1)
        self._lead(target, stop)
        return target.id in self._over

    def _lead_up(self, id: int) -> None:
        """Let a target of a file be tracked up to where the others are."""
        target, at = self._document.state.target(id), self.following.at
        last = target.rows.last if target is not None else None
        if target is None or last is None or at is None or self.is_live:
            return
        if 0 < at - last <= _GAP:
            self._lead(target, at)

    def _lead(self, target: TargetTrack, stop: int | None) -> None:
        """Let a target be tracked from where it is known up to frame `stop`."""
        parked = self._parked.pop(target.id, None)
        if parked is not None:
            job = Job(target.id, parked.at, stop, memory=parked.memory, adopts=True)
            self._background.start(job)
            return
        row = _last_row(target, sure=self.is_live)
        drawn = max((c for c in target.corrections if row and c <= row.frame), default=None)
        if row is None:
            self._over.add(target.id)
        elif drawn is None or drawn == row.frame or self.is_live:
            box = row.box if drawn != row.frame else target.corrections[row.frame]
            self._background.start(Job(target.id, row.frame, stop, box, adopts=True))
        else:
            box = target.corrections[drawn]
            self._background.start(
                Job(target.id, drawn, stop, box, place=row.box, resume=row.frame, adopts=True)
            )

    def _start(self, id: int, frame: SourceFrame, box: Box) -> None:
        self.following.use(self._seat.wait())
        self.following.begin(id, frame, box)
        self._over.discard(id)
        self._last = frame

    def _take_up(self, id: int, at: int) -> bool:
        """Follow a parked target on; False where the tracker is still being loaded."""
        tracker = self._seat.tracker
        if tracker is None and self._seat.error is None:
            return False
        parked = self._parked.pop(id)

        def act() -> None:
            self.following.use(self._seat.wait())
            self.following.take_up(id, parked.memory, at)

        self._try(id, act)
        return True

    def _try(self, id: int, act: Callable[[], None]) -> None:
        try:
            act()
        except TrackerError as error:
            self._over.add(id)
            self._tell(str(error))
        except Exception:
            self._over.add(id)
            raise


def _last_row(target: TargetTrack, *, sure: bool) -> TrackRow | None:
    """The last row; if asked, the last one where the target was not lost."""
    states = target.rows.columns().state
    for place in range(len(states) - 1, -1, -1):
        if not sure or states[place] != _LOST:
            return target.rows[place]
    return None
