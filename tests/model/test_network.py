"""Stem, embedding and head around the blocks."""

import pytest
import torch

from model.network import GIVEN, REMEMBERED, SEARCH, Response, SpaceTimeNetwork, fuse, target_mask
from tests.model.tiny import config, network, randomise, tokens


def pictures(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (*shape, 3), generator=generator, dtype=torch.uint8)


def respond(net: SpaceTimeNetwork, templates: torch.Tensor, search: torch.Tensor) -> Response:
    count = templates.shape[1]
    boxes = torch.tensor([16.0, 16, 32, 32]).expand(len(templates), count, 4)
    ages = torch.arange(count, 0, -1).expand(len(search), search.shape[1], count)
    with torch.no_grad():
        return net(templates, boxes, search, ages)


def test_every_cell_of_every_search_frame_is_answered() -> None:
    net = network()
    out = respond(net, pictures(2, 3, 64, 64), pictures(2, 2, 128, 128, seed=1))
    assert out.score.shape == out.quality.shape == (2, 2, 8, 8)
    assert out.boxes.shape == (2, 2, 8, 8, 4)
    assert (out.boxes[..., 2:] > 0).all()


def test_search_frames_do_not_see_each_other() -> None:
    net = network()
    templates, search = pictures(1, 2, 64, 64), pictures(1, 3, 128, 128, seed=1)
    together = respond(net, templates, search)
    for s in range(3):
        alone = respond(net, templates, search[:, s : s + 1])
        torch.testing.assert_close(together.boxes[:, s], alone.boxes[:, 0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(together.score[:, s], alone.score[:, 0], atol=1e-4, rtol=1e-4)


def test_a_new_head_gives_the_target_s_own_size_at_each_cell() -> None:
    net = SpaceTimeNetwork(config()).eval()
    torch.nn.init.zeros_(net.head.out.weight)
    boxes = respond(net, pictures(1, 1, 64, 64), pictures(1, 1, 128, 128)).boxes[0, 0]
    # the crop is 4 targets wide: 32 of its 128 pixels are the target
    assert boxes[..., 2:].eq(32).all()
    assert boxes[3, 5, :2].tolist() == [5.5 * 16 - 16, 3.5 * 16 - 16]


def test_the_target_mask_is_the_share_of_each_cell() -> None:
    mask = target_mask(torch.tensor([8.0, 16.0, 32.0, 20.0]), 4, 16).reshape(4, 4)
    rows, columns = torch.tensor([0, 1, 0.25, 0]), torch.tensor([0.5, 1, 0.5, 0])
    torch.testing.assert_close(mask, rows[:, None] * columns)
    assert target_mask(torch.tensor([-90.0, 0, 50, 50]), 4, 16).sum() == 0


def test_role_and_box_are_embedded() -> None:
    net = network()
    features, box = tokens(1, 1, 16, 24), torch.tensor([[[16.0, 16, 32, 32]]])
    roles = [torch.tensor([[role]]) for role in (SEARCH, GIVEN, REMEMBERED)]
    embedded = [net.embed(features, role, box) for role in roles]
    torch.testing.assert_close(
        embedded[1] - embedded[2], (net.role[1] - net.role[2]).expand(1, 1, 16, 24)
    )
    difference = net.embed(features, roles[1], box) - net.embed(features, roles[1], 0 * box)
    target = torch.zeros(4, 4)
    target[1:3, 1:3] = 1
    torch.testing.assert_close(
        difference[0, 0], target.flatten()[:, None] * (net.mask[0] - net.mask[1])
    )


def test_templates_take_the_positions_of_the_central_search_cells() -> None:
    net = network()
    role = torch.tensor([[SEARCH]])
    small = net.embed(torch.zeros(1, 1, 16, 24), role).reshape(4, 4, 24)
    large = net.embed(torch.zeros(1, 1, 64, 24), role).reshape(8, 8, 24)
    torch.testing.assert_close(small, large[2:6, 2:6])
    assert not torch.equal(small, large[:4, :4])


def test_channels_are_told_apart() -> None:
    net = network()
    images = pictures(1, 1, 64, 64)
    assert not torch.allclose(net.features(images), net.features(images.flip(-1)), atol=1e-2)


@pytest.mark.parametrize("stem", [(4, 4, 8, 8), ()])
def test_folding_batch_norms_changes_nothing_but_the_norms(stem: tuple[int, ...]) -> None:
    net = randomise(SpaceTimeNetwork(config(stem=stem)))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -1, 1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    net.eval()
    inputs = pictures(1, 2, 64, 64), pictures(1, 1, 128, 128, seed=1)
    before = respond(net, *inputs)
    after = respond(fuse(net), *inputs)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in net.modules())
    torch.testing.assert_close(after.score, before.score, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(after.boxes, before.boxes, atol=1e-3, rtol=1e-3)
