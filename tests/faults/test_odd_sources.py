"""Sources that break the rules in the middle: another size, time that goes back, pictures twice.

A change of size within a folder of images and within a recording, a clock that is set back within a
container, and cameras and streams that freeze, hang, die and come back are tested in
`tests/app/test_job.py`, `test_recorder.py` and `tests/app/sources`.
"""

import json
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from app.core.exchange import read_rows
from app.core.job import Outputs, Target, TrackJob
from app.core.journal import read_journal
from app.core.recorder import Content
from app.core.session import Session
from app.core.sources import Health, LiveSource, VideoFile
from model.errors import InputError
from model.images import Frame
from tests.app.clips import encode
from tests.app.recordings import read, shade
from tests.app.still import StillTracker
from tests.faults.endless import BOX, TABLE, VIDEO, about

PART = 20
LOST = 2
"""Pictures that a decoder may leave out where two clips were joined."""


def joined(path: Path, *parts: list[Frame]) -> Path:
    """Clips one after the other in one MPEG-TS, each with a clock that begins anew."""
    data = b""
    for number, images in enumerate(parts):
        data += encode(path.with_name(f"part{number}.ts"), images).read_bytes()
    path.write_bytes(data)
    return path


def track(source: VideoFile | LiveSource, folder: Path, limit: int | None = None) -> list[int]:
    """Track into a session with video and table; numbers of the frames that were done."""
    outputs = Outputs(folder / VIDEO, folder / TABLE, content=Content.CLEAN)
    session = Session(folder, about())
    tracking = TrackJob(
        source, StillTracker(0, 0), [Target(BOX)], outputs, limit=limit, session=session
    )
    steps = []
    for step in tracking.run():
        assert step.rate > 0
        steps.append(step.frame)
    return steps


def test_clock_that_goes_back_and_pictures_that_repeat_lose_no_frame(tmp_path: Path) -> None:
    # each of them twice, so unlike the next that two encodings leave it to be told
    pictures = [shade(index // 2 * 6) for index in range(PART)]
    clip = joined(tmp_path / "back.ts", pictures, pictures)
    folder = tmp_path / "session"
    folder.mkdir()
    with VideoFile(clip) as source:
        done = track(source, folder)
    assert len(done) >= 2 * PART - LOST
    rows = read_rows(folder / TABLE)
    assert [row.frame for row in rows] == done
    steps = np.diff([row.time_s for row in rows])
    assert steps.min() > 0
    assert steps.max() < 1
    times, numbers = read(folder / VIDEO)
    assert [round(number / 6) for number in numbers] == [index % PART // 2 for index in done]
    assert np.diff(times).min() > 0


def test_size_that_changes_within_a_video_ends_with_all_before_it_on_disk(tmp_path: Path) -> None:
    wide = [shade(index) for index in range(PART)]
    clip = joined(tmp_path / "sizes.ts", wide, [rgb[:48, :64] for rgb in wide])
    folder = tmp_path / "session"
    folder.mkdir()
    with VideoFile(clip) as source, pytest.raises(InputError, match="64×48 pixels") as caught:
        track(source, folder)
    rows = read_journal(folder / "journal.jsonl").rows
    assert len(rows) >= PART - LOST
    assert read_rows(folder / TABLE)[-1].frame == rows[-1].frame
    assert len(read(folder / VIDEO)[0]) == len(rows)
    assert json.loads((folder / "session.json").read_text())["outcome"] == str(caught.value)


class Ticking:
    """A camera that gives a picture every few milliseconds."""

    rate = 200.0

    def __init__(self) -> None:
        self._numbers = count()

    def read(self, cancelled: object) -> Frame:
        time.sleep(0.005)
        return shade(next(self._numbers))

    def close(self) -> None:
        """Nothing to let go of."""


def test_wall_clock_that_jumps_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = count()
    # set a day forward and a year back in turn, at every look
    monkeypatch.setattr(time, "time", lambda: 1e9 + (86_400, -31_536_000)[next(asked) % 2])
    monkeypatch.setattr(time, "time_ns", lambda: int(time.time() * 1e9))
    folder = tmp_path / "session"
    folder.mkdir()
    began = time.monotonic()
    with LiveSource("the camera", Ticking, hint="plug it in") as source:
        track(source, folder, limit=30)
        state = source.state()
        took = time.monotonic() - began
    assert (state.health, state.reopened) == (Health.OK, 0)
    times = [row.time_s for row in read_journal(folder / "journal.jsonl").rows]
    assert len(times) == 30
    assert np.diff(times).min() > 0
    assert times[-1] - times[0] <= took
    shown, numbers = read(folder / VIDEO)
    assert shown == pytest.approx(np.subtract(times, times[0]), abs=1e-3)
    assert numbers == sorted(numbers)
