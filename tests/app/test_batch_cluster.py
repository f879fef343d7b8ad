"""Many videos on a Ray cluster of two machines, one of which is killed."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.core.batch import BatchSettings, plan_tasks, run_on_ray
from app.core.exchange import read_rows
from model.errors import InputError
from tests.app.clips import encode, quarters
from tests.app.still import StillTracker, load

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

REPOSITORY = Path(__file__).parents[2]
FRAMES = 40
NAMES = ("a", "b", "c")


def load_and_note_machine(log: Path) -> StillTracker:
    """A slow tracker; appends the machine that loads it to `log`."""
    import ray

    with log.open("a") as file:
        file.write(f"{ray.get_runtime_context().get_node_id()}\n")
    return load(pause=0.05)


MACHINE = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_log_monitor": False}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator["Cluster"]:
    """Two machines with room for one video each."""
    # each process of tests would import it with the module, and one needs it
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # a dead machine is to be noticed soon
    monkeypatch.setenv("RAY_health_check_period_ms", "500")
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**MACHINE, "no_monitor": True, "include_dashboard": False},
    )
    try:
        cluster.add_node(**MACHINE)
        yield cluster
    finally:
        cluster.shutdown()


def test_videos_of_a_killed_machine_are_done_by_the_other(
    cluster: "Cluster", tmp_path: Path
) -> None:
    for name in NAMES:
        encode(tmp_path / f"{name}.mp4", [quarters()] * FRAMES)
        (tmp_path / f"{name}.groundtruth.txt").write_text("1,1,20,20\n")
    tasks = plan_tasks([str(tmp_path / f"{name}.mp4") for name in NAMES], BatchSettings(tmp_path))
    (doomed,) = cluster.worker_nodes
    log = tmp_path / "machines.log"

    def machines() -> list[str]:
        return log.read_text().split() if log.exists() else []

    def kill_when_at_work() -> None:
        end = time.monotonic() + 60
        while doomed.node_id not in machines() and time.monotonic() < end:
            time.sleep(0.02)
        cluster.remove_node(doomed, allow_graceful=False)

    killer = threading.Thread(target=kill_when_at_work)
    killer.start()
    try:
        results = {
            task.name: outcome
            for task, outcome in run_on_ray(
                tasks, partial(load_and_note_machine, log), address=cluster.address
            )
        }
    finally:
        killer.join()
    assert {name: outcome.status for name, outcome in results.items()} == dict.fromkeys(
        NAMES, "done"
    ), results
    for name in NAMES:
        assert len(read_rows(tmp_path / f"{name}-boxes.csv")) == FRAMES
    assert not list(tmp_path.glob("*.part*"))
    assert machines().count(doomed.node_id) == 1
    assert len(machines()) == len(NAMES) + 1


def test_no_cluster_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "1")
    with pytest.raises(InputError, match="No Ray cluster answers at") as caught:
        list(run_on_ray([], partial(load), address="not-an-address"))
    assert "\n" not in str(caught.value)
