"""Trackers over sequences: every tracker on the same decoded frames, each update timed."""

import math
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter

import numpy as np

from model.errors import InputError
from model.evaluation.machine import load_per_core
from model.evaluation.metrics import (
    FOUND_IOU,
    Accuracy,
    Boxes,
    Values,
    accuracy,
    frames_until_found,
    overlaps,
)
from model.evaluation.peers import Contender
from model.evaluation.sequences import Sequence
from model.images import Frame

CACHE_BYTES = 1 << 30
"""Decoded frames of one sequence kept in memory; what exceeds it is decoded per tracker."""

Progress = Callable[[str, str], None]
"""Called after each frame with the names of tracker and sequence."""


@dataclass(frozen=True)
class Run:
    """One tracker, from one start of one sequence to its end. Row 0 is the given box."""

    tracker: str
    ours: bool
    sequence: str
    start: int
    """Frame of the sequence that row 0 is."""
    truth: Boxes
    """`(N, 4)`, nan where the target is absent."""
    boxes: Boxes
    """`(N, 4)`; in a frame where the tracker gave no box, the box before it."""
    scores: Values
    """`(N,)`, nan where there is none: at the start, and for trackers without a score."""
    states: tuple[str, ...]
    """`(N,)`, empty for trackers without states."""
    seconds: Values
    """Time of each update, `(N - 1,)`; decoding and the start are not in it."""
    load: float = math.nan
    """Load of the machine per core while it ran; nan where the system does not tell."""

    @cached_property
    def accuracy(self) -> Accuracy:
        """The OTB numbers of this run."""
        return accuracy(self.boxes, self.truth)

    @cached_property
    def on_target(self) -> np.ndarray:
        """Frames with IoU above 0.5 `(N,)`, never where the target is absent."""
        return overlaps(self.boxes, self.truth) > FOUND_IOU

    @cached_property
    def delays(self) -> list[float]:
        """Frames until found after each return of the target; infinite where never."""
        return frames_until_found(self.boxes, self.truth)


def run_sequence(
    contenders: SequenceOf[Contender],
    sequence: Sequence,
    *,
    starts: int = 1,
    progress: Progress | None = None,
    cache_bytes: int | None = None,
) -> Iterator[Run]:
    """Run all trackers in turn over one sequence, from each of `starts` places evenly spread.

    Args:
        cache_bytes: memory for decoded frames, `CACHE_BYTES` if None.

    Raises:
        InputError: `starts` below 1, or a picture that cannot be read.
    """
    frames = _Frames(sequence, CACHE_BYTES if cache_bytes is None else cache_bytes)
    for start in sequence.starts(starts):
        for contender in contenders:
            yield _run(contender, sequence, frames, start, progress)


def updates(sequences: Iterable[Sequence], starts: int) -> int:
    """Updates that one tracker makes over `sequences` with so many starts."""
    return sum(len(s) - 1 - start for s in sequences for start in s.starts(starts))


def write_boxes(run: Run, folder: Path) -> Path:
    """Write a run below `folder` as `TRACKER/SEQUENCE.txt`, x,y,w,h per frame, and its scores.

    A start other than the first frame is named by it: `SEQUENCE@40.txt`. Scores, where there are
    any, go to `SEQUENCE_score.txt` beside it, one per line.

    Raises:
        InputError: the folder cannot be written.
    """
    stem = run.sequence if run.start == 0 else f"{run.sequence}@{run.start}"
    path = folder / run.tracker / f"{stem}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savetxt(path, run.boxes, fmt="%.3f", delimiter=",")
        if np.isfinite(run.scores).any():
            np.savetxt(path.with_name(f"{stem}_score.txt"), run.scores, fmt="%.6f")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}).") from error
    return path


class _Frames:
    """Decoded pictures of a sequence, kept while they fit in memory."""

    def __init__(self, sequence: Sequence, limit: int) -> None:
        self._sequence = sequence
        self._limit = limit
        self._kept: dict[int, Frame] = {}
        self._bytes = 0

    def __getitem__(self, index: int) -> Frame:
        if index in self._kept:
            return self._kept[index]
        frame = self._sequence.read(index)
        # a tracker that draws into its input must not spoil it for the next
        frame.flags.writeable = False
        if self._bytes + frame.nbytes <= self._limit:
            self._kept[index] = frame
            self._bytes += frame.nbytes
        return frame


def _run(
    contender: Contender, sequence: Sequence, frames: _Frames, start: int,
    progress: Progress | None,
) -> Run:  # fmt: skip
    truth = sequence.truth[start:]
    boxes = np.full_like(truth, np.nan)
    scores = np.full(len(truth), np.nan)
    seconds = np.zeros(len(truth) - 1)
    x, y, w, h = (float(v) for v in truth[0])
    boxes[0] = truth[0]
    try:
        contender.init(frames[start], (x, y, w, h))
    except InputError as error:
        raise InputError(
            f"{contender.name} cannot start in frame {start} of {sequence.name}: {error}"
        ) from error
    states = [""]
    load = load_per_core()
    for i in range(1, len(truth)):
        frame = frames[start + i]
        before = perf_counter()
        found, box = contender.update(frame)
        seconds[i - 1] = perf_counter() - before
        # as the OTB toolkit: a tracker that gives no box is taken to hold its last one
        boxes[i] = box if found else boxes[i - 1]
        if contender.score is not None:
            scores[i] = contender.score
        states.append(contender.state)
        if progress is not None:
            progress(contender.name, sequence.name)
    return Run(
        tracker=contender.name, ours=contender.ours, sequence=sequence.name, start=start,
        truth=truth, boxes=boxes, scores=scores, states=tuple(states), seconds=seconds,
        load=float(np.fmax(load, load_per_core())),
    )  # fmt: skip
