"""What is shown of the weights of attention: of one token, for a block and head or the mean. Pure;
no Qt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.ui.memory.tokens import under
from model.results import Attention

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Choice:
    """Which attention to show."""

    space: bool = False
    """That in space; else that in time."""
    layer: int | None = None
    """From 0; None for the mean of all."""
    head: int | None = None
    """From 0; None for the mean of all."""

    def fitted(self, attention: Attention) -> "Choice":
        """The same, with the mean in place of a layer or head that there is not."""
        layers, heads = attention.own.shape[:2]
        layer = self.layer if self.layer is not None and self.layer < layers else None
        head = self.head if self.head is not None and self.head < heads else None
        return Choice(self.space, layer, head)


@dataclass(frozen=True, eq=False)
class Shown:
    """Where one token looks. Every number is a share of the whole, 0..1."""

    maps: Floats
    """`(T, g, g)` over the templates in time; `(1, G, G)` over the searched crop in space."""
    shares: tuple[float, ...]
    """Of each map; with `own` they sum to 1."""
    own: float
    """What stays with the token itself in time; 0 in space."""
    peak: float
    """The largest weight in the maps."""
    on_target: float
    """In space: what goes to tokens on the target; 0 in time."""

    def reordered(self, order: Sequence[int]) -> "Shown":
        """With the maps in another order."""
        shares = tuple(self.shares[k] for k in order)
        return replace(self, maps=self.maps[list(order)], shares=shares)


def grids(attention: Attention) -> tuple[int, int]:
    """Tokens along the searched crop, and along a template."""
    return math.isqrt(attention.time.shape[2]), math.isqrt(attention.time.shape[-1])


def shown(attention: Attention, choice: Choice, token: int) -> Shown:
    """What `choice` shows of a token."""
    choice = choice.fitted(attention)
    grid, template_grid = grids(attention)
    if choice.space:
        weights = _chosen(attention.space[:, :, token], choice)
        target = under(attention.box, attention.search.shape[0], grid)
        return Shown(
            weights.reshape(1, grid, grid), (1.0,), 0.0, float(weights.max()),
            float(weights[target].sum()),
        )  # fmt: skip
    weights = _chosen(attention.time[:, :, token], choice)  # (T, g * g)
    shares = tuple(float(share) for share in weights.sum(-1))
    own = float(_chosen(attention.own[:, :, token], choice))
    maps = weights.reshape(-1, template_grid, template_grid)
    return Shown(maps, shares, own, float(weights.max(initial=0.0)), 0.0)


def _chosen(weights: Floats, choice: Choice) -> Floats:
    """Of `(L, H, ...)` one layer and head, or their means."""
    layers = weights.mean(0) if choice.layer is None else weights[choice.layer]
    heads = layers.mean(0) if choice.head is None else layers[choice.head]
    return np.asarray(heads, np.float32)


def percents(shares: Sequence[float]) -> list[int]:
    """Whole percents whose sum is that of the shares, rounded; each less than 1 from its share."""
    exact = [100 * max(0.0, share) for share in shares]
    floors = [math.floor(value) for value in exact]
    missing = round(sum(exact)) - sum(floors)
    order = sorted(range(len(exact)), key=lambda k: floors[k] - exact[k])
    for k in order[:missing]:
        floors[k] += 1
    return floors
