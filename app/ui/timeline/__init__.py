"""Every target over time: scores, states, corrections, range and playhead."""

from app.ui.timeline.timeline import Timeline

__all__ = ["Timeline"]
