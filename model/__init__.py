"""Divided space-time attention for visual tracking, without Qt and without the application.

from model import Tracker
tracker = Tracker.load("nano")
tracker.add(rgb, (x, y, w, h))
for result in tracker.update(next_rgb): ...
"""

from model.compat import SingleTracker
from model.errors import InputError, TrackerError, WeightsError
from model.states import State
from model.tracker import SlotInfo, Tracker, TrackResult

__all__ = [
    "InputError", "SingleTracker", "SlotInfo", "State", "TrackResult", "Tracker", "TrackerError",
    "WeightsError",
]  # fmt: skip
