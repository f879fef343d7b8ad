"""Track a live source for as long as an hour, faster than it would go, and draw what it takes.

Run from the root of the repository: `python -m docs.soak`. It writes docs/images/soak.png, and says
on standard output by how much memory grew after the first minute. `--minutes` shortens the hour,
`--seconds` ends it by the clock. Needs psutil.

Everything between camera and disk is what `spacetime-tracker track` uses: a live source with its
threads, the network `nano`, a recording and a session. Only the camera is made up: it has its next
picture ready as soon as the last one is tracked.
"""

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import psutil
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.core.job import Outputs, Progress, Target, TrackJob
from app.core.session import Session, describe_session
from app.core.sources import LiveSource
from model import Tracker
from model.geometry import Box
from model.images import Frame

RATE = 30
WIDTH, HEIGHT, SIDE = 192, 128, 28
SAMPLE_FRAMES = 150
"""Frames between two samples: five seconds of the source."""
STEADY_MINUTES = 1.0
"""From when on memory is to be flat."""
MIB = 1 << 20


class Camera:
    """A picture of a square that goes round, whenever the last one was tracked."""

    rate = float(RATE)

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        noise = random.integers(0, 140, (HEIGHT, WIDTH, 3), np.uint8)
        self._ground = cv2.GaussianBlur(noise, (0, 0), 2)
        self._patch = random.integers(120, 255, (7, 7, 3), np.uint8).repeat(4, 0).repeat(4, 1)
        self._wanted = threading.Semaphore(1)
        self._given = 0

    def next(self) -> None:
        """Ask for the next picture."""
        self._wanted.release()

    def read(self, cancelled: threading.Event) -> Frame | None:
        """Wait until a picture is wanted, and draw it."""
        while not self._wanted.acquire(timeout=0.1):
            if cancelled.is_set():
                return None
        picture = np.array(self._ground)
        x, y, w, h = (int(v) for v in place(self._given))
        picture[y : y + h, x : x + w] = self._patch
        self._given += 1
        return picture

    def close(self) -> None:
        """Nothing to let go of."""


def place(frame: int) -> Box:
    """Where the square is: once round in ten seconds."""
    turn = 2 * np.pi * frame / (10 * RATE)
    x, y = WIDTH / 2 - SIDE / 2 + 60 * np.cos(turn), HEIGHT / 2 - SIDE / 2 + 35 * np.sin(turn)
    return (float(int(x)), float(int(y)), float(SIDE), float(SIDE))


@dataclass
class Samples:
    """What the process took, five seconds of the source apart."""

    minutes: list[float] = field(default_factory=list)
    """Of the source."""
    memory: list[float] = field(default_factory=list)
    """Resident, MiB."""
    threads: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    typical: list[float] = field(default_factory=list)
    """Milliseconds a frame, median."""
    slow: list[float] = field(default_factory=list)
    """Milliseconds a frame, 95 of 100 are faster."""
    tracked: list[float] = field(default_factory=list)
    """Share of frames in which the target was not lost."""

    def take(self, frames: int, steps: list[float], tracked: list[bool]) -> None:
        """Add one, after so many frames."""
        process = psutil.Process()
        self.minutes.append(frames / RATE / 60)
        self.memory.append(process.memory_info().rss / MIB)
        self.threads.append(process.num_threads())
        self.descriptors.append(process.num_fds())
        self.typical.append(1000 * float(np.median(steps)))
        self.slow.append(1000 * float(np.quantile(steps, 0.95)))
        self.tracked.append(sum(tracked) / len(tracked))

    def growth(self) -> float:
        """Growth of memory from after the first minute to the end, as a share.

        Each end is the median of a minute, or of a tenth of the time where that is less.
        """
        minutes, memory = np.array(self.minutes), np.array(self.memory)
        steady = minutes > STEADY_MINUTES
        span = min(1.0, 0.1 * (minutes[-1] - STEADY_MINUTES))
        begin = np.median(memory[steady & (minutes <= minutes[steady][0] + span)])
        end = np.median(memory[minutes >= minutes[-1] - span])
        return float(end / begin - 1)


