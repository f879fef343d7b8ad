"""From a network to two ONNX models."""

import io
import warnings

import torch
from torch import Tensor, nn

from model.network import SpaceTimeNetwork
from model.presets import NetworkConfig
from model.runtime.graphs import SearchGraph, TemplateGraph

OPSET = 17

STEPS = ("search", "template")


def exportable(config: NetworkConfig) -> bool:
    """Whether the graphs know this shape of network: its time attention looks at every place."""
    return config.reach is None


def memory_names(config: NetworkConfig) -> list[str]:
    """Names of the inputs that hold the memory: keys, values and biases of each block."""
    return [f"{part}{i}" for i in range(config.depth) for part in ("keys", "values", "bias")]


def export(network: SpaceTimeNetwork, slots: int, step: str) -> bytes:
    """The `search` or the `template` step as an ONNX model with any batch size.

    Raises:
        ImportError: the package onnx is not installed.
    """
    import onnx  # noqa: F401  (torch needs it, and says so less clearly)

    config = network.config
    with torch.inference_mode(False), torch.no_grad():
        memory = _memory(config, slots)
        if step == "search":
            graph: nn.Module = SearchGraph(network, slots)
            size, tokens = config.search.size, config.search_grid.tokens
            inputs, given = ["images", "padding"], []
            outputs = ["certain", "boxes", "descriptors", "shares"]
        else:
            graph = TemplateGraph(network, slots)
            size, tokens = config.template.size, config.template_grid.tokens
            inputs = ["images", "padding", "target", "role"]
            given = [torch.rand(2, tokens), torch.ones(2, dtype=torch.long)]
            own = [f"{part}{i}" for i in range(config.depth) for part in ("own_keys", "own_values")]
            outputs = ["descriptors", *own]
        images = torch.zeros(2, 3, size, size, dtype=torch.uint8)
        example = (images, torch.zeros(2, 1, 1, tokens), *given, *memory)
        return _to_onnx(graph.eval(), example, [*inputs, *memory_names(config)], outputs)


def _memory(config: NetworkConfig, slots: int) -> list[Tensor]:
    keys = slots * config.template_grid.tokens
    kept = torch.zeros(2, config.heads, keys, config.dim // config.heads)
    return [kept, kept.clone(), torch.zeros(2, config.heads, 1, keys)] * config.depth


def _to_onnx(
    graph: nn.Module, example: tuple[Tensor, ...], inputs: list[str], outputs: list[str]
) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of its own future
        torch.onnx.export(
            graph, example, file, dynamo=False, opset_version=OPSET,  # type: ignore[arg-type]
            input_names=inputs, output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in (*inputs, *outputs)},
        )  # fmt: skip
    return file.getvalue()
