"""What can be measured of tracks: place, size, speed and score over time, in pixels or units."""

from app.core.measures.meter import Meter
from app.core.measures.series import Quantity, Series, measure
from app.core.measures.table import measures_text, write_measures

__all__ = ["Meter", "Quantity", "Series", "measure", "measures_text", "write_measures"]
