"""Convolutional backbones of timm down to stride 16, as stems of the network.

What is kept is the part to stride 16 of a classifier: to stride 8 (`early`), whose small structures
tell edges exactly, and on to stride 16 (`late`), whose wider ones tell things apart. Both go into
the tokens.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import timm
import torch
import torch.nn.functional as F
from einops import rearrange
from timm.layers import BatchNormAct2d
from torch import Tensor, nn

STAGES = {
    "tf_efficientnet_lite0": (3, 5, 3),
    "tf_efficientnet_lite0.mid": (3, 5, 1),
}
"""For each backbone, timm's name and a variant: stages to stride 8, those used in all, and blocks
used of the last. What a stage's later blocks add to the first is left out without harm."""
PIXEL_MEAN, PIXEL_STD = 127.5, 127.5
"""What this family of backbones was trained with (TensorFlow's EfficientNet-lite)."""


def split(whole: Any, name: str) -> tuple[list[Any], list[Any]]:
    """The modules of a timm classifier to stride 8, and those from there to stride 16."""
    fine, coarse, blocks = STAGES[name]
    stages = list(whole.blocks)
    late = [*stages[fine : coarse - 1], stages[coarse - 1][:blocks]]
    return [whole.conv_stem, whole.bn1, *stages[:fine]], late


def timm_name(name: str) -> str:
    """What timm calls a backbone of `STAGES`."""
    return name.partition(".")[0]


class Backbone(nn.Module):
    """The part to stride 16 of a timm classifier, projected to tokens.

    Args:
        name: a key of `STAGES`.
        dim: channels of a token.
    """

    def __init__(self, name: str, dim: int) -> None:
        super().__init__()
        early, late = split(timm.create_model(timm_name(name)), name)
        self.early, self.late = nn.Sequential(*early), nn.Sequential(*late)
        fine, coarse = (stage[-1].bn3.num_features for stage in (early[-1], late[-1]))
        self.channels = 4 * fine + coarse
        # 1x1 convolutions of few tokens are slow; the same product as a linear layer is not
        self.proj = nn.Linear(self.channels, dim)
        # faster equals of frozen parts, set by training
        self.run_early: Callable[[Tensor], Tensor] | None = None
        self.run_both: Callable[[Tensor], Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """`(B, 3, S, S)` to `(B, dim, S/16, S/16)`."""
        if self.run_both is not None:
            return self.project(self.run_both(x))
        early = self.early if self.run_early is None else self.run_early
        return self.project(self.merge(early(x)))

    def merge(self, fine: Tensor) -> Tensor:
        """Both strides from features at stride 8: `(B, c, S/8, S/8)` to `(B, C, S/16, S/16)`."""
        return torch.cat([self.late(fine), F.pixel_unshuffle(fine, 2)], 1)

    def project(self, merged: Tensor) -> Tensor:
        """`(B, C, H, W)` to `(B, dim, H, W)`."""
        tokens = self.proj(rearrange(merged, "b c h w -> b h w c"))
        return rearrange(tokens, "b h w c -> b c h w")

    def train(self, mode: bool = True) -> "Backbone":
        """Switch modes; batch norms keep the statistics of their pretraining in both."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self


def fuse_norms(module: nn.Module) -> None:
    """Fold every batch norm that follows a convolution into it, in place; for inference only."""
    for parent in list(module.modules()):
        for conv_name, norm_name in _followed(parent):
            conv, norm = getattr(parent, conv_name), getattr(parent, norm_name)
            setattr(parent, conv_name, nn.utils.fusion.fuse_conv_bn_eval(conv, norm))
            acts = isinstance(norm, BatchNormAct2d)
            setattr(parent, norm_name, norm.act if acts else nn.Identity())


def _followed(parent: nn.Module) -> Iterator[tuple[str, str]]:
    """Names of the convolutions of a module and of the norms that stand behind them."""
    children = list(parent.named_children())
    for (name, child), (next_name, following) in pairwise(children):
        if isinstance(child, nn.Conv2d) and isinstance(following, nn.BatchNorm2d):
            yield name, next_name
