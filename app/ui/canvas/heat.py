"""A map of the tracker as colours that lie over the picture."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter

from model.images import Frame

_VIRIDIS = (
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141),
    (39, 173, 129), (92, 200, 99), (170, 220, 50), (253, 231, 37),
)  # fmt: skip
"""Viridis at equal steps, RGB: even in brightness, and read alike by colour-blind eyes."""
_LEAST_ALPHA, _MOST_ALPHA = 45.0, 190.0


def heat(values: NDArray[np.floating]) -> Frame:
    """Colours `(H, W, 4)` uint8 RGBA of a map `(H, W)` of 0..1; more opaque where it is higher.

    What is not a number counts as 0.
    """
    level = np.clip(np.nan_to_num(np.asarray(values, np.float64), nan=0.0), 0.0, 1.0)
    steps = np.linspace(0.0, 1.0, len(_VIRIDIS))
    channels = [np.interp(level, steps, [c[k] for c in _VIRIDIS]) for k in range(3)]
    channels.append(_LEAST_ALPHA + (_MOST_ALPHA - _LEAST_ALPHA) * level)
    return np.ascontiguousarray(np.stack(channels, axis=-1).round().astype(np.uint8))


def paint_heat(painter: QPainter, area: QRectF, values: NDArray[np.floating]) -> None:
    """Paint a map over an area of the widget, smoothly between its cells."""
    paint_pixels(painter, area, heat(values), smooth=True)


def paint_pixels(painter: QPainter, area: QRectF, pixels: Frame, *, smooth: bool) -> None:
    """Paint `(H, W, 4)` RGBA over an area of the widget, smoothly or each pixel as it is."""
    height, width = pixels.shape[:2]
    image = QImage(
        pixels.data,  # type: ignore[call-overload]
        width, height, 4 * width, QImage.Format.Format_RGBA8888,
    )  # fmt: skip
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(area, image)
    painter.restore()
