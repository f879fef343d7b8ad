"""Divided attention over frames of different size, against plain loops and plain ViT blocks."""

import dataclasses
from itertools import product

import pytest
import torch
from einops import rearrange
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor

from model.attention import DividedBlock, Keys, SpaceAttention, Stack, TimeAttention, age_bucket
from model.correspondence import Grid
from tests.model.tiny import pair_views, randomise, tokens

QUESTION, TEMPLATE = Grid(18, 18, 4.5), Grid(8, 8, 2.0)
SMALL_SEARCH, SMALL_TEMPLATE = Grid(6, 6, 3.0), Grid(4, 4, 2.0)
REACHES = [0, 1, None]
DIM, HEADS = 24, 3


def small_block(reach: int | None) -> DividedBlock:
    return randomise(DividedBlock(DIM, HEADS, reach=reach, mlp_ratio=2.0))


def clip(templates: int = 3) -> tuple[list[Tensor], list[Stack]]:
    """Random tokens of templates and one search frame, batch 2, and their stacks."""
    return (
        [tokens(2, templates, 16, DIM), tokens(2, 1, 36, DIM, seed=1)],
        [Stack(SMALL_TEMPLATE), Stack(SMALL_SEARCH)],
    )


def own_keys(time: TimeAttention, x: Tensor, grid: Grid, visible: Tensor) -> tuple[Tensor, Keys]:
    q, k, v = time.project(x)
    return q, Keys(k, v, grid, visible, own=True)


def test_a_new_block_is_a_plain_vit_block_on_each_frame() -> None:
    vit = VisionTransformer(
        img_size=64, patch_size=16, embed_dim=DIM, depth=1, num_heads=HEADS, mlp_ratio=2.0
    )
    plain = randomise(vit.blocks[0])
    block = DividedBlock(DIM, HEADS, reach=None, mlp_ratio=2.0)
    names = {"norm1": "norm_s", "attn": "space", "norm2": "norm_m", "mlp": "mlp"}
    state = {f"{names[k.split('.')[0]]}.{k.partition('.')[2]}": v
             for k, v in plain.state_dict().items()}  # fmt: skip
    missing = block.load_state_dict(state, strict=False)
    assert not missing.unexpected_keys
    assert all(k.startswith(("norm_t", "time", "temporal_fc")) for k in missing.missing_keys)
    x, stacks = clip()
    out = block(x, stacks, pair_views(3))
    for before, after in zip(x, out.tokens, strict=True):
        torch.testing.assert_close(after.flatten(0, 1), plain(before.flatten(0, 1)))


@pytest.mark.parametrize("reach", REACHES)
def test_the_shapes_of_the_question(reach: int | None) -> None:
    block = randomise(DividedBlock(768, 12, reach=reach))
    search, template = tokens(2, 1, 768, 18, 18), tokens(2, 2, 768, 8, 8, seed=1)
    flat = [rearrange(x, "b f c i j -> b f (i j) c") for x in (template, search)]
    with torch.no_grad():
        out = block(flat, [Stack(TEMPLATE), Stack(QUESTION)], pair_views(2))
    back = [
        rearrange(x, "b f (i j) c -> b f c i j", i=side)
        for x, side in zip(out.tokens, (8, 18), strict=True)
    ]
    assert back[0].shape == template.shape
    assert back[1].shape == search.shape
    assert all(x.isfinite().all() for x in back)
    assert out.shares[1].shape == (2, 1, 18 * 18, 3)


@pytest.mark.parametrize("reach", REACHES)
def test_gradients_flow_to_earlier_frames_alone(reach: int | None) -> None:
    block = small_block(reach)
    frames = [tokens(1, 1, 16, DIM, seed=i) for i in range(3)] + [tokens(1, 1, 36, DIM, seed=3)]
    leaves = [x.requires_grad_() for x in frames]
    out = block(
        [torch.cat(leaves[:3], 1), leaves[3]], [Stack(SMALL_TEMPLATE), Stack(SMALL_SEARCH)],
        pair_views(3),
    ).tokens  # fmt: skip
    outputs = [*out[0].unbind(1), out[1][:, 0]]
    for f, output in enumerate(outputs):
        weight = tokens(*output.shape, seed=9)
        grads = torch.autograd.grad(
            (output * weight).sum(), leaves, retain_graph=True, allow_unused=True
        )
        reached = [bool(g is not None and g.abs().max() > 1e-6) for g in grads]
        assert reached == [g <= f for g in range(4)]


