"""Jobs of tracking anew that wait or run, and which frames have to wait for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from app.core.player.following import PlayerTracker
from app.core.player.reel import Frames
from app.core.player.retrack import Job, Outcome, Retracker
from app.core.player.rows import Stretch, TrackRow
from app.core.player.snapshot import Work
from model.geometry import Box


class Background:
    """The jobs of one player. Belongs to its thread; what they find comes there as well."""

    def __init__(
        self, open_frames: Callable[[], Frames], load: Callable[[], PlayerTracker],
        places: Callable[[int], Mapping[int, tuple[Box, float]]],
        post: Callable[[Callable[[], None]], None],
        found: Callable[[Job, Sequence[TrackRow]], None], ended: Callable[[Job, Outcome], None],
    ) -> None:  # fmt: skip
        """Nothing runs yet.

        Args:
            open_frames, load, places: as for `Retracker`.
            post: lets a function be called in the player's thread.
            found, ended: called there with what jobs that were not cancelled found.
        """
        self._jobs: list[Job] = []
        self._found, self._ended = found, ended
        self._retracker = Retracker(
            open_frames, load, places,
            lambda job, rows: post(partial(self._take_rows, job, rows)),
            lambda job, outcome: post(partial(self._take_outcome, job, outcome)),
        )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._retracker.is_alive

    def start(self, job: Job) -> None:
        """Do a job after those that wait, in place of one from the same frame."""
        for other in self._jobs:
            same = (other.target, other.backwards, other.begin)
            if same == (job.target, job.backwards, job.begin):
                other.cancelled.set()
        self._drop_cancelled()
        self._jobs.append(job)
        self._retracker.start(job)

    def use(self, load: Callable[[], PlayerTracker]) -> tuple[Job, ...]:
        """Make another tracker for the next jobs, and drop those there are; copies of them."""
        dropped = tuple(replace(job) for job in self._jobs)
        for job in self._jobs:
            job.cancelled.set()
        self._jobs = []
        self._retracker.use(load)
        return dropped

    def cut(self, target: int, stretch: Stretch) -> tuple[Job, ...]:
        """Let no job of a target reach into a stretch of frames; copies of those that did."""
        whole: list[Job] = []
        for job in self._jobs:
            if job.target != target or not _meets(job, stretch):
                continue
            whole.append(replace(job))
            before = stretch.first - 1
            if job.backwards or job.begin >= before:
                job.cancelled.set()
            else:
                job.stop = before if job.stop is None else min(job.stop, before)
                job.adopts = False
        self._drop_cancelled()
        return tuple(whole)

    def leads_on(self, target: int) -> bool:
        """Whether a target is being tracked forwards."""
        return any(job.target == target and not job.backwards for job in self._jobs)

    def adopts(self, target: int) -> bool:
        """Whether a target is being tracked up to where it can be followed."""
        return any(job.target == target and job.adopts for job in self._jobs)

    def blocks(self, index: int) -> bool:
        """Whether frame `index` is still to be tracked, or a target followed up to before it."""
        for job in self._jobs:
            if job.backwards or job.stop is None or job.begin >= index:
                continue
            if job.given < index <= job.stop or (index > job.stop and job.adopts):
                return True
        return False

    def work(self) -> tuple[Work, ...]:
        """What goes on, to be shown."""
        return tuple(
            Work(
                job.target, "backwards" if job.backwards else "forwards",
                abs(job.at - job.begin),
                abs((job.at if job.stop is None else job.stop) - job.begin), job.begin,
            )
            for job in self._jobs
        )  # fmt: skip

    def stop(self) -> None:
        """Ask the thread to end."""
        self._retracker.stop()

    def join(self) -> None:
        """Wait for the thread's end."""
        self._retracker.join()

    def _drop_cancelled(self) -> None:
        self._jobs = [job for job in self._jobs if not job.cancelled.is_set()]

    def _take_rows(self, job: Job, rows: Sequence[TrackRow]) -> None:
        if job.cancelled.is_set():
            return
        job.given = rows[-1].frame
        # it may have been cut meanwhile
        self._found(job, [row for row in rows if job.covers(row.frame)])

    def _take_outcome(self, job: Job, outcome: Outcome) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
        if not job.cancelled.is_set():
            self._ended(job, outcome)


def _meets(job: Job, stretch: Stretch) -> bool:
    """Whether a job tracks frames of a stretch, or leads on from one of them."""
    first, last = job.begin, job.stop
    if job.backwards:
        first, last = job.stop or 0, job.start - 1
    if stretch.stop is None and job.adopts:
        return True
    ends_before = last is not None and last < stretch.first
    return not ends_before and (stretch.stop is None or first < stretch.stop)
