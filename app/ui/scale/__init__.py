"""Telling the application how long something in the picture is in reality."""

from app.ui.scale.dialog import ScaleDialog
from app.ui.scale.tool import ScaleTool

__all__ = ["ScaleDialog", "ScaleTool"]