@pytest.mark.parametrize(("reach", "side"), [(0, 8), (1, 10), (None, 18)])
def test_a_template_changes_the_search_where_the_geometry_says(
    reach: int | None, side: int
) -> None:
    block = small_block(reach)
    for layer in (block.space.proj, block.mlp.fc2):  # time attention alone
        torch.nn.init.zeros_(layer.weight)
    x = [tokens(1, 2, 64, DIM), tokens(1, 1, 324, DIM, seed=1)]
    changed = [torch.cat([x[0][:, :1], tokens(1, 1, 64, DIM, seed=2)], 1), x[1]]
    stacks = [Stack(TEMPLATE), Stack(QUESTION)]
    with torch.no_grad():
        before, after = (block(y, stacks, pair_views(2)).tokens[1] for y in (x, changed))
    moved = (before != after).any(-1).reshape(18, 18)
    expected = torch.zeros(18, 18, dtype=torch.bool)
    margin = (18 - side) // 2
    expected[margin : margin + side, margin : margin + side] = True
    assert torch.equal(moved, expected)


def test_a_changed_template_reaches_the_whole_search_frame_through_space() -> None:
    block = small_block(0)
    x, stacks = clip(1)
    with torch.no_grad():
        before = block(x, stacks, pair_views(1)).tokens[1]
        after = block([x[0] + 1, x[1]], stacks, pair_views(1)).tokens[1]
    assert (before != after).any(-1).all()


def test_reach_0_on_one_grid_is_dense_attention_over_time() -> None:
    time = randomise(TimeAttention(DIM, HEADS, 0))
    x = tokens(2, 4, 36, DIM)
    q, keys = own_keys(time, x, SMALL_SEARCH, torch.ones(4, 4, dtype=torch.bool))
    out, shares = time.attend(q, SMALL_SEARCH, [keys])
    weights = torch.einsum("bhfnd,bhgnd->bhfng", q, keys.k).softmax(-1)
    dense = torch.einsum("bhfng,bhgnd->bfnhd", weights, keys.v).flatten(-2)
    torch.testing.assert_close(out, time.proj(dense))
    torch.testing.assert_close(shares, weights.mean(1))


