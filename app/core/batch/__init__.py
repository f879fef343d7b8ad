"""Many videos: one task each, done in processes here or on a Ray cluster, resumed by a state."""

from app.core.batch.cluster import run_on_ray
from app.core.batch.plan import BatchSettings, plan_tasks
from app.core.batch.pool import run_local
from app.core.batch.sources import GivenBoxes, expand_sources, is_collection
from app.core.batch.state import BatchState, write_summary
from app.core.batch.work import Load, Outcome, Task, load_tracker

__all__ = [
    "BatchSettings",
    "BatchState",
    "GivenBoxes",
    "Load",
    "Outcome",
    "Task",
    "expand_sources",
    "is_collection",
    "load_tracker",
    "plan_tasks",
    "run_local",
    "run_on_ray",
    "write_summary",
]
