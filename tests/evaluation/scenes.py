"""Small sequences drawn for the tests, and trackers whose answers are known beforehand."""

import math
from pathlib import Path

import cv2
import numpy as np

from model.evaluation.metrics import Boxes
from model.evaluation.summary import Summary, TrackerResult
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


def summary(auc: float, ms: float = 10.0, **other: float) -> Summary:
    """Numbers as if measured; `auc` stands for every accuracy."""
    values = {
        "auroc": math.nan, "absences": 0, "returns": 0, "refound": math.nan,
        "frames_to_find": math.nan, "load": 0.1, **other,
    }  # fmt: skip
    return Summary(
        success_auc=auc, precision=auc, norm_precision=auc, success_curve=np.full(21, auc),
        precision_curve=np.full(51, auc), median_ms=ms, rate=1000 / ms, runs=1, frames=9, **values,
    )  # fmt: skip


def result(name: str, auc: float, *, ours: bool = False, ms: float = 10.0) -> TrackerResult:
    """A tracker with the same accuracy on two sequences."""
    return TrackerResult(name, ours, summary(auc, ms), {"one": summary(auc), "two": summary(auc)})


RESULTS = [result("nano", 0.6, ours=True, ms=5), result("kcf", 0.3, ms=2), result("csrt", 0.5)]
