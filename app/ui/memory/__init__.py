"""What a target remembers, and where it looks."""

from app.ui.memory.strip import MemoryStrip
from app.ui.memory.view import AttentionView

__all__ = ["AttentionView", "MemoryStrip"]
