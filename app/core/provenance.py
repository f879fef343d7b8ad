"""What a result came from: source, model and machine, each so that it can be checked."""

import hashlib
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from app.core.sources import SourceInfo, source_path
from app.core.sources.base import reason
from app.core.sources.folder import image_files, image_folder
from model.errors import InputError

_PIECE = 1 << 22
"""Bytes that are hashed at a time."""


@runtime_checkable
class ModelTracker(Protocol):
    """What is asked of a tracker (`model.Tracker`)."""

    @property
    def preset(self) -> str: ...
    @property
    def device(self) -> object: ...
    @property
    def precision(self) -> str: ...
    @property
    def config(self) -> Any: ...


@dataclass(frozen=True)
class SourceReference:
    """A source, and what it held."""

    kind: Literal["file", "folder", "live"]
    name: str
    """To show; holds no password."""
    path: str | None = None
    """Absolute; None for a camera or a stream."""
    sha256: str | None = None
    """Of the file; for a folder of the names and sizes of its images. None for a live source."""
    rate: float | None = None
    """Frames per second asked of a folder of images."""


@dataclass(frozen=True)
class ModelReference:
    """The weights of a tracker."""

    preset: str
    sha256: str
    weights: str | None = None
    """Absolute path; None for the weights shipped with the preset."""


@dataclass(frozen=True)
class Environment:
    """What else the numbers depend on, to the last digit."""

    device: str
    accelerator: str
    """Name of the GPU; empty on the CPU."""
    precision: str
    threads: int
    """Threads of torch's arithmetic."""
    system: str
    program: str
    torch: str
    opencv: str
    av: str

    def differences(self, now: "Environment") -> list[str]:
        """What is another `now`, as `torch: 2.14 then, 2.15 now`."""
        names = [field.name for field in fields(self)]
        pairs = [(name, getattr(self, name), getattr(now, name)) for name in names]
        return [f"{name}: {a or 'none'} then, {b or 'none'} now" for name, a, b in pairs if a != b]


def refer_source(text: str, info: SourceInfo, *, rate: float | None = None) -> SourceReference:
    """The reference of an open source; reads all of a file.

    Args:
        text: what `open_source` was given.
        info: of the open source.
        rate: frames per second asked for.

    Raises:
        InputError: the source cannot be read.
    """
    path = source_path(text)
    # a device or a pipe has no end to hash
    if path is None or not (path.is_file() or path.is_dir()):
        return SourceReference("live", info.name, rate=rate)
    kind: Literal["file", "folder"] = "folder" if path.is_dir() else "file"
    return SourceReference(kind, info.name, str(path.absolute()), hash_source(path), rate)


def hash_source(path: Path) -> str:
    """Hexadecimal SHA-256 of a file; of a folder, of the names and sizes of its images.

    Raises:
        InputError: it cannot be read.
    """
    digest = hash_unless(path, lambda: False)
    assert digest is not None
    return digest


def hash_unless(path: Path, give_up: Callable[[], bool]) -> str | None:
    """As `hash_source`; None as soon as `give_up`, asked for each piece, says so.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if path.is_dir():
            images = image_files(image_folder(path))
            return hashlib.sha256(b"".join(sorted(_listing(images)))).hexdigest()
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if give_up():
                    return None
                digest.update(piece)
        return digest.hexdigest()
    except OSError as error:
        raise InputError(
            "The source {path} cannot be read: {reason}.", path=path, reason=reason(error)
        ) from error


def _listing(images: Iterator[Path]) -> Iterator[bytes]:
    for path in images:
        yield os.fsencode(path.name) + f"\t{path.stat().st_size}\n".encode()


def refer_model(tracker: ModelTracker, weights: Path | None = None) -> ModelReference:
    """The reference of a tracker's weights: those of its preset, or the file `weights`.

    Raises:
        WeightsError: they are not what was shipped.
        InputError: the file cannot be read.
    """
    if weights is not None:
        return ModelReference(tracker.preset, hash_source(weights), str(weights.absolute()))
    from model.weights import verify

    return ModelReference(tracker.preset, verify(tracker.preset))


def environment(tracker: ModelTracker) -> Environment:
    """The machine and the libraries `tracker` runs on."""
    # torch takes seconds to import; who has a tracker has paid for it
    import av
    import cv2
    import torch

    device = str(tracker.device)
    return Environment(
        device=device,
        accelerator=torch.cuda.get_device_name(device) if device.startswith("cuda") else "",
        precision=tracker.precision,
        threads=torch.get_num_threads(),
        system=platform.platform(),
        program=_program_version(),
        torch=str(torch.__version__),
        opencv=cv2.__version__,
        av=av.__version__,
    )


def blank_environment() -> Environment:
    """The machine and the libraries where there is no tracker yet."""
    import av
    import cv2

    return Environment(
        device="", accelerator="", precision="", threads=0, system=platform.platform(),
        program=_program_version(), torch="", opencv=cv2.__version__, av=av.__version__,
    )  # fmt: skip


def tracker_settings(tracker: ModelTracker) -> dict[str, Any]:
    """The settings of a tracker (`TrackerConfig`) by name."""
    return asdict(tracker.config)


def _program_version() -> str:
    try:
        return version("spacetime-tracker")
    except PackageNotFoundError:
        return "not installed"
