"""Checkpoints that resume a run: network, moving average and optimizer in one safetensors file."""

import copy
from pathlib import Path

import torch
from torch import Tensor, nn

from model.errors import WeightsError
from model.network import SpaceTimeNetwork
from model.weights import FORMAT, read_tensors, write_tensors


class MovingAverage:
    """Exponential moving average of a network's state, warmed up so that early steps count less."""

    def __init__(self, network: SpaceTimeNetwork, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self.network = copy.deepcopy(network).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards `network`; buffers (batch norm statistics) move alike."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        ours = self.network.state_dict()
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                ours[name].lerp_(value, 1 - decay)
            else:
                ours[name].copy_(value)


def save_checkpoint(
    path: Path,
    network: SpaceTimeNetwork,
    average: MovingAverage,
    optimizer: torch.optim.Optimizer,
    step: int,
) -> None:
    """Write everything a run needs to go on, atomically."""
    names = [name for name, _ in network.named_parameters()]
    tensors: dict[str, Tensor] = {}
    tensors |= {f"network.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.network.state_dict().items()}
    for name, parameter in zip(names, network.parameters(), strict=True):
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"adam.{key}.{name}"] = value
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
    header = {"format": f"{FORMAT} checkpoint", "step": str(step), "ema": str(average.steps)}
    write_tensors(tensors, path, header)


def load_checkpoint(
    path: Path,
    network: SpaceTimeNetwork,
    average: MovingAverage,
    optimizer: torch.optim.Optimizer,
) -> int:
    """Restore what `save_checkpoint` wrote; return the step.

    Raises:
        WeightsError: missing, damaged, or of another network.
    """
    tensors, header = read_tensors(path)
    if header.get("format") != f"{FORMAT} checkpoint":
        raise WeightsError(f"The file {path} is no checkpoint of a training run; give another.")

    def part(prefix: str) -> dict[str, Tensor]:
        return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}

    try:
        network.load_state_dict(part("network."))
        average.network.load_state_dict(part("average."))
    except RuntimeError as error:
        raise WeightsError(
            f"The checkpoint {path} was made for another network; choose its own preset."
        ) from error
    average.steps = int(header["ema"])
    state = {key: part(f"adam.{key}.") for key in ("step", "exp_avg", "exp_avg_sq")}
    for name, parameter in network.named_parameters():
        if name in state["exp_avg"]:
            # Adam keeps its step counter on the CPU
            optimizer.state[parameter] = {
                key: value[name] if key == "step" else value[name].to(parameter.device)
                for key, value in state.items()
            }
    return int(header["step"])
