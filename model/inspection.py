"""Attention made visible: where each token of a search region looks, in time and in space."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from model.attention import Keys, Record, Stack, View
from model.buffer import Entry
from model.geometry import Box
from model.network import SEARCH, SpaceTimeNetwork
from model.observer import Look
from model.results import Attention


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
