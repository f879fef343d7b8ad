"""The network's steps in ONNX Runtime: float32 on CPUs, several times as fast as torch."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.attention import AGE_BUCKETS, Keys
from model.geometry import Box, box_cover
from model.images import Frame
from model.network import SpaceTimeNetwork
from model.runtime import cache
from model.runtime.base import Encoded, Floats, Found
from model.runtime.export import STEPS, export, memory_names

_HIDDEN = np.float32(-np.inf)

_EXPORTING = Lock()
"""Torch exports one network at a time in a process: its exporter keeps its state in globals."""

# Threads that wait by spinning take the cores from whatever decodes, draws and records meanwhile,
# and from themselves: beside ten busy processes on two cores, a step of `nano` cost 33 ms of CPU
# time with spinning, 26 without, and 19 in blocks that whichever thread is awake takes next (17 in
# one thread); half of the steps took 480, 340 and 250 ms.
_SETTINGS = {"intra_op.allow_spinning": "0", "dynamic_block_base": "4"}

# One region takes all threads: two are a fifth to a third faster than one (`nano` 4.4 to 5.1 ms an
# update instead of 6.0 to 6.3, `small` 9.7 to 10.6 instead of 10.2 to 14.6), though each must be
# woken for every operator. Several regions are shared out, whole, among threads; and what one
# thread takes more than two at once of falls out of its cache (eight together cost 5 (nano) to 15 %
# (small) more than two by two).
_AT_ONCE = 2


class OnnxRunner:
    """Runs exported copies of a network; later changes of its weights go unseen.

    Args:
        slots: remembered frames for each target.
        threads: of arithmetic.

    Raises:
        ImportError: ONNX or ONNX Runtime is not installed.
        Exception: whatever the exporter or ONNX Runtime raise over this network.
    """

    name = "onnx"

    def __init__(self, network: SpaceTimeNetwork, slots: int, threads: int) -> None:
        import onnxruntime

        self._config, self._slots = network.config, slots
        self._memory_names = memory_names(network.config)
        self._ages = _age_biases(network)
        self._threads = threads
        key = cache.key(network, slots, onnxruntime.__version__)
        made_of = [(network, slots, step, f"{key}-{step}.onnx") for step in STEPS]
        self._search, self._template = (_session(*each, threads) for each in made_of)
        self._pool = ThreadPoolExecutor(threads, "regions") if threads > 1 else None
        self._shared: Future[Any] | None = None
        """The session for regions that are shared out: one thread for each run."""
        if self._pool is not None:
            # made beside: to make it takes a tenth of a second, which the first update that needs
            # it (a second target, or a lost one) has no time for
            self._shared = self._pool.submit(_session, *made_of[0], 1)

    def search(
        self, crops: Sequence[Frame], inside: NDArray[np.bool_] | None, memory: list[Keys]
    ) -> Found:
        """As `Runner.search`."""
        padding = _padding(inside, len(crops), self._config.search_grid.tokens)
        inputs = {"padding": padding, **self._memory(memory)}
        if len(crops) == 1:
            found = self._search.run(None, {"images": _planes(crops), **inputs})
        else:
            session = self._search if self._shared is None else self._shared.result()
            share_out = map if self._pool is None else self._pool.map
            size = min(_AT_ONCE, -(-len(crops) // self._threads))
            parts = [slice(start, start + size) for start in range(0, len(crops), size)]

            def run(some: slice) -> list[Floats]:
                feed = {name: values[some] for name, values in inputs.items()}
                images = _planes(list(crops)[some])
                answer: list[Floats] = session.run(None, {"images": images, **feed})
                return answer

            found = [np.concatenate(each) for each in zip(*share_out(run, parts), strict=True)]
        certain, boxes, descriptors, shares = found
        return Found(certain[:, 0], certain[:, 1], boxes, descriptors, shares)

    def encode(
        self,
        crop: Frame,
        box: Box,
        role: int,
        inside: NDArray[np.bool_] | None,
        memory: list[Keys] | None,
    ) -> Encoded:
        """As `Runner.encode`."""
        template = self._config.template
        cover = box_cover(box, template.grid, template.stride)
        feed = {
            "images": _planes([crop]),
            "padding": _padding(inside, 1, self._config.template_grid.tokens),
            "target": cover.reshape(1, -1),
            "role": np.array([role]),
            **(self._no_memory() if memory is None else self._memory(memory)),
        }
        # what the last block does after its keys is not part of the step
        feed = {i.name: feed[i.name] for i in self._template.get_inputs()}
        descriptors, *own = self._template.run(None, feed)
        tensors = [torch.from_numpy(values)[:, :, None] for values in own]
        return Encoded(list(zip(tensors[::2], tensors[1::2], strict=True)), descriptors[0])

    def _memory(self, memory: list[Keys]) -> dict[str, Floats]:
        """The inputs that hold the memory; keys and values are views of the ring buffer."""
        biases = self._biases(memory[0])
        values: list[Floats] = []
        for keys, bias in zip(memory, biases, strict=True):
            values += [_flat(keys.k), _flat(keys.v), bias]
        return dict(zip(self._memory_names, values, strict=True))

    def _no_memory(self) -> dict[str, Floats]:
        c = self._config
        keys = self._slots * c.template_grid.tokens
        nothing = np.zeros((1, c.heads, keys, c.dim // c.heads), np.float32)
        hidden = np.full((1, c.heads, 1, keys), _HIDDEN)
        return dict(zip(self._memory_names, [nothing, nothing, hidden] * c.depth, strict=True))

    def _biases(self, keys: Keys) -> Floats:
        """Bias of each key by its age, -inf where it is hidden: `(depth, B, heads, 1, keys)`."""
        visible = keys.visible[:, 0].numpy()  # (B, slots)
        assert keys.age is not None
        age = keys.age[:, 0].numpy()
        octave = np.floor(np.log2(np.maximum(age, 1))) + 1  # as model.attention.age_bucket
        bucket = np.where(age < 0.5, 0, np.minimum(octave, AGE_BUCKETS - 1)).astype(np.intp)
        bias = np.where(visible, self._ages[:, :, bucket], _HIDDEN)  # (depth, heads, B, slots)
        tokens = self._config.template_grid.tokens
        bias = np.repeat(bias.transpose(0, 2, 1, 3), tokens, axis=-1)
        if keys.inside is not None:
            bias = np.where(keys.inside.flatten(1).numpy()[:, None], bias, _HIDDEN)
        return bias[..., None, :]


def _age_biases(network: SpaceTimeNetwork) -> Floats:
    """`(depth, heads, buckets)`."""
    weights = network.state_dict()
    rows = [weights[f"blocks.{i}.time.age_bias"] for i in range(network.config.depth)]
    return torch.stack(rows).float().numpy()


def _session(network: SpaceTimeNetwork, slots: int, step: str, file: str, threads: int) -> Any:
    """ONNX Runtime's session of one step, from the cache where it has been exported before."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    for name, value in _SETTINGS.items():
        options.add_session_config_entry(f"session.{name}", value)
    with _EXPORTING:
        model = cache.read(file)
        if model is None:
            model = export(network, slots, step)
            cache.write(file, model)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _planes(crops: Sequence[Frame]) -> NDArray[np.uint8]:
    """Crops `(S, S, 3)` as `(B, 3, S, S)`; OpenCV does this five times as fast as NumPy."""
    planes = np.empty((len(crops), 3, *crops[0].shape[:2]), np.uint8)
    for crop, plane in zip(crops, planes, strict=True):
        cv2.split(crop, list(plane))
    return planes


def _padding(inside: NDArray[np.bool_] | None, count: int, tokens: int) -> Floats:
    """Bias of each token as a key of space attention, `(B, 1, 1, N)`."""
    padding = np.zeros((count, 1, 1, tokens), np.float32)
    if inside is not None:
        # a frame that is all padding looks at all of it rather than at nothing
        hidden = ~inside & inside.any(-1, keepdims=True)
        padding[:, 0, 0][hidden] = _HIDDEN
    return padding


def _flat(keys: Tensor) -> Floats:
    """`(B, heads, slots, n, d)` as `(B, heads, slots * n, d)`, without a copy."""
    return keys.flatten(2, 3).numpy()
