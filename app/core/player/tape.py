"""The last seconds of a live source, so that one can look back and catch up."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from itertools import takewhile

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
"""Frames beyond this are kept as JPEG; of those beyond three times this, the oldest go."""
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

    @property
    def nbytes(self) -> int:
        rgb, jpeg = self.rgb, self.jpeg
        return (rgb.nbytes if rgb is not None else 0) + (jpeg.nbytes if jpeg is not None else 0)


class CatchUp:
    """Comes nearer to the newest frame at each step, by half a frame at least.

    So no frame is passed over where one is quick enough, and few at a time where one is not; and
    the newest is reached in the end.
    """

    def __init__(self) -> None:
        self._room: float | None = None

    def skip(self, behind: int) -> int:
        """How many of the `behind` frames that came meanwhile to pass over, 0..behind - 1."""
        before = behind if self._room is None else min(self._room, behind)
        self._room = max(0.0, before - 0.5)
        return max(0, behind - 1 - int(self._room))


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
        # what comes while pictures are being compressed is not lost
        source.hold(True)
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
            indices = [kept.index for kept in self._kept]
            times = [kept.time_s for kept in self._kept]
        first, last = indices[0], indices[-1]
        if len(indices) == last - first + 1:
            return Span(first, last, np.array(times))
        # frames that were lost on the way lie between their neighbours
        return Span(first, last, np.interp(np.arange(first, last + 1), indices, times))

    def state(self) -> SourceState:
        """How the source is."""
        return self._source.state()

    def frame(self, index: int) -> SourceFrame:
        """As `Frames.frame`."""
        with self._changed:
            kept = next((kept for kept in self._kept if kept.index >= index), None)
        if kept is None or kept.index != index:
            raise InputError(
                "Frame {index} of {name} is gone; only the last {seconds:g} seconds are kept.",
                index=index,
                name=self.info.name,
                seconds=self._keep_s,
            )
        return kept.frame()

    def nearest(self, index: int) -> SourceFrame | None:
        """The frame whose number is nearest to `index`; None where there is none at all."""
        with self._changed:
            kept = min(self._kept, key=lambda kept: abs(kept.index - index), default=None)
        return kept.frame() if kept is not None else None

    def next(
        self, after: int, timeout: float = 0.0, *, catch_up: "CatchUp | None" = None
    ) -> SourceFrame | None:
        """The next frame after number `after`, or one of the next on the way to the newest.

        Raises:
            StopIteration: the source was closed.
            InputError: the source broke.
        """
        with self._changed:
            behind = self._wait(after, timeout)
            skip = catch_up.skip(behind) if catch_up is not None and behind else 0
            kept = self._kept[skip - behind] if behind else None
        return kept.frame() if kept is not None else None

    def newest(self, after: int, timeout: float) -> SourceFrame | None:
        """The newest frame, if it comes after number `after`.

        Raises:
            StopIteration: the source was closed.
            InputError: the source broke.
        """
        with self._changed:
            kept = self._kept[-1] if self._wait(after, timeout) else None
        return kept.frame() if kept is not None else None

    def has_after(self, index: int) -> bool:
        """Whether a frame came after number `index`."""
        with self._changed:
            return bool(self._kept) and self._kept[-1].index > index

    def arrived_s(self, index: int) -> float | None:
        """When a frame arrived, by the monotonic clock; None where it is gone."""
        with self._changed:
            return next((kept.arrived_s for kept in self._kept if kept.index == index), None)

    def wake(self) -> None:
        """Let no one wait for a frame any longer."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Close the source and wait for the thread's end."""
        self._ended = True
        self._source.close()
        self.wake()
        self._thread.join()

    def _wait(self, after: int, timeout: float) -> int:
        """Wait for a frame after `after`, or for one call of `wake`; how many there are."""
        if not self._behind(after) and self._error is None and not self._ended and timeout > 0:
            self._changed.wait(timeout)
        behind = self._behind(after)
        if not behind and self._error is not None:
            raise self._error
        if not behind and self._ended:
            raise StopIteration
        return behind

    def _behind(self, after: int) -> int:
        """How many frames came after number `after`."""
        return sum(1 for _ in takewhile(lambda kept: kept.index > after, reversed(self._kept)))

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
        self._compress()

    def _compress(self) -> None:
        """Keep older frames as JPEG where there is no room. Encoding takes milliseconds."""
        with self._changed:
            raw = [kept for kept in self._kept if kept.rgb is not None]
            held = sum(kept.nbytes for kept in self._kept)
            while held > 3 * self._raw_bytes and len(self._kept) > 1:
                held -= self._kept.popleft().nbytes
        held = sum(kept.nbytes for kept in raw)
        for old in raw[:-1]:
            if held <= self._raw_bytes or old.rgb is None:
                return
            held -= old.rgb.nbytes
            done, jpeg = cv2.imencode(".jpg", old.rgb, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            if done:
                old.jpeg = np.asarray(jpeg, np.uint8)
                old.rgb = None


class SharedTape:
    """The frames of a tape that another thread owns, as `Frames`."""

    def __init__(self, tape: LiveTape) -> None:
        self._tape = tape
        self._given: int | None = None
        self._was_newest = False
        self._catch_up = CatchUp()

    def frame(self, index: int) -> SourceFrame:
        """As `Frames.frame`."""
        return self._tape.frame(index)

    def next(self, after: int, *, hurry: bool = False) -> SourceFrame | None:
        """As `Frames.next`; in a hurry, None follows a frame that was the newest when it came."""
        if after != self._given:
            self._catch_up, self._was_newest = CatchUp(), False
        if hurry and self._was_newest:
            # one that is slow would never see the end
            return None
        frame = self._tape.next(after, catch_up=self._catch_up if hurry else None)
        if frame is not None:
            self._given, self._was_newest = frame.index, not self._tape.has_after(frame.index)
        return frame
