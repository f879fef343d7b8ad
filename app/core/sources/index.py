"""Where each frame of a video is, found without decoding."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray


@dataclass(frozen=True)
class FrameIndex:
    """Presentation times of all frames, in order, and the keyframe to decode each from."""

    pts: NDArray[np.int64]
    """`(frames,)` presentation times in units of the stream, increasing strictly."""
    times_s: NDArray[np.float64]
    """`(frames,)` the same in seconds."""
    keys: NDArray[np.int64]
    """`(keyframes,)` presentation times of the keyframes, in order of decoding."""
    key_of: NDArray[np.int64]
    """`(frames,)` for each frame the number of the last keyframe it needs."""

    def __len__(self) -> int:
        return len(self.pts)

    def number(self, pts: int | None) -> int | None:
        """Number of the frame at `pts`; None where there is none."""
        if pts is None:
            return None
        place = int(np.searchsorted(self.pts, pts))
        return place if place < len(self.pts) and self.pts[place] == pts else None


def build_index(
    container: InputContainer,
    stream: VideoStream,
    first_pts: int | None,
    give_up: Callable[[], bool] = lambda: False,
) -> FrameIndex | None:
    """Read every packet of `stream` once; nothing is decoded.

    Args:
        container: positioned at its beginning; left at its end.
        stream: the video stream.
        first_pts: time of the first frame that can be decoded; frames before it do not count.
        give_up: asked before each packet whether to stop, with None.

    Returns:
        None where packets lack times, repeat them or go back in time: then playing from the
        beginning is the only way to a frame.
    """
    packets = []
    for packet in container.demux(stream):
        if give_up():
            return None
        if packet.size:
            packets.append((packet.pts, packet.dts, packet.is_keyframe, packet.is_discard))
    if not packets or first_pts is None or any(pts is None for pts, *_ in packets):
        return None
    decoding = np.array([dts for _, dts, *_ in packets if dts is not None], np.int64)
    if np.any(np.diff(decoding) < 0):
        return None
    pts = np.array([pts for pts, *_ in packets], np.int64)
    is_key = np.array([key for _, _, key, _ in packets], bool)
    shown = ~np.array([discard for *_, discard in packets], bool) & (pts >= first_pts)
    if not is_key.any() or not shown.any():
        return None
    keys = pts[is_key]
    key_of = np.cumsum(is_key) - 1
    # pictures shown before their keyframe refer to the one before it as well
    key_of -= (key_of > 0) & (pts < keys[np.maximum(key_of, 0)])
    order = np.argsort(pts[shown], kind="stable")
    ordered = pts[shown][order]
    if np.any(np.diff(ordered) == 0) or stream.time_base is None:
        return None
    # as PyAV computes the time of a frame, to the last bit
    base = stream.time_base
    times = ordered * base.numerator / base.denominator
    return FrameIndex(ordered, times, keys, np.maximum(key_of[shown][order], 0))
