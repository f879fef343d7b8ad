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

_SHOW_PIXELS_FROM = 4.0
"""Device pixels per pixel of the frame from which its pixels are shown as squares."""

_Key = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, eq=False)
class Scaled:
    """What a view shows of a frame, in device pixels."""

    rgb: Frame
    """The frame."""
    key: _Key
    pixels: Frame
    """`(height, width, 4)`, as `scaled` gives it."""


class Picture:
    """One frame at a time, painted where a `View` says."""

    def __init__(self) -> None:
        self._rgb: Frame | None = None
        self._key: _Key | None = None
        self._image = QImage()
        self._pixels: Frame | None = None
        self._offered: Scaled | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the frame; None without one."""
        return None if self._rgb is None else (self._rgb.shape[1], self._rgb.shape[0])

    def show(self, rgb: Frame | None) -> None:
        """Paint this frame `(H, W, 3)` from now on; None: nothing."""
        if rgb is not self._rgb:
            self._rgb, self._key = rgb, None

    def offer(self, ready: Scaled | None) -> None:
        """Paint this where it fits the frame and the view."""
        self._offered = ready

    def paint(self, painter: QPainter, view: View) -> None:
        """Paint what the widget shows of the frame, on device pixels."""
        if self._rgb is None:
            return
        key = _key(view)
        left, top = _device(view, key[0], key[1])
        if key != self._key:
            ready, self._offered = self._offered, None
            fits = ready is not None and ready.rgb is self._rgb and ready.key == key
            # the image below does not copy its pixels
            self._pixels = ready.pixels if ready and fits else _scaled_by(self._rgb, key)
            self._image = QImage(
                self._pixels.data,  # type: ignore[call-overload]
                key[4], key[5], 4 * key[4], QImage.Format.Format_RGB32,
            )  # fmt: skip
            self._key = key
        self._image.setDevicePixelRatio(view.ratio)
        painter.drawImage(QPointF(left / view.ratio, top / view.ratio), self._image)


def scale_for(rgb: Frame, view: View) -> Scaled | None:
    """Scale a frame for a view; None where the view is that of frames of another size."""
    if view.picture != (rgb.shape[1], rgb.shape[0]):
        return None
    key = _key(view)
    return Scaled(rgb, key, _scaled_by(rgb, key))


def _key(view: View) -> _Key:
    """What of the frame is shown, and how many device pixels wide and high."""
    x0, y0, x1, y1 = visible(view)
    left, top = _device(view, x0, y0)
    right, bottom = _device(view, x1, y1)
    return (x0, y0, x1, y1, max(right - left, 1), max(bottom - top, 1))


def _scaled_by(rgb: Frame, key: _Key) -> Frame:
    x0, y0, x1, y1, width, height = key
    return scaled(rgb[y0:y1, x0:x1], width, height)


def visible(view: View) -> tuple[int, int, int, int]:
    """The pixels `(x0, y0, x1, y1)` of the frame that the widget shows, ends exclusive."""
    width, height = (int(v) for v in view.picture)
    x0, y0 = view.to_frame((0.0, 0.0))
    x1, y1 = view.to_frame(view.widget)
    low_x, low_y = min(max(math.floor(x0), 0), width - 1), min(max(math.floor(y0), 0), height - 1)
    return (low_x, low_y, min(max(math.ceil(x1), low_x + 1), width),
            min(max(math.ceil(y1), low_y + 1), height))  # fmt: skip


def scaled(rgb: Frame, width: int, height: int) -> Frame:
    """`rgb` `(H, W, 3)` as `(height, width, 4)` in Qt's order of bytes of RGB32.

    Shrunk by halves first, each pixel the mean of four, which costs little and leaves no moiré.
    """
    while rgb.shape[1] >= 2 * width and rgb.shape[0] >= 2 * height:
        h, w = rgb.shape[0] // 2, rgb.shape[1] // 2
        rgb = np.asarray(
            cv2.resize(rgb[: 2 * h, : 2 * w], (w, h), interpolation=cv2.INTER_AREA), np.uint8
        )
    squares = width >= _SHOW_PIXELS_FROM * rgb.shape[1]
    how = cv2.INTER_NEAREST if squares else cv2.INTER_LINEAR
    if (width, height) != (rgb.shape[1], rgb.shape[0]):
        rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2BGRA), np.uint8)


def _device(view: View, x: float, y: float) -> tuple[int, int]:
    """The nearest device pixel to a point of the frame."""
    at = view.to_widget((x, y))
    return (round(at[0] * view.ratio), round(at[1] * view.ratio))
