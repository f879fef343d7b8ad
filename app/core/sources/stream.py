"""Network streams through PyAV: RTSP, HTTP and others, bounded in time and size."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from app.core.sources.base import Closing, Source, SourceFrame, SourceInfo
from app.core.sources.container import find_video, upright
from app.core.sources.live import LiveSource
from app.core.sources.order import Clock
from app.core.sources.watch import Watch
from model.errors import InputError
from model.images import Frame
from model.sentences import Sentence

STREAM_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "http", "https", "udp", "tcp", "srt"})
MAX_PIXELS = 64 * 2**20
"""Pixels of a picture; larger ones are refused before they are decoded."""
MAX_PACKET = 64 * 2**20
"""Bytes of a compressed picture."""
_BAD_PACKETS = 300
"""Packets in a row that cannot be decoded, until a stream counts as broken."""
_BURST_S = 0.5
_JUMP_S = 10.0
_HINT = Sentence("check the address and that a video player can play it")

_PROTOCOLS = "rtsp,rtp,rtcp,udp,tcp,tls,http,https,httpproxy,crypto,rtmp,rtmps,rtmpt,srt"
_OPTIONS = {
    # a playlist from outside must not open files of this machine
    "protocol_whitelist": _PROTOCOLS,
    "max_pixels": str(MAX_PIXELS),
    "analyzeduration": "3000000",
    "rtsp_flags": "prefer_tcp",
    # files on a web server alone; a live stream is opened anew from here
    "reconnect": "1",
    "reconnect_delay_max": "4",
}


def open_stream(url: str, *, watch: Watch | None = None) -> Source:
    """Connect to `url`: a `Recording` where the server names an end, else a live `Stream`.

    Raises:
        InputError: nobody answers within `watch.open_s` seconds, or what answers is not a video.
    """
    watch = watch or Watch()
    name = shown_url(url)
    opened = _within(watch.open_s, url, watch)
    if opened is None:
        raise InputError(
            "The stream {name} cannot be opened within {seconds:g} seconds; {hint}.",
            name=name,
            seconds=watch.open_s,
            hint=_HINT,
        )
    return Recording(name, opened) if opened.duration_s else Stream(url, opened, watch=watch)


def shown_url(url: str) -> str:
    """`url` without the user, password and query that may be in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


class Stream(LiveSource):
    """A live stream; the time of a frame is that of its arrival, from the first on.

    A server that sends ahead of time, as playlists of segments do, is read at the pace of its own
    presentation times.
    """

    def __init__(
        self, url: str, opened: "StreamGrabber | None" = None, *, watch: Watch | None = None
    ) -> None:
        """Read `url`, first over the connection `opened`.

        Raises:
            InputError: no connection or no picture in time.
        """
        limits = watch or Watch()
        waiting = [opened] if opened is not None else []

        def connect() -> StreamGrabber:
            return waiting.pop() if waiting else StreamGrabber(url, limits)

        name = shown_url(url)
        title = Sentence("The stream {name}", name=name)
        super().__init__(name, connect, title=title, hint=_HINT, watch=limits)


class Recording(Closing):
    """A video with an end on a server: every frame, with its own times."""

    def __init__(self, name: str, opened: "StreamGrabber") -> None:
        """Decode the first frame of `opened`.

        Raises:
            InputError: there is none.
        """
        self._name, self._grabber = name, opened
        try:
            self._first = self._grabber.next_frame()
        except InputError as error:
            # its index stands at its end, and the server sends files from their beginning only
            opened.close()
            raise InputError(
                "The video {name} cannot be played from its server; download it and open the file.",
                name=name,
            ) from error
        if self._first is None:
            opened.close()
            raise InputError("The stream {name} holds no picture; {hint}.", name=name, hint=_HINT)
        height, width = upright(self._first).shape[:2]
        rate, duration_s = opened.rate, opened.duration_s
        frames = round(rate * duration_s) if rate and duration_s else None
        self.info = SourceInfo(name, width, height, frames, rate, is_live=False)

    def __iter__(self) -> Iterator[SourceFrame]:
        clock = Clock(1 / self.info.rate if self.info.rate else None)
        frame, self._first = self._first, None
        index, why = 0, ""
        while frame is not None:
            yield SourceFrame(index, clock.time(frame.time), upright(frame))
            index += 1
            try:
                frame = self._grabber.next_frame()
            except InputError as error:
                frame, why = None, str(error)
        # the declared number may count a frame or two that are never shown
        if why or (self.info.frames is not None and index < self.info.frames - 2):
            fault = Sentence(
                "The stream {name} broke off after frame {last}; check the connection and start "
                "again with --start."
            )
            if self.info.frames:
                fault = Sentence(
                    "The stream {name} broke off after frame {last} of {count}; check the "
                    "connection and start again with --start."
                )
            raise InputError(fault, name=self._name, last=index - 1, count=self.info.frames)

    def close(self) -> None:
        self._grabber.close()


