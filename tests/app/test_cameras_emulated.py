"""What runs in a process of its own, in which cameras are plugged in that are not there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.v4l2 import Cameras, compile_library

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or shutil.which("cc") is None
    or not Path("/usr/include/linux/videodev2.h").exists(),
    reason="cameras are emulated for Linux, by what a C compiler makes",
)


@pytest.fixture
def cameras(tmp_path: Path) -> Cameras:
    folder = tmp_path / "emulated"
    folder.mkdir()
    cameras = Cameras(folder, compile_library(tmp_path))
    cameras.restore()
    return cameras


def test_real_code_on_emulated_cameras(cameras: Cameras) -> None:
    # in one process, for to begin one takes as long as all of it
    cases = [str(path) for path in sorted(Path(__file__).parents[1].rglob("camera_cases.py"))]
    assert len(cases) == 3
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *cases],
        env=cameras.environment(), capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
