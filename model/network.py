"""The tracking network: stem, divided space-time blocks, centre head.

Frames come in as stacks of one size: templates `(B, T, 128, 128, 3)` and search regions
`(B, S, 256, 256, 3)`, uint8 RGB. Every frame is embedded alone; frames meet in time attention only.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from einops import rearrange
from timm.layers import trunc_normal_
from torch import Tensor, nn

from model import backbone
from model.attention import EPS, DividedBlock, Keys, Stack, TimeAttention, View
from model.presets import NetworkConfig

PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)
SEARCH, GIVEN, REMEMBERED = 0, 1, 2
"""Roles of a frame: searched now; template drawn by the user; template cut by the tracker."""


class ConvNorm(nn.Sequential):
    """3x3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, *, act: bool = True) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if act else []))


class Residual(nn.Module):
    """Two 3x3 convolutions around an identity (He et al., 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvNorm(channels, channels)
        self.second = ConvNorm(channels, channels, act=False)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, C, H, W)` to the same."""
        return F.relu(x + self.second(self.first(x)))


class ConvStem(nn.Module):
    """Stride-2 convolutions down to stride 16, with one residual block at stride 8."""

    def __init__(self, channels: tuple[int, ...], dim: int) -> None:
        super().__init__()
        sizes = (3, *channels)
        layers: list[nn.Module] = []
        for i, (inputs, outputs) in enumerate(pairwise(sizes)):
            layers.append(ConvNorm(inputs, outputs, 2))
            if i == len(channels) - 2:
                layers.append(Residual(outputs))
        self.layers = nn.Sequential(*layers)
        self.proj = nn.Conv2d(channels[-1], dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """`(B, 3, S, S)` to `(B, dim, S/16, S/16)`."""
        return self.proj(self.layers(x))


@dataclass(frozen=True)
class Response:
    """What the head says of every cell of a search region of grid side `G`."""

    score: Tensor
    """`(B, S, G, G)`: logit of the target's centre lying in the cell."""
    quality: Tensor
    """`(B, S, G, G)`: logit of the IoU that the cell's box would have with the target."""
    boxes: Tensor
    """`(B, S, G, G, 4)`: `(x, y, w, h)` in pixels of the search crop."""


class CentreHead(nn.Module):
    """Centre map, offset and size (Zhou et al., 2019; Ye et al., 2022), and predicted IoU."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.stride = config.search.stride
        self.target = config.search.size / config.search.factor
        width = config.head_channels
        self.tower = nn.Sequential(ConvNorm(config.dim, width), ConvNorm(width, width))
        self.out = nn.Conv2d(width, 6, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        # a prior of one centre in a hundred cells (Lin et al., 2017)
        self.out.bias = nn.Parameter(torch.tensor([-4.6, 0, 0, 0, 0, 0]))

    def forward(self, x: Tensor) -> Response:
        """`(B, S, C, G, G)` to a response."""
        frames, grid = x.shape[1], x.shape[-1]
        y = self.out(self.tower(x.flatten(0, 1))).float()
        y = rearrange(y, "(b s) c i j -> b s c i j", s=frames)
        cells = torch.arange(grid, device=x.device, dtype=y.dtype) + 0.5
        cx = (cells + y[:, :, 2]) * self.stride
        cy = (cells[:, None] + y[:, :, 3]) * self.stride
        w, h = (y[:, :, i].clamp(-4, 2).exp() * self.target for i in (4, 5))
        boxes = torch.stack([cx - w / 2, cy - h / 2, w, h], -1)
        return Response(y[:, :, 0], y[:, :, 1], boxes)


def target_mask(boxes: Tensor, grid: int, stride: int) -> Tensor:
    """How much of each token's cell lies in the box: boxes `(..., 4)` xywh to `(..., grid**2)`."""
    edges = torch.arange(grid + 1, device=boxes.device, dtype=boxes.dtype) * stride
    low, high = edges[:-1], edges[1:]
    x0, y0 = boxes[..., 0:1], boxes[..., 1:2]
    x1, y1 = x0 + boxes[..., 2:3], y0 + boxes[..., 3:4]
    over_x = (torch.minimum(high, x1) - torch.maximum(low, x0)).clamp(min=0) / stride
    over_y = (torch.minimum(high, y1) - torch.maximum(low, y0)).clamp(min=0) / stride
    return (over_y[..., :, None] * over_x[..., None, :]).flatten(-2)


class SpaceTimeNetwork(nn.Module):
    """Stem to stride 16, `depth` divided space-time blocks, centre head."""

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        dim, side = config.dim, config.search.grid
        self.stem: nn.Module
        if config.backbone:
            self.stem = backbone.Backbone(config.backbone, dim)
        elif config.stem:
            self.stem = ConvStem(config.stem, dim)
        else:
            self.stem = nn.Conv2d(3, dim, config.search.stride, config.search.stride)
        self.position = nn.Parameter(torch.empty(dim, side, side))
        self.role = nn.Parameter(torch.empty(3, dim))
        self.mask = nn.Parameter(torch.empty(2, dim))
        self.blocks = nn.ModuleList(
            DividedBlock(dim, config.heads, reach=config.reach, mlp_ratio=config.mlp_ratio)
            for _ in range(config.depth)
        )
        self.norm = nn.LayerNorm(dim, eps=EPS)
        self.head = CentreHead(config)
        mean, std = PIXEL_MEAN, PIXEL_STD
        if config.backbone:
            mean, std = (backbone.PIXEL_MEAN,) * 3, (backbone.PIXEL_STD,) * 3
        self.register_buffer("pixel_mean", torch.tensor(mean), persistent=False)
        self.register_buffer("pixel_std", torch.tensor(std), persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        for parameter in (self.position, self.role, self.mask):
            trunc_normal_(parameter, std=0.02)
        for name, module in self.blocks.named_modules():
            if isinstance(module, nn.Linear) and not name.endswith("temporal_fc"):
                trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        for block in self.blocks:
            assert isinstance(block, DividedBlock)
            start_as_matching(block.time)

    def features(self, images: Tensor) -> Tensor:
        """Stem features of frames `(B, F, S, S, 3)`, uint8 RGB: `(B, F, N, C)`."""
        b, f = images.shape[:2]
        x = (images.flatten(0, 1).to(self.pixel_mean.dtype) - self.pixel_mean) / self.pixel_std
        # NHWC data under an NCHW shape: the channels-last layout convolutions like best
        x = self.stem(rearrange(x, "n h w c -> n c h w"))
        return rearrange(x, "(b f) c i j -> b f (i j) c", b=b, f=f)

    def embed(self, features: Tensor, role: Tensor, boxes: Tensor | None = None) -> Tensor:
        """Tokens of frames, each embedded alone: features, place, role and target mask.

        Args:
            features: `(B, F, N, C)`, of templates or of search regions.
            role: `(B, F)` int64, one of `SEARCH`, `GIVEN`, `REMEMBERED`.
            boxes: `(B, F, 4)` xywh in pixels of the crop, for templates.

        Returns:
            `(B, F, N, C)`.
        """
        grid = math.isqrt(features.shape[2])
        # positions are shared: a template's tokens stand on the central cells of the search grid
        margin = (self.position.shape[-1] - grid) // 2
        place = self.position[:, margin : margin + grid, margin : margin + grid]
        tokens = features + rearrange(place, "c i j -> (i j) c") + self.role[role][:, :, None]
        if boxes is not None:
            inside = target_mask(boxes, grid, self.config.template.stride).to(tokens)[..., None]
            tokens = tokens + inside * self.mask[0] + (1 - inside) * self.mask[1]
        return tokens

    def run(
        self,
        tokens: list[Tensor],
        stacks: list[Stack],
        views: list[list[View | None]],
        memory: list[Keys] | None = None,
    ) -> tuple[list[Tensor], list[list[tuple[Tensor, Tensor]]], list[Tensor]]:
        """All blocks on a clip of stacks.

        Args:
            tokens, stacks, views: as in `DividedBlock.forward`.
            memory: cached keys of earlier frames, one entry for each block.

        Returns:
            Tokens of each stack; keys and values of each block and stack; and for each stack the
            share of time attention given to each key frame, mean over blocks, `(B, F, N, frames)`.
        """
        keys: list[list[tuple[Tensor, Tensor]]] = []
        shares: list[Tensor] | None = None
        for i, block in enumerate(self.blocks):
            out = block(tokens, stacks, views, memory=None if memory is None else memory[i])
            tokens = out.tokens
            keys.append(out.keys)
            shares = (
                out.shares
                if shares is None
                else [a + b for a, b in zip(shares, out.shares, strict=True)]
            )
        assert shares is not None
        return tokens, keys, [share / len(self.blocks) for share in shares]

    def respond(self, tokens: Tensor) -> Response:
        """The head on search tokens `(B, S, N, C)`."""
        side = self.config.search.grid
        return self.head(rearrange(self.norm(tokens), "b s (i j) c -> b s c i j", i=side))

    def forward(
        self,
        templates: Tensor,
        template_boxes: Tensor,
        search: Tensor,
        ages: Tensor,
        *,
        template_inside: Tensor | None = None,
        search_inside: Tensor | None = None,
    ) -> Response:
        """Whole clips at once, as in training.

        Args:
            templates: `(B, T, s, s, 3)` uint8 RGB, oldest first; the first was drawn by the user.
            template_boxes: `(B, T, 4)` xywh in pixels of the template crop.
            search: `(B, S, S', S', 3)` uint8 RGB; each search frame sees the templates and itself.
            ages: `(B, S, T)`, how many frames before each search frame each template lies.
            template_inside, search_inside: `(B, T, n)` and `(B, S, N)` bool, False at padding.
        """
        b, t = templates.shape[:2]
        s = search.shape[1]
        role = torch.full((b, t), REMEMBERED, device=templates.device)
        role[:, 0] = GIVEN
        tokens = [
            self.embed(self.features(templates), role, template_boxes),
            self.embed(self.features(search), torch.full((b, s), SEARCH, device=search.device)),
        ]
        stacks = [
            Stack(self.config.template_grid, template_inside),
            Stack(self.config.search_grid, search_inside),
        ]
        between = ages[:, 0, None, :] - ages[:, 0, :, None]  # age of key frame (last) at query
        causal = torch.ones(t, t, dtype=torch.bool, device=templates.device).tril()
        every = torch.ones(s, t, dtype=torch.bool, device=templates.device)
        itself = torch.eye(s, dtype=torch.bool, device=templates.device)
        views: list[list[View | None]] = [
            [View(causal, between.clamp(min=0)), None],
            [View(every, ages), View(itself, torch.zeros(s, s, device=templates.device))],
        ]
        out, _, _ = self.run(tokens, stacks, views)
        return self.respond(out[1])

    def stream(
        self,
        features: Tensor,
        role: Tensor,
        memory: list[Keys] | None,
        *,
        boxes: Tensor | None = None,
        inside: Tensor | None = None,
    ) -> tuple[Tensor, list[tuple[Tensor, Tensor]], Tensor]:
        """One new frame for each target, against the cached keys of the frames before it.

        Equal to `run` on the whole clip, at the cost of the new frame alone.

        Args:
            features: `(B, 1, N, C)` of a template or a search region.
            role: `(B, 1)` int64.
            memory: one entry for each block; None for the first frame.
            boxes: `(B, 1, 4)` for a template.
            inside: `(B, 1, N)` bool, False at padding.

        Returns:
            Tokens `(B, 1, N, C)`; keys and values for each block, `(B, heads, 1, N, d)`; shares of
            time attention `(B, N, frames in memory + 1)`, the frame itself last.
        """
        grid = self.config.search_grid if boxes is None else self.config.template_grid
        itself = torch.ones(1, 1, dtype=torch.bool, device=features.device)
        view = View(itself, torch.zeros(1, 1, device=features.device))
        tokens = [self.embed(features, role, boxes)]
        out, keys, shares = self.run(tokens, [Stack(grid, inside)], [[view]], memory)
        return out[0], [block[0] for block in keys], shares[0][:, 0]


@torch.no_grad()
def start_as_matching(time: TimeAttention) -> None:
    """Let a time attention begin as matching: queries equal keys, an orthonormal map per head.

    Then a token looks at what it resembles in the other frames, and finds there whether that was
    target or background (as in space-time memory, Oh et al., 2019). Small random maps give flat
    attention, from which matching is learned slowly and objects as such first.
    """
    heads, dim = time.heads, time.proj.in_features
    maps = torch.empty(heads, dim // heads, dim)
    for each in maps:
        nn.init.orthogonal_(each)
    time.qkv.weight[: 2 * dim] = maps.flatten(0, 1).repeat(2, 1)
    time.qkv.bias[: 2 * dim] = 0
    if time.age_bias is not None:
        time.age_bias[:, 0] = -2  # a token resembles itself most, which tells it nothing


def fuse(network: SpaceTimeNetwork) -> SpaceTimeNetwork:
    """Fold every batch norm into the convolution before it, in place; for inference only."""
    network.eval()
    backbone.fuse_norms(network)
    return network
