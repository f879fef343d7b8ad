"""One video of a batch: what is to be done, how it is done, what came of it."""

import glob
import logging
from collections.abc import Callable
from dataclasses import dataclass, fields

from app.core.job import FrameTracker, Outputs, Target, TrackJob
from app.core.sources import open_source
from model.errors import TrackerError

_log = logging.getLogger(__name__)

Load = Callable[[], FrameTracker]
"""Makes a new tracker; can be pickled, for it travels to other processes and machines."""


@dataclass(frozen=True)
class Task:
    """What is to be done with one source; every path is absolute."""

    source: str
    name: str
    """Unlike that of any other source of the batch."""
    outputs: Outputs
    targets: tuple[Target, ...] = ()
    start: int = 0
    limit: int | None = None
    rate: float | None = None
    fingerprint: str = ""
    """Changes with anything that would change the result."""
    problem: str = ""
    """Why the source cannot be tracked, where that is known beforehand."""


@dataclass(frozen=True)
class Outcome:
    """What came of one source; the fields, in order, are the columns of the summary."""

    source: str
    status: str
    """`done`, `failed`, `stopped` or `waiting`."""
    frames: int = 0
    targets: int = 0
    fps: float = 0.0
    """Frames per second, everything included."""
    lost: float = 0.0
    """Share of boxes whose target was lost, 0..1."""
    boxes: str = ""
    """Path of the table."""
    video: str = ""
    error: str = ""


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Outcome))


def load_tracker(name: str, device: str, precision: str) -> FrameTracker:
    """A tracker of `model`: `name` is a preset or a weights file.

    Raises:
        TrackerError: no such network, device or precision, or damaged weights.
    """
    # torch takes seconds to import, and the process that hands out the work needs none of it
    from model import Tracker

    return Tracker.load(name, device=device, precision=precision)


def track_one(task: Task, load: Load, stopped: Callable[[], bool] = lambda: False) -> Outcome:
    """Do `task`; whatever goes wrong is told by the outcome, so that the rest can go on.

    Args:
        task: what to do.
        load: makes the tracker.
        stopped: asked after every frame; true ends the video there, in whole files.
    """
    if task.problem:
        return Outcome(task.source, "failed", error=task.problem)
    frames, boxes, lost, fps, error, status = 0, 0, 0, 0.0, "", "done"
    try:
        with open_source(task.source, rate=task.rate) as source:
            job = TrackJob(
                source, load(), task.targets, task.outputs, start=task.start, limit=task.limit
            )
            for step in job.run():
                frames, fps = step.done, step.rate
                boxes += len(step.states)
                lost += step.states.count("lost")
                if stopped():
                    job.stop()
                    status = "stopped"
        if job.problems:
            error, status = " ".join(job.problems), "failed"
    except TrackerError as problem:
        error, status = str(problem), "failed"
    except Exception as problem:
        _log.exception("%s", task.source)
        error, status = f"{type(problem).__name__}: {problem}", "failed"
    if status == "done":
        _drop_remains(task)
    table, video = task.outputs.table, task.outputs.video
    return Outcome(
        task.source, status, frames, len(task.targets), round(fps, 2),
        round(lost / boxes, 4) if boxes else 0.0,
        str(table) if frames and table else "", str(video) if frames and video else "", error,
    )  # fmt: skip


def _drop_remains(task: Task) -> None:
    """Remove what a killed process left of the table that is whole now."""
    table = task.outputs.table
    if table is not None:
        for part in table.parent.glob(f"{glob.escape(table.name)}.part*"):
            part.unlink(missing_ok=True)
