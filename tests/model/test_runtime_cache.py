"""Exported networks are kept, and their absence or damage is no error."""

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from model import InputError
from model.runtime import cache, make_runner, onnx_runner
from model.runtime.export import export
from tests.model.tiny import network


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "cache"
    monkeypatch.setattr(cache, "folder", lambda: place)
    return place


@lru_cache
def made(slots: int, step: str) -> bytes:
    return export(network(), slots, step)


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Steps that have been exported."""
    steps: list[str] = []

    def counted(_: object, slots: int, step: str) -> bytes:
        steps.append(step)
        return made(slots, step)  # exporting takes a second each time

    monkeypatch.setattr(onnx_runner, "export", counted)
    return steps


def start(seed: int = 0, slots: int = 2) -> str:
    return make_runner(network(seed), slots, threads=1).name


def test_the_second_start_exports_nothing(folder: Path, exported: list[str]) -> None:
    assert start() == "onnx"
    assert exported == ["search", "template"]
    assert start() == "onnx"
    assert len(exported) == 2
    assert len(list(folder.iterdir())) == 2


def test_trackers_made_at_once_by_several_threads_all_run_in_onnx(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(start, (0, 1, 0))) == ["onnx"] * 3
    assert len(list(folder.iterdir())) == 4  # of the two that are alike one made the models


@pytest.mark.parametrize("change", [{"seed": 1}, {"slots": 3}])
def test_other_weights_or_slots_are_exported_anew(
    folder: Path, exported: list[str], change: dict[str, int]
) -> None:
    start()
    start(**change)
    assert len(exported) == 4


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_model_is_made_again(folder: Path, exported: list[str], damage: str) -> None:
    start()
    for path in folder.iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes({"cut": bytes(data[:1000]), "flipped": bytes(data), "empty": b""}[damage])
    assert start() == "onnx"
    assert len(exported) == 4
    start()
    assert len(exported) == 4  # and is whole again


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path, exported: list[str]) -> None:
    folder.write_text("a file where the folder should be")
    for _ in range(2):
        assert start() == "onnx"
    assert len(exported) == 4


def test_the_models_longest_unused_go_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEEP", 2)
    for age, name in enumerate(("a.onnx", "b.onnx")):
        cache.write(name, b"model")
        os.utime(folder / name, (age, age))
    assert cache.read("a.onnx") == b"model"
    cache.write("c.onnx", b"model")
    assert cache.read("b.onnx") is None
    assert [cache.read(name) for name in ("a.onnx", "c.onnx")] == [b"model"] * 2
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_without_onnx_the_network_runs_in_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with caplog.at_level(logging.WARNING):
        assert start() == "torch"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert package in caplog.text
    with pytest.raises(InputError, match="install onnx and onnxruntime"):
        make_runner(network(), 2, runtime="onnx")


def test_an_export_that_fails_leaves_torch(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("Unsupported: something\nand a long trace")

    monkeypatch.setattr(onnx_runner, "export", fail)
    with caplog.at_level(logging.WARNING):
        assert start() == "torch"
    assert len(caplog.records) == 1
    assert "Unsupported: something)" in caplog.text
    crop = np.zeros((64, 64, 3), np.uint8)
    runner = make_runner(network(), 2, runtime="torch")
    assert np.isfinite(
        runner.encode(crop, (16.0, 16.0, 32.0, 32.0), 1, None, None).descriptor
    ).all()
