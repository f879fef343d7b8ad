"""The button that records, and what it tells while it does."""

from app.ui.record.button import RecordButton

__all__ = ["RecordButton"]
