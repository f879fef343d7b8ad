"""Tracking anew in a thread of its own: from a correction on, or from it back."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.player.following import PlayerTracker, row_of
from app.core.player.reel import Frames
from app.core.player.rows import TrackRow
from app.core.sources.base import SourceFrame
from model.apart import stands_apart
from model.errors import InputError, TrackerError
from model.geometry import Box
from model.sentences import Sentence

if TYPE_CHECKING:
    from model.target_memory import TargetMemory

_log = logging.getLogger(__name__)

_GIVE_EVERY_S = 0.1
_BACK_BYTES = 256 << 20
"""Room for the frames that are decoded at a time when tracking backwards."""
_BACK_FRAMES = 64


@dataclass(eq=False)
class Job:
    """Tracking of one target, from frame `start` on to frame `stop`, itself included.

    It begins from `box`, drawn on frame `start`, or from `memory`, as it was after that frame. With
    `place` it does not track from `start` on: it goes on after frame `resume`, where the target was
    at `place`. Backwards, `stop` lies before `start`.
    """

    target: int
    start: int
    stop: int | None
    """None goes on until the newest frame of a live source is reached."""
    box: Box | None = None
    memory: "TargetMemory | None" = None
    place: Box | None = None
    resume: int | None = None
    backwards: bool = False
    adopts: bool = False
    """Whether the target is followed from there on as the source is played."""
    at: int = field(init=False)
    """Number of the last frame that is tracked."""
    given: int = field(init=False)
    """Number of the last frame whose row is in the document."""
    cancelled: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.at = self.given = self.begin

    @property
    def begin(self) -> int:
        """Number of the frame before the first that is tracked."""
        return self.start if self.resume is None else self.resume

    def covers(self, index: int) -> bool:
        """Whether frame `index` is one that it tracks."""
        if self.backwards:
            return self.stop is not None and self.stop <= index < self.start
        return index > self.begin and (self.stop is None or index <= self.stop)


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    at: int
    """Number of the frame up to which nothing is left to track."""
    memory: "TargetMemory | None" = None
    """What the tracker knows of the target then, where that was asked for."""
    problem: str = ""
    """A sentence, where it could not be done."""
    error: Exception | None = None
    """What broke, where that was the program or the device."""


class Retracker:
    """Does one job after another, with a tracker and a handle of the source of its own.

    Its thread starts with the first job.
    """

    def __init__(
        self,
        open_frames: Callable[[], Frames],
        load: Callable[[], PlayerTracker],
        places: Callable[[int], Mapping[int, tuple[Box, float]]],
        found: Callable[[Job, Sequence[TrackRow]], None],
        ended: Callable[[Job, Outcome], None],
    ) -> None:
        """Nothing starts yet.

        Args:
            open_frames: gives access to the frames; what has `close` is closed at the end.
            load: makes the tracker, and another one where it broke.
            places: boxes and scores, by id, of targets that are known without doubt in a frame of
                that number; called in the thread.
            found, ended: called in the thread with rows, and with how a job ended.
        """
        self._open_frames, self._load, self._places = open_frames, load, places
        self._found, self._ended = found, ended
        self._jobs: list[Job] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._tracker: PlayerTracker | None = None

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def use(self, load: Callable[[], PlayerTracker]) -> None:
        """Make another tracker for the next job."""
        with self._changed:
            self._load, self._tracker = load, None

    def start(self, job: Job) -> None:
        """Do a job after those that are waiting."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="retrack", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End after the frame at hand."""
        with self._changed:
            self._stopping = True
            for job in self._jobs:
                job.cancelled.set()
            self._changed.notify_all()

    def join(self) -> None:
        """Wait for the thread's end."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        frames: Frames | None = None
        try:
            while (job := self._next()) is not None:
                try:
                    frames = frames or self._open_frames()
                    outcome = self._do(job, frames)
                except TrackerError as error:
                    outcome = Outcome(job.at, problem=str(error))
                except Exception as error:
                    _log.exception("tracking anew broke")
                    outcome = Outcome(
                        job.at,
                        problem=Sentence(
                            "Tracking anew stopped by a fault of the program ({kind}: {error}).",
                            kind=type(error).__name__,
                            error=error,
                        ),
                        error=error,
                    )
                with self._changed:
                    self._jobs.remove(job)
                self._ended(job, outcome)
        finally:
            self._tracker = None
            close = getattr(frames, "close", None)
            if close is not None:
                close()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._jobs)
            return None if self._stopping else self._jobs[0]

    def _do(self, job: Job, frames: Frames) -> Outcome:
        if job.cancelled.is_set():
            return Outcome(job.at)
        tracker = self._sure_tracker()
        try:
            number = self._begin(job, tracker, frames)
            self._track(job, tracker, number, frames)
            at = job.at if job.stop is None else job.stop
            adopts = job.adopts and not job.cancelled.is_set()
            outcome = Outcome(at, tracker.memory_of(number) if adopts else None)
            tracker.remove(number)
        except BaseException:
            # what it holds by now is of no use to the next job
            self._clear(tracker)
            raise
        return outcome

    def _sure_tracker(self) -> PlayerTracker:
        with self._changed:
            load, tracker = self._load, self._tracker
        if tracker is None:
            tracker = load()
            with self._changed:
                # another one may be wanted by now
                if self._load is load:
                    self._tracker = tracker
        return tracker

    def _clear(self, tracker: PlayerTracker) -> None:
        try:
            for number in list(tracker.ids):
                tracker.remove(number)
        except Exception:
            _log.exception("a tracker that broke is given up")
            with self._changed:
                if self._tracker is tracker:
                    self._tracker = None

    def _begin(self, job: Job, tracker: PlayerTracker, frames: Frames) -> int:
        if job.memory is not None:
            return tracker.restore(job.memory)
        assert job.box is not None
        first = frames.frame(job.start)
        number = tracker.add(first.rgb, job.box, time=first.time_s)
        if job.place is None:
            return number
        memory = tracker.memory_of(number).moved(job.place)
        tracker.remove(number)
        return tracker.restore(memory)

    def _track(self, job: Job, tracker: PlayerTracker, number: int, frames: Frames) -> None:
        rows: list[TrackRow] = []
        others = self._others(job)
        given_s = time.monotonic()
        try:
            for frame in _backwards(job, frames) if job.backwards else _forwards(job, frames):
                if job.cancelled.is_set() or self._stopping:
                    return
                known = self._places(frame.index) if others else {}
                beside = [known[id] for id in others if id in known]
                results = tracker.update(frame.rgb, time=frame.time_s, others=beside)
                rows += [row_of(frame, result) for result in results if result.id == number]
                job.at = frame.index
                if time.monotonic() - given_s > _GIVE_EVERY_S:
                    self._give(job, rows)
                    rows, given_s = [], time.monotonic()
        finally:
            # what was found before the source broke stands
            self._give(job, rows)

    def _others(self, job: Job) -> list[int]:
        """Targets for which that of a job is not to be taken: those that stood apart from it."""
        box = job.place or job.box
        if box is None:
            assert job.memory is not None
            box = job.memory.box
        known = self._places(job.begin)
        return [id for id, (at, _) in known.items() if id != job.target and stands_apart(box, [at])]

    def _give(self, job: Job, rows: list[TrackRow]) -> None:
        if rows and not job.cancelled.is_set():
            self._found(job, rows)


def _forwards(job: Job, frames: Frames) -> Iterator[SourceFrame]:
    at = job.begin
    while job.stop is None or at < job.stop:
        try:
            frame = frames.next(at, hurry=job.stop is None)
        except StopIteration:
            return
        if frame is None or (job.stop is not None and frame.index > job.stop):
            return
        at = frame.index
        yield frame


def _backwards(job: Job, frames: Frames) -> Iterator[SourceFrame]:
    """Frames before `job.start` down to `job.stop`, read forwards some at a time."""
    assert job.stop is not None
    size = frames.frame(job.start).rgb.nbytes
    end, many = job.start, min(_BACK_FRAMES, max(4, _BACK_BYTES // size))
    while end > job.stop:
        first = max(job.stop, end - many)
        part: list[SourceFrame] = []
        for index in range(first, end):
            if job.cancelled.is_set():
                return
            try:
                part.append(frames.frame(index))
            except InputError:
                continue  # a damaged frame, or one that is gone by now
        yield from _without_repeats(reversed(part))
        end = first


def _without_repeats(frames: Iterable[SourceFrame]) -> Iterator[SourceFrame]:
    """Each frame once: for a number that is missing the next one was given."""
    last: int | None = None
    for frame in frames:
        if frame.index != last:
            yield frame
        last = frame.index
