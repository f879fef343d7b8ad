"""Videos in processes of this machine, several at a time."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event

import cv2

from app.core.batch.work import Load, Outcome, Task, track_one

_stop: Event | None = None
"""In a worker: set when the video at hand is to end."""


def run_local(
    tasks: Sequence[Task], load: Load, *, jobs: int = 1, threads: int | None = None
) -> Generator[tuple[Task, Outcome], None, None]:
    """Do `tasks` in `jobs` processes, yielding each as it ends.

    A process that dies takes its own video with it and is replaced. When the iterator is closed or
    interrupted, the videos at hand end after their frame, in whole files.

    Args:
        tasks: what to do, in the order to begin it.
        load: makes a tracker, in the process that needs it.
        jobs: processes.
        threads: threads of arithmetic of each; None divides those of the machine.
    """
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    threads = threads or max(1, cores() // jobs)

    def begin() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1, mp_context=context, initializer=_begin_worker, initargs=(stop, threads)
        )

    waiting = deque(tasks)
    # one pool per process: a death then says which video it was
    idle = [begin() for _ in range(max(1, min(jobs, len(tasks))))]
    busy: dict[Future[Outcome], tuple[ProcessPoolExecutor, Task]] = {}
    try:
        while waiting or busy:
            while waiting and idle:
                pool, task = idle.pop(), waiting.popleft()
                busy[pool.submit(_work, task, load)] = (pool, task)
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                pool, task = busy.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    pool.shutdown()
                    pool, outcome = begin(), died(task)
                idle.append(pool)
                yield task, outcome
    finally:
        stop.set()
        for pool in [*idle, *(pool for pool, _ in busy.values())]:
            pool.shutdown(wait=True, cancel_futures=True)


def died(task: Task) -> Outcome:
    """The outcome of a video whose process died."""
    return Outcome(
        task.source, "failed", targets=len(task.targets),
        error=f"The process that tracked {task.name} died, perhaps for want of memory; "
        "run again with fewer --jobs.",
    )  # fmt: skip


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def limit_threads(threads: int) -> None:
    """Let this process compute with `threads` threads."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    cv2.setNumThreads(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def _begin_worker(stop: Event, threads: int) -> None:
    global _stop
    _stop = stop
    # Ctrl-C reaches every process of the terminal; the first one tells the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_threads(threads)
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()


def _end_with_parent() -> None:
    """End a worker whose parent was killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task, load: Load) -> Outcome:
    return track_one(task, load, _stop.is_set if _stop is not None else lambda: False)
