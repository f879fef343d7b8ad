"""Several processes train one network: each with clips of its own, all with the same weights."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model.errors import InputError
from model.presets import PRESETS
from model.training.clips import Batch
from model.training.distributed import Seat, Shares, first_process, seated
from model.training.loop import CHECKPOINT
from model.weights import load, read_tensors
from tests.training import ranks

ROOT = Path(__file__).parents[2]
CPU = torch.device("cpu")


def free_ports(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start(rank: int, folder: Path, ports: list[str]) -> "subprocess.Popen[str]":
    """A process as `torchrun` starts it."""
    around = {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tests.training.ranks", str(folder), *ports],
        cwd=ROOT, env={**os.environ, **around}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left after plain steps, a run of two steps, and a third that goes on."""
    folder = tmp_path_factory.mktemp("ranks")
    ports = free_ports(3)
    processes = [start(rank, folder, ports) for rank in range(2)]
    try:
        ends = [process.communicate(timeout=240) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, errors) in zip(processes, ends, strict=True):
        assert process.returncode == 0, errors
    return folder


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], tolerance: float) -> None:
    assert a.keys() == b.keys()
    for name, value in a.items():
        torch.testing.assert_close(value, b[name], rtol=tolerance, atol=tolerance, msg=name)


def test_steps_of_two_are_steps_of_one_with_the_clips_of_both(trained: Path) -> None:
    first, second = (load_file(trained / f"plain{rank}.safetensors") for rank in range(2))
    same(first, second, 0)
    batches = [ranks.plain_batch(rank, 2) for rank in range(2)]
    doubled = Batch(
        *(torch.cat([getattr(batch, f.name) for batch in batches]) for f in fields(Batch))
    )
    alone = ranks.weights_of(ranks.three_steps(Seat(CPU), doubled))
    before = ranks.weights_of(ranks.tiny.network(seed=3))
    assert max((alone[n] - before[n]).abs().max().item() for n in alone) > 1e-3
    same(first, alone, 2e-5)


def test_a_run_of_two_that_went_on_holds_the_same_weights_in_both(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (load_file(trained / f"trained{rank}.safetensors") for rank in range(2))
    # the second read no checkpoint: weights and optimizer came from the first
    same(first, second, 0)
    tensors, header = read_tensors(trained / "run" / CHECKPOINT)
    assert header["step"] == "3"
    same({n: tensors[f"network.{n}"] for n in first}, first, 0)
    monkeypatch.setitem(PRESETS, "tiny", None)  # type: ignore[arg-type]
    assert load(trained / "run" / "tiny.safetensors")[1] == "tiny"


def test_the_first_alone_reports_and_writes(trained: Path) -> None:
    assert json.loads((trained / "steps0.json").read_text()) == [1, 2, 3]
    assert json.loads((trained / "steps1.json").read_text()) == []
    rows = (trained / "run" / "log.csv").read_text().splitlines()
    noted = [tuple(row.split(",")[:2]) for row in rows]
    assert {("2", "val/iou"), ("2", "train/total"), ("3", "train/total")} <= set(noted)
    assert len(set(noted)) == len(noted)


def test_processes_draw_together_what_one_draws() -> None:
    alone = list(Shares(Seat(CPU), 4, 3, 6))
    two = [list(Shares(Seat(CPU, rank, 2), 2, 3, 6)) for rank in range(2)]
    assert [a + b for a, b in zip(*two, strict=True)] == alone
    assert [len(each) for each in two] == [3, 3]
    # what was drawn before the third batch is not drawn again
    assert min(alone[0]) == 1 + max(max(batch) for batch in Shares(Seat(CPU), 4, 0, 3))


def test_one_process_sits_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    with seated("cpu") as seat:
        assert (seat.rank, seat.world, seat.first) == (0, 1, True)
    assert first_process()
    monkeypatch.setenv("RANK", "1")
    assert not first_process()


@pytest.mark.parametrize(
    ("around", "message"),
    [({"WORLD_SIZE": "two"}, "is no number"), ({"WORLD_SIZE": "2"}, "start all with torchrun")],
)
def test_an_environment_that_is_not_whole_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, around: dict[str, str], message: str
) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=message), seated("cpu"):
        pass
