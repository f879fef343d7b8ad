"""What `CudaRunner` does around its graphs, without a card; tests/gpu has it on one."""

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from model.network import SpaceTimeNetwork
from model.presets import TrackerConfig
from model.runtime import cuda_runner
from model.runtime.cuda_runner import Captured, CudaRunner, Parts, Step
from model.tracker import Tracker
from tests.model.tiny import network, scene

SIZE = (120, 160)
EASY = TrackerConfig(
    slots=3, remember_every=2, remember_score=0, uncertain_below=0, sure_above=0, lost_below=0,
    unlike_below=-1, distractor_ratio=2,
)  # fmt: skip


class Replayed:
    """Takes the step again, on its own inputs into its own outputs, as a graph does."""

    def __init__(self, step: Step, inputs: Parts, outputs: list[Tensor]) -> None:
        self._step, self._inputs, self._outputs = step, inputs, outputs

    def replay(self) -> None:
        """Write the outputs anew."""
        for old, new in zip(self._outputs, self._step(*self._inputs), strict=True):
            old.copy_(new)


class Cardless(CudaRunner):
    """Captures on the CPU."""

    captures = 0

    def _capture(self, step: Step, parts: Parts) -> Captured | None:
        self.captures += 1
        held = [None if part is None else part.clone() for part in parts]
        outputs = step(*held)
        graph = cast("torch.cuda.CUDAGraph", Replayed(step, held, outputs))
        return Captured(graph, held, outputs)


@pytest.fixture
def cardless(monkeypatch: pytest.MonkeyPatch) -> type[Cardless]:
    monkeypatch.setattr(torch.cuda, "graph_pool_handle", lambda: (0, 0))
    return Cardless


def followed(runner: type[Cardless] | None) -> tuple[np.ndarray, Cardless | None]:
    """Two targets over many updates, one of them at the edge; the second is removed again."""
    tracker = Tracker(network(), EASY, device="cpu", runtime="torch")
    made = None if runner is None else runner(cast(SpaceTimeNetwork, tracker.network))
    if made is not None:
        tracker._observer.runner = made
    tracker.add(*scene(0, size=SIZE))
    seen = []
    for k in range(1, 20):
        frame = scene(k, size=SIZE)[0]
        if k == 6:
            second = tracker.add(frame, (0.0, 90.0, 30.0, 28.0))
        if k == 15:
            tracker.remove(second)
        seen += [[*r.box, r.score, *(s.share for s in r.slots)][:8] for r in tracker.update(frame)]
    return np.array([row for row in seen if len(row) == 8]), made


def test_replays_give_what_each_step_gives(cardless: type[Cardless]) -> None:
    expected, _ = followed(None)
    found, runner = followed(cardless)
    assert len(expected) > 20
    assert found == pytest.approx(expected, abs=1e-5)
    assert runner is not None
    assert 3 <= runner.captures == len(runner._graphs) <= 8


def test_the_oldest_graph_leaves_and_is_made_anew_when_it_is_needed(
    cardless: type[Cardless], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = followed(None)
    monkeypatch.setattr(cuda_runner, "_MOST", 1)
    monkeypatch.setattr(cuda_runner, "_CAPTURED_AT", 1)
    found, runner = followed(cardless)
    assert found == pytest.approx(expected, abs=1e-5)
    assert runner is not None
    assert len(runner._graphs) == 1
    assert runner.captures > 6
