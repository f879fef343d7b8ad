"""One camera that is open: what it is asked for, what it gives, and why it cannot be opened."""

import os
import sys
import threading
from pathlib import Path

import cv2

from model.errors import InputError
from model.images import Frame, as_rgb
from model.sentences import Sentence

HINT = Sentence(
    "see `spacetime-tracker doctor` for cameras that work, and close other programs that use this "
    "one"
)
_BUFFERS = 3
"""One that is read, one that is being filled, and one for the picture that begins meanwhile: with
fewer a USB camera has no place for every other picture."""
_FLUID = 24
"""Frames per second below which a camera counts as slow, where none were asked for."""
_LOOK_NS = 100_000_000
_LARGEST = 2**31 - 1
"""Number of a camera that OpenCV can be asked for."""
_LET_GO_S = 5.0
"""How long a camera is waited for that this program itself still has open."""
_MJPG = cv2.VideoWriter.fourcc(*"MJPG")
_turns: dict[int, threading.Lock] = {}
"""Held while a camera is open, for only one can have it."""


class CameraGrabber:
    """Reads a camera through OpenCV; a `Grabber`."""

    def __init__(
        self, index: int, size: tuple[int, int] | None, rate: float | None, mirror: bool
    ) -> None:
        """Open camera number `index` and ask it for `size` `(width, height)` and `rate`.

        Where another grabber has it open, that one gets a while to let go of it.

        Raises:
            InputError: it cannot be opened.
        """
        if index > _LARGEST:
            raise _none_there(index)
        self._index, self._size, self._rate, self._mirror = index, size, rate, mirror
        self._is_v4l = sys.platform == "linux"
        self._turn = _turns.setdefault(index, threading.Lock())
        self._has_turn = self._turn.acquire(timeout=_LET_GO_S)
        # of the others that OpenCV would try in turn none opens what this one does not, and one
        # talks to the user
        self._capture = cv2.VideoCapture(index, cv2.CAP_V4L2 if self._is_v4l else cv2.CAP_ANY)
        if not self._capture.isOpened():
            self.close()
            raise _refusal(index)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, _BUFFERS)
        # the picture read last keeps its buffer meanwhile: with a single one none would come
        self._can_wait = self._is_v4l and self._capture.get(cv2.CAP_PROP_BUFFERSIZE) > 1
        self._ask()
        if self._is_v4l:
            self._compress_if_better()
        self.rate = self._given_rate()

    def read(self, cancelled: threading.Event) -> Frame | None:
        """The next picture; None once `cancelled` is set.

        Raises:
            InputError: the camera was unplugged, or gives nothing any more.
        """
        while not self._is_ready():
            if cancelled.is_set():
                return None
        found, image = self._capture.read()
        if not found or image is None:
            raise self._gone()
        return as_rgb(cv2.flip(image, 1) if self._mirror else image, bgr=True)

    def close(self) -> None:
        """Let others have the camera."""
        self._capture.release()
        if self._has_turn:
            self._has_turn = False
            self._turn.release()

    def _is_ready(self) -> bool:
        """Whether a picture comes within a short while; True where that cannot be asked."""
        if not self._can_wait:
            return True
        try:
            ready: bool = cv2.VideoCapture.waitAny([self._capture], _LOOK_NS)[0]
        except cv2.error as error:
            raise self._gone() from error
        return ready

    def _gone(self) -> InputError:
        return InputError(
            "Camera {index} gives no picture; it was unplugged or stopped.", index=self._index
        )

    def _ask(self, fourcc: float | None = None) -> None:
        if fourcc is not None:
            self._capture.set(cv2.CAP_PROP_FOURCC, fourcc)
        if self._size is not None:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        if self._rate is not None:
            self._capture.set(cv2.CAP_PROP_FPS, self._rate)

    def _compress_if_better(self) -> None:
        """Take JPEGs where they come nearer to what was asked.

        OpenCV takes uncompressed pictures where there are any, and of large ones USB carries few.
        """
        plain, fourcc = self._shortfall(), self._capture.get(cv2.CAP_PROP_FOURCC)
        if plain == (0, 0):
            return
        self._ask(_MJPG)
        if self._shortfall() >= plain:
            self._ask(fourcc)

    def _shortfall(self) -> tuple[float, float]:
        """Pixels of width and height it is off, and frames per second it lacks."""
        off = 0.0
        if self._size is not None:
            off += abs(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH) - self._size[0])
            off += abs(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT) - self._size[1])
        wanted, given = self._rate or _FLUID, self._given_rate()
        return off, 0.0 if given is None else max(0.0, wanted - given)

    def _given_rate(self) -> float | None:
        given = self._capture.get(cv2.CAP_PROP_FPS)
        return given if 0 < given <= 1000 else None


def _group(node: Path) -> str:
    """Name of the group a file belongs to; its number where it has no name."""
    try:
        return node.group()
    except KeyError:
        return str(node.stat().st_gid)


def _none_there(index: int) -> InputError:
    return InputError(
        "There is no camera {index}; plug it in, or see `spacetime-tracker doctor` for those "
        "that work.",
        index=index,
    )


def _refusal(index: int) -> InputError:
    """Why camera number `index` cannot be opened."""
    node = Path(f"/dev/video{index}")
    if sys.platform == "linux" and not node.exists():
        return _none_there(index)
    if sys.platform == "linux" and not os.access(node, os.R_OK | os.W_OK):
        return InputError(
            "Camera {index} may not be used by this user; join the group {group} and log in again.",
            index=index,
            group=_group(node),
        )
    return InputError("Camera {index} cannot be opened; {hint}.", index=index, hint=HINT)
