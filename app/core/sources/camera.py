"""Cameras of this machine through OpenCV."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

import cv2

from app.core.sources.base import check_rate
from app.core.sources.live import LiveSource
from app.core.sources.watch import Watch
from model.errors import InputError
from model.images import Frame, as_rgb
from model.sentences import Sentence

_HINT = Sentence(
    "see `spacetime-tracker doctor` for cameras that work, and close other programs that use this "
    "one"
)
_PROBED = 8
_NODES = Path("/sys/class/video4linux")


class Camera(LiveSource):
    """A camera of this machine; the time of a frame is that of its arrival, from the first on."""

    def __init__(
        self,
        index: int,
        *,
        size: tuple[int, int] | None = None,
        rate: float | None = None,
        mirror: bool = False,
        watch: Watch | None = None,
    ) -> None:
        """Open camera number `index` and ask it for `size` `(width, height)` and `rate`.

        A camera that lacks the size gives its nearest; `info` says which, and `info.notice` that
        it is another one. With `mirror` left and right are exchanged, as in a looking-glass.

        Raises:
            InputError: no such camera, it gives no frame, or a size or rate that cannot be.
        """
        if size is not None and not all(0 < side <= 2**15 for side in size):
            raise InputError(
                "A camera cannot give {width}×{height} pixels; give its own size.",
                width=size[0],
                height=size[1],
            )
        asked = check_rate(rate)
        super().__init__(
            f"camera-{index}",
            lambda: _CameraGrabber(index, size, asked, mirror),
            title=Sentence("Camera {index}", index=index),
            hint=_HINT,
            watch=watch,
        )
        found = (self.info.width, self.info.height)
        if size is not None and found != tuple(size):
            notice = Sentence(
                "Camera {index} gives {width}×{height} pixels instead of {asked_width}×"
                "{asked_height}.",
                index=index,
                width=found[0],
                height=found[1],
                asked_width=size[0],
                asked_height=size[1],
            )
            self.info = replace(self.info, notice=notice)


class _CameraGrabber:
    def __init__(
        self, index: int, size: tuple[int, int] | None, rate: float | None, mirror: bool
    ) -> None:
        self._index, self._mirror = index, mirror
        self._capture = cv2.VideoCapture(index)
        if not self._capture.isOpened():
            self._capture.release()
            raise InputError("Camera {index} cannot be opened; {hint}.", index=index, hint=_HINT)
        if size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
        if rate is not None:
            self._capture.set(cv2.CAP_PROP_FPS, rate)
        # one frame in the driver's queue: the newest
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        given = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = given if 0 < given <= 1000 else None

    def read(self, cancelled: threading.Event) -> Frame | None:
        found, image = self._capture.read()
        if not found or image is None:
            raise InputError(
                "Camera {index} gives no picture; it was unplugged or stopped.", index=self._index
            )
        return as_rgb(cv2.flip(image, 1) if self._mirror else image, bgr=True)

    def close(self) -> None:
        self._capture.release()


def list_cameras() -> list[int]:
    """Numbers of the cameras of this machine, in order.

    On Linux by the system's own list, without opening any; elsewhere each number is tried, which
    takes seconds.
    """
    if sys.platform == "linux":
        # a camera has further nodes, for metadata, which come after its first one
        nodes = _NODES.glob("video*")
        firsts = (node for node in nodes if _first_line(node / "index") == "0")
        return sorted(int(node.name.removeprefix("video")) for node in firsts)
    return [index for index in range(_PROBED) if _opens(index)]


def camera_name(index: int) -> str:
    """What camera number `index` calls itself; empty where the system does not say."""
    return _first_line(_NODES / f"video{index}" / "name")


def _first_line(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _opens(index: int) -> bool:
    capture = cv2.VideoCapture(index)
    try:
        return capture.isOpened()
    finally:
        capture.release()
