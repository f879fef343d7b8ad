"""Small sequences drawn for the tests, and trackers whose answers are known beforehand."""

from pathlib import Path

import cv2
import numpy as np

from model.evaluation.metrics import Boxes
from model.geometry import Box
from model.images import Frame


def draw_sequence(
    folder: Path, *, frames: int = 12, absent: range = range(0), size: tuple[int, int] = (96, 128)
) -> Boxes:
    """A textured square that moves 2 px right per frame over a soft background.

    Writes `folder/img/%04d.jpg` and `folder/groundtruth.txt`; returns the truth `(frames, 4)`.
    """
    random = np.random.default_rng(7)
    height, width = size
    background = cv2.GaussianBlur(random.integers(0, 255, (height, width, 3), np.uint8), (0, 0), 5)
    patch = cv2.GaussianBlur(random.integers(0, 255, (24, 24, 3), np.uint8), (0, 0), 1)
    (folder / "img").mkdir(parents=True)
    truth = np.full((frames, 4), np.nan)
    for i in range(frames):
        picture = background.copy()
        if i not in absent:
            x, y = 30 + 2 * i, 36
            picture[y : y + 24, x : x + 24] = patch
            truth[i] = (x, y, 24, 24)
        cv2.imwrite(str(folder / "img" / f"{i + 1:04d}.jpg"), picture)
    np.savetxt(folder / "groundtruth.txt", truth, fmt="%.2f", delimiter=",")
    return truth


class Scripted:
    """Answers what it was told to, whatever it sees."""

    ours = True
    state = "tracking"

    def __init__(self, name: str, answers: list[tuple[bool, Box]], score: float | None = None):
        self.name, self.score = name, score
        self.answers = answers
        self.starts: list[Box] = []
        self.seen: list[Frame] = []
        self._next = 0

    def init(self, bgr: Frame, box: Box) -> None:
        self.starts.append(box)
        self._next = 0

    def update(self, bgr: Frame) -> tuple[bool, Box]:
        self.seen.append(bgr)
        answer = self.answers[self._next % len(self.answers)]
        self._next += 1
        return answer
