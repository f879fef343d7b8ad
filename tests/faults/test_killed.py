"""SIGKILL while everything is written at once: recording, journal and table."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.exchange import read_rows
from app.core.journal import read_journal
from app.core.recorder.atoms import is_fragmented
from app.core.recovery import recover_session, unfinished_sessions
from model.errors import InputError
from tests.app.recordings import RATE, read
from tests.faults.endless import BOX, TABLE, VIDEO

REPOSITORY = Path(__file__).parents[2]
LOSS_S = 0.5
_random = random.Random(4)
MOMENTS = [0.0, *(_random.uniform(0, 0.8) for _ in range(9))]
"""Seconds after the first frame."""


def kill_after(folder: Path, seconds: float) -> int:
    """Kill a process that writes a session; how many frames it said it was done with."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.endless", str(folder)],
        cwd=REPOSITORY, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    done = len(process.stdout.read(1))
    time.sleep(seconds)
    process.kill()
    done += len(process.stdout.read())
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    return done


def played(path: Path) -> tuple[list[float], list[int]]:
    """Times and numbers of the frames that can be played; none where the file has none."""
    try:
        return read(path)
    except InputError:
        return [], []


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_all_is_kept(tmp_path: Path, moment: float) -> None:
    folder = tmp_path / "session"
    done = kill_after(folder, moment)
    assert done > 0
    times, numbers = played(folder / VIDEO)
    # besides half a second, the frame at hand
    assert len(times) >= done - 1 - RATE * LOSS_S
    assert numbers == [index % 60 for index in range(len(numbers))]
    assert times == pytest.approx([index / RATE for index in range(len(times))], abs=1e-3)

    rows = read_journal(folder / "journal.jsonl", repair=False).rows
    assert [row.frame for row in rows] == list(range(len(rows)))
    # a frame stands in the journal before it is said to be done
    assert len(rows) >= done

    (found,) = unfinished_sessions([tmp_path])
    assert (found.folder, found.problem) == (folder, "")
    saved = recover_session(folder)
    assert saved.frames == len(rows)
    table = read_rows(folder / TABLE)
    assert [row.frame for row in table] == list(range(len(rows)))
    assert {(row.x, row.y, row.w, row.h) for row in table} == {BOX}
    assert played(folder / VIDEO) == (times, numbers)
    if numbers:
        assert saved.problems == ()
        assert not is_fragmented(folder / VIDEO)
    assert unfinished_sessions([tmp_path]) == []
    left = {path.name for path in folder.iterdir()} - {".lock"}
    # a video without a frame is none
    assert left == {"session.json", "journal.jsonl", TABLE} | ({VIDEO} if numbers else set())
