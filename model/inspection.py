"""Attention made visible: where each token of a search region looks, in time and in space."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model.attention import Keys, Record, Stack, View
from model.buffer import Entry
from model.geometry import Box
from model.images import Frame
from model.network import SEARCH, SpaceTimeNetwork
from model.observer import Look


@dataclass(frozen=True, eq=False)
class Attention:
    """What one search step looked at.

    L blocks, H heads, G tokens along the search region, T remembered frames, g tokens along a
    template. Tokens are numbered row by row. All numbers are in 0..1.
    """

    search: Frame
    """`(S, S, 3)` uint8 RGB: the crop that was searched."""
    slots: tuple[int, ...]
    """T slots of the buffer, rising."""
    templates: tuple[Frame, ...]
    """T template crops, `(s, s, 3)` uint8 RGB."""
    time: NDArray[np.float32]
    """`(L, H, G*G, T, g*g)`: time attention of each search token to each place of each frame."""
    own: NDArray[np.float32]
    """`(L, H, G*G)`: time attention that stays in the search frame: with the token itself, with
    reach r also with the places around it. `time.sum((-2, -1)) + own` is 1."""
    space: NDArray[np.float32]
    """`(L, H, G*G, G*G)`: space attention of each token (third axis) to each; rows sum to 1."""
    box: Box
    """The target as found, in pixels of the search crop."""


@torch.inference_mode()
def inspect(
    network: SpaceTimeNetwork,
    look: Look,
    memory: list[Keys],
    entries: Sequence[Entry | None],
    box: Box,
) -> Attention:
    """Take a search step once more in torch, and note its attention.

    Args:
        network: that the memory's keys were made by.
        look: the step.
        memory: of the target alone, one entry for each block.
        entries: what is in each slot of the memory.
        box: the target in pixels of the search crop.
    """
    device, grid = network.position.device, network.config.search_grid
    images = torch.from_numpy(look.image)[None, None].to(device)
    role = torch.full((1, 1), SEARCH, device=device)
    tokens = [network.embed(network.features(images), role)]
    inside = None if look.inside is None else torch.from_numpy(look.inside)[None, None].to(device)
    itself = View(
        torch.ones(1, 1, dtype=torch.bool, device=device), torch.zeros(1, 1, device=device)
    )
    record = Record()
    for block, keys in zip(network.blocks, memory, strict=True):
        out = block(tokens, [Stack(grid, inside)], [[itself]], memory=keys, record=record)
        tokens = out.tokens
    filled = [slot for slot, entry in enumerate(entries) if entry is not None]
    return Attention(
        search=look.image,
        slots=tuple(filled),
        templates=tuple(entry.thumbnail for entry in entries if entry is not None),
        time=_numbers([remembered[0, :, 0][:, :, filled] for remembered, _ in record.time]),
        own=_numbers([own[0, :, 0].sum((-2, -1)) for _, own in record.time]),
        space=_numbers([space[0] for space in record.space]),
        box=box,
    )


def _numbers(blocks: list[torch.Tensor]) -> NDArray[np.float32]:
    return np.stack([block.float().cpu().numpy() for block in blocks])
