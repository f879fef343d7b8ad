"""One step of optimisation."""

from typing import Any

import torch
from torch import nn

from model.backbone import Backbone
from model.errors import InputError
from model.network import Response, SpaceTimeNetwork
from model.training.clips import Batch
from model.training.config import TrainConfig, learning_rate
from model.training.losses import Losses, tracking_losses


def make_optimizer(network: SpaceTimeNetwork, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW; no weight decay on biases, norms and embeddings."""
    groups: list[dict[str, Any]] = []
    for in_backbone in (False, True):
        for decays in (True, False):
            chosen = [
                p
                for name, p in network.named_parameters()
                if p.requires_grad
                and is_of_backbone(network, name) == in_backbone
                and (p.ndim >= 2 and p.ndim != 3) == decays
            ]
            if chosen:
                decay = config.weight_decay if decays else 0.0
                scale = config.backbone_lr if in_backbone else 1.0
                groups.append({"params": chosen, "weight_decay": decay, "lr_scale": scale})
    return torch.optim.AdamW(groups, lr=config.lr, betas=(0.9, 0.98))


def is_of_backbone(network: SpaceTimeNetwork, name: str) -> bool:
    """Whether a parameter is one of those that come pretrained."""
    return isinstance(network.stem, Backbone) and name.startswith(("stem.early.", "stem.late."))


def respond(network: nn.Module, batch: Batch, templates: int) -> Response:
    """The network's answer to a batch, with the first `templates` templates shown."""
    response: Response = network(
        batch.templates[:, :templates],
        batch.template_boxes[:, :templates],
        batch.search[:, None],
        batch.template_ages[:, None, :templates],
        template_inside=batch.template_inside[:, :templates].flatten(2),
        search_inside=batch.search_inside[:, None].flatten(2),
    )
    return response


def losses_of(
    network: nn.Module, batch: Batch, templates: int, step: int, config: TrainConfig
) -> tuple[Losses, Response]:
    """The losses of a batch, and the answer they are of.

    Raises:
        InputError: the loss is not finite.
    """
    with torch.autocast(batch.search.device.type, torch.bfloat16, enabled=config.bf16):
        response = respond(network, batch, templates)
    losses = tracking_losses(
        response, batch.search_box, batch.present,
        size=config.clips.search_shape.size, weights=config.loss,
    )  # fmt: skip
    if not torch.isfinite(losses.total):
        raise InputError(
            f"The loss is not finite at step {step}; resume from the last checkpoint with a lower "
            "learning rate."
        )
    return losses, response


def ordinary_step(
    network: nn.Module,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    step: int,
    config: TrainConfig,
) -> Losses:
    """Learn from clips of one search frame.

    Raises:
        InputError: the loss is not finite.
    """
    # a function of seed and step alone, so that a resumed run draws the same
    draw = torch.rand(1, generator=torch.Generator().manual_seed(config.seed * 1_000_003 + step))
    templates = 1 if draw.item() < config.one_template else config.clips.templates
    losses, _ = losses_of(network, batch, templates, step, config)
    optimizer.zero_grad(set_to_none=True)
    losses.total.backward()
    follow_gradient(network, optimizer, step, config)
    return losses


def follow_gradient(
    network: nn.Module, optimizer: torch.optim.Optimizer, step: int, config: TrainConfig
) -> None:
    """Clip the gradient and step, at the learning rate of the step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(step, config) * group["lr_scale"]
    torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
    optimizer.step()
