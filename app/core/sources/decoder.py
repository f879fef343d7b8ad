"""Frames of one video file in order of presentation, from its start or from a keyframe."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.core.sources.container import find_video, open_file
from app.core.sources.index import FrameIndex, build_index
from app.core.sources.order import FrameOrder
from model.errors import InputError

_STEPS_BACK_S = (0.0, 0.5, 2.0, 8.0)
"""How far before a keyframe to aim, in turn: some containers can only be entered roughly."""


class Decoder:
    """One file open for decoding. It passes over damage, and remembers whether it ended in some."""

    def __init__(self, path: Path) -> None:
        """Open `path`.

        Raises:
            InputError: missing, unreadable, or no video in it.
        """
        self._path = path
        self.is_broken = False
        """Whether the last packets read were damaged; known once the frames have ended."""
        self.container, self.stream = _open(path)
        self.restart()

    def restart(self) -> None:
        """Begin anew with frame 0."""
        self.close()
        self.container, self.stream = _open(self._path)
        # an AVI holds no presentation times; where pictures are reordered, those of libav are wrong
        is_avi = self.container.format.name == "avi"
        self.has_times = not (is_avi and self.stream.codec_context.name in ("h264", "hevc"))
        self._order: FrameOrder | None = FrameOrder(counting=not self.has_times)
        self._index: FrameIndex | None = None
        self._frames = self._decode(self.container.demux(self.stream))
        self._number = -1

    def start_at(self, key: int, index: FrameIndex) -> bool:
        """Go on from keyframe number `key` of `index`; False where it cannot be found again."""
        pts = int(index.keys[key])
        base = self.stream.time_base
        for back_s in _STEPS_BACK_S:
            aim = pts - round(back_s / base) if base else pts
            try:
                self.container.seek(aim, stream=self.stream, backward=True)
                packets = self.container.demux(self.stream)
                first = _find_key(packets, pts)
            except (av.error.FFmpegError, OSError):
                continue
            if first is not None:
                break
        else:
            self.restart()
            packets = self.container.demux(self.stream)
            first = _find_key(packets, pts)
        if first is None:
            return False
        self._order, self._index = None, index
        self._frames = self._decode(chain([first], packets))
        return True

    def next(self) -> tuple[int, VideoFrame] | None:
        """The next frame and its number; None at the end."""
        for frame in self._frames:
            if self._order is not None:
                self._number = self._order.number(frame)
                return self._number, frame
            assert self._index is not None
            number = self._index.number(frame.pts)
            if number is not None:
                self._number = number
                return number, frame
            if frame.pts is None or frame.pts > self._index.pts[0]:
                # nowhere in the container, and yet a picture
                self._number += 1
                return self._number, frame
        return None

    def read_index(
        self, first_pts: int | None, give_up: Callable[[], bool] = lambda: False
    ) -> FrameIndex | None:
        """Read the whole file once, undecoded, beside what is being played."""
        if not self.has_times:
            return None
        container, stream = _open(self._path)
        with container:
            try:
                return build_index(container, stream, first_pts, give_up)
            except (av.error.FFmpegError, OSError):
                return None

    def close(self) -> None:
        """Let go of the file."""
        self.container.close()

    def _decode(self, packets: Iterator[Packet]) -> Iterator[VideoFrame]:
        self.is_broken = False
        while True:
            frames: list[VideoFrame] = []
            packet, failed = _next_packet(packets)
            self.is_broken = self.is_broken or failed
            try:
                if packet is None:
                    # the decoder gives what it still holds; after a whole end it holds nothing
                    frames = self.stream.decode(None) if failed else []
                elif packet.is_corrupt:
                    self.is_broken = True
                    self._expect(packet)
                else:
                    self._expect(packet)
                    frames = [f for f in packet.decode() if isinstance(f, VideoFrame)]
                    # an empty packet only asks the decoder for what it still holds
                    self.is_broken = self.is_broken and not packet.size
            except (av.error.FFmpegError, OSError):
                self.is_broken = True
            yield from frames
            if packet is None:
                return

    def _expect(self, packet: Packet) -> None:
        if self._order is not None:
            self._order.expect(packet)


def _next_packet(packets: Iterator[Packet]) -> tuple[Packet | None, bool]:
    """The next packet, None at the end, and whether reading it failed."""
    try:
        return next(packets, None), False
    except (av.error.FFmpegError, OSError):
        return None, True


def _find_key(packets: Iterator[Packet], pts: int) -> Packet | None:
    """Read up to the keyframe at `pts`; None where it does not come."""
    for packet in packets:
        if packet.is_keyframe and packet.pts == pts:
            return packet
        # no packet is decoded after it is shown
        if not packet.size or (packet.dts is not None and packet.dts > pts):
            return None
    return None


def _open(path: Path) -> tuple[InputContainer, VideoStream]:
    container = open_file(path)
    stream = find_video(container)
    if stream is None:
        container.close()
        raise InputError("The file {path} holds no video, only sound or data.", path=path)
    stream.thread_type = "AUTO"
    return container, stream
