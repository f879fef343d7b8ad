"""What one update costs: `python -m model.runtime.benchmark [PRESET ...] [--peer FOLDER]`.

On a graphics card: `python -m model.runtime.benchmark --device cuda --runtimes graph torch`.

Every row is measured in turn within each round, so that other work on the machine falls on all rows
alike; on a busy machine read the least times, and the CPU times, which waiting does not lengthen.
Weights are random: an update costs the same whatever they are.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from model.images import Frame
from model.network import SpaceTimeNetwork
from model.presets import PRESETS, TrackerConfig, preset
from model.runtime import default_threads
from model.tracker import Tracker

SLOTS = (1, 2, 5, 16)
_SURE = TrackerConfig(
    remember_every=1, remember_score=0.0, uncertain_below=0.0, lost_below=0.0, unlike_below=-1.0,
    distractor_ratio=1.1,
)  # fmt: skip
"""With any weights every update is sure, so that the buffer fills."""


@dataclass
class Row:
    """One thing to measure, and its times in milliseconds."""

    name: str
    update: Callable[[], object]
    targets: int = 1
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Take the time of one update."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.update()
        self.wall.append(1e3 * (time.perf_counter() - wall))
        self.cpu.append(1e3 * (time.process_time() - cpu))


def picture() -> Frame:
    """A soft random frame of 1280×720."""
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)


def own_row(
    name: str, frame: Frame, *, targets: int, slots: int, device: str, runtime: str, threads: int
) -> Row:
    """A tracker of this project with a full buffer."""
    torch.manual_seed(0)
    network = SpaceTimeNetwork(preset(name).network).eval()
    config = replace(_SURE, slots=slots)
    tracker = Tracker(network, config, device=device, runtime=runtime, threads=threads)
    for i in range(targets):
        tracker.add(frame, (100.0 + 130 * (i % 8), 40 + 150 * (i // 8), 70 + i, 60))
    for _ in range(slots):
        tracker.update(frame)
    tracker.config = replace(config, remember_every=10**9)  # from here on it only searches
    text = f"{name} {runtime}, {targets} target{'s' * (targets > 1)}, {slots} slots"
    return Row(text, lambda: tracker.update(frame), targets)


def peer_row(folder: Path, frame: Frame) -> Row:
    """`cv2.TrackerNano` with the weights of NanoTrack v2 in a folder."""
    params = cv2.TrackerNano_Params()  # type: ignore[attr-defined]
    params.backbone = str(folder / "nanotrack_v2_backbone.onnx")
    params.neckhead = str(folder / "nanotrack_v2_head.onnx")
    tracker = cv2.TrackerNano_create(params)  # type: ignore[attr-defined]
    tracker.init(frame, (100, 300, 70, 60))
    return Row("cv2.TrackerNano", lambda: tracker.update(frame))


def table(rows: list[Row]) -> Table:
    """Times of all rows; ratios are of the least times, to the first row."""
    shown = Table("update", "least ms", "median ms", "CPU ms", "ratio", "targets/s")
    for row in rows:
        shown.add_row(
            row.name,
            f"{min(row.wall):.2f}",
            f"{np.median(row.wall):.2f}",
            f"{min(row.cpu):.2f}",
            f"{min(row.wall) / min(rows[0].wall):.2f}",
            f"{1e3 * row.targets / float(np.median(row.wall)):.0f}",
        )
    return shown


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description="Milliseconds of one update.")
    parser.add_argument("presets", nargs="*", default=["nano", "small"], help=", ".join(PRESETS))
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--threads", type=int, default=default_threads())
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:N or mps")
    parser.add_argument("--runtimes", nargs="+", default=["onnx", "torch"])
    parser.add_argument("--targets", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--peer", type=Path, help="folder with NanoTrack v2's two ONNX files")
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    frame = picture()
    cases = [(targets, 2) for targets in options.targets]
    cases += [(1, slots) for slots in SLOTS if slots != 2]
    rows = [
        own_row(
            name, frame, targets=targets, slots=slots, device=options.device, runtime=runtime,
            threads=options.threads,
        )
        for name in options.presets
        for runtime in options.runtimes
        for targets, slots in cases
    ]  # fmt: skip
    if options.peer:
        rows.append(peer_row(options.peer, frame))
    for _ in range(options.repeats):
        for row in rows:
            row.measure()
    Console().print(table(rows))


if __name__ == "__main__":
    main()
