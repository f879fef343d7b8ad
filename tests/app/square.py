"""A small video of a moving square, and a quick tracker that can follow it."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from model.geometry import Box
from model.images import Frame
from model.states import State
from model.tracker import TrackResult

WIDTH, HEIGHT, RATE = 320, 180, 30


def square_at(frame: int) -> Box:
    """Where the square of the test video is in a frame."""
    return (40.0 + 2 * (frame % 90), 60.0, 40.0, 40.0)


def write_video(path: Path, frames: int) -> Path:
    """A bright textured square that moves right over a still, noisy ground."""
    rng = np.random.default_rng(1)
    ground = cv2.GaussianBlur(rng.integers(0, 120, (HEIGHT, WIDTH, 3), np.uint8), (0, 0), 3)
    patch = rng.integers(120, 255, (8, 8, 3), np.uint8).repeat(5, 0).repeat(5, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k in range(frames):
            x, y, w, h = (int(v) for v in square_at(k))
            image = np.asarray(ground).copy()
            image[y : y + h, x : x + w] = patch
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts, picture.time_base = k, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


class PatchTracker:
    """Follows by matching the first patch near its last place: quick, and good enough here."""

    preset = "patch"
    device = "cpu"

    def __init__(self) -> None:
        self._targets: dict[int, tuple[Frame, Box]] = {}
        self._next = 1
        self.seen: list[int] = []
        """Sum of the pixels of each frame it was updated with: tells frames apart."""
        self.times: list[float] = []
        """Time of each frame it was updated with, seconds."""

    @property
    def ids(self) -> list[int]:
        return list(self._targets)

    def add(self, rgb: Frame, box: Box, time: float = 0.0) -> int:
        x, y, w, h = (round(v) for v in box)
        self._targets[self._next] = (rgb[y : y + h, x : x + w].copy(), box)
        self._next += 1
        return self._next - 1

    def remove(self, id: int) -> None:
        del self._targets[id]

    def update(self, rgb: Frame, time: float = 0.0) -> list[TrackResult]:
        results = []
        self.seen.append(int(rgb.sum()))
        self.times.append(time)
        for number, (patch, box) in self._targets.items():
            score = cv2.matchTemplate(rgb, patch, cv2.TM_CCOEFF_NORMED)
            _, best, _, (x, y) = cv2.minMaxLoc(score)
            box = (float(x), float(y), box[2], box[3])
            self._targets[number] = (patch, box)
            results.append(TrackResult(number, box, max(0.0, best), State.TRACKING, "", ()))
        return results
