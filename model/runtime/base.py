"""What a runner does: the network's two steps, from pixels to numbers on the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from model.attention import Keys
from model.geometry import Box
from model.images import Frame

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Found:
    """What the network says of `B` search regions of grid side `G`, `N = G * G` tokens."""

    score: Floats
    """`(B, G, G)` in 0..1: the target's centre lies in the cell."""
    quality: Floats
    """`(B, G, G)` in 0..1: IoU that the cell's box would have."""
    boxes: Floats
    """`(B, G, G, 4)`: xywh in pixels of the search crop."""
    descriptors: Floats
    """`(B, C)`: unit vector of the features under the response."""
    shares: Floats
    """`(B, N, slots)`: time attention of each token to each remembered frame, 0..1."""


@dataclass(frozen=True)
class Encoded:
    """A template, ready for the buffer."""

    keys: list[tuple[Tensor, Tensor]]
    """Keys and values of time attention for each block, `(1, heads, 1, N, d)`."""
    descriptor: Floats
    """`(C,)`: unit vector of the features in the box."""


class Runner(Protocol):
    """Runs the two steps of one network.

    Crops are `(S, S, 3)` uint8 RGB. `inside` is `(B, N)` bool, False at padding, or None where
    there is none. `memory` has one entry for each block, as `RollingBuffer.memory` gives it.
    """

    name: str
    """`torch`, `onnx` or `graph`."""

    def search(
        self, crops: Sequence[Frame], inside: NDArray[np.bool_] | None, memory: list[Keys]
    ) -> Found:
        """Look for targets in `B` search regions, each against its own memory."""
        ...

    def encode(
        self,
        crop: Frame,
        box: Box,
        role: int,
        inside: NDArray[np.bool_] | None,
        memory: list[Keys] | None,
    ) -> Encoded:
        """Encode one template.

        Args:
            box: xywh of the target in pixels of the crop.
            role: `GIVEN` or `REMEMBERED`.
            memory: of this target; None for its first template.
        """
        ...
