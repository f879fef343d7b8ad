"""Jobs of tracking anew that wait or run, and which frames have to wait for them."""

from collections.abc import Callable, Sequence
from functools import partial

from app.core.player.following import PlayerTracker
from app.core.player.reel import Frames
from app.core.player.retrack import Job, Outcome, Retracker
from app.core.player.rows import TrackRow
from app.core.player.snapshot import Work


class Background:
    """The jobs of one player. Belongs to its thread; what they find comes there as well."""

    def __init__(
        self, open_frames: Callable[[], Frames], load: Callable[[], PlayerTracker],
        post: Callable[[Callable[[], None]], None],
        found: Callable[[Job, Sequence[TrackRow]], None], ended: Callable[[Job, Outcome], None],
    ) -> None:  # fmt: skip
        """Nothing runs yet.

        Args:
            open_frames, load: as for `Retracker`.
            post: lets a function be called in the player's thread.
            found, ended: called there with what jobs that were not cancelled found.
        """
        self._jobs: list[Job] = []
        self._found, self._ended = found, ended
        self._retracker = Retracker(
            open_frames, load,
            lambda job, rows: post(partial(self._take_rows, job, rows)),
            lambda job, outcome: post(partial(self._take_outcome, job, outcome)),
        )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._retracker.is_alive

    def start(self, job: Job | None) -> None:
        """Do a job, if there is one, after those that wait."""
        if job is not None:
            self._jobs.append(job)
            self._retracker.start(job)

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Drop all jobs; make another tracker for the next."""
        for job in self._jobs:
            job.cancelled.set()
        self._jobs = []
        self._retracker.use(load)

    def cancel(self, target: int, *, backwards: bool | None = None) -> None:
        """Drop the jobs of a target: all, or those of one direction."""
        for job in self._jobs:
            if job.target == target and backwards in (None, job.backwards):
                job.cancelled.set()
        self._jobs = [job for job in self._jobs if not job.cancelled.is_set()]

    def shorten(self, target: int, index: int) -> None:
        """Let jobs that lead over frame `index` end before it; drop those that begin after it."""
        for job in self._jobs:
            if job.target != target or job.backwards:
                continue
            if job.begin >= index:
                job.cancelled.set()
            elif job.stop is None or job.stop >= index:
                job.stop, job.adopts = index - 1, False
        self._jobs = [job for job in self._jobs if not job.cancelled.is_set()]

    def leads_on(self, target: int) -> bool:
        """Whether a target is being tracked forwards."""
        return any(job.target == target and not job.backwards for job in self._jobs)

    def drawn(self) -> dict[int, Job]:
        """The jobs that lead on from a box of the user, by target."""
        return {job.target: job for job in self._jobs if not job.backwards and job.box is not None}

    def blocks(self, index: int) -> bool:
        """Whether frame `index` is still to be tracked, or a target followed up to before it."""
        for job in self._jobs:
            if job.backwards or job.stop is None or job.begin >= index:
                continue
            if job.at < index <= job.stop or (index > job.stop and job.adopts):
                return True
        return False

    def work(self) -> tuple[Work, ...]:
        """What goes on, to be shown."""
        return tuple(
            Work(
                job.target, "backwards" if job.backwards else "forwards",
                abs(job.at - job.begin),
                abs((job.at if job.stop is None else job.stop) - job.begin), job.start,
            )
            for job in self._jobs
        )  # fmt: skip

    def stop(self) -> None:
        """Ask the thread to end."""
        self._retracker.stop()

    def join(self) -> None:
        """Wait for the thread's end."""
        self._retracker.join()

    def _take_rows(self, job: Job, rows: Sequence[TrackRow]) -> None:
        if not job.cancelled.is_set():
            # it may have been shortened meanwhile
            self._found(job, [row for row in rows if job.covers(row.frame)])

    def _take_outcome(self, job: Job, outcome: Outcome) -> None:
        if job in self._jobs:
            self._jobs.remove(job)
        if not job.cancelled.is_set():
            self._ended(job, outcome)
