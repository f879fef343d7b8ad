"""The command line on emulated cameras; `tests/v4l2` runs this in a process that sees them."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.core.sources import camera as camera_module
from app.core.sources.watch import Watch
from tests.v4l2 import PICTURES, Cameras, place


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    cameras = Cameras.of_this_process()
    yield cameras
    cameras.restore()


def unplug_for_a_while(cameras: Cameras, part: Path) -> None:
    """Once five lines of a table are there."""
    while not part.exists() or part.read_text().count("\n") < 5:
        time.sleep(0.01)
    cameras.plug_out(0)
    time.sleep(1.0)
    cameras.plug_in(0, "HD webcam")


def test_camera_is_tracked_although_it_is_unplugged(
    cameras: Cameras, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "_WATCH", Watch(pause_s=0.5, longest_pause_s=0.5))
    video, table = tmp_path / "followed.mp4", tmp_path / "boxes.csv"
    unplugging = threading.Thread(
        target=unplug_for_a_while, args=(cameras, table.with_name("boxes.csv.part")), daemon=True
    )
    unplugging.start()
    box = ",".join(map(str, place(PICTURES // 4, (640, 480))))
    done = CliRunner().invoke(
        app, ["track", "0", "--preset", "nano", "--box", box, "--frames", "40", "--out", str(video),
              "--boxes", str(table)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    unplugging.join()
    assert "Camera 0 gives no picture; it was unplugged or stopped." in done.stderr
    assert "camera-0 gives pictures again." in done.stderr
    assert len(table.read_text().splitlines()) == 41
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 40


def test_camera_that_cannot_be_had_is_told_in_one_sentence(
    cameras: Cameras, capfd: pytest.CaptureFixture[str]
) -> None:
    with cameras.used_by_another(0):
        used = CliRunner().invoke(app, ["track", "0", "--box", "1,2,30,40"])
    absent = CliRunner().invoke(app, ["track", "7", "--box", "1,2,30,40"])
    assert (used.exit_code, absent.exit_code) == (1, 1)
    assert used.stderr.startswith("Camera 0 cannot be opened")
    assert absent.stderr.startswith("There is no camera 7")
    assert used.stderr.count("\n") == absent.stderr.count("\n") == 1
    # nor do libraries say anything
    assert capfd.readouterr().err == ""
