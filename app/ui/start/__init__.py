"""The page that is shown while nothing is open."""

from app.ui.start.page import StartPage

__all__ = ["StartPage"]