class StreamGrabber:
    """One connection to a server."""

    def __init__(self, url: str, watch: Watch) -> None:
        """Connect to `url`.

        Raises:
            InputError: nobody answers in time, or what answers is not a video.
        """
        self._name = shown_url(url)
        # the watcher is to notice silence first, and tell it from an end
        timeouts = (watch.open_s, 2 * watch.stalled_s + 1)
        try:
            self._container = av.open(url, "r", options=dict(_OPTIONS), timeout=timeouts)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise InputError(
                "The stream {name} cannot be opened ({why}); {hint}.",
                name=self._name,
                why=_why(error),
                hint=_HINT,
            ) from error
        self._stream = self._find_stream(self._container)
        rate = self._stream.average_rate or self._stream.guessed_rate
        self.rate = float(rate) if rate and 0 < rate <= 1000 else None
        duration = self._container.duration
        self.duration_s = duration / av.time_base if duration and duration > 0 else None
        """Seconds until the end; None where there is none."""
        self._frames = self._decode()
        self._pace = _Pace()

    def read(self, cancelled: threading.Event) -> Frame | None:
        """Wait for the next picture; None at the end.

        Raises:
            InputError: the connection broke, was silent, or sent what is too large.
        """
        frame = self.next_frame()
        if frame is None:
            return None
        wait_s = self._pace.wait_s(frame.time, time.monotonic())
        if wait_s > 0:
            cancelled.wait(wait_s)
        return upright(frame)

    def next_frame(self) -> VideoFrame | None:
        """The next picture at once.

        Raises:
            InputError: as `read`.
        """
        return next(self._frames, None)

    def close(self) -> None:
        self._container.close()

    def _find_stream(self, container: InputContainer) -> VideoStream:
        stream = find_video(container)
        if stream is None or stream.width * stream.height > MAX_PIXELS:
            container.close()
            fault = Sentence("The stream {name} has pictures that are too large; {hint}.")
            if stream is None:
                fault = Sentence("The stream {name} holds no video; {hint}.")
            raise InputError(fault, name=self._name, hint=_HINT)
        # threads by frame would keep several pictures back
        stream.thread_type = "SLICE"
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        return stream

    def _decode(self) -> Iterator[VideoFrame]:
        bad = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.error.FFmpegError, OSError) as error:
                raise InputError(
                    "The stream {name} broke off ({why}).", name=self._name, why=_why(error)
                ) from error
            if packet is None:
                return
            if packet.size > MAX_PACKET:
                raise InputError(
                    "The stream {name} sends pictures of {size:.0f} MB.",
                    name=self._name,
                    size=packet.size / 2**20,
                )
            try:
                frames = [f for f in packet.decode() if isinstance(f, VideoFrame)]
            except (av.error.FFmpegError, OSError) as error:
                bad += 1
                if bad > _BAD_PACKETS:
                    raise InputError(
                        "The stream {name} cannot be decoded ({why}).",
                        name=self._name,
                        why=_why(error),
                    ) from error
                continue
            bad = 0 if frames else bad
            yield from frames


class _Pace:
    """Keeps pictures that are sent in bursts to their own times, half a second early at most."""

    def __init__(self) -> None:
        self._anchor_s: float | None = None
        self._last_s = 0.0

    def wait_s(self, time_s: float | None, now_s: float) -> float:
        """Seconds to wait at `now_s` with a picture of presentation time `time_s`."""
        if time_s is None:
            return 0.0
        if self._anchor_s is None or not 0 <= time_s - self._last_s <= _JUMP_S:
            self._anchor_s = now_s - time_s
        self._last_s = time_s
        return max(0.0, self._anchor_s + time_s - _BURST_S - now_s)


def _within(limit_s: float, url: str, watch: Watch) -> StreamGrabber | None:
    """Connect in a thread that is left to itself where it takes longer than `limit_s` seconds."""
    result: Future[StreamGrabber] = Future()
    given_up = threading.Event()

    def connect() -> None:
        try:
            grabber = StreamGrabber(url, watch)
        except BaseException as error:
            result.set_exception(error)
            return
        if given_up.is_set():
            grabber.close()
        result.set_result(grabber)

    # looking up a name can hang beyond every timeout
    threading.Thread(target=connect, name="open stream", daemon=True).start()
    try:
        return result.result(limit_s + 1)
    except TooLong:
        given_up.set()
        return None


def _why(error: Exception) -> str:
    """What libav says, in small letters."""
    if isinstance(error, av.error.ExitError):
        return Sentence("no answer in time")
    text = getattr(error, "strerror", None) or str(error)
    return text.rstrip(".").lower()
