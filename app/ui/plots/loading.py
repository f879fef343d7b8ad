"""pyqtgraph takes a third of a second to load, so that happens when plots are first seen."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.ui.plots.stack import PlotStack


def load_stack() -> "type[PlotStack]":
    """The class of the stacked plots; may be called from any thread."""
    hook = sys.excepthook
    try:
        from app.ui.plots.stack import PlotStack
    finally:
        # pyqtgraph puts its own in its place; who reports errors is not its business
        sys.excepthook = hook
    return PlotStack
