"""Curves of what was measured over time, linked to the playhead."""

from app.ui.plots.panel import PlotsPanel

__all__ = ["PlotsPanel"]
