"""Split a checkpoint into files of limited size, and join them again.

    python -m tools.checkpoint_parts split runs/small/checkpoint.safetensors parts --mib 16
    python -m tools.checkpoint_parts join parts runs/small/checkpoint.safetensors

The first part holds the network and its moving average, where they fit into one; those behind it
the state of the optimizer.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from torch import Tensor

from model.errors import InputError, TrackerError
from model.weights import read_tensors, write_tensors

_HEADER = 256 * 1024
"""Bytes left to the list of tensors in each file."""
_FIRST = ("network.", "average.")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def split(checkpoint: Path, into: Path, mib: float = 16) -> list[Path]:
    """Write the parts of a checkpoint, `part-1.safetensors` and so on, each of at most `mib` MiB.

    Raises:
        WeightsError: no checkpoint, or a damaged one.
        InputError: one tensor alone is larger.
    """
    tensors, header = read_tensors(checkpoint)
    room = int(mib * 2**20) - _HEADER
    parts = [
        part
        for whole in (True, False)
        for part in _parts(
            {k: v for k, v in tensors.items() if k.startswith(_FIRST) == whole}, room
        )
    ]
    paths = [into / f"part-{number}.safetensors" for number in range(1, len(parts) + 1)]
    for path, part in zip(paths, parts, strict=True):
        write_tensors(part, path, header | {"parts": str(len(parts))})
    return paths


def join(folder: Path, checkpoint: Path) -> None:
    """Make a checkpoint of its parts.

    Raises:
        WeightsError: a part that is damaged.
        InputError: parts that are missing, or of several checkpoints.
    """
    paths = sorted(folder.glob("part-*.safetensors"))
    tensors: dict[str, Tensor] = {}
    headers = []
    for path in paths:
        held, header = read_tensors(path)
        tensors |= held
        headers.append(header)
    if not headers or any(header != headers[0] for header in headers):
        raise InputError(f"{folder} does not hold the parts of one checkpoint; copy them again.")
    if headers[0].pop("parts", None) != str(len(paths)):
        raise InputError(f"Of the parts in {folder} some are missing; copy them again.")
    write_tensors(tensors, checkpoint, headers[0])


def _parts(tensors: dict[str, Tensor], room: int) -> Iterator[dict[str, Tensor]]:
    part: dict[str, Tensor] = {}
    used = 0
    for name in sorted(tensors):
        size = tensors[name].numel() * tensors[name].element_size()
        if size > room:
            raise InputError(f"{name} alone takes {size / 2**20:.1f} MiB; allow more with --mib.")
        if part and used + size > room:
            yield part
            part, used = {}, 0
        part[name] = tensors[name]
        used += size
    if part:
        yield part


@app.command("split")
def split_command(
    checkpoint: Path,
    into: Path,
    mib: Annotated[float, typer.Option(min=1, help="Most one part may take, MiB.")] = 16,
) -> None:
    """Split a checkpoint into parts."""
    for path in split(checkpoint, into, mib):
        typer.echo(f"{path}: {path.stat().st_size / 2**20:.1f} MiB")


@app.command("join")
def join_command(folder: Path, checkpoint: Path) -> None:
    """Make a checkpoint of its parts."""
    join(folder, checkpoint)


if __name__ == "__main__":
    try:
        app()
    except TrackerError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from error
