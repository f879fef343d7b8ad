"""The network's steps in torch: the reference, on every device and in every number format."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from model.attention import Keys
from model.geometry import Box
from model.images import Frame
from model.network import SEARCH, SpaceTimeNetwork, target_mask
from model.runtime.base import Encoded, Found


class TorchRunner:
    """Runs a network where and in what format its weights are."""

    name = "torch"

    def __init__(self, network: SpaceTimeNetwork) -> None:
        self.network = network
        self.device = network.position.device

    @torch.inference_mode()
    def search(
        self, crops: Sequence[Frame], inside: NDArray[np.bool_] | None, memory: list[Keys]
    ) -> Found:
        """As `Runner.search`."""
        images, ok = self._images(crops), self._inside(inside)
        # one copy from the device rather than five
        flat = self.search_step(images, ok, memory).cpu().numpy()
        config, slots = self.network.config, memory[0].k.shape[2]
        grid = config.search.grid
        shapes = [(grid, grid), (grid, grid), (grid, grid, 4), (config.dim,), (grid**2, slots)]
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        parts = zip(np.split(flat, ends, axis=1), shapes, strict=True)
        return Found(*(values.reshape(-1, *shape) for values, shape in parts))

    @torch.inference_mode()
    def encode(
        self,
        crop: Frame,
        box: Box,
        role: int,
        inside: NDArray[np.bool_] | None,
        memory: list[Keys] | None,
    ) -> Encoded:
        """As `Runner.encode`."""
        roles, boxes = torch.full((1, 1), role), torch.tensor([[box]], dtype=torch.float32)
        images, ok = self._images([crop]), self._inside(inside)
        keys, descriptor = self.encode_step(
            images, boxes.to(self.device), roles.to(self.device), ok, memory
        )
        return Encoded(keys, descriptor[0].cpu().numpy())

    def search_step(self, images: Tensor, inside: Tensor | None, memory: list[Keys]) -> Tensor:
        """All that `Found` holds, of a region a row, `(B, numbers)` float32, on the device.

        Args:
            images: `(B, 1, S, S, 3)` uint8 RGB.
            inside: `(B, 1, N)` bool, False at padding, or None.
            memory: one entry for each block.
        """
        network = self.network
        features = network.features(images)
        role = torch.full((len(images), 1), SEARCH, device=self.device)
        tokens, _, shares = network.stream(features, role, memory, inside=inside)
        response = network.respond(tokens)
        score = response.score[:, 0].sigmoid()
        parts = [
            score,
            response.quality[:, 0].sigmoid(),
            response.boxes[:, 0],
            describe(features[:, 0], score.flatten(1) ** 2),
            shares[..., :-1],  # the last share is the frame's own
        ]
        return torch.cat([part.float().flatten(1) for part in parts], 1)

    def encode_step(
        self,
        images: Tensor,
        boxes: Tensor,
        role: Tensor,
        inside: Tensor | None,
        memory: list[Keys] | None,
    ) -> tuple[list[tuple[Tensor, Tensor]], Tensor]:
        """Keys and values as in `Encoded`, and the descriptor `(1, C)`, on the device.

        Args:
            images: `(1, 1, S, S, 3)` uint8 RGB.
            boxes: `(1, 1, 4)` xywh in pixels of the crop.
            role: `(1, 1)` int64.
            inside: `(1, 1, N)` bool, False at padding, or None.
            memory: one entry for each block; None for a first template.
        """
        template = self.network.config.template
        features = self.network.features(images)
        _, keys, _ = self.network.stream(features, role, memory, boxes=boxes, inside=inside)
        mask = target_mask(boxes[:, 0], template.grid, template.stride)
        return keys, describe(features[:, 0], mask)

    def _images(self, crops: Sequence[Frame]) -> Tensor:
        """Crops of one size, `(B, 1, S, S, 3)`, on the device."""
        return torch.from_numpy(np.stack(crops)).to(self.device)[:, None]

    def _inside(self, inside: NDArray[np.bool_] | None) -> Tensor | None:
        return None if inside is None else torch.from_numpy(inside)[:, None].to(self.device)


def describe(features: Tensor, weight: Tensor) -> Tensor:
    """Unit vector of the features under a weight, apart from those of the whole crop.

    Args:
        features: `(B, N, C)`.
        weight: `(B, N)`, not negative.

    Returns:
        `(B, C)`, float32.
    """
    features, weight = features.float(), weight.float()
    weight = weight / weight.sum(-1, keepdim=True).clamp(min=1e-6)
    target = (features * weight[..., None]).sum(1)
    return F.normalize(target - features.mean(1), dim=-1)
