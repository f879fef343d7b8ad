"""Buttons of playback, and the time that is shown."""

from app.ui.transport.bar import TransportBar

__all__ = ["TransportBar"]
