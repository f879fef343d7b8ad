"""How smooth the window is while it tracks: `python -m app.ui.benchmark`.

The embedded clip, enlarged, is played as a file and as a live source in the real window, which
tracks and paints all the while. Measured are how long a click would have to wait, asked 200 times a
second, and the time from the arrival (live) or due time (file) of each frame to the end of its
painting. On a machine without a screen set
QT_QPA_PLATFORM=offscreen, which paints the same pixels and shows them nowhere.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from app.core.settings import DRAWINGS, Settings
from app.core.sources import LiveSource, VideoFile, open_source
from app.core.sources.base import Source
from app.ui.application import application
from app.ui.window import MainWindow
from app.ui.window.request import OpenRequest
from assets.demo import clip_path, truth
from model import Tracker
from model.evaluation.machine import cores, load_per_core
from model.geometry import Box
from model.images import Frame

_RATE = 30
_CLICK_S = 0.005
"""From one question to the window's thread to the next."""
_WARM_UP_S = 3.0
"""Loading, the first updates and the laying out of the window are not counted."""


@dataclass
class Measured:
    """Milliseconds, and counts over the time that was measured."""

    click: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    seconds: float = 0.0
    rates: list[float] = field(default_factory=list)
    """Updates per second, looked at now and then."""
    dropped: int = 0


@dataclass(frozen=True)
class Scene(OpenRequest):
    """What is played, made here."""

    opened: Callable[[], Source] = field(kw_only=True)

    def open(self) -> Source:
        """Open it."""
        return self.opened()


class Clicks(QObject):
    """Asks the thread of the window for an answer again and again, and notes how long it takes.

    A question counts from when it was due: who asks may have had to wait for the same thing.
    """

    _asked = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        """Milliseconds."""
        self._over = threading.Event()
        self._asked.connect(self._answer)
        self._thread = threading.Thread(target=self._ask, name="clicks", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Ask no more."""
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        due_s = time.monotonic()
        while not self._over.is_set():
            due_s += _CLICK_S
            self._over.wait(max(0.0, due_s - time.monotonic()))
            self._asked.emit(due_s)

    def _answer(self, due_s: float) -> None:
        self.waits.append(1e3 * (time.monotonic() - due_s))


class Camera:
    """Gives the frames of a clip again and again, each when it is time."""

    rate: float | None = float(_RATE)

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = frames
        self._began_s = time.monotonic()
        self._given = 0

    def read(self, cancelled: threading.Event) -> Frame | None:
        """The next frame, `(H, W, 3)` uint8 RGB."""
        due_s = self._began_s + self._given / _RATE
        cancelled.wait(max(0.0, due_s - time.monotonic()))
        frame = self._frames[self._given % len(self._frames)]
        self._given += 1
        return frame

    def close(self) -> None:
        """Nothing is held."""


def enlarged(width: int, height: int) -> Iterator[Frame]:
    """The frames of the embedded clip at another size, stretched."""
    for frame in open_source(str(clip_path())):
        yield np.asarray(cv2.resize(frame.rgb, (width, height)), np.uint8)


def first_boxes(width: int, height: int, targets: int) -> list[Box]:
    """The target of the clip in its first frame at that size, and others beside it."""
    with open_source(str(clip_path())) as source:
        kx, ky = width / source.info.width, height / source.info.height
    x, y, w, h = (float(v) for v in truth()[0])
    boxes = [(x * kx, y * ky, w * kx, h * ky)]
    for number in range(1, targets):
        left = (number * 0.8 * width / targets) % (width - w * kx)
        boxes.append((left, 0.62 * height, w * kx, h * ky))
    return boxes


def write_video(path: Path, frames: Sequence[Frame]) -> Path:
    """H.264 as phones and cameras write it, with a keyframe each second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"preset": "veryfast"})
        stream.pix_fmt, stream.gop_size = "yuv420p", _RATE
        stream.height, stream.width = frames[0].shape[:2]
        for k, rgb in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            picture.pts, picture.time_base = k, Fraction(1, _RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def measure(
    app: QApplication, request: OpenRequest, preset: str, seconds: float, *, panels: bool,
    drawing: str,
) -> Measured:  # fmt: skip
    """Play in a real window for `seconds` and measure, after a warm-up."""
    found = Measured()
    window = MainWindow(load_tracker=partial(Tracker.load, preset))
    window.drawing.use(drawing)
    window.resize(1440, 900)
    if panels:
        for action in window.workspace.toggles:
            action.setChecked(True)
    window.show()
    window.work.open(request)
    clicks = Clicks()

    def begin() -> None:
        clicks.waits.clear()
        window.latency.heard = lambda latency_s: found.latency.append(1e3 * latency_s)
        found.dropped = -window.snapshot.dropped

    look = QTimer()
    look.timeout.connect(lambda: found.rates.append(window.snapshot.rate))
    look.start(500)
    end_ms = round(1e3 * (_WARM_UP_S + seconds))
    QTimer.singleShot(round(1e3 * _WARM_UP_S), begin)
    QTimer.singleShot(end_ms, app.exit)  # `quit` would ask about unsaved work
    app.exec()
    look.stop()
    clicks.end()
    found.click, found.seconds = clicks.waits, seconds
    found.dropped += window.snapshot.dropped
    window.close_now()
    return found


def add_row(table: Table, name: str, found: Measured) -> None:
    """Percentiles of one measurement."""

    def percentiles(values: list[float]) -> str:
        if not values:
            return "–"
        return " / ".join(f"{v:.1f}" for v in np.percentile(values, (50, 99, 100)))

    rates = [rate for rate in found.rates[len(found.rates) // 4 :] if rate > 0]
    table.add_row(
        name, percentiles(found.click), percentiles(found.latency),
        f"{np.mean(rates):.1f}" if rates else "–",
        f"{len(found.latency) / found.seconds:.1f}", str(found.dropped),
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--size", default="1920x1080", help="of a frame, WIDTHxHEIGHT")
    parser.add_argument("--preset", default=Settings.preset)
    parser.add_argument("--targets", type=int, default=1)
    parser.add_argument("--panels", action="store_true", help="with every panel shown")
    parser.add_argument("--drawing", choices=DRAWINGS, default=Settings.drawing)
    given = parser.parse_args()
    width, height = (int(part) for part in given.size.split("x"))
    app = application()
    boxes = tuple(first_boxes(width, height, given.targets))
    frames = list(enlarged(width, height))
    table = Table(title=f"{given.preset}, {given.targets} target(s), {given.size}")
    for column in (
        "source", "click waits, ms: p50 / p99 / max", "to paint, ms: p50 / p99 / max",
        "updates/s", "painted/s", "dropped",
    ):  # fmt: skip
        table.add_column(column)
    with tempfile.TemporaryDirectory() as folder:
        path = write_video(Path(folder) / "clip.mp4", frames)

        def live() -> Source:
            return LiveSource("camera", lambda: Camera(frames), hint="")

        sources: dict[str, Callable[[], Source]] = {"file": lambda: VideoFile(path), "live": live}
        for name, opened in sources.items():
            request = Scene(str(path), boxes=boxes, loop=name == "file", opened=opened)
            found = measure(
                app, request, given.preset, given.seconds,
                panels=given.panels, drawing=given.drawing,
            )  # fmt: skip
            add_row(table, name, found)
    console = Console()
    console.print(table)
    console.print(f"{cores()} cores, load per core {load_per_core():.1f}")


if __name__ == "__main__":
    main()