def soak(folder: Path, frames: int, seconds: float) -> Samples:
    """Track so many frames, and for so many seconds at most."""
    camera = Camera()
    tracker = Tracker.load("nano", device="cpu")
    samples, steps, tracked = Samples(), [], []
    with LiveSource("the camera", lambda: camera, hint="it is made up") as source:
        outputs = Outputs(folder / "soak.mp4", folder / "soak.csv")
        session = folder / "session"
        about = describe_session(session, "0", source.info, tracker, video=outputs.video)
        job = TrackJob(
            source, tracker, [Target(place(0))], outputs, limit=frames,
            session=Session(session, about),
        )  # fmt: skip
        began = last = time.monotonic()
        for step in job.run():
            now = time.monotonic()
            steps.append(now - last)
            last = now
            tracked.append(is_tracked(step))
            camera.next()
            if step.done % SAMPLE_FRAMES == 0:
                samples.take(step.done, steps, tracked)
                steps, tracked = [], []
            if now - began > seconds:
                job.stop()
    return samples


def is_tracked(step: Progress) -> bool:
    """Whether the target was not lost."""
    return "lost" not in step.states


def draw(samples: Samples, path: Path) -> None:
    """Memory, threads and descriptors, and milliseconds a frame, over the minutes."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8, 6.4), layout="constrained")
        memory, counts, latency = figure.subplots(3, 1, sharex=True)
        x = samples.minutes
        memory.plot(x, samples.memory, color="#0072B2")
        memory.set_ylim(0, 1.15 * max(samples.memory))
        memory.set_ylabel("memory, MiB")
        memory.set_title(
            f"after minute {STEADY_MINUTES:g}: {100 * samples.growth():+.2f} %",
            loc="right", fontsize=9,
        )  # fmt: skip
        counts.plot(x, samples.threads, color="#D55E00", label="threads")
        counts.plot(x, samples.descriptors, color="#009E73", ls="--", label="descriptors")
        counts.set_ylim(0, 1.3 * max(*samples.threads, *samples.descriptors))
        counts.set_ylabel("count")
        counts.legend(frameon=False, ncols=2, loc="upper right")
        latency.plot(x, samples.typical, color="#0072B2", label="median")
        latency.plot(x, samples.slow, color="#888888", lw=0.8, label="95 of 100 are faster")
        latency.set_ylim(0, 1.3 * float(np.quantile(samples.slow, 0.98)))
        latency.set_ylabel("milliseconds a frame")
        latency.set_xlabel(f"minutes of the source, at {RATE} frames a second")
        latency.legend(frameon=False, ncols=2, loc="upper right")
        figure.savefig(path, dpi=110)


def summary(samples: Samples) -> str:
    """What was measured, one line each."""
    late: NDArray[np.bool_] = np.array(samples.minutes) > STEADY_MINUTES
    rows = asdict(samples)
    spans = [
        f"{name}: {np.min(values[late]):.4g} to {np.max(values[late]):.4g}"
        for name, values in ((key, np.array(rows[key])) for key in rows if key != "minutes")
    ]
    growth = 100 * samples.growth()
    head = f"{samples.minutes[-1]:.1f} minutes of the source; memory {growth:+.2f} %"
    return "\n".join([head, *spans]) + "\n"


def main() -> None:
    """Run, draw, and say what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60, help="of the source")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of the clock")
    parser.add_argument("--out", type=Path, default=Path("docs/images/soak.png"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        samples = soak(Path(folder), round(options.minutes * 60 * RATE), options.seconds)
    if not samples.minutes or samples.minutes[-1] < 1.5 * STEADY_MINUTES:
        parser.error(f"it came no further than {samples.minutes[-1:]} minutes; give it longer")
    draw(samples, options.out)
    sys.stdout.write(summary(samples))


if __name__ == "__main__":
    main()
