"""One tracking job without a window: source × tracker × outputs, frame by frame."""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from app.core.exchange import BoxRow, BoxTable, TableInfo, open_table
from app.core.overlay import Mark
from app.core.recorder import Content, Recorder, Timing
from app.core.sources.base import Source, SourceFrame
from model.errors import InputError
from model.geometry import Box, check_box
from model.images import Frame

if TYPE_CHECKING:
    from app.core.session import Session


class Result(Protocol):
    """What a tracker says of one target in one frame (`model.TrackResult`)."""

    @property
    def id(self) -> int: ...
    @property
    def box(self) -> Box: ...
    @property
    def score(self) -> float: ...
    @property
    def state(self) -> str: ...
    @property
    def reason(self) -> str: ...


class FrameTracker(Protocol):
    """What a job needs of a tracker (`model.Tracker`)."""

    def add(self, rgb: Frame, box: Box, *, time: float = 0.0) -> int: ...

    def update(self, rgb: Frame, *, time: float | None = None) -> Sequence[Result]: ...


@runtime_checkable
class Telling(Protocol):
    """A tracker that says what changed by itself (`model.Tracker`)."""

    notice: str


@dataclass(frozen=True)
class Target:
    """What to follow: its box in the first frame of the job, and a name for it."""

    box: Box
    label: str = ""


@dataclass(frozen=True)
class Outputs:
    """Where results go; None leaves that output out."""

    video: Path | None = None
    table: Path | None = None
    table_format: str | None = None
    """One of `app.core.exchange.FORMATS`; None goes by the ending of `table`."""
    content: Content = Content.OVERLAY
    """What the video shows; with `both`, a second file has the frames without boxes."""
    timing: Timing = Timing.TRUE
    """Times of the video's frames."""


@dataclass(frozen=True)
class Progress:
    """How far a job is, after one frame."""

    frame: int
    """Number of the frame in its source, from 0."""
    done: int
    """Frames tracked so far."""
    total: int | None
    """Frames to track; None where there is no end, an estimate where the container has none."""
    rate: float
    """Frames per second of the job so far."""
    states: tuple[str, ...]
    """State of each target, in order of id."""
    problem: str = ""
    """A sentence on what went wrong in this step without ending the job."""

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the last frame at the present rate; None where there is no end."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.done) / self.rate


@dataclass
class TrackJob:
    """Tracks `targets` through `source` from frame `start` on.

    Outputs are created once the first frame is read and every box on it accepted, so a mistake
    replaces no earlier result. However the job ends - last frame, `stop`, error, Ctrl-C - what was
    tracked is on disk in whole files. Where the video cannot be recorded any further, on a full
    disk for example, tracking goes on without it and `problems` says so.
    """

    source: Source
    tracker: FrameTracker
    targets: Sequence[Target]
    outputs: Outputs = field(default_factory=Outputs)
    start: int = 0
    limit: int | None = None
    """Frames to track at most; None goes to the end."""
    session: "Session | None" = None
    """Where everything is noted as it happens; begun with the first frame, and ended."""
    problems: list[str] = field(default_factory=list, init=False)
    """One sentence for whatever went wrong without ending the job."""
    written: tuple[Path, ...] = field(default=(), init=False)
    """Files of the outputs, once the job has ended."""
    stopped_by: str = field(default="", init=False)
    """What `stop` was told."""
    _stopped: bool = field(default=False, init=False)
    _notice: str = field(default="", init=False)

    def stop(self, by: str = "") -> None:
        """End the job after the frame it is at; may be called from a signal handler or thread."""
        self.stopped_by = by
        self._stopped = True
        if self.source.info.is_live:
            # it may have no next frame to end after
            self.source.close()

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def run(self) -> Iterator[Progress]:
        """Track, yielding after each frame.

        Raises:
            InputError: a box outside the first frame, a source that breaks or changes its size, an
                output that cannot be written. Frames before that are on disk.
        """
        with self.session or nullcontext():
            yield from self._track()
            if self.session is not None and self._stopped:
                self.session.stop()

    def _track(self) -> Iterator[Progress]:
        labels: dict[int, str] = {}
        sink: _Sink | None = None
        began, done = 0.0, 0
        total = self._total()
        try:
            for frame in self._frames():
                if sink is None:
                    began = time.monotonic()
                    results = self._begin(frame, labels)
                    self._begin_session(frame, results, labels)
                    sink = _Sink(self.outputs, self.source, frame.rgb, self.problems)
                else:
                    _check_size(frame, sink.size)
                    results = list(self.tracker.update(frame.rgb, time=frame.time_s))
                    self._note_notice()
                    if self.session is not None:
                        rows = [_row(frame, result, labels[result.id]) for result in results]
                        self.session.frame(frame.index, frame.time_s, rows)
                problem = sink.write(frame, results, labels)
                if problem and self.session is not None:
                    self.session.event("problem", sentence=problem)
                done += 1
                elapsed = time.monotonic() - began
                states = tuple(str(result.state) for result in results)
                if total is not None and done > total:
                    total = None  # the container's count was an estimate
                yield Progress(frame.index, done, total, done / max(elapsed, 1e-9), states, problem)
        finally:
            if sink is not None:
                sink.close()
                self.written = sink.written
        if sink is None and not self._stopped:
            raise InputError(
                f"There is no frame {self.start} in {self.source.info.name}; "
                "--start counts from 0 and must be below the number of frames."
            )

    def _note_notice(self) -> None:
        notice = self.tracker.notice if isinstance(self.tracker, Telling) else ""
        if notice != self._notice and self.session is not None:
            self.session.event("notice", sentence=notice)
        self._notice = notice

    def _frames(self) -> Iterator[SourceFrame]:
        count = 0
        if self.start and self.source.seekable:
            self.source.seek(self.start)
        for frame in self.source:
            if self._stopped:
                return
            if frame.index < self.start:
                continue
            yield frame
            count += 1
            if self._stopped or count == self.limit:
                return

    def _total(self) -> int | None:
        frames = self.source.info.frames
        if frames is None:
            return self.limit
        left = max(0, frames - self.start)
        return left if self.limit is None else min(left, self.limit)

    def _begin(self, frame: SourceFrame, labels: dict[int, str]) -> list[Result]:
        height, width = frame.rgb.shape[:2]
        where = f"frame {frame.index} of {self.source.info.name}"
        boxes = [check_box(target.box, width, height, where=where) for target in self.targets]
        results: list[Result] = []
        for target, box in zip(self.targets, boxes, strict=True):
            number = self.tracker.add(frame.rgb, box, time=frame.time_s)
            labels[number] = target.label
            results.append(_Given(number, box))
        return results

    def _begin_session(
        self, frame: SourceFrame, results: Sequence[Result], labels: dict[int, str]
    ) -> None:
        if self.session is None:
            return
        self.session.begin()
        for result in results:
            label = labels[result.id]
            self.session.target(frame.index, frame.time_s, result.id, label, result.box)


