"""The network on regions of a frame: search regions against the buffers, templates into them."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from model.buffer import Entry, RollingBuffer
from model.geometry import Box, Crop, cut, inside_tokens
from model.images import Frame
from model.network import GIVEN, REMEMBERED, SEARCH, Response, SpaceTimeNetwork, target_mask
from model.peaks import Maps


@dataclass(frozen=True)
class Look:
    """What the network said of one search region."""

    crop: Crop
    maps: Maps
    likeness: float
    """Cosine of the features under the response with those of the first template, -1..1."""
    shares: NDArray[np.float32]
    """`(N, slots)`: time attention of each token to each remembered frame."""


class Observer:
    """Runs a network on regions of frames, for the targets of a rolling buffer."""

    def __init__(self, network: SpaceTimeNetwork, buffer: RollingBuffer) -> None:
        self.network, self.buffer = network, buffer
        self.device = buffer.device

    def look(
        self, frame: Frame, crops: dict[int, list[Crop]], descriptors: list[Tensor], now: int
    ) -> dict[int, list[Look]]:
        """Run all search regions of all targets through the network together.

        Args:
            crops: search regions by the target's row in the buffer.
            descriptors: of the first template of every target, by row.
            now: number of the update.
        """
        rows = [row for row, each in crops.items() for _ in each]
        if not rows:
            return {}
        every = [crop for each in crops.values() for crop in each]
        whole = rows == list(range(len(self.buffer.rows)))
        picked = slice(0, len(rows)) if whole else torch.tensor(rows, device=self.device)
        memory = self.buffer.memory(picked, now)
        features = self._features(frame, every)
        inside = self._inside(frame, every, self.network.config.search.grid)
        role = torch.full((len(rows), 1), SEARCH, device=self.device)
        tokens, _, shares = self.network.stream(features, role, memory, inside=inside)
        response = self.network.respond(tokens)
        under = response.score[:, 0].flatten(1).sigmoid() ** 2
        first = torch.stack([descriptors[row] for row in rows])
        likeness = (describe(features[:, 0], under) * first).sum(-1)
        looks = iter(_unpack(every, response, likeness, shares))
        return {row: [next(looks) for _ in each] for row, each in crops.items()}

    def remember(
        self, row: int, frame: Frame, box: Box, *, now: int, time: float, score: float, given: bool
    ) -> Tensor:
        """Encode a template against the buffer and put it there; return its descriptor.

        Where every frame in the buffer is pinned, nothing is put there.

        Args:
            row: the target's row in the buffer.
            box: in pixels of the frame.
            now: number of the update.
            time: seconds.
            score: of the box, 0..1.
            given: whether the user drew the box, rather than the tracker.
        """
        template = self.network.config.template
        crop = Crop.around(box, template)
        features = self._features(frame, [crop])
        in_crop = torch.tensor(crop.box_to_crop(box), device=self.device)[None]
        slot = self.buffer.rows[row].slot_for_new()
        if slot is not None:
            inside = self._inside(frame, [crop], template.grid)
            memory = None if given else self.buffer.memory(slice(row, row + 1), now)
            role = torch.full((1, 1), GIVEN if given else REMEMBERED, device=self.device)
            _, keys, _ = self.network.stream(
                features, role, memory, boxes=in_crop[None], inside=inside
            )
            entry = Entry(now, time, score, cut(frame, crop), pinned=given)
            self.buffer.write(row, slot, keys, entry, inside)
        mask = target_mask(in_crop, template.grid, template.stride)
        return describe(features[:, 0], mask)[0]

    def account(self, row: int, look: Look, crop_box: Box) -> None:
        """Note what share of attention the tokens in the box gave to each remembered frame."""
        search = self.network.config.search
        mask = target_mask(torch.tensor(crop_box), search.grid, search.stride).numpy()
        if mask.sum() == 0:
            return
        shares = (look.shares * mask[:, None]).sum(0) / mask.sum()
        for entry, share in zip(self.buffer.rows[row].entries, shares, strict=True):
            if entry is not None:
                entry.share = float(share)

    def _features(self, frame: Frame, crops: list[Crop]) -> Tensor:
        """Stem features `(B, 1, N, C)` of crops of one size."""
        images = torch.from_numpy(np.stack([cut(frame, crop) for crop in crops]))
        return self.network.features(images.to(self.device, non_blocking=True)[:, None])

    def _inside(self, frame: Frame, crops: list[Crop], grid: int) -> Tensor | None:
        """`(B, 1, N)` bool, False at padding; None if every crop lies in the frame."""
        height, width = frame.shape[:2]
        inside = np.stack([inside_tokens(crop, grid, width, height) for crop in crops])
        if inside.all():
            return None
        return torch.from_numpy(inside).flatten(1)[:, None].to(self.device)


def _unpack(crops: list[Crop], response: Response, likeness: Tensor, shares: Tensor) -> list[Look]:
    """Bring a response to the CPU in one copy."""
    grid = response.score.shape[-1]
    cells, slots = grid * grid, shares.shape[-1] - 1  # the last share is the frame's own
    flat = torch.cat(
        [
            response.score.sigmoid().flatten(1),
            response.quality.sigmoid().flatten(1),
            response.boxes.flatten(1),
            shares[..., :-1].float().flatten(1),
            likeness[:, None],
        ],
        dim=1,
    )
    looks = []
    for crop, values in zip(crops, flat.cpu().numpy(), strict=True):
        score, quality, boxes, share, like = np.split(
            values, np.cumsum([cells, cells, 4 * cells, slots * cells])
        )
        maps = Maps(
            score.reshape(grid, grid), quality.reshape(grid, grid), boxes.reshape(grid, grid, 4)
        )
        looks.append(Look(crop, maps, float(like[0]), share.reshape(cells, slots)))
    return looks


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
