"""The frame scaled to the device's own pixels, once per frame and view.

OpenCV scales a frame several times as fast as Qt's painter does, which would also scale it anew for
every movement of the mouse; the result is kept and copied to the screen. A frame that was scaled
for the view beforehand, by another thread, is taken as it is.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QImage, QPainter

from app.ui.canvas.view import View
from model.images import Frame

SQUARES_FROM = 4.0
"""Device pixels per pixel of the frame from which its pixels are shown as squares."""

Key = tuple[int, int, int, int, int, int]
"""`(x0, y0, x1, y1, width, height)`: what of a frame, and its size once it is scaled."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """What a view shows of a frame."""

    rgb: Frame
    """The frame."""
    key: Key
    pixels: Frame
    """`(height, width, 4)`, in the order of bytes of what is to paint it."""


class Picture:
    """One frame at a time, painted where a `View` says."""

    order = cv2.COLOR_RGB2BGRA
    """OpenCV's conversion to the order of bytes that is painted: that of Qt's RGB32."""

    def __init__(self) -> None:
        self._rgb: Frame | None = None
        self._shown: Scaled | None = None
        self._offered: Scaled | None = None
        self._image = QImage()

    @property
    def rgb(self) -> Frame | None:
        """The frame `(H, W, 3)`; None without one."""
        return self._rgb

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the frame; None without one."""
        return None if self._rgb is None else (self._rgb.shape[1], self._rgb.shape[0])

    def show(self, rgb: Frame | None) -> None:
        """Paint this frame `(H, W, 3)` from now on; None: nothing."""
        self._rgb = rgb

    def scaled(self, rgb: Frame, view: View) -> Scaled | None:
        """What would be painted of a frame, to be offered before it is shown; from any thread.
        None where the view is that of frames of another size."""
        if view.picture != (rgb.shape[1], rgb.shape[0]):
            return None
        return self._scaled(rgb, self._key(view))

    def offer(self, ready: Scaled | None) -> None:
        """Paint this where it fits the frame and the view."""
        self._offered = ready

    def paint(self, painter: QPainter, view: View) -> None:
        """Paint what the widget shows of the frame, on device pixels."""
        if self._rgb is None:
            return
        key = self._key(view)
        if not _is_of(self._shown, self._rgb, key):
            ready, self._offered = self._offered, None
            is_ready = _is_of(ready, self._rgb, key)
            self._shown = ready if is_ready else self._scaled(self._rgb, key)
            assert self._shown is not None
            self._load(self._shown.pixels)
        self._draw(painter, view)

    def _key(self, view: View) -> Key:
        """In the size of the screen, so that nothing is left to be scaled."""
        left, top, right, bottom = device_area(view)
        return (*visible(view), right - left, bottom - top)

    def _scaled(self, rgb: Frame, key: Key) -> Scaled:
        x0, y0, x1, y1, width, height = key
        return Scaled(rgb, key, scaled(rgb[y0:y1, x0:x1], width, height, self.order))

    def _load(self, pixels: Frame) -> None:
        """Make these pixels `(h, w, 4)` ready to be drawn."""
        height, width = pixels.shape[:2]
        # it does not copy them
        self._image = QImage(
            pixels.data,  # type: ignore[call-overload]
            width, height, 4 * width, QImage.Format.Format_RGB32,
        )  # fmt: skip

    def _draw(self, painter: QPainter, view: View) -> None:
        """Draw what was made ready."""
        left, top, _, _ = device_area(view)
        self._image.setDevicePixelRatio(view.ratio)
        painter.drawImage(QPointF(left / view.ratio, top / view.ratio), self._image)


def _is_of(shown: Scaled | None, rgb: Frame, key: Key) -> bool:
    return shown is not None and shown.rgb is rgb and shown.key == key


def visible(view: View) -> tuple[int, int, int, int]:
    """The pixels `(x0, y0, x1, y1)` of the frame that the widget shows, ends exclusive."""
    width, height = (int(v) for v in view.picture)
    x0, y0 = view.to_frame((0.0, 0.0))
    x1, y1 = view.to_frame(view.widget)
    low_x, low_y = min(max(math.floor(x0), 0), width - 1), min(max(math.floor(y0), 0), height - 1)
    return (low_x, low_y, min(max(math.ceil(x1), low_x + 1), width),
            min(max(math.ceil(y1), low_y + 1), height))  # fmt: skip


def scaled(rgb: Frame, width: int, height: int, order: int = Picture.order) -> Frame:
    """`rgb` `(H, W, 3)` as `(height, width, 4)` in an order of bytes, by OpenCV's name for it.

    Shrunk by halves first, each pixel the mean of four, which costs little and leaves no moiré.
    """
    while rgb.shape[1] >= 2 * width and rgb.shape[0] >= 2 * height:
        h, w = rgb.shape[0] // 2, rgb.shape[1] // 2
        rgb = np.asarray(
            cv2.resize(rgb[: 2 * h, : 2 * w], (w, h), interpolation=cv2.INTER_AREA), np.uint8
        )
    squares = width >= SQUARES_FROM * rgb.shape[1]
    how = cv2.INTER_NEAREST_EXACT if squares else cv2.INTER_LINEAR
    if (width, height) != (rgb.shape[1], rgb.shape[0]):
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), order), np.uint8)


def device_area(view: View) -> tuple[int, int, int, int]:
    """Edges `(left, top, right, bottom)`, in device pixels of the widget, of what it shows of the
    frame; at least one apart."""
    x0, y0, x1, y1 = visible(view)
    left, top = _device(view, x0, y0)
    right, bottom = _device(view, x1, y1)
    return (left, top, max(right, left + 1), max(bottom, top + 1))


def _device(view: View, x: float, y: float) -> tuple[int, int]:
    """The nearest device pixel to a point of the frame."""
    at = view.to_widget((x, y))
    return (round(at[0] * view.ratio), round(at[1] * view.ratio))
