"""A timm ViT becomes the space half of a network, and its time half at the start."""

from typing import Any

import pytest
import torch
from einops import rearrange
from timm.models.vision_transformer import VisionTransformer

from model.attention import Stack
from model.errors import WeightsError
from model.network import SEARCH, SpaceTimeNetwork
from model.weights import load_vit
from tests.model.tiny import config, pair_views, randomise


def vit(**changes: Any) -> VisionTransformer:
    settings = {
        "img_size": 128, "patch_size": 16, "embed_dim": 24, "depth": 2, "num_heads": 3,
        "mlp_ratio": 2.0, "num_classes": 0,
    }  # fmt: skip
    return randomise(VisionTransformer(**{**settings, **changes})).eval()


def patch_network() -> SpaceTimeNetwork:
    return randomise_all_but_time(SpaceTimeNetwork(config(stem=())).eval())


def randomise_all_but_time(net: SpaceTimeNetwork) -> SpaceTimeNetwork:
    randomise(net, seed=5)
    for block in net.blocks:
        torch.nn.init.zeros_(block.temporal_fc.weight)
        torch.nn.init.zeros_(block.temporal_fc.bias)
    return net


@torch.no_grad()
def test_at_first_the_network_is_the_vit_on_each_frame() -> None:
    source, net = vit(class_token=False, global_pool="avg", fc_norm=False), patch_network()
    load_vit(net, source)
    for parameter in (net.role, net.mask):
        parameter.zero_()  # these two a ViT has not
    images = torch.randint(0, 256, (2, 1, 128, 128, 3), dtype=torch.uint8)
    small = torch.randint(0, 256, (2, 2, 64, 64, 3), dtype=torch.uint8)
    embedded = [
        net.embed(net.features(x), torch.full(x.shape[:2], SEARCH)) for x in (small, images)
    ]
    stacks = [Stack(net.config.template_grid), Stack(net.config.search_grid)]
    out, _, _ = net.run(embedded, stacks, pair_views(2))
    normal = (images[:, 0].float() - net.pixel_mean) / net.pixel_std
    expected = source.forward_features(rearrange(normal, "b h w c -> b c h w"))
    torch.testing.assert_close(net.norm(out[1][:, 0]), expected, atol=1e-4, rtol=1e-4)


def test_the_time_half_is_a_copy_of_the_space_half() -> None:
    source, net = vit(), patch_network()
    load_vit(net, source)
    for ours, theirs in zip(net.blocks, source.blocks, strict=True):
        for part in ("weight", "bias"):
            for half in (ours.space, ours.time):
                assert torch.equal(getattr(half.qkv, part), getattr(theirs.attn.qkv, part))
                assert torch.equal(getattr(half.proj, part), getattr(theirs.attn.proj, part))
            assert torch.equal(getattr(ours.norm_t, part), getattr(theirs.norm1, part))
            assert not getattr(ours.temporal_fc, part).any()


def test_positions_leave_the_class_token_out_and_are_resampled() -> None:
    source, net = vit(), patch_network()
    load_vit(net, source)
    places = source.pos_embed[0, 1:].T.reshape(24, 8, 8)
    torch.testing.assert_close(net.position.data, places.data)
    coarse = vit(img_size=80)  # 5 tokens a side
    ramp = torch.linspace(-1, 1, 5).repeat(5)[None, :, None].expand(1, 25, 24)
    with torch.no_grad():
        coarse.pos_embed.copy_(torch.cat([torch.full((1, 1, 24), 99.0), ramp], 1))
    load_vit(net, coarse)
    assert net.position.shape == (24, 8, 8)
    assert (net.position.diff(dim=2) > 0).all()
    assert net.position.diff(dim=1).abs().max() < 1e-5
    assert net.position.abs().max() < 1.2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"embed_dim": 48}, "patch embedding"),
        ({"patch_size": 8}, "patch embedding"),
        ({"depth": 3}, "3 blocks, the network 2"),
        ({"mlp_ratio": 4.0}, "does not fit"),
        ({"qkv_bias": False}, "does not fit"),
        ({"num_heads": 4}, "heads"),
    ],
)
def test_a_vit_of_another_shape_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        load_vit(patch_network(), vit(**changes))


def test_a_network_with_a_convolutional_stem_takes_no_vit() -> None:
    with pytest.raises(WeightsError, match="patch embedding"):
        load_vit(SpaceTimeNetwork(config()), vit())