def looked_at(reach: int | None, query: tuple[Grid, int, int], key: tuple[Grid, int, int]) -> bool:
    """Whether a token sees a token: each a grid, a frame and a number; -1 is a remembered frame."""
    (grid, frame, n), (other, key_frame, m) = query, key
    if reach is None:
        return frame != key_frame or n == m
    offset = (other.width - grid.width) // 2
    row, column = n // grid.width + offset, n % grid.width + offset
    return max(abs(row - m // other.width), abs(column - m % other.width)) <= reach


@pytest.mark.parametrize("reach", REACHES)
def test_attention_equals_a_loop_over_every_key(reach: int | None) -> None:
    time = randomise(TimeAttention(DIM, HEADS, reach))
    grids = {"own": SMALL_SEARCH, "memory": SMALL_TEMPLATE}
    q, k, v = time.project(tokens(1, 2, 36, DIM))
    _, old_k, old_v = time.project(tokens(1, 3, 16, DIM, seed=1))
    inside = tokens(1, 3, 16, seed=2) > -0.5
    visible = {"memory": torch.tensor([[True, False, True], [True, True, False]]),
               "own": torch.ones(2, 2, dtype=torch.bool).tril()}  # fmt: skip
    age = {"memory": torch.tensor([[9, 4, 2], [10, 5, 3]]), "own": torch.tensor([[0, 0], [1, 0]])}
    memory = Keys(old_k, old_v, SMALL_TEMPLATE, visible["memory"], age["memory"], inside)
    own = Keys(k, v, SMALL_SEARCH, visible["own"], age["own"], own=True)
    out, shares = time.attend(q, SMALL_SEARCH, [memory, own])
    assert time.age_bias is not None
    for f, n in product(range(2), range(36)):
        heads, share = [], torch.zeros(5)
        for h in range(HEADS):
            logits, values, frames = [], [], []
            for name, source in (("memory", memory), ("own", own)):
                for g, m in product(range(source.k.shape[2]), range(grids[name].tokens)):
                    key_frame = g if name == "own" else -1
                    seen = looked_at(reach, (SMALL_SEARCH, f, n), (grids[name], key_frame, m))
                    if not seen or not visible[name][f, g]:
                        continue
                    if name == "memory" and not inside[0, g, m]:
                        continue
                    bias = time.age_bias[h, age_bucket(age[name][f, g])]
                    logits.append(q[0, h, f, n] @ source.k[0, h, g, m] + bias)
                    values.append(source.v[0, h, g, m])
                    frames.append(g if name == "memory" else 3 + g)
            weights = torch.stack(logits).softmax(0)
            heads.append(weights @ torch.stack(values))
            share.index_add_(0, torch.tensor(frames), weights.detach() / HEADS)
        torch.testing.assert_close(out[0, f, n], time.proj(torch.cat(heads)), atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(shares[0, f, n], share, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("reach", REACHES)
def test_padding_is_never_looked_at(reach: int | None) -> None:
    block = small_block(reach)
    x, stacks = clip()
    inside = [tokens(2, 3, 16, seed=4) > 0, tokens(2, 1, 36, seed=5) > 0]
    inside[0][0, 1] = False  # a template wholly outside the frame
    stacks = [dataclasses.replace(s, inside=i) for s, i in zip(stacks, inside, strict=True)]
    other = [torch.where(i[..., None], y, 100 * tokens(*y.shape, seed=6))
             for y, i in zip(x, inside, strict=True)]  # fmt: skip
    with torch.no_grad():
        before, after = (block(y, stacks, pair_views(3)) for y in (x, other))
    # the whole of an all-padding frame looks at itself; nobody looks at it
    for a, b, seen in zip(before.tokens, after.tokens, inside, strict=True):
        assert a.isfinite().all()
        assert b.isfinite().all()
        torch.testing.assert_close(a[seen], b[seen])
    for share in before.shares:
        torch.testing.assert_close(share.sum(-1), torch.ones(share.shape[:-1]))
    # the search frame gives nothing to the template that is all padding
    assert (before.shares[1][0, ..., 1] == 0).all()
    assert (before.shares[1][1, ..., 1] > 0).any()


@pytest.mark.parametrize("reach", [0, 2, None])
def test_grids_that_do_not_align_are_sampled_and_shares_sum_to_one(reach: int | None) -> None:
    block = small_block(reach)
    x, _ = clip()
    stacks = [Stack(SMALL_TEMPLATE), Stack(Grid(6, 6, 3.7))]
    out = block(x, stacks, pair_views(3))
    assert all(y.isfinite().all() for y in out.tokens)
    for share in out.shares:
        torch.testing.assert_close(share.sum(-1), torch.ones(share.shape[:-1]))


def test_space_attention_of_an_all_padding_frame_is_finite() -> None:
    space = randomise(SpaceAttention(DIM, HEADS))
    out = space(tokens(2, 9, DIM), torch.zeros(2, 9, dtype=torch.bool))
    torch.testing.assert_close(out, space(tokens(2, 9, DIM)))


def test_ages_fall_into_log_spaced_buckets() -> None:
    ages = torch.tensor([0, 1, 2, 3, 4, 7, 8, 1023, 1024, 10**6])
    assert age_bucket(ages).tolist() == [0, 1, 2, 2, 3, 3, 4, 7, 7, 7]


def test_heads_must_divide_the_channels() -> None:
    with pytest.raises(ValueError, match="5 heads"):
        TimeAttention(24, 5, 0)
