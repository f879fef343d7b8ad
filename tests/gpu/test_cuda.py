"""On an NVIDIA graphics card: steps as CUDA graphs, and a card that dies."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from model.geometry import Box
from model.images import Frame
from model.runtime.cuda_runner import CudaRunner
from model.states import State
from model.tracker import Tracker
from tests.model.tiny import scene

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card")

SIZE = (240, 320)
SECOND: Box = (2.0, 150.0, 40.0, 40.0)
"""At the edge, so that regions hold padding."""


def pictures(count: int) -> list[tuple[Frame, Box]]:
    """A target that moves, in pictures large enough for two."""
    return [scene(k, size=SIZE) for k in range(count)]


def followed(runtime: str, *, device: str = "cuda", precision: str = "float32") -> np.ndarray:
    """Boxes and scores of two targets, the second of which comes later and is removed again."""
    tracker = Tracker.load(
        "nano", device=device, precision=precision, runtime=runtime, remember_every=2,
        remember_score=0.0, slots=4,
    )  # fmt: skip
    tracker.add(*pictures(1)[0])
    seen = []
    for k, (frame, _) in enumerate(pictures(24)[1:]):
        if k == 6:
            second = tracker.add(frame, SECOND)
        if k == 16:
            tracker.remove(second)
        seen += [[*r.box, 100 * r.score] for r in tracker.update(frame)]
    return np.array(seen)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_graphs_give_what_torch_gives(precision: str) -> None:
    expected = followed("torch", precision=precision)
    slack = 0.05 if precision == "float32" else 1.0  # pixels, and hundredths of score
    assert followed("graph", precision=precision) == pytest.approx(expected, abs=slack)


def test_the_card_gives_what_the_cpu_gives() -> None:
    expected = followed("torch", device="cpu")
    assert followed("auto") == pytest.approx(expected, abs=0.5)


def test_steps_become_graphs_and_old_ones_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.runtime.cuda_runner._MOST", 2)
    tracker = Tracker.load("nano", device="cuda")
    runner = tracker._observer.runner
    assert isinstance(runner, CudaRunner)
    assert tracker.runtime == "graph"
    frames = pictures(2)
    for _ in range(4):
        tracker.add(*frames[0])
        for _ in range(4):
            results = tracker.update(frames[1][0])
    assert len(runner._graphs) == 2
    assert {r.state for r in results} == {State.TRACKING}
    assert len({r.box for r in results}) == 1  # four times the same target


DEATH = """
import logging
import torch
from model.errors import InputError
from model.tracker import Tracker
from tests.gpu.test_cuda import pictures

logging.disable()
tracker = Tracker.load("nano", device="cuda", remember_every=2, remember_score=0.0, slots=4)
frames = pictures(24)
tracker.add(*frames[0])
for frame, _ in frames[1:12]:
    tracker.update(frame)
kept = tracker.memory_of(1)
remembered = len(tracker.slots(1))
try:
    # a kernel that fails takes the whole process' use of the card with it
    torch.zeros(1, device="cuda")[torch.tensor([7], device="cuda")].cpu()
except RuntimeError as error:
    assert "device-side assert" in str(error), error
tracker.forget(1, 1)
assert tracker.device.type == "cpu", tracker.device
for frame, _ in frames[12:]:
    result = tracker.update(frame)[0]
box, drawn = result.box, frames[-1][1]
assert all(abs(a - b) < 6 for a, b in zip(box, drawn)), (box, drawn)
assert result.state.name == "TRACKING", result
assert len(tracker.slots(1)) >= remembered - 1 > 1
again = tracker.restore(kept)
assert len(tracker.slots(again)) == remembered
assert Tracker.load("nano").device.type == "cpu"
try:
    Tracker.load("nano", device="cuda")
except InputError as error:
    print(error)
print(tracker.notice)
"""


def test_targets_and_their_memory_outlive_the_card() -> None:
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", DEATH], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert ran.stdout.splitlines() == [
        "The device 'cuda' does not answer; start the program anew, or use --device cpu.",
        "The device cuda does not answer any more; tracking goes on on the CPU, more slowly.",
    ]
