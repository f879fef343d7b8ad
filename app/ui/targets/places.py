"""Where the parts of a row are. Pure; no widgets."""

from dataclasses import dataclass
from enum import StrEnum

from PyQt6.QtCore import QPointF, QRectF

PAD = 10.0
_BUTTON = 24.0
_SWATCH = 16.0
_GAP = 6.0
_BAR = 3.0


class Part(StrEnum):
    """What of a row can be clicked by itself."""

    SWATCH = "swatch"
    EYE = "eye"
    REMOVE = "remove"


@dataclass(frozen=True)
class Places:
    """The parts of a row, in the coordinates of the list."""

    swatch: QRectF
    name: QRectF
    eye: QRectF
    remove: QRectF
    text: QRectF
    """State on the left, number of frames on the right."""
    bar: QRectF

    def part_at(self, point: QPointF) -> Part | None:
        """What of it is under a point."""
        # the swatch is small: what is around it belongs to it
        around = self.swatch.adjusted(-PAD, -_GAP, _GAP, _GAP)
        parts = ((Part.EYE, self.eye), (Part.REMOVE, self.remove), (Part.SWATCH, around))
        return next((part for part, area in parts if area.contains(point)), None)

    def area_of(self, part: Part) -> QRectF:
        """Where a part is."""
        return {Part.SWATCH: self.swatch, Part.EYE: self.eye, Part.REMOVE: self.remove}[part]


def row_height(name: float, text: float) -> float:
    """Height of a row whose lines of text are so high."""
    return max(name, _BUTTON) + text + _BAR + 2 * _GAP + 4


def places_in(row: QRectF, text_height: float) -> Places:
    """The parts of a row.

    Args:
        row: area of it.
        text_height: of the line below the name.
    """
    top = row.top() + _GAP
    height = row.height() - text_height - _BAR - 2 * _GAP - 4
    middle = top + height / 2
    remove = QRectF(row.right() - _GAP - _BUTTON, middle - _BUTTON / 2, _BUTTON, _BUTTON)
    eye = remove.translated(-_BUTTON, 0)
    swatch = QRectF(row.left() + PAD, middle - _SWATCH / 2, _SWATCH, _SWATCH)
    left = swatch.right() + _GAP + 2
    name = QRectF(left, top, max(eye.left() - _GAP - left, 0), height)
    right = row.right() - PAD
    text = QRectF(left, top + height, max(right - left, 0), text_height)
    bar = QRectF(left, text.bottom() + 4, text.width(), _BAR)
    return Places(swatch, name, eye, remove, text, bar)
