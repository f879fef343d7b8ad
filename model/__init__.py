"""Divided space-time attention for visual tracking, without Qt and without the application.

from model import Tracker
tracker = Tracker.load("small")
tracker.add(rgb, (x, y, w, h))
for result in tracker.update(next_rgb): ...
"""

from typing import TYPE_CHECKING, Any

from model.errors import InputError, TrackerError, WeightsError

if TYPE_CHECKING:
    from model.compat import SingleTracker
    from model.results import Attention, LastLook, SlotInfo, TrackResult
    from model.states import State
    from model.target_memory import FrameMemory, TargetMemory
    from model.tracker import Tracker

__all__ = [
    "Attention", "FrameMemory", "InputError", "LastLook", "SingleTracker", "SlotInfo", "State",
    "TargetMemory", "TrackResult", "Tracker", "TrackerError", "WeightsError",
]  # fmt: skip

_HOMES = {
    "Attention": "model.results",
    "FrameMemory": "model.target_memory",
    "LastLook": "model.results",
    "SingleTracker": "model.compat",
    "SlotInfo": "model.results",
    "State": "model.states",
    "TargetMemory": "model.target_memory",
    "TrackResult": "model.results",
    "Tracker": "model.tracker",
}


def __getattr__(name: str) -> Any:
    # torch takes seconds to import; geometry, images and errors need none of it
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
