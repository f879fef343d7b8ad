"""Numbers and times of frames as they leave the decoder."""

import bisect
import math

from av.packet import Packet
from av.video.frame import VideoFrame

_JUMP_S = 1.0
"""A step back of more is a new beginning of the clock; of less, a frame out of place."""
_NUDGE_S = 0.001


class FrameOrder:
    """Numbers each frame by its place among the presentation times in the container.

    So a frame that cannot be decoded keeps its number, and a frame has the same number whether it
    was reached by playing or by an index. The first frame that can be decoded is number 0. Where
    the packets carry no times, or none that the frames agree with, or with `counting`, frames are
    counted.
    """

    def __init__(self, *, counting: bool = False) -> None:
        self._is_counting = counting
        self._pending: list[tuple[int, int]] = []
        self._next = 0
        self._run = 0
        self._last_dts: int | None = None
        self._first: int | None = None

    def expect(self, packet: Packet) -> None:
        """Note a packet that goes into the decoder."""
        if not packet.size or packet.is_discard:
            return
        if packet.pts is None:
            self._is_counting = True
            return
        if packet.dts is not None:
            if self._last_dts is not None and packet.dts < self._last_dts:
                self._run += 1
            self._last_dts = packet.dts
        if self._run or self._first is None or packet.pts >= self._first:
            bisect.insort(self._pending, (self._run, packet.pts))

    def number(self, frame: VideoFrame) -> int:
        """The number of the next frame that came out of the decoder."""
        places = (k for k, (_, pts) in enumerate(self._pending) if pts == frame.pts)
        place = None if self._is_counting else next(places, None)
        if place is None:
            self._is_counting = True
            self._pending.clear()
            place = 0
        if self._first is None and frame.pts is not None and not self._is_counting:
            # what cannot be decoded before the first picture, as in a cut broadcast, is not counted
            self._first = frame.pts
            del self._pending[:place]
            place = 0
        del self._pending[: place + 1]
        number = self._next + place
        self._next = number + 1
        return number


class Clock:
    """Makes the times of a container increase strictly.

    A time that repeats or lies a little back is moved to just after the one before; after a jump
    back by more than a second the clock goes on with one usual step.
    """

    def __init__(self, step_s: float | None) -> None:
        self._step = step_s or 0.04
        self._offset = 0.0
        self._last = -math.inf

    def time(self, raw_s: float | None) -> float:
        """The time, seconds, of a frame that the container puts at `raw_s` (None: not known)."""
        if raw_s is None:
            # raw streams carry no times
            time_s = self._last + self._step if math.isfinite(self._last) else 0.0
        else:
            time_s = raw_s + self._offset
            if time_s < self._last - _JUMP_S:
                self._offset += self._last + self._step - time_s
                time_s = raw_s + self._offset
            elif time_s <= self._last:
                time_s = self._last + _NUDGE_S
        self._last = time_s
        return time_s