@dataclass(frozen=True)
class _Given:
    """A target in the frame where its box was given."""

    id: int
    box: Box
    score: float = 1.0
    state: str = "tracking"
    reason: str = "given"


class _Sink:
    """The outputs of a job."""

    def __init__(self, outputs: Outputs, source: Source, rgb: Frame, problems: list[str]) -> None:
        height, width = rgb.shape[:2]
        self.size = (width, height)
        info = source.info
        self._table: BoxTable | None = None
        self._video: Recorder | None = None
        self._problems = problems
        self.written: tuple[Path, ...] = ()
        if outputs.table is not None:
            about = TableInfo(info.name, width, height)
            self._table = open_table(outputs.table, about, chosen=outputs.table_format)
        try:
            if outputs.video is not None:
                self._video = Recorder(
                    outputs.video, width, height, rate=info.rate, mode=outputs.timing,
                    content=outputs.content, is_live=info.is_live,
                )  # fmt: skip
        except BaseException:
            if self._table is not None:
                self._table.discard()
            raise

    def write(self, frame: SourceFrame, results: Sequence[Result], labels: dict[int, str]) -> str:
        """Add what was found in a frame; a sentence where recording ends here, else nothing."""
        if self._table is not None:
            for result in results:
                self._table.write(_row(frame, result, labels[result.id]))
        if self._video is None:
            return ""
        marks = [_mark(result, labels[result.id]) for result in results]
        try:
            self._video.write(frame.rgb, frame.time_s, marks)
        except InputError as error:
            self._end_recording(str(error))
            return str(error)
        return ""

    def close(self) -> None:
        try:
            if self._table is not None:
                self._table.close()
                self.written += (self._table.path,)
        finally:
            self._end_recording()

    def _end_recording(self, problem: str = "") -> None:
        video, self._video = self._video, None
        if video is None:
            return
        try:
            video.close()
        except InputError as error:
            problem = problem or str(error)
        finally:
            self.written = (*video.paths, *self.written)
        if problem:
            self._problems.append(problem)


def _row(frame: SourceFrame, result: Result, label: str) -> BoxRow:
    return BoxRow(
        frame.index, frame.time_s, result.id, label, *result.box,
        result.score, str(result.state), result.reason,
    )  # fmt: skip


def _mark(result: Result, label: str) -> Mark:
    return Mark(result.id, result.box, label, result.score, str(result.state))


def _check_size(frame: SourceFrame, size: tuple[int, int]) -> None:
    height, width = frame.rgb.shape[:2]
    if (width, height) != size:
        raise InputError(
            f"Frame {frame.index} is {width}×{height} pixels, those before it {size[0]}×{size[1]}; "
            "tracking ends there, for a video must keep one size."
        )
