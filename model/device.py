"""Which device and number format the network runs in."""

import torch

from model.errors import InputError

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Args:
        name: `auto`, `cpu`, `mps`, `cuda` or `cuda:N`.

    Raises:
        InputError: unknown, or not on this machine.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if name not in DEVICES[1:] and not name.startswith("cuda:"):
        raise InputError(
            "There is no device {name!r}; choose one of {known}.",
            name=name,
            known=", ".join(DEVICES),
        )
    if name.startswith("cuda") and not _has_cuda(name):
        raise InputError("This machine has no device {name!r}; use --device cpu.", name=name)
    if name == "mps" and not torch.backends.mps.is_available():
        raise InputError("This machine has no device 'mps'; use --device cpu.")
    return torch.device(name)


def _has_cuda(name: str) -> bool:
    index = name.partition(":")[2] if ":" in name else "0"
    return index.isdecimal() and int(index) < torch.cuda.device_count()


def resolve_precision(name: str, device: torch.device) -> torch.dtype:
    """The number format of that name; `auto` is bfloat16 on CUDA and float32 elsewhere.

    Raises:
        InputError: unknown.
    """
    if name == "auto":
        cuda = device.type == "cuda" and torch.cuda.is_bf16_supported()
        return torch.bfloat16 if cuda else torch.float32
    if name not in PRECISIONS:
        raise InputError(
            "There is no precision {name!r}; choose {known}.",
            name=name,
            known=", ".join(PRECISIONS),
        )
    return getattr(torch, name)
