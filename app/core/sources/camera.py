"""Cameras of this machine through OpenCV."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2

from app.core.sources.base import SourceInfo, check_rate
from app.core.sources.capture import HINT, CameraGrabber
from app.core.sources.live import LiveSource
from app.core.sources.watch import Watch
from model.errors import InputError
from model.sentences import Sentence

_PROBED = 8
_NODES = Path("/sys/class/video4linux")
_NEAR = 0.5
"""Frames per second by which a rate may be another one unsaid: 29.97 for 30."""
_WATCH = Watch(longest_pause_s=2.0)
"""To look for a camera costs nothing, and who plugs it in again waits for it."""


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

        A camera that lacks them gives its nearest; `info` says which, and `info.notice` that they
        are others. With `mirror` left and right are exchanged, as in a looking-glass.

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
            lambda: CameraGrabber(index, size, asked, mirror),
            title=Sentence("Camera {index}", index=index),
            hint=HINT,
            watch=watch or _WATCH,
        )
        self.info = replace(self.info, notice=_notice(index, self.info, size, asked))


def _notice(index: int, info: SourceInfo, size: tuple[int, int] | None, rate: float | None) -> str:
    """What is said where a camera gives something else than it was asked for."""
    found = (info.width, info.height)
    is_other_size = size is not None and found != tuple(size)
    is_other_rate = rate is not None and info.rate is not None and abs(info.rate - rate) > _NEAR
    asked_width, asked_height = size if size is not None else found
    text = ""
    if is_other_size and is_other_rate:
        text = Sentence(
            "Camera {index} gives {width}×{height} pixels at {rate:g} frames per second instead "
            "of {asked_width}×{asked_height} at {asked_rate:g}.",
            index=index, width=found[0], height=found[1], rate=info.rate,
            asked_width=asked_width, asked_height=asked_height, asked_rate=rate,
        )  # fmt: skip
    elif is_other_size:
        text = Sentence(
            "Camera {index} gives {width}×{height} pixels instead of {asked_width}×"
            "{asked_height}.",
            index=index, width=found[0], height=found[1],
            asked_width=asked_width, asked_height=asked_height,
        )  # fmt: skip
    elif is_other_rate:
        text = Sentence(
            "Camera {index} gives {rate:g} frames per second instead of {asked_rate:g}.",
            index=index, rate=info.rate, asked_rate=rate,
        )  # fmt: skip
    return text


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
