"""The attention that is shown is the attention that was paid."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model import Attention, InputError, Tracker
from model.attention import Keys, Record, Stack, TimeAttention, View
from model.buffer import RollingBuffer
from model.correspondence import Grid
from model.geometry import Box, Crop, inside_tokens
from model.images import Frame
from model.presets import TrackerConfig
from model.weights import load
from tests.model.test_tracker import BOX, EASY, hold_still, tracker
from tests.model.tiny import network, randomise, scene, tokens

CORNER = (-4.0, 90.0, 20.0, 20.0)
"""Over the border of the frame, so that crops have padding."""


def seen(made: Tracker, target: int) -> Attention:
    attention = made.attention(target)
    assert attention is not None
    return attention


def check_sums(attention: Attention) -> None:
    assert np.abs(attention.time.sum((-2, -1)) + attention.own - 1).max() < 1e-5
    assert np.abs(attention.space.sum(-1) - 1).max() < 1e-5
    for part in (attention.time, attention.own, attention.space):
        assert part.dtype == np.float32
        assert part.min() >= 0


def runner_shares(made: Tracker, row: int) -> np.ndarray:
    """`(N, slots)` as whatever ran the last step gave them."""
    found = made._targets[row].found
    assert found is not None
    return found.look.shares


@pytest.mark.parametrize("reach", [0, 1, None])
@pytest.mark.parametrize("box", [BOX, CORNER], ids=["inside", "over the border"])
def test_weights_sum_to_one_and_equal_the_shares_of_the_step(reach: int | None, box: Box) -> None:
    made = Tracker(network(reach=reach), EASY, device="cpu", runtime="torch")
    hold_still(made)
    target = made.add(scene(0)[0], box)
    assert made.attention(target) is None
    assert made.last_look(target) is None
    for step in range(1, 4):
        made.update(scene(step)[0])
    made.config = replace(EASY, remember_every=10**6)  # nothing enters after the step
    made.update(scene(4)[0])
    attention = seen(made, target)
    check_sums(attention)
    assert attention.time.shape == (2, 3, 64, 3, 16)
    assert attention.own.shape == (2, 3, 64)
    assert attention.space.shape == (2, 3, 64, 64)
    assert attention.slots == (0, 1, 2)
    shares = attention.time.sum(-1).mean((0, 1))
    assert np.abs(shares - runner_shares(made, 0)).max() < 1e-4
    assert attention.own.min() > 0


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_shares_of_the_trained_network_in_every_runtime(runtime: str, demo: list[Frame]) -> None:
    made = Tracker(load("nano")[0], TrackerConfig(slots=3, remember_every=2), device="cpu",
                   runtime=runtime, threads=1)  # fmt: skip
    boxes = [(310.0, 164.5, 71.5, 35.5), (600.0, 10.0, 50.0, 40.0)]
    for box in boxes:
        made.add(demo[0], box)
    for frame in demo[1:6]:
        made.update(frame)
    made.config = replace(made.config, remember_every=10**6)
    result = made.update(demo[6])[0]
    for row, target in enumerate(made.ids):
        attention = seen(made, target)
        check_sums(attention)
        shares = attention.time.sum(-1).mean((0, 1))
        given = runner_shares(made, row)
        assert np.abs(shares - given[:, list(attention.slots)]).max() < 1e-4
    attention, look = seen(made, 1), made.last_look(1)
    assert look is not None
    assert [slot.index for slot in result.slots] == list(attention.slots)
    for slot, template in zip(attention.slots, attention.templates, strict=True):
        assert np.array_equal(made.thumbnail(1, slot), template)
    # the box in the crop is the one in the frame
    x, y, side, _ = look.region
    there = Crop(x + side / 2, y + side / 2, side, attention.search.shape[0])
    assert there.box_to_crop(look.box) == pytest.approx(attention.box, abs=1e-6)
    assert look.box == pytest.approx(result.box, abs=6.0)
    # and the peak of the response lies in the middle of it
    i, j = np.unravel_index(look.response.argmax(), look.response.shape)
    grid = len(look.response)
    centre = (x + (j + 0.5) * side / grid, y + (i + 0.5) * side / grid)
    assert centre[0] == pytest.approx(look.box[0] + look.box[2] / 2, abs=side / grid)
    assert centre[1] == pytest.approx(look.box[1] + look.box[3] / 2, abs=side / grid)
    assert 0 <= look.response.min() <= look.response.max() <= 1


@pytest.mark.parametrize("reach", [0, 1, None])
def test_padding_gets_nothing(reach: int | None) -> None:
    made = Tracker(network(reach=reach), EASY, device="cpu", runtime="torch")
    hold_still(made)
    target = made.add(scene(0)[0], CORNER)
    made.update(scene(1)[0])
    attention, shape = seen(made, target), made.network.config
    template = inside_tokens(Crop.around(CORNER, shape.template), 4, 160, 120).ravel()
    look = made.last_look(target)
    assert look is not None
    x, y, side, _ = look.region
    region = Crop(x + side / 2, y + side / 2, side, shape.search.size)
    search = inside_tokens(region, 8, 160, 120).ravel()
    assert 0 < template.sum() < 16
    assert 0 < search.sum() < 64
    assert attention.time[..., 0, ~template].max() == 0
    assert attention.time[..., 0, template].max() > 0
    assert attention.space[..., ~search].max() == 0
    assert attention.space[..., search].max() > 0


def test_a_reach_of_one_stays_within_a_cell_of_the_corresponding_place() -> None:
    made = Tracker(network(reach=1), EASY, device="cpu", runtime="torch")
    target = made.add(scene(0)[0], BOX)
    made.update(scene(1)[0])
    time = seen(made, target).time.max((0, 1))[:, 0].reshape(8, 8, 4, 4)
    for i, j, k, m in np.ndindex(time.shape):
        # the template's cells stand on the central ones of the search grid, from 2 on
        near = abs(k + 2 - i) <= 1 and abs(m + 2 - j) <= 1
        assert (time[i, j, k, m] > 0) == near


@pytest.mark.parametrize("reach", [0, 1, None])
@pytest.mark.parametrize("key_grid", [Grid(4, 4, 2.0), Grid(5, 5, 2.0)], ids=["even", "sampled"])
def test_values_mixed_by_the_recorded_weights_are_what_attention_gave(
    reach: int | None, key_grid: Grid
) -> None:
    """Of several query frames, sources and frames, with grids that meet between tokens too."""
    grid, dim = Grid(8, 8, 4.0), 12
    time = randomise(TimeAttention(dim, 3, reach))
    x = tokens(2, 2, grid.tokens, dim, seed=1)
    q, k, v = time.project(x)
    _, key, value = time.project(tokens(2, 3, key_grid.tokens, dim, seed=2))
    visible = torch.tensor([[True, True, False], [True, True, True]])
    sources = [
        Keys(key, value, key_grid, visible, torch.arange(6).view(2, 3)),
        Keys(k, v, grid, torch.ones(2, 2, dtype=torch.bool).tril(), own=True),
    ]
    record = Record()
    out, shares = time.attend(q, grid, sources, record)
    ((remembered, own),) = record.time
    mixed = torch.einsum("bhfngm,bhgmd->bhfnd", remembered, value)
    mixed = mixed + torch.einsum("bhfngm,bhgmd->bhfnd", own, v)
    expected = time.proj(mixed.movedim(1, 3).flatten(-2))
    torch.testing.assert_close(expected, out, atol=1e-5, rtol=0)
    both = torch.cat([remembered.sum(-1), own.sum(-1)], -1).mean(1)
    torch.testing.assert_close(both, shares, atol=1e-6, rtol=0)
    assert remembered[:, :, 0, :, 2].max() == 0


def test_recording_changes_no_result_and_gives_weights_of_space_that_act() -> None:
    net = network()
    block, grid = net.blocks[0], net.config.search_grid
    x = tokens(1, 1, grid.tokens, 24)
    inside = tokens(1, 1, grid.tokens, seed=5) > -1
    view = View(torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1))
    buffer = RollingBuffer(net.config, 1, device=torch.device("cpu"), dtype=torch.float32)
    buffer.add_row()
    record, memory = Record(), buffer.memory([0], 0)[0]
    with_it = block([x], [Stack(grid, inside)], [[view]], memory=memory, record=record)
    without = block([x], [Stack(grid, inside)], [[view]], memory=memory)
    assert torch.equal(with_it.tokens[0], without.tokens[0])
    heads: list[torch.Tensor] = []
    block.space.proj.register_forward_pre_hook(lambda _, given: heads.append(given[0]))
    y = block.norm_s(x[:, 0])
    block.space(y, inside[:, 0])
    v = block.space.qkv(y).unflatten(-1, (3, 3, 8))[:, :, 2].movedim(2, 1)
    mixed = Record()
    block.space(y, inside[:, 0], mixed)
    weighed = (mixed.space[0] @ v).movedim(1, 2).flatten(-2)
    torch.testing.assert_close(weighed, heads[0], atol=1e-5, rtol=0)


def test_a_network_without_numbers_and_a_corrected_target_have_nothing_to_show() -> None:
    made = tracker()
    target = made.add(scene(0)[0], BOX)
    made.update(scene(1)[0])
    assert seen(made, target).slots == (0, 1)
    made.correct(target, scene(1)[0], BOX)
    assert made.attention(target) is None
    made.update(scene(2)[0])
    assert made.last_look(target) is not None
    made.network.head.out.bias.fill_(float("nan"))
    made.update(scene(3)[0])
    assert made.attention(target) is None
    assert made.last_look(target) is None
    for ask in (made.attention, made.last_look):
        with pytest.raises(InputError, match="no target 9"):
            ask(9)


def test_attention_shows_the_memory_as_it_is_now_and_disturbs_nothing() -> None:
    made, plain = tracker(), tracker()
    for each in (made, plain):
        hold_still(each)
        each.add(scene(0)[0], BOX)
        for step in (1, 2):
            each.update(scene(step)[0])
    before = seen(made, 1)
    made.forget(1, 1)
    plain.forget(1, 1)
    after = seen(made, 1)
    assert (before.slots, after.slots) == ((0, 1, 2), (0, 2))
    assert after.time[:, :, :, 1].sum() > before.time[:, :, :, 2].sum()
    assert np.array_equal(before.search, after.search)
    assert made.update(scene(3)[0]) == plain.update(scene(3)[0])


def test_half_precision_gives_weights_that_sum_to_one() -> None:
    made = Tracker(network(), EASY, device="cpu", precision="bfloat16")
    target = made.add(scene(0)[0], BOX)
    made.update(scene(1)[0])
    check_sums(seen(made, target))
