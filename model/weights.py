"""Weights on disk: safetensors with a JSON header, checked by sha256. Nothing is unpickled."""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict
from importlib import resources
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from model.backbone import STAGES
from model.errors import WeightsError
from model.geometry import CropShape
from model.network import SpaceTimeNetwork
from model.presets import PRESETS, NetworkConfig
from model.sentences import Sentence

FORMAT = "spacetime-tracker 1"


def installed() -> dict[str, Path]:
    """Weights that are shipped with the package: name of the preset to path."""
    folder = Path(str(resources.files("assets"))) / "weights"
    paths = {name: folder / f"{name}.safetensors" for name in PRESETS}
    return {name: path for name, path in paths.items() if path.exists()}


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(name: str) -> str:
    """Check shipped weights against the sum beside them; return the sum.

    Raises:
        WeightsError: there are none of that name, or they are not what was shipped.
    """
    path = _shipped(name)
    beside = path.with_suffix(".sha256")
    if not beside.exists():
        raise WeightsError(
            "The checksum {beside} is missing; reinstall spacetime-tracker.", beside=beside
        )
    actual = sha256(path)
    if beside.read_bytes().split()[:1] != [actual.encode()]:
        raise WeightsError(
            "The weights {path} do not have the checksum they were shipped with; "
            "reinstall spacetime-tracker.",
            path=path,
        )
    return actual


def _shipped(name: str) -> Path:
    paths = installed()
    if name not in paths:
        shipped = ", ".join(paths) or "none"
        raise WeightsError(
            "No weights are shipped for {name!r} (shipped: {shipped}); "
            "name a preset that has some, or give the path of a .safetensors file.",
            name=name,
            shipped=shipped,
        )
    return paths[name]


def config_to_json(config: NetworkConfig) -> str:
    """The configuration as JSON, for the header of a weights file."""
    return json.dumps(asdict(config), sort_keys=True)


def config_from_json(text: str) -> NetworkConfig:
    """The inverse of `config_to_json`.

    Raises:
        ValueError, TypeError, KeyError: not such a text.
    """
    values = json.loads(text)
    for name in ("template", "search"):
        values[name] = CropShape(**values[name])
    values["stem"] = tuple(values["stem"])
    config = NetworkConfig(**values)
    _check_bounds(config)
    return config


def _check_bounds(config: NetworkConfig) -> None:
    widths = (config.dim, config.heads, config.head_channels, *config.stem)
    crops = (config.template, config.search)
    if not (0 < config.depth <= 64 and all(0 < width <= 4096 for width in widths)):
        raise ValueError(Sentence("the network's size is out of bounds"))
    if not 0 < config.mlp_ratio <= 16:
        raise ValueError(Sentence("the network's MLP ratio is out of bounds"))
    if config.reach is not None and config.reach not in range(65):
        raise ValueError(Sentence("the reach of its time attention is out of bounds"))
    if config.backbone is not None and (config.backbone not in STAGES or config.stem):
        raise ValueError(Sentence("its backbone is not known"))
    stride = 2 ** len(config.stem) if config.stem else config.search.stride
    if config.backbone is not None:
        stride = 16
    if not all(
        0 < crop.size <= 4096 and crop.stride == stride and 0.1 <= crop.factor <= 100
        for crop in crops
    ):
        raise ValueError(Sentence("the shape of its crops is out of bounds"))
    if not 1 <= config.template.grid <= config.search.grid <= 64:
        raise ValueError(Sentence("the grids of its crops do not fit"))


def save(network: SpaceTimeNetwork, path: Path, *, preset: str, note: str = "") -> None:
    """Write weights and the checksum beside them, each to a temporary file moved into place.

    Raises:
        WeightsError: there is no room, or the folder refuses; former files are whole.
    """
    header = {
        "format": FORMAT,
        "preset": preset,
        "network": config_to_json(network.config),
        "note": note,
    }
    tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    write_tensors(tensors, path, header)
    try:
        replace_text(path.with_suffix(".sha256"), f"{sha256(path)}  {path.name}\n")
    except OSError as error:
        raise _unwritable(path, error) from error


def write_tensors(tensors: dict[str, Tensor], path: Path, header: dict[str, str]) -> None:
    """Write a safetensors file atomically.

    Raises:
        WeightsError: there is no room, or the folder refuses; a former file is whole.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        os.close(handle)
        try:
            save_file(tensors, temporary, metadata=header)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except (SafetensorError, OSError) as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: Exception) -> WeightsError:
    return WeightsError(
        "The weights {path} cannot be written ({error}); make room, or choose another folder.",
        path=path,
        error=error,
    )


def replace_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and header of a safetensors file.

    Raises:
        WeightsError: missing, or no safetensors file.
    """
    if not path.is_file():
        raise WeightsError(
            "There are no weights at {path}; give the path of a .safetensors file.", path=path
        )
    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            "The weights {path} cannot be read ({error}); give a whole .safetensors file.",
            path=path,
            error=error,
        ) from error


