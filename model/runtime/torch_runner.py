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
        features = self._features(crops)
        role = torch.full((len(crops), 1), SEARCH, device=self.device)
        tokens, _, shares = self.network.stream(features, role, memory, inside=self._frames(inside))
        response = self.network.respond(tokens)
        score = response.score[:, 0].sigmoid()
        parts = [
            score,
            response.quality[:, 0].sigmoid(),
            response.boxes[:, 0],
            describe(features[:, 0], score.flatten(1) ** 2),
            shares[..., :-1],  # the last share is the frame's own
        ]
        # one copy from the device rather than five
        flat = torch.cat([part.float().flatten(1) for part in parts], 1).cpu().numpy()
        ends = np.cumsum([part[0].numel() for part in parts])[:-1]
        return Found(
            *(
                values.reshape(part.shape)
                for values, part in zip(np.split(flat, ends, axis=1), parts, strict=True)
            )
        )

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
        template = self.network.config.template
        features = self._features([crop])
        boxes = torch.tensor([[box]], device=self.device)
        roles = torch.full((1, 1), role, device=self.device)
        _, keys, _ = self.network.stream(
            features, roles, memory, boxes=boxes, inside=self._frames(inside)
        )
        mask = target_mask(boxes[0], template.grid, template.stride)
        return Encoded(keys, describe(features[:, 0], mask)[0].cpu().numpy())

    def _features(self, crops: Sequence[Frame]) -> Tensor:
        """Stem features `(B, 1, N, C)` of crops of one size."""
        images = torch.from_numpy(np.stack(crops))
        return self.network.features(images.to(self.device, non_blocking=True)[:, None])

    def _frames(self, inside: NDArray[np.bool_] | None) -> Tensor | None:
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
