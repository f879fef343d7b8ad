"""Weights on disk: what was saved is loaded, and nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import model.weights as weights_module
from model.errors import TrackerError, WeightsError
from model.network import SpaceTimeNetwork
from model.tracker import Tracker
from model.weights import config_from_json, config_to_json, load, save, sha256, verify
from tests.model.tiny import config, network


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A weights file with its checksum beside it."""
    file = tmp_path / "own.safetensors"
    save(network(), file, preset="nano", note="random")
    return file


def rewrite(path: Path, *, tensors: dict[str, torch.Tensor] | None = None, **header: str) -> None:
    """The same file with other tensors or header, and no checksum."""
    state, old = weights_module.read_tensors(path)
    save_file(state if tensors is None else tensors, path, metadata={**old, **header})
    path.with_suffix(".sha256").unlink()


def refused(path: Path, words: str, **options: Any) -> None:
    with pytest.raises(WeightsError, match=words) as caught:
        load(path, **options)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_was_saved_is_loaded(path: Path) -> None:
    loaded, made_for = load(path, expect="nano")
    assert made_for == "nano"
    assert not loaded.training
    saved = network()
    assert loaded.config == saved.config
    for name, tensor in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor)
    assert path.with_suffix(".sha256").read_text().split() == [sha256(path), path.name]
    assert sorted(p.name for p in path.parent.iterdir()) == ["own.safetensors", "own.sha256"]


def test_a_loaded_network_answers_as_the_saved_one(path: Path) -> None:
    images = torch.randint(0, 256, (1, 1, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        torch.testing.assert_close(load(path)[0].features(images), network().features(images))


def test_changed_bytes_are_noticed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    refused(path, "checksum")


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00"])
def test_a_checksum_that_is_none_is_not_that_of_the_file(
    path: Path, text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.with_suffix(".sha256").write_bytes(text)
    refused(path, "checksum")
    monkeypatch.setattr(weights_module, "installed", lambda: {"nano": path})
    with pytest.raises(WeightsError, match="checksum they were shipped with"):
        load("nano")


def test_weights_of_another_preset_are_refused(path: Path) -> None:
    refused(path, "made for preset 'nano', not 'small'", expect="small")


def test_weights_of_no_known_preset_make_no_tracker(path: Path) -> None:
    rewrite(path, preset="gigantic")
    with pytest.raises(TrackerError, match="gigantic"):
        Tracker.load(path)


@pytest.mark.parametrize("kept", [0, 4, 100, 5000])
def test_a_truncated_file_is_refused(path: Path, kept: int) -> None:
    data = path.read_bytes()
    path.with_suffix(".sha256").unlink()
    assert kept < len(data)
    path.write_bytes(data[:kept])
    refused(path, "cannot be read")


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    refused(tmp_path / "none.safetensors", "no weights at")
    refused(tmp_path, "no weights at")


class Payload:
    """Runs code when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.trace,))


@pytest.mark.parametrize("name", ["bad.safetensors", "bad.pt"])
def test_a_pickle_is_refused_and_runs_nothing(tmp_path: Path, name: str) -> None:
    trace, bad = tmp_path / "ran", tmp_path / name
    torch.save({"weights": Payload(trace)}, bad)
    refused(bad, "cannot be read")
    assert not trace.exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(path: Path, value: float) -> None:
    state = network().state_dict()
    state["head.out.bias"][2] = value
    rewrite(path, tensors=state)
    refused(path, "not finite")


def test_a_file_of_another_program_is_refused(path: Path) -> None:
    rewrite(path, format="somebody else's")
    refused(path, "no weights of this program")


def changed_config(**changes: Any) -> str:
    values = json.loads(config_to_json(config()))
    for name, value in changes.items():
        inner, _, leaf = name.partition("__")
        if leaf:
            values[inner][leaf] = value
        else:
            values[name] = value
    return json.dumps(values)


ABSURD: list[dict[str, Any]] = [
    {"dim": 10**9}, {"dim": -24}, {"dim": 24.5}, {"dim": "24"}, {"dim": 23},
    {"depth": 0}, {"depth": 10**9}, {"depth": 64, "dim": 4096, "heads": 8}, {"depth": 3},
    {"heads": 0}, {"heads": 5}, {"mlp_ratio": 1e12}, {"mlp_ratio": float("inf")},
    {"mlp_ratio": -1}, {"stem": [4, 8]}, {"stem": 7}, {"stem": [4096] * 4},
    {"head_channels": 0}, {"reach": "far"}, {"reach": -1}, {"reach": 10**6}, {"reach": 1.5},
    {"template": 3}, {"template__size": 10**9}, {"template__size": 0}, {"template__factor": 0},
    {"search__factor": float("nan")}, {"search__factor": -4}, {"search__factor": "4"},
    {"search__stride": 0}, {"search__stride": 10**6}, {"search__stride": 8},
    {"template__size": 256}, {"surprise": 1},
]  # fmt: skip


@pytest.mark.parametrize("changes", ABSURD, ids=str)
def test_an_absurd_network_in_the_header_is_refused_before_it_is_built(
    path: Path, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(path, network=changed_config(**changes))
    build = SpaceTimeNetwork.__init__

    # on the meta device a network of any size costs nothing
    def on_paper(self: SpaceTimeNetwork, given: Any) -> None:
        build(self, given)
        assert next(self.parameters()).is_meta

    monkeypatch.setattr(SpaceTimeNetwork, "__init__", on_paper)
    refused(path, "do not fit the network")


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "[" * 100_000, '{"dim": 24}'])
def test_a_header_that_describes_no_network_is_refused(path: Path, text: str) -> None:
    rewrite(path, network=text)
    refused(path, "do not fit the network")


def test_missing_and_surplus_tensors_are_refused(path: Path) -> None:
    state = network().state_dict()
    removed = state.pop("norm.weight")
    rewrite(path, tensors=state)
    refused(path, "do not fit the network")
    save(network(), path, preset="nano")
    rewrite(path, tensors={**state, "norm.weight": removed, "extra": removed.clone()})
    refused(path, "do not fit the network")


def test_a_configuration_survives_json() -> None:
    for each in (config(), config(reach=0), config(reach=2, stem=())):
        assert config_from_json(config_to_json(each)) == each


def test_shipped_weights_must_have_their_checksum(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_module, "installed", lambda: {"nano": path})
    assert verify("nano") == sha256(path)
    assert load("nano")[1] == "nano"
    with pytest.raises(WeightsError, match=r"for 'base' \(shipped: nano\)"):
        load("base")
    beside = path.with_suffix(".sha256")
    beside.write_text("0" * 64 + "  own.safetensors\n")
    with pytest.raises(WeightsError, match="checksum they were shipped with"):
        load("nano")
    beside.unlink()
    with pytest.raises(WeightsError, match="is missing"):
        load("nano")
