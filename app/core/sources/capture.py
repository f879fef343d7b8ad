"""Cameras and network streams through OpenCV."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import cv2
import numpy as np

from app.core.sources.base import Closing, SourceFrame, SourceInfo, check_rate
from model.errors import InputError
from model.images import as_rgb

OPEN_TIMEOUT_MS = 10_000
READ_TIMEOUT_MS = 10_000


class Camera(Closing):
    """A camera of this machine; the time of a frame is when it was fetched, from the first on."""

    def __init__(
        self, index: int, *, size: tuple[int, int] | None = None, rate: float | None = None
    ) -> None:
        """Open camera number `index` and ask it for `size` `(width, height)` and `rate`.

        A camera that lacks the size or rate gives its nearest; `info` says which.

        Raises:
            InputError: no such camera, or it gives no frame.
        """
        self._name = f"camera-{index}"
        self._capture = cv2.VideoCapture(index)
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        if (asked := check_rate(rate)) is not None:
            self._capture.set(cv2.CAP_PROP_FPS, asked)
        opened = self._capture.isOpened()
        found, first = self._capture.read() if opened else (False, None)
        if not found or first is None:
            self._capture.release()
            fault = "opens but gives no frame" if opened else "cannot be opened"
            raise InputError(
                f"Camera {index} {fault}; see `spacetime-tracker doctor` for those that work, and "
                "close other programs that use it."
            )
        self.info = _live_info(self._name, first, self._capture)

    def __iter__(self) -> Iterator[SourceFrame]:
        yield from _clocked(self._capture, "The camera was unplugged or stopped")

    def close(self) -> None:
        self._capture.release()


class Stream(Closing):
    """A network stream (rtsp, http, …); a stream with an end keeps its own times."""

    def __init__(self, url: str) -> None:
        """Connect to `url`, waiting ten seconds at most.

        Raises:
            InputError: nobody answers, or what answers is not a video.
        """
        self._name = _shown_url(url)
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_TIMEOUT_MS,
        ]  # fmt: skip
        self._capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
        found, first = self._capture.read() if self._capture.isOpened() else (False, None)
        if not found or first is None:
            self._capture.release()
            raise InputError(
                f"The stream {self._name} cannot be opened within {OPEN_TIMEOUT_MS // 1000} "
                "seconds; check the address and that a video player can play it."
            )
        self._first = as_rgb(first, bgr=True)
        self.info = _live_info(self._name, first, self._capture)

    def __iter__(self) -> Iterator[SourceFrame]:
        if self.info.is_live:
            yield from _clocked(self._capture, f"The stream {self._name} stopped")
            return
        yield SourceFrame(0, 0.0, self._first)
        index = 0
        while True:
            found, image = self._capture.read()
            if not found or image is None:
                break
            index += 1
            time_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            yield SourceFrame(index, time_s, as_rgb(image, bgr=True))
        # the declared number may count a frame or two that are never shown
        if self.info.frames is not None and index + 1 < self.info.frames - 2:
            raise InputError(
                f"The stream {self._name} broke off after frame {index} of {self.info.frames}; "
                "check the connection and start again with --start."
            )

    def close(self) -> None:
        self._capture.release()


def _shown_url(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _live_info(name: str, image: np.ndarray, capture: cv2.VideoCapture) -> SourceInfo:
    count, rate = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    frames = int(count) if 0 < count < 2**31 else None
    known = rate if 0 < rate <= 1000 else None
    return SourceInfo(name, image.shape[1], image.shape[0], frames, known, is_live=frames is None)


def _clocked(capture: cv2.VideoCapture, ended: str) -> Iterator[SourceFrame]:
    """Frames of a source without a usable clock, stamped with the time of their arrival."""
    start: float | None = None
    index = 0
    while True:
        found, image = capture.read()
        if not found or image is None:
            raise InputError(f"{ended} after frame {index - 1}; check the connection.")
        now = time.monotonic()
        start = now if start is None else start
        yield SourceFrame(index, now - start, as_rgb(image, bgr=True))
        index += 1
