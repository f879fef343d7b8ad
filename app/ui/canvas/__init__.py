"""The picture, its targets, and the mouse and keys that draw and change them."""

from app.ui.canvas.canvas import Canvas
from app.ui.canvas.options import ViewOptions

__all__ = ["Canvas", "ViewOptions"]
