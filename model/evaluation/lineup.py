"""Which trackers run over which sequences: one after the other, or several sequences at once."""

import multiprocessing
import signal
from collections.abc import Callable, Generator
from collections.abc import Sequence as SequenceOf
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import InputError
from model.evaluation.machine import cores, set_threads
from model.evaluation.peers import Contender, open_trackers
from model.evaluation.runner import CACHE_BYTES, Run, run_sequence, write_boxes
from model.evaluation.sequences import Sequence

Advance = Callable[[int, str], None]
"""Called with updates made since the last call, and what is at work."""

_POLL_S = 0.25


@dataclass(frozen=True)
class Lineup:
    """The trackers of an evaluation, to be opened in each process that runs them."""

    names: tuple[str, ...]
    weights: tuple[Path, ...] = ()
    peer_weights: Path | None = None
    device: str = "auto"
    precision: str = "auto"

    def open(self) -> list[Contender]:
        """The trackers; raises what `open_trackers` raises."""
        return open_trackers(
            self.names, weights=self.weights, peer_weights=self.peer_weights,
            device=self.device, precision=self.precision,
        )  # fmt: skip


@dataclass(frozen=True)
class Task:
    """How each sequence is run."""

    starts: int = 1
    boxes: Path | None = None
    """Folder that each run's boxes are written below as soon as it has finished."""
    cache_bytes: int = CACHE_BYTES

    def run(
        self, contenders: SequenceOf[Contender], sequence: Sequence,
        progress: Callable[[str, str], None],
    ) -> list[Run]:  # fmt: skip
        """All trackers over one sequence."""
        runs: list[Run] = []
        for run in run_sequence(
            contenders, sequence, starts=self.starts, progress=progress,
            cache_bytes=self.cache_bytes,
        ):  # fmt: skip
            runs.append(run)
            if self.boxes is not None:
                write_boxes(run, self.boxes)
        return runs


def run_in_turn(
    contenders: SequenceOf[Contender], sequences: SequenceOf[Sequence], task: Task,
    advance: Advance,
) -> Generator[list[Run], None, None]:  # fmt: skip
    """The runs of each sequence, one sequence after the other, in this process.

    Raises:
        InputError: a picture that cannot be read, or boxes that cannot be written.
    """
    for sequence in sequences:
        yield task.run(contenders, sequence, lambda t, s: advance(1, f"{t} on {s}"))


def run_at_once(
    lineup: Lineup, sequences: SequenceOf[Sequence], task: Task, advance: Advance, *, jobs: int,
    threads: int | None = None,
) -> Generator[list[Run], None, None]:  # fmt: skip
    """The runs of each sequence as it finishes, `jobs` sequences at once, a process for each.

    Closing the iterator stops the processes within a frame.

    Args:
        threads: of each process; None shares the cores out among them.

    Raises:
        InputError: as `run_in_turn`, or a process died.
    """
    jobs = max(1, min(jobs, len(sequences)))
    context = multiprocessing.get_context("spawn")
    done, stop = context.Value("Q", 0), context.Event()
    shared = (lineup, threads or max(1, cores() // jobs), done, stop)
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=shared)
    task = Task(task.starts, task.boxes, task.cache_bytes // jobs)
    try:
        waiting: set[Future[list[Run]]] = {pool.submit(_work, task, s) for s in sequences}
        counted = 0
        while waiting:
            finished, waiting = wait(waiting, _POLL_S, return_when=FIRST_COMPLETED)
            now = int(done.value)
            advance(now - counted, f"{min(jobs, len(waiting) + len(finished))} sequences at once")
            counted = now
            # what has been finished is handed on before an error ends it all
            for future in sorted(finished, key=lambda f: f.exception() is not None):
                yield future.result()
    except BrokenProcessPool as error:
        raise InputError(
            "A process of the evaluation died, most likely for lack of memory; "
            "try again with fewer --jobs."
        ) from error
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


class _StoppedError(Exception):
    """The evaluation was given up while this process was at work."""


_process: dict[str, Any] = {}
"""What a process of the pool keeps from one sequence to the next."""


def _start(lineup: Lineup, threads: int, done: Any, stop: Any) -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what it means
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_threads(threads)
    _process.update(contenders=lineup.open(), done=done, stop=stop)


def _work(task: Task, sequence: Sequence) -> list[Run]:
    def count(tracker: str, name: str) -> None:
        if _process["stop"].is_set():
            raise _StoppedError
        with _process["done"].get_lock():
            _process["done"].value += 1

    return task.run(_process["contenders"], sequence, count)
