"""The network's steps on an NVIDIA graphics card, each started at once as a CUDA graph.

A step is a few hundred small kernels, and starting them one by one takes longer than they run. A
graph holds them all; replaying it is one start (NVIDIA, "Getting Started with CUDA Graphs", 2019).
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.attention import Keys
from model.correspondence import Grid
from model.network import SpaceTimeNetwork
from model.runtime.torch_runner import TorchRunner

log = logging.getLogger(__name__)

_CAPTURED_AT = 3
"""A step of some shape is captured the third time: before, libraries choose their algorithms."""
_MOST = 24
"""Graphs held at a time; each takes the memory of its inputs."""

Parts = list[Tensor | None]
Step = Callable[..., list[Tensor]]


@dataclass(frozen=True)
class Captured:
    """A step as a graph, with the tensors it reads and writes."""

    graph: torch.cuda.CUDAGraph
    inputs: Parts
    outputs: list[Tensor]


class CudaRunner(TorchRunner):
    """As `TorchRunner`, on CUDA, with each step in one start."""

    name = "graph"

    def __init__(self, network: SpaceTimeNetwork) -> None:
        super().__init__(network)
        self._graphs: dict[object, Captured] = {}
        self._seen: Counter[object] = Counter()
        self._pool = torch.cuda.graph_pool_handle()

    def search_step(self, images: Tensor, inside: Tensor | None, memory: list[Keys]) -> Tensor:
        """As `TorchRunner.search_step`."""
        grid = memory[0].grid

        def step(images: Tensor, inside: Tensor | None, *packed: Tensor) -> list[Tensor]:
            """The step, of tensors alone."""
            return [TorchRunner.search_step(self, images, inside, unpack(packed, grid))]

        return self._run("search", step, [images, inside, *pack(memory)])[0]

    def encode_step(
        self,
        images: Tensor,
        boxes: Tensor,
        role: Tensor,
        inside: Tensor | None,
        memory: list[Keys] | None,
    ) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """As `TorchRunner.encode_step`."""
        grid = None if memory is None else memory[0].grid

        def step(
            images: Tensor, boxes: Tensor, role: Tensor, inside: Tensor | None, *packed: Tensor
        ) -> list[Tensor]:
            """The step, of tensors alone."""
            known = None if grid is None else unpack(packed, grid)
            keys, descriptor = TorchRunner.encode_step(self, images, boxes, role, inside, known)
            return [descriptor, *(part for pair in keys for part in pair)]

        packed = [] if memory is None else pack(memory)
        descriptor, *parts = self._run("encode", step, [images, boxes, role, inside, *packed])
        # the next replay writes over what this one gave
        parts = [part.clone() for part in parts]
        return list(zip(parts[::2], parts[1::2], strict=True)), descriptor

    def _run(self, name: str, step: Step, parts: Parts) -> list[Tensor]:
        """Take a step: at once, or by the graph of its shape once there is one."""
        key = (name, *(None if part is None else (part.shape, part.dtype) for part in parts))
        captured = self._graphs.get(key)
        if captured is None:
            self._seen[key] += 1
            if self._seen[key] != _CAPTURED_AT:
                return step(*parts)
            captured = self._capture(step, parts)
            if captured is None:
                return step(*parts)
            if len(self._graphs) == _MOST:
                oldest = next(iter(self._graphs))
                del self._graphs[oldest], self._seen[oldest]
            self._graphs[key] = captured
        for held, part in zip(captured.inputs, parts, strict=True):
            if held is not None and part is not None:
                held.copy_(part)
        captured.graph.replay()
        return captured.outputs

    def _capture(self, step: Step, parts: Parts) -> Captured | None:
        """A graph of the step; None where the step cannot be captured here."""
        held: Parts = [
            None if part is None else part.clone(memory_format=torch.contiguous_format)
            for part in parts
        ]
        expected = step(*parts)
        graph = torch.cuda.CUDAGraph()
        try:
            # other threads may use the device meanwhile
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                outputs = step(*held)
            graph.replay()
            torch.cuda.synchronize(self.device)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            log.warning("A step is not captured as a CUDA graph (%s).", str(error).splitlines()[0])
            return None
        if not all(map(_same, outputs, expected)):
            log.warning("A CUDA graph gives other numbers than its step, and is not used.")
            return None
        return Captured(graph, held, outputs)


def _same(a: Tensor, b: Tensor) -> bool:
    """Whether two results differ by rounding alone."""
    a, b = a.float().nan_to_num(), b.float().nan_to_num()
    return bool((a - b).norm() <= 0.05 * b.norm())


def pack(memory: list[Keys]) -> Parts:
    """The tensors of a memory; what all blocks share comes once, first."""
    first = memory[0]
    return [
        first.visible, first.age, first.inside,
        *(part for keys in memory for part in (keys.k, keys.v)),
    ]  # fmt: skip


def unpack(parts: Sequence[Tensor], grid: Grid) -> list[Keys]:
    """The memory that `pack` took apart."""
    visible, age, inside, *keys = parts
    return [
        Keys(k, v, grid, visible, age, inside) for k, v in zip(keys[::2], keys[1::2], strict=True)
    ]
