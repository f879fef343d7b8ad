"""Training by several processes that `torchrun` starts, one per device.

Every process makes clips of its own and gradients are averaged (DistributedDataParallel). The first
process alone logs, validates and saves; the others take weights and optimizer from it at the start.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from model.backbone import Backbone
from model.device import resolve_device
from model.errors import InputError
from model.network import SpaceTimeNetwork
from model.training.library import Library

_PATIENCE = timedelta(hours=6)
"""How long processes wait for each other: the first may have many videos to search."""


@dataclass(frozen=True)
class Seat:
    """Which of how many processes this one is, and its device."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process logs, validates and saves."""
        return self.rank == 0


def first_process() -> bool:
    """Whether this process is the one that speaks, before it has taken its seat."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def seated(device: str) -> Iterator[Seat]:
    """Take the seat that `torchrun` names in the environment; alone without it.

    Raises:
        InputError: no such device, fewer GPUs than processes, or an environment that is not whole.
    """
    try:
        rank, world, local = (
            int(os.environ.get(name, default))
            for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_RANK", "0"))
        )
    except ValueError as error:
        raise InputError(f"RANK, WORLD_SIZE or LOCAL_RANK is no number ({error}).") from error
    if world == 1:
        yield Seat(resolve_device(device))
        return
    own = _device_of(device, local)
    try:
        dist.init_process_group("nccl" if own.type == "cuda" else "gloo", timeout=_PATIENCE)
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"Process {rank} of {world} finds no others ({reason}); start all with torchrun."
        ) from error
    yield Seat(own, rank, world)
    # not after an error: the others would be waited for
    dist.destroy_process_group()


def _device_of(device: str, local: int) -> torch.device:
    chosen = resolve_device(device)
    if chosen.type != "cuda":
        return torch.device("cpu")
    if local >= torch.cuda.device_count():
        raise InputError(
            f"This machine has {torch.cuda.device_count()} GPUs for process {local + 1}; "
            "start fewer with --nproc-per-node, or use --device cpu."
        )
    torch.cuda.set_device(local)
    return torch.device("cuda", local)


def load_in_turn(seat: Seat, load: Callable[[int], Library]) -> Library:
    """Let the first process load, then the others, who find what it kept.

    Args:
        load: makes a library for the process of a rank.
    """
    if seat.first:
        library = load(seat.rank)
    if seat.world > 1:
        dist.barrier()
    return library if seat.first else load(seat.rank)


def share(seat: Seat, network: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> int:
    """Give every process the weights, optimizer state and step of the first; return the step."""
    if seat.world == 1:
        return step
    count = torch.tensor(step, device=seat.device)
    dist.broadcast(count, 0)
    for tensor in (*network.parameters(), *network.buffers()):
        dist.broadcast(tensor.detach(), 0)
    if count.item() > 0:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                _share_state(seat, optimizer, parameter)
    return int(count.item())


def _share_state(seat: Seat, optimizer: torch.optim.Optimizer, parameter: Tensor) -> None:
    state = optimizer.state[parameter]
    for key in ("step", "exp_avg", "exp_avg_sq"):
        # Adam keeps its step counter on the CPU, which NCCL does not reach
        empty = torch.tensor(0.0) if key == "step" else torch.zeros_like(parameter)
        held = state.get(key, empty).to(seat.device)
        dist.broadcast(held, 0)
        state[key] = held.cpu() if key == "step" else held


def wrap(seat: Seat, network: SpaceTimeNetwork) -> nn.Module:
    """The network as it is trained: its gradients are the mean over all processes.

    On GPUs batch norms take the statistics of all processes together, on CPUs those of each, where
    torch has no other. Backbones keep the statistics of their pretraining anyway.
    """
    if seat.world == 1:
        return network
    if seat.device.type != "cuda":
        return DistributedDataParallel(network)
    for name, child in list(network.named_children()):
        if not isinstance(child, Backbone):
            setattr(network, name, nn.SyncBatchNorm.convert_sync_batchnorm(child))
    return DistributedDataParallel(network, device_ids=[seat.device])


def without_averaging(network: nn.Module) -> AbstractContextManager[None]:
    """Gradients stay with their process in this context: more are to be added first."""
    if isinstance(network, DistributedDataParallel):
        context: AbstractContextManager[None] = network.no_sync()
        return context
    return nullcontext()


@dataclass(frozen=True)
class Shares:
    """Numbers of the clips of each batch: all processes together make the clips of one."""

    seat: Seat
    batch: int
    start: int
    """Number of the first batch."""
    stop: int

    def __len__(self) -> int:
        return max(0, self.stop - self.start)

    def __iter__(self) -> Iterator[list[int]]:
        for number in range(self.start, self.stop):
            first = (number * self.seat.world + self.seat.rank) * self.batch
            yield list(range(first, first + self.batch))
