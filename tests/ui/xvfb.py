"""A display of X that nobody sees, for tests that want a real one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.doctor import missing_libraries


@pytest.fixture
def display() -> Iterator[str]:
    """The name of a display of 1440 × 900."""
    if sys.platform != "linux":
        pytest.skip("X is a matter of Linux")
    if shutil.which("Xvfb") is None or missing_libraries():
        pytest.skip("Xvfb or libraries of Qt for X are missing; see `spacetime-tracker doctor`")
    read, write = os.pipe()
    # without -noreset it begins anew when its last client goes, as each screenshot does, and turns
    # away who comes in that moment
    server = subprocess.Popen(
        [
            "Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24",
            "-nolisten", "tcp", "-noreset",
        ],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb does not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)