def load(name_or_path: str | Path, *, expect: str | None = None) -> tuple[SpaceTimeNetwork, str]:
    """The network of a preset's shipped weights or of a file, in evaluation mode.

    Args:
        name_or_path: name of a preset, or path of a `.safetensors` file.
        expect: preset that the file must have been made for.

    Returns:
        The network and the name of its preset.

    Raises:
        WeightsError: missing, damaged, of another program or preset, or not finite.
    """
    if str(name_or_path) in PRESETS:
        name = str(name_or_path)
        verify(name)
        path = _shipped(name)
        expect = name
    else:
        path = Path(name_or_path)
        beside = path.with_suffix(".sha256")
        if path.is_file() and beside.is_file() and sha256(path).encode() not in beside.read_bytes():
            raise WeightsError(
                "The weights {path} do not match the checksum in {name}; "
                "copy both again from where they came from.",
                path=path,
                name=beside.name,
            )
    tensors, header = read_tensors(path)
    if header.get("format") != FORMAT:
        raise WeightsError(
            "The file {path} holds no weights of this program; give one written by "
            "`spacetime-tracker train`.",
            path=path,
        )
    made_for = header.get("preset", "")
    if made_for not in PRESETS:
        raise WeightsError(
            "The weights {path} were made for preset {made_for!r}, which this version does not "
            "have; use weights of another version.",
            path=path,
            made_for=made_for,
        )
    if expect is not None and made_for != expect:
        raise WeightsError(
            "The weights {path} were made for preset {made_for!r}, not {expect!r}; "
            "choose --preset {made_for} or other weights.",
            path=path,
            made_for=made_for,
            expect=expect,
        )
    network = _build(tensors, header, path)
    return network, made_for


def _build(tensors: dict[str, Tensor], header: dict[str, str], path: Path) -> SpaceTimeNetwork:
    try:
        config = config_from_json(header["network"])
        with torch.device("meta"):
            expected = SpaceTimeNetwork(config).state_dict()
        # nothing is allocated before the file is known to hold that much
        _check_shapes(tensors, expected)
        network = SpaceTimeNetwork(config)
        network.load_state_dict(tensors)
    except (KeyError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
        raise WeightsError(
            "The weights {path} do not fit the network they name ({reason}); "
            "train or fetch them again.",
            path=path,
            reason=_reason(error),
        ) from error
    if not all(bool(torch.isfinite(t).all()) for t in tensors.values() if t.is_floating_point()):
        raise WeightsError(
            "The weights {path} hold values that are not finite; train them again.", path=path
        )
    return network.eval()


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if isinstance(text, Sentence) else text.splitlines()[0]


def _check_shapes(tensors: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    for name in sorted({*tensors, *expected}):
        if name not in tensors:
            raise ValueError(Sentence("{name} is missing", name=name))
        if name not in expected:
            raise ValueError(Sentence("{name} is not part of it", name=name))
        if tensors[name].shape != expected[name].shape:
            raise ValueError(Sentence("{name} has another shape", name=name))


def load_vit(network: SpaceTimeNetwork, vit: nn.Module) -> None:
    """Copy a timm ViT into a network with patch embedding: space half, and time half from it.

    Each block's attention goes to the space half and is copied to the time half, as in TimeSformer;
    `temporal_fc` stays zero, so that at first the network is the ViT on each frame. The class token
    is left out. Position embeddings are resampled to the search grid, whose central cells the
    templates share.

    Raises:
        WeightsError: the ViT has another width, depth, number of heads or patch size.
    """
    source = vit.state_dict()
    config = network.config
    patch = source.get("patch_embed.proj.weight")
    depth = len({k.split(".")[1] for k in source if k.startswith("blocks.")})
    if config.stem or patch is None or tuple(patch.shape) != tuple(network.stem.weight.shape):  # type: ignore[arg-type]
        raise WeightsError(
            "This ViT does not fit: the network needs a patch embedding of the same shape."
        )
    if depth != config.depth:
        raise WeightsError(
            "This ViT has {found} blocks, the network {wanted}.", found=depth, wanted=config.depth
        )
    heads = vit.blocks[0].attn.num_heads  # type: ignore[index, union-attr]
    if heads != config.heads:
        raise WeightsError(
            "This ViT has {found} attention heads, the network {wanted}.",
            found=heads,
            wanted=config.heads,
        )
    mapping = {
        "norm_t": "norm1", "time.qkv": "attn.qkv", "time.proj": "attn.proj",
        "norm_s": "norm1", "space.qkv": "attn.qkv", "space.proj": "attn.proj",
        "norm_m": "norm2", "mlp.fc1": "mlp.fc1", "mlp.fc2": "mlp.fc2",
    }  # fmt: skip
    target = dict(network.state_dict())
    try:
        _take(target, source, mapping, depth)
        target["position"] = _resample_positions(source, config)
        network.load_state_dict(target)
    except (KeyError, RuntimeError) as error:
        reason = str(error).splitlines()[-1].strip()
        raise WeightsError(
            "This ViT does not fit the network ({reason}).", reason=reason
        ) from error


def _take(
    target: dict[str, Tensor], source: dict[str, Tensor], mapping: dict[str, str], depth: int
) -> None:
    for i in range(depth):
        for ours, theirs in mapping.items():
            for part in ("weight", "bias"):
                target[f"blocks.{i}.{ours}.{part}"] = source[f"blocks.{i}.{theirs}.{part}"]
    for part in ("weight", "bias"):
        target[f"stem.{part}"] = source[f"patch_embed.proj.{part}"]
        target[f"norm.{part}"] = source[f"norm.{part}"]


def _resample_positions(source: dict[str, Tensor], config: NetworkConfig) -> Tensor:
    places = source["pos_embed"][0]
    side = int(len(places) ** 0.5)
    places = places[len(places) - side * side :].T.reshape(1, -1, side, side)  # without class token
    grid = config.search.grid
    return nn.functional.interpolate(
        places, size=(grid, grid), mode="bicubic", align_corners=False, antialias=True
    )[0]
