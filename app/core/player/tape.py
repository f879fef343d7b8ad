"""The last seconds of a live source, so that one can look back and catch up."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

from app.core.player.snapshot import Span
from app.core.sources.base import SourceFrame, SourceInfo, SourceState
from app.core.sources.live import LiveSource
from model.errors import InputError
from model.images import Frame

KEEP_S = 10.0
"""Seconds one can look back."""
_RAW_BYTES = 256 << 20
"""Frames beyond this are kept as JPEG."""
_QUALITY = 92
_POLL_S = 0.2


@dataclass
class _Kept:
    index: int
    time_s: float
    arrived_s: float
    """By the monotonic clock."""
    rgb: Frame | None
    jpeg: Frame | None = None

    def frame(self) -> SourceFrame:
        rgb = self.rgb  # the tape's thread may take it away at any moment
        if rgb is not None:
            return SourceFrame(self.index, self.time_s, rgb)
        assert self.jpeg is not None
        # red and blue changed places on the way in as well
        rgb = np.asarray(cv2.imdecode(self.jpeg, cv2.IMREAD_COLOR), np.uint8)
        return SourceFrame(self.index, self.time_s, rgb)


class LiveTape:
    """Keeps what a live source gives, in a thread of its own; any thread may ask for frames."""

    def __init__(
        self, source: LiveSource, *, keep_s: float = KEEP_S, raw_bytes: int = _RAW_BYTES
    ) -> None:
        """Take over `source` and begin."""
        self.info: SourceInfo = source.info
        self._source = source
        self._keep_s, self._raw_bytes = keep_s, raw_bytes
        self._kept: deque[_Kept] = deque()
        self._changed = threading.Condition()
        self._error: InputError | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="tape", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread.is_alive()

    @property
    def span(self) -> Span:
        """Frames that are still remembered."""
        with self._changed:
            if not self._kept:
                return Span(0, None)
            times = np.array([kept.time_s for kept in self._kept])
            return Span(self._kept[0].index, self._kept[-1].index, times)

    def state(self) -> SourceState:
        """How the source is."""
        return self._source.state()

    def frame(self, index: int) -> SourceFrame:
        """As `Frames.frame`."""
        with self._changed:
            kept = next((kept for kept in self._kept if kept.index >= index), None)
        if kept is None or kept.index != index:
            raise InputError(
                f"Frame {index} of {self.info.name} is gone; only the last {self._keep_s:g} "
                "seconds are kept."
            )
        return kept.frame()

    def next(self, after: int, timeout: float = 0.0, *, skip: int = 0) -> SourceFrame | None:
        """As `Frames.next`; passes over `skip` frames where there are so many more."""
        with self._changed:
            self._wait(after, timeout)
            later = self._later(after)
            return later[min(skip, len(later) - 1)].frame() if later else None

    def newest(self, after: int, timeout: float) -> SourceFrame | None:
        """The newest frame, if it comes after number `after`.

        Raises:
            StopIteration: the source was closed.
            InputError: the source broke.
        """
        with self._changed:
            self._wait(after, timeout)
            kept = self._kept[-1] if self._kept and self._kept[-1].index > after else None
        return kept.frame() if kept is not None else None

    def behind(self, index: int) -> int:
        """How many frames came after number `index`."""
        with self._changed:
            return len(self._later(index))

    def arrived_s(self, index: int) -> float | None:
        """When a frame arrived, by the monotonic clock; None where it is gone."""
        with self._changed:
            return next((kept.arrived_s for kept in self._kept if kept.index == index), None)

    def wake(self) -> None:
        """Let no one wait for a frame any longer."""
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """Close the source; waits for nothing."""
        self._ended = True
        threading.Thread(target=self._source.close, name="close source", daemon=True).start()
        self.wake()

    def close(self) -> None:
        """Close the source and wait for the thread's end."""
        self._ended = True
        self._source.close()
        self.wake()
        self._thread.join()

    def _wait(self, after: int, timeout: float) -> None:
        """Wait for a frame after `after`, or for one call of `wake`."""
        if not self._later(after) and self._error is None and not self._ended and timeout > 0:
            self._changed.wait(timeout)
        if self._later(after):
            return
        if self._error is not None:
            raise self._error
        if self._ended:
            raise StopIteration

    def _later(self, after: int) -> list[_Kept]:
        if not self._kept or self._kept[-1].index <= after:
            return []
        return [kept for kept in self._kept if kept.index > after]

    def _run(self) -> None:
        while not self._ended:
            try:
                frame = self._source.next(_POLL_S)
            except StopIteration:
                break
            except InputError as error:
                self._error = error
                break
            if frame is not None:
                self._take(frame)
        self._ended = self._ended or self._error is None
        self.wake()

    def _take(self, frame: SourceFrame) -> None:
        kept = _Kept(frame.index, frame.time_s, time.monotonic(), frame.rgb)
        with self._changed:
            self._kept.append(kept)
            while self._kept[0].time_s < frame.time_s - self._keep_s:
                self._kept.popleft()
            self._changed.notify_all()
            raw = [kept for kept in self._kept if kept.rgb is not None]
        # outside the lock: encoding takes milliseconds
        held = sum(kept.rgb.nbytes for kept in raw if kept.rgb is not None)
        for old in raw[:-1]:
            if held <= self._raw_bytes or old.rgb is None:
                return
            held -= old.rgb.nbytes
            done, jpeg = cv2.imencode(".jpg", old.rgb, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            if done:
                old.jpeg = np.asarray(jpeg, np.uint8)
                old.rgb = None
