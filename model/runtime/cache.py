"""Exported networks in the user's cache folder, so that only the first start has to export."""

import hashlib
import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs
import torch

from model.network import SpaceTimeNetwork

KEEP = 16
"""Models in the folder; the ones longest unused go first."""
_DIGEST = hashlib.sha256().digest_size

log = logging.getLogger(__name__)


def folder() -> Path:
    """Where exported networks are kept."""
    return platformdirs.user_cache_path("spacetime-tracker", appauthor=False) / "networks"


def key(network: SpaceTimeNetwork, slots: int, runtime: str) -> str:
    """Hexadecimal digest of all that an exported model depends on.

    Args:
        slots: remembered frames for each target.
        runtime: version of what runs the model.
    """
    digest = hashlib.sha256()
    about = [_program(), torch.__version__, runtime, slots, asdict(network.config)]
    digest.update(json.dumps(about).encode())
    for name, tensor in sorted(network.state_dict().items()):
        values = tensor.detach().cpu().contiguous().numpy()
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(values.data)
    return digest.hexdigest()


def _program() -> str:
    """Version of this program, and digest of the code an exported model is made from."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.parent.glob("*.py")]):
        digest.update(path.read_bytes())
    with suppress(PackageNotFoundError):
        digest.update(version("spacetime-tracker").encode())
    return digest.hexdigest()


def read(name: str) -> bytes | None:
    """The model kept under a name; None where there is none, or it is damaged."""
    path = folder() / name
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, model = data[:_DIGEST], data[_DIGEST:]
    if hashlib.sha256(model).digest() != digest:
        log.info("The cached network %s is damaged; it is made again.", path)
        return None
    with suppress(OSError):
        os.utime(path)  # used now
    return model


def write(name: str, model: bytes) -> None:
    """Keep a model, whole or not at all; a folder that cannot be written is no error."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(model).digest() + model)
            Path(temporary).replace(place / name)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _prune(place)
    except OSError as error:
        log.info("The exported network is not kept (%s).", error)


def _prune(place: Path) -> None:
    kept = sorted(place.glob("*.onnx"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-KEEP]:
        path.unlink(missing_ok=True)
