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
        InputError: unknown, not on this machine, or there and dead.
    """
    if name == "auto":
        if torch.cuda.is_available() and answers(torch.device("cuda")):
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
    device = torch.device(name)
    if not answers(device):
        raise InputError(
            "The device {name!r} does not answer; start the program anew, or use --device cpu.",
            name=name,
        )
    return device


def answers(device: torch.device) -> bool:
    """Whether a device takes a step and gives its result back.

    A graphics card that was taken out, whose driver began anew or on which a kernel failed does
    not, in this process, ever again.
    """
    try:
        return float(torch.ones((), device=device) + 1) == 2
    except torch.OutOfMemoryError:
        return True
    except RuntimeError:
        return False


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
