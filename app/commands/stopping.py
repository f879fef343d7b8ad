"""Ctrl-C, SIGTERM and a closed terminal end a job after the frame at hand, with whole files."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from app.core.job import TrackJob

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stopped(KeyboardInterrupt):
    """A signal ended what was being done; everything is on disk."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.by = "Ctrl-C" if name == "SIGINT" else name
        self.exit_code = 128 + signal.Signals[name]


@contextmanager
def stop_by_signal(job: TrackJob) -> Iterator[None]:
    """The first signal stops `job` between frames, a second one at once.

    A signal that is ignored, as SIGHUP is under nohup, stays so.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        job.stop(signal.Signals(number).name)
        for number in before:
            signal.signal(number, signal.default_int_handler)

    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {
        number: signal.signal(number, stop)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
