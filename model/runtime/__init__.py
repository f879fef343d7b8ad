"""How the network runs: in torch, on CUDA in graphs, or on CPUs in ONNX Runtime."""

import logging
import os

import torch

from model.errors import InputError
from model.network import SpaceTimeNetwork
from model.runtime.base import Encoded, Found, Runner
from model.runtime.cuda_runner import CudaRunner
from model.runtime.export import exportable
from model.runtime.torch_runner import TorchRunner
from model.sentences import Sentence

__all__ = ["RUNTIMES", "Encoded", "Found", "Runner", "default_threads", "make_runner"]

RUNTIMES = ("auto", "torch", "onnx", "graph")

log = logging.getLogger(__name__)


def default_threads() -> int:
    """All cores this process may use, at most 4: beyond that they wait for each other."""
    available = getattr(os, "sched_getaffinity", None)
    cores = len(available(0)) if available else os.cpu_count() or 1
    return min(4, cores)


def make_runner(
    network: SpaceTimeNetwork, slots: int, *, runtime: str = "auto", threads: int | None = None
) -> Runner:
    """What runs the network's steps.

    Args:
        network: in evaluation mode, where and in what format it shall run.
        slots: remembered frames for each target.
        runtime: `torch`; `onnx`, for float32 on CPUs; `graph`, for CUDA; or `auto`, which takes
            the one of these two that can run the network, else `torch`.
        threads: of arithmetic on the CPU; None for `default_threads` in ONNX Runtime, and for
            torch's own number in torch.

    Raises:
        InputError: no such runtime, it cannot run this network here, or no thread to run it in.
    """
    if runtime not in RUNTIMES:
        raise InputError(
            "There is no runtime {runtime!r}; choose one of {known}.",
            runtime=runtime,
            known=", ".join(RUNTIMES),
        )
    if threads is not None and threads < 1:
        raise InputError(
            "A tracker cannot run in {threads} threads; give 1 or more.", threads=threads
        )
    if runtime == "graph" and network.position.device.type != "cuda":
        raise InputError(
            "CUDA graphs run on NVIDIA graphics cards alone, and the network stands on {device}; "
            "use runtime 'torch'.",
            device=network.position.device.type,
        )
    if runtime in ("auto", "graph") and network.position.device.type == "cuda":
        return CudaRunner(network)
    obstacle = _obstacle(network)
    if runtime == "onnx" and obstacle:
        raise InputError(
            "ONNX Runtime cannot run this network: {obstacle}; use runtime 'torch'.",
            obstacle=obstacle,
        )
    if runtime != "torch" and not obstacle:
        try:
            from model.runtime.onnx_runner import OnnxRunner

            return OnnxRunner(network, slots, threads or default_threads())
        # exporter and runtime raise errors of many kinds, and any of them leaves torch to run it
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            if runtime == "onnx":
                raise InputError(
                    "ONNX Runtime cannot run this network here ({reason}); "
                    "install onnx and onnxruntime, or use runtime 'torch'.",
                    reason=reason,
                ) from error
            log.warning("The network runs in torch, slower than in ONNX Runtime (%s).", reason)
    if threads is not None and network.position.device.type == "cpu":
        torch.set_num_threads(threads)
    return TorchRunner(network)


def _obstacle(network: SpaceTimeNetwork) -> str:
    """Why ONNX Runtime is not meant for this network; empty if it is."""
    weight = network.position
    if weight.device.type != "cpu":
        return Sentence("it stands on {device}, not on the CPU", device=weight.device.type)
    if weight.dtype is not torch.float32:
        found = str(weight.dtype).removeprefix("torch.")
        return Sentence("it is in {found}, not float32", found=found)
    if not exportable(network.config):
        return Sentence("its time attention does not look at every place")
    return ""
