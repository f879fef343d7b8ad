"""The screen, or a part of it, through mss."""

import threading
import time

import mss
import numpy as np
from mss.exception import ScreenShotError

from app.core.sources.base import check_rate
from app.core.sources.live import LiveSource
from app.core.sources.watch import Watch
from model.errors import InputError
from model.images import Frame, as_rgb
from model.sentences import Sentence

DEFAULT_RATE = 30.0
Region = tuple[int, int, int, int]
_HINT = Sentence(
    "start the program within a desktop session, under X11 where Wayland forbids capture"
)


class Screen(LiveSource):
    """Pictures of the screen. A screen on which nothing moves is no fault."""

    def __init__(
        self,
        region: Region | None = None,
        *,
        rate: float | None = None,
        watch: Watch | None = None,
    ) -> None:
        """Capture `region` `(x, y, width, height)`, pixels of the desktop, `rate` times a second.

        None is the whole primary monitor. The rate is 30 by default and less where the machine
        does not keep up.

        Raises:
            InputError: no screen, one that may not be captured, or a region outside of it.
        """
        per_second = check_rate(rate) or DEFAULT_RATE
        super().__init__(
            "screen",
            lambda: _ScreenGrabber(region, per_second),
            title=Sentence("The screen"),
            hint=_HINT,
            watch=watch or Watch(frozen_s=None, black_s=None),
        )


def parse_region(text: str) -> Region | None:
    """The region of `screen:x,y,w,h`; None for `screen:`.

    Raises:
        InputError: neither.
    """
    numbers = text.removeprefix("screen:").strip()
    if not numbers:
        return None
    try:
        x, y, width, height = (int(part) for part in numbers.split(","))
    except ValueError as error:
        raise InputError(
            "The part of the screen {text!r} is not four whole numbers; write screen:x,y,w,h, for "
            "example screen:0,0,1280,720.",
            text=text,
        ) from error
    return x, y, width, height


class _ScreenGrabber:
    def __init__(self, region: Region | None, rate: float) -> None:
        self.rate: float | None = rate
        self._step_s = 1 / rate
        self._due_s = time.monotonic()
        try:
            self._capture = mss.MSS()
        except (ScreenShotError, OSError) as error:
            raise InputError("The screen cannot be captured; {hint}.", hint=_HINT) from error
        try:
            self._area = _area(self._capture.monitors, region)
        except BaseException:
            self.close()
            raise

    def read(self, cancelled: threading.Event) -> Frame | None:
        now = time.monotonic()
        # what was missed is not made up for
        self._due_s = max(self._due_s, now - self._step_s)
        if self._due_s > now:
            cancelled.wait(self._due_s - now)
        self._due_s += self._step_s
        try:
            shot = self._capture.grab(self._area)
        except (ScreenShotError, OSError) as error:
            raise InputError(
                "The screen cannot be captured any more; {hint}.", hint=_HINT
            ) from error
        return as_rgb(np.asarray(shot), bgr=True)

    def close(self) -> None:
        self._capture.close()


def _area(monitors: list[dict[str, int]], region: Region | None) -> dict[str, int]:
    """What mss shall capture: the first monitor, or `region` if all of it is on the desktop."""
    if region is None:
        return monitors[1] if len(monitors) > 1 else monitors[0]
    x, y, width, height = region
    desktop = monitors[0]
    left, top = desktop["left"], desktop["top"]
    right, bottom = left + desktop["width"], top + desktop["height"]
    if width < 1 or height < 1 or x < left or y < top or x + width > right or y + height > bottom:
        raise InputError(
            "The part {x},{y},{width},{height} is not on the screen; it reaches from {left},{top} "
            "to {right},{bottom}.",
            x=x,
            y=y,
            width=width,
            height=height,
            left=left,
            top=top,
            right=right,
            bottom=bottom,
        )
    return {"left": x, "top": y, "width": width, "height": height}
