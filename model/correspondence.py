"""Where a place of one frame lies in another frame, when the two have different grids.

A token at cell `(i, j)` of a frame with grid `(H, W)` and crop factor `a` stands at
`u = ((j + .5)/W - .5) * a`, `v = ((i + .5)/H - .5) * a * H / W`: in units of target size, from the
crop's centre. Frames of different size meet in these units alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

EDGE = 1e-6
"""Slack of comparisons between places, in cells."""


@dataclass(frozen=True)
class Grid:
    """The token grid of one frame: rows, columns, and the crop's width in target sizes."""

    height: int
    width: int
    factor: float

    @property
    def tokens(self) -> int:
        """Number of tokens."""
        return self.height * self.width

    @property
    def pitch(self) -> float:
        """Distance between neighbouring tokens, in target sizes."""
        return self.factor / self.width


@dataclass(frozen=True)
class Correspondence:
    """For every query token, the tokens of another frame its window falls on.

    A key of the window is `sum_p weight[..., p] * tokens[index[..., p]]`: one term where the grids
    align, the four bilinear neighbours where they do not.
    """

    index: Tensor
    """`(queries, window, terms)`, int64, into the other frame's tokens."""
    weight: Tensor | None
    """`(queries, window, terms)`, float32; None where the grids align (one term of weight 1)."""
    inside: Tensor
    """`(queries, window)`, bool: whether the place lies in the other frame at all."""
    complete: bool
    """Whether every place lies inside."""

    def gather(self, tokens: Tensor) -> Tensor:
        """Sample `tokens` `(..., keys, dim)` into `(..., queries, window, dim)`."""
        queries, window, terms = self.index.shape
        picked = tokens.index_select(-2, self.index.reshape(-1))
        picked = picked.reshape(*tokens.shape[:-2], queries, window, terms, tokens.shape[-1])
        if self.weight is None:
            return picked.squeeze(-2)
        return (picked * self.weight.to(tokens.dtype)[..., None]).sum(-2)

    def spread(self, weights: Tensor, keys: int) -> Tensor:
        """Share weights of sampled keys `(..., queries, window)` out over the `keys` tokens they
        are sampled from: `(..., queries, keys)`. The transpose of `gather`; sums stay.
        """
        shared = weights[..., None]
        if self.weight is not None:
            shared = shared * self.weight.to(weights.dtype)
        shared = shared.flatten(-2)
        index = self.index.flatten(-2).expand(shared.shape)
        return weights.new_zeros(*weights.shape[:-1], keys).scatter_add(-1, index, shared)

    def gather_inside(self, inside: Tensor) -> Tensor:
        """Which sampled keys are no padding: `(..., keys)` bool to `(..., queries, window)`.

        A key sampled between tokens counts when at least half of its weight is no padding.
        """
        sampled = self.gather(inside.to(torch.float32).unsqueeze(-1)).squeeze(-1)
        return (sampled >= 0.5) & self.inside


def _cells(query: Grid, key: Grid) -> tuple[Tensor, Tensor]:
    """Rows and columns of `query` in (continuous) cells of `key`, whose centres are integers."""
    rows = (torch.arange(query.height, dtype=torch.float64) + 0.5 - query.height / 2) * query.pitch
    columns = (torch.arange(query.width, dtype=torch.float64) + 0.5 - query.width / 2) * query.pitch
    return (
        rows / key.pitch + (key.height - 1) / 2,
        columns / key.pitch + (key.width - 1) / 2,
    )


def aligned(query: Grid, key: Grid) -> bool:
    """Whether every query token falls exactly on a cell of the (extended) key grid."""
    return all(bool((cells - cells.round()).abs().max() < EDGE) for cells in _cells(query, key))


@lru_cache(maxsize=256)
def correspond(
    query: Grid,
    key: Grid,
    reach: int,
    *,
    sampled: bool = False,
    device: torch.device | None = None,
) -> Correspondence:
    """The window of `(2 * reach + 1)**2` cells of `key` around the place of each token of `query`.

    Args:
        sampled: sample bilinearly even where the grids align.
        device: where the tensors are made; the CPU if None.
    """
    # cached tensors made in inference mode would be useless to a later backward pass
    with torch.inference_mode(False):
        return _correspond(query, key, reach, sampled, device)


def _correspond(
    query: Grid, key: Grid, reach: int, sampled: bool, device: torch.device | None
) -> Correspondence:
    step = torch.arange(-reach, reach + 1, dtype=torch.float64)
    i, j = _cells(query, key)
    window = step.numel()
    shape = (query.height, query.width, window, window)
    i = (i[:, None, None, None] + step[None, None, :, None]).expand(shape)
    j = (j[None, :, None, None] + step[None, None, None, :]).expand(shape)
    i, j = (t.reshape(query.tokens, window * window) for t in (i, j))
    inside = (
        (i >= -0.5 - EDGE) & (i <= key.height - 0.5 + EDGE)
        & (j >= -0.5 - EDGE) & (j <= key.width - 0.5 + EDGE)
    )  # fmt: skip
    i, j = i.clamp(0, key.height - 1), j.clamp(0, key.width - 1)
    if aligned(query, key) and not sampled:
        index = i.round().long() * key.width + j.round().long()
        return Correspondence(
            index[..., None].to(device), None, inside.to(device), bool(inside.all())
        )
    i0, j0 = i.floor(), j.floor()
    di, dj = i - i0, j - j0
    i1, j1 = (i0 + 1).clamp(max=key.height - 1), (j0 + 1).clamp(max=key.width - 1)
    index = torch.stack(
        [r.long() * key.width + c.long() for r in (i0, i1) for c in (j0, j1)], dim=-1
    )
    weight = torch.stack(
        [r * c for r in (1 - di, di) for c in (1 - dj, dj)], dim=-1
    )  # (queries, window, 4)
    return Correspondence(
        index.to(device), weight.float().to(device), inside.to(device), bool(inside.all())
    )
