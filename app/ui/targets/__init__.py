"""All targets of a document, and what can be done with them."""

from app.ui.targets.panel import TargetPanel

__all__ = ["TargetPanel"]
