"""Where a place of one frame lies in another."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.correspondence import Grid, aligned, correspond
from tests.model.tiny import tokens

QUESTION = Grid(18, 18, 4.5)
SEARCH, TEMPLATE = Grid(16, 16, 4.0), Grid(8, 8, 2.0)
ALIGNED = [(QUESTION, TEMPLATE), (TEMPLATE, QUESTION), (SEARCH, TEMPLATE), (TEMPLATE, TEMPLATE)]
GRIDS = st.builds(Grid, st.integers(2, 12), st.integers(2, 12), st.floats(0.5, 6))


@pytest.mark.parametrize("offset", [4, 5])
def test_the_template_lies_on_the_central_cells_of_the_search_grid(offset: int) -> None:
    search = {4: SEARCH, 5: QUESTION}[offset]
    places = correspond(TEMPLATE, search, 0)
    rows, columns = places.index[:, 0, 0] // search.width, places.index[:, 0, 0] % search.width
    cells = torch.arange(8) + offset
    assert torch.equal(rows.reshape(8, 8), cells[:, None].expand(8, 8))
    assert torch.equal(columns.reshape(8, 8), cells.expand(8, 8))
    assert places.complete
    back = correspond(search, TEMPLATE, 0)
    inside = torch.zeros(search.height, search.width, dtype=torch.bool)
    inside[offset : offset + 8, offset : offset + 8] = True
    assert not back.complete
    assert torch.equal(back.inside[:, 0], inside.flatten())


@pytest.mark.parametrize(("query", "key"), ALIGNED)
@pytest.mark.parametrize("reach", [0, 1, 2])
def test_sampled_keys_equal_indexed_keys_on_aligned_grids(
    query: Grid, key: Grid, reach: int
) -> None:
    assert aligned(query, key)
    indexed, sampled = (correspond(query, key, reach, sampled=s) for s in (False, True))
    assert indexed.weight is None
    assert sampled.weight is not None
    assert torch.equal(indexed.inside, sampled.inside)
    keys = tokens(2, 3, key.tokens, 5)
    assert indexed.gather(keys).shape == (2, 3, query.tokens, (2 * reach + 1) ** 2, 5)
    torch.testing.assert_close(sampled.gather(keys), indexed.gather(keys))
    padding = tokens(2, key.tokens, seed=1) > 0
    assert torch.equal(sampled.gather_inside(padding), indexed.gather_inside(padding))


def test_grids_of_another_pitch_are_not_aligned() -> None:
    assert not aligned(Grid(16, 16, 4.5), TEMPLATE)
    assert not aligned(Grid(7, 7, 1.75), TEMPLATE)


def positions(grid: Grid) -> torch.Tensor:
    """`(u, v)` of each token, straight from the definition: `(tokens, 2)`."""
    u = ((torch.arange(grid.width) + 0.5) / grid.width - 0.5) * grid.factor
    v = ((torch.arange(grid.height) + 0.5) / grid.height - 0.5) * grid.factor
    v = v * grid.height / grid.width
    return torch.stack([u.expand(grid.height, -1), v[:, None].expand(-1, grid.width)], -1).flatten(
        0, 1
    )


@given(query=GRIDS, key=GRIDS)
def test_a_sampled_position_is_the_query_s_own(query: Grid, key: Grid) -> None:
    # bilinear sampling of the keys' positions gives back the place that was asked for
    places = correspond(query, key, 0, sampled=True)
    here, there = positions(query), positions(key)
    sampled = places.gather(there)[:, 0]
    expected = torch.minimum(torch.maximum(here, there.amin(0)), there.amax(0))
    torch.testing.assert_close(sampled, expected, atol=1e-4, rtol=1e-4)
    # a place is inside up to half a cell beyond the outermost keys
    beyond = (here - expected).abs().amax(-1)
    assert places.inside[beyond < 0.499 * key.pitch].all()
    assert not places.inside[beyond > 0.501 * key.pitch].any()


def test_what_inference_cached_serves_training_too() -> None:
    grid = Grid(5, 3, 1.7)
    with torch.inference_mode():
        correspond(grid, TEMPLATE, 1)
    keys = tokens(TEMPLATE.tokens, 4).requires_grad_()
    correspond(grid, TEMPLATE, 1).gather(keys).sum().backward()
    assert keys.grad is not None
    assert keys.grad.any()
