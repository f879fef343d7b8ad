"""Small networks with random weights, and pictures with something to follow in them."""

from typing import TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from model.attention import View
from model.geometry import Box, CropShape
from model.images import Frame
from model.network import SpaceTimeNetwork
from model.presets import NetworkConfig

M = TypeVar("M", bound=nn.Module)
TEMPLATE, SEARCH = CropShape(64, 2.0), CropShape(128, 4.0)


def config(
    *, reach: int | None = None, stem: tuple[int, ...] = (4, 4, 8, 8), dim: int = 24, depth: int = 2
) -> NetworkConfig:
    """Grids of 4 and 8 tokens a side, aligned as those of the presets are."""
    return NetworkConfig(
        dim=dim, depth=depth, heads=3, mlp_ratio=2.0, stem=stem, head_channels=8, reach=reach,
        template=TEMPLATE, search=SEARCH,
    )  # fmt: skip


def randomise(module: M, seed: int = 0) -> M:
    """Give every parameter a random value, those that start at zero or one too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 16
            noise = torch.randn(parameter.shape, generator=generator) / fan_in**0.5
            scale = parameter.dim() == 1 and name.endswith("weight")
            parameter.copy_(1 + 0.3 * noise if scale else noise)
    return module


def network(seed: int = 0, *, reach: int | None = None) -> SpaceTimeNetwork:
    """A small network in evaluation mode, the same for the same seed."""
    return randomise(SpaceTimeNetwork(config(reach=reach)), seed).eval()


def tokens(*shape: int, seed: int = 0) -> Tensor:
    """Random normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def pair_views(templates: int, searches: int = 1) -> list[list[View | None]]:
    """Causal views of templates and search frames: a template sees none later than itself."""
    causal = torch.ones(templates, templates, dtype=torch.bool).tril()
    every = torch.ones(searches, templates, dtype=torch.bool)
    return [[View(causal), None], [View(every), View(torch.eye(searches, dtype=torch.bool))]]


def scene(step: int, *, size: tuple[int, int] = (120, 160)) -> tuple[Frame, Box]:
    """Frame `step` of a textured square that moves over a soft background, and its box."""
    random = np.random.default_rng(3)
    height, width = size
    soft = cv2.GaussianBlur(random.integers(0, 255, (height, width, 3), np.uint8), (0, 0), 4)
    picture = soft // 2 + np.array([0, 30, 120], np.uint8)  # blue, so that channels tell
    patch = cv2.GaussianBlur(random.integers(0, 255, (24, 24, 3), np.uint8), (0, 0), 1)
    x, y = 40 + 2 * step, 50 + step
    picture[y : y + 24, x : x + 24] = patch
    return picture, (float(x), float(y), 24.0, 24.0)
