"""Places where writing fails: a small disk and a folder that is read-only."""

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOM = 600_000
"""Bytes that the small disk takes."""


def run(*command: str) -> bool:
    """Run a tool of the system; whether it is there and did what it was asked."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def mount(folder: Path, options: str, undo: ExitStack) -> bool:
    """Mount a disk of memory on `folder`, until `undo` is closed."""
    if not run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)):
        return False
    undo.callback(run, "umount", "--lazy", str(folder))
    return True


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 600 kB; where none can be mounted, no file there gets larger."""
    folder = tmp_path / "small"
    folder.mkdir()
    with ExitStack() as undo:
        if not mount(folder, f"size={ROOM}", undo):
            soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
            undo.callback(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))
        yield folder


def is_writable(folder: Path) -> bool:
    """Whether a file can be made there, whatever the modes say."""
    probe = folder / "probe"
    try:
        probe.touch()
    except OSError:
        return False
    probe.unlink()
    return True


@pytest.fixture
def freeze(tmp_path: Path) -> Iterator["Freeze"]:
    """Makes folders read-only until the test ends, for the administrator too."""
    with ExitStack() as undo:
        yield Freeze(undo)


class Freeze:
    """Makes a folder read-only by whatever this system offers."""

    def __init__(self, undo: ExitStack) -> None:
        self._undo = undo

    def __call__(self, folder: Path) -> Path:
        """Make `folder`, which exists, read-only; return the folder to use."""
        folder.chmod(0o500)
        self._undo.callback(folder.chmod, 0o700)
        if not is_writable(folder):
            return folder
        # the administrator is bound by no mode
        if run("mount", "--bind", str(folder), str(folder)):
            self._undo.callback(run, "umount", "--lazy", str(folder))
            if run("mount", "-o", "remount,bind,ro", str(folder)):
                return folder
        if run("chattr", "+i", str(folder)):
            self._undo.callback(run, "chattr", "-i", str(folder))
            return folder
        pytest.fail("This system lets nobody make a folder read-only.")
