"""Videos on the machines of a Ray cluster.

Every machine needs this program in the same version and sees sources and results under the same
paths, on a shared disk. A video whose process or machine dies is begun again on another.
"""

import logging
import os
from collections.abc import Generator, Sequence
from typing import Any

from app.core.batch.pool import died, limit_threads
from app.core.batch.work import Load, Outcome, Task, track_one
from model.errors import InputError

RETRIES = 3
"""Times a video is begun again after its process died, before it counts as failed."""


def run_on_ray(
    tasks: Sequence[Task], load: Load, *, address: str, jobs: int | None = None,
    cpus: float = 1, gpus: float = 0,
) -> Generator[tuple[Task, Outcome], None, None]:  # fmt: skip
    """Do `tasks` on the Ray cluster at `address`, yielding each as it ends.

    Args:
        tasks: what to do, in the order to begin it.
        load: makes a tracker, in the process that needs it.
        address: `HOST:PORT`, `ray://HOST:PORT`, `auto`, or `local` for a new one here.
        jobs: videos at a time; None for as many as the cluster has room for.
        cpus: cores one video takes.
        gpus: accelerators one video takes.

    Raises:
        InputError: Ray is not installed, or no cluster answers at `address`.
    """
    ray = _connect(address)
    try:
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=RETRIES)(_work)
        waiting = list(reversed(tasks))
        busy: dict[Any, Task] = {}
        room = jobs or len(tasks)
        while waiting or busy:
            while waiting and len(busy) < room:
                task = waiting.pop()
                busy[remote.remote(task, load, max(1, int(cpus)))] = task
            for future in ray.wait(list(busy), num_returns=1)[0]:
                task = busy.pop(future)
                try:
                    outcome = ray.get(future)
                except ray.exceptions.RayError:
                    outcome = died(task)
                yield task, outcome
    finally:
        ray.shutdown()


def _connect(address: str) -> Any:
    # what is tracked is nobody else's business
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "--ray needs Ray; install it with pip install 'spacetime-tracker[cluster]'."
        ) from error
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"No Ray cluster answers at {address}: {why}") from error
    return ray


def _work(task: Task, load: Load, threads: int) -> Outcome:
    limit_threads(threads)
    return track_one(task, load)
