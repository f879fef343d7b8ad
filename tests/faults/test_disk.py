"""Disks that are full and folders that may not be written.

Each writer alone is tested with its own tests: the recorder in `test_recorder_faults.py`, the
journal in `test_journal.py`, tables in `test_exchange.py`. Here all of them share one disk.
"""

from pathlib import Path

import pytest

from app.core.exchange import read_rows
from app.core.files import replace_text
from app.core.job import TrackJob
from app.core.journal import Journal, read_journal
from app.core.recorder import Recorder
from app.core.recovery import recover_session, unfinished_sessions
from app.core.sources import ImageFolder, VideoFile
from model.errors import InputError, WeightsError
from model.network import SpaceTimeNetwork
from model.presets import preset
from model.weights import save
from tests.app.clips import noise
from tests.app.recordings import RATE, grain, read
from tests.faults.conftest import Freeze
from tests.faults.endless import TABLE, VIDEO, job


def sentence(error: BaseException) -> str:
    """The one sentence of an error."""
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def run(tracking: TrackJob) -> int:
    """Run a job to its end; how many frames it was done with."""
    return sum(1 for _ in tracking.run())


def fill(disk: Path, leave: int) -> Path:
    """Take up the room of a disk but for `leave` bytes, by a file that is not ours."""
    filler = disk / "filler.bin"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))
    return filler


def test_session_on_a_full_disk_ends_in_a_sentence_and_keeps_its_frames(small_disk: Path) -> None:
    folder = small_disk / "session"
    folder.mkdir()
    filler = fill(small_disk, 120_000)
    tracking = job(folder, frames=3000)
    done = []
    said = ""
    try:
        for step in tracking.run():
            done.append(step.frame)
    except InputError as error:
        said = sentence(error)
    assert "cannot be written" in said
    contents = read_journal(folder / "journal.jsonl", repair=False)
    assert contents.torn == 0
    assert [row.frame for row in contents.rows][: len(done)] == done
    assert len(done) > 20
    times, numbers = read(folder / VIDEO)
    assert numbers == [index % 60 for index in range(len(times))]
    assert len(times) >= 20

    filler.unlink()
    assert recover_session(folder).frames == len(contents.rows)
    assert [row.frame for row in read_rows(folder / TABLE)] == list(range(len(contents.rows)))


def test_recovery_on_a_full_disk_is_one_sentence_and_can_be_repeated(small_disk: Path) -> None:
    folder = small_disk / "session"
    steps = iter(job(folder, frames=3000).run())
    for _ in range(200):
        next(steps)
    with Journal(folder / "journal.jsonl") as journal:
        journal.event("note")
    kept = (folder / "journal.jsonl").read_bytes()
    steps.close()  # type: ignore[attr-defined]
    (folder / "journal.jsonl").write_bytes(kept)  # as if it had not come to its end
    (folder / TABLE).unlink()
    filler = fill(small_disk, 0)
    with pytest.raises(InputError) as caught:
        recover_session(folder)
    sentence(caught.value)
    assert (folder / "journal.jsonl").read_bytes() == kept
    filler.unlink()
    assert recover_session(folder).frames == 200


def test_full_disk_of_the_outputs_leaves_the_session_whole(
    small_disk: Path, tmp_path: Path
) -> None:
    fill(small_disk, 30_000)
    folder = tmp_path / "session"
    tracking = job(folder, frames=600, elsewhere=small_disk)
    with pytest.raises(InputError) as caught:
        run(tracking)
    assert "cannot be written" in sentence(caught.value)
    rows = read_journal(folder / "journal.jsonl").rows
    assert [row.frame for row in rows] == list(range(len(rows)))
    assert len(rows) > 20
    assert '"outcome": null' not in (folder / "session.json").read_text()


def test_small_file_on_a_full_disk_leaves_the_old_one(small_disk: Path) -> None:
    path = small_disk / "settings.json"
    replace_text(path, "old")
    fill(small_disk, 0)
    with pytest.raises(OSError):  # noqa: PT011 - the system words it
        replace_text(path, "new" * 300_000)
    assert path.read_text() == "old"
    assert sorted(file.name for file in small_disk.iterdir()) == ["filler.bin", "settings.json"]


def test_weights_on_a_full_disk_are_one_sentence_and_leave_the_old_ones(small_disk: Path) -> None:
    path = small_disk / "nano.safetensors"
    path.write_bytes(b"old")
    with pytest.raises(WeightsError, match="cannot be written") as caught:
        save(SpaceTimeNetwork(preset("nano").network), path, preset="nano")
    sentence(caught.value)
    assert path.read_bytes() == b"old"
    assert [file.name for file in small_disk.iterdir()] == [path.name]


def test_nothing_can_be_begun_in_a_read_only_folder_and_it_says_so(
    freeze: Freeze, tmp_path: Path
) -> None:
    (tmp_path / "ro").mkdir()
    place = freeze(tmp_path / "ro")
    attempts = [
        lambda: Recorder(place / "out.mp4", 96, 64, rate=RATE),
        lambda: Journal.create(place / "journal.jsonl", {}),
        lambda: run(job(place / "session", frames=3, elsewhere=tmp_path)),
        lambda: run(job(place, frames=3, elsewhere=tmp_path)),
        lambda: run(job(tmp_path / "session", frames=3, elsewhere=place)),
    ]
    for attempt in attempts:
        with pytest.raises(InputError) as caught:
            attempt()
        assert str(place) in sentence(caught.value)
    assert list(place.iterdir()) == []


def test_session_in_a_folder_that_became_read_only_is_listed_and_left_alone(
    freeze: Freeze, tmp_path: Path
) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    run(job(folder, frames=30))
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    torn = b"".join(lines[:-1])[:-5]  # killed while it wrote its last row
    (folder / "journal.jsonl").write_bytes(torn)
    (folder / "session.json").unlink()
    place = freeze(folder)
    (found,) = unfinished_sessions([place])
    assert (found.source, found.problem) == ("shades", "")
    with pytest.raises(InputError) as caught:
        recover_session(place)
    assert str(place) in sentence(caught.value)
    assert (place / "journal.jsonl").read_bytes() == torn


def test_sources_in_a_read_only_folder_are_read(freeze: Freeze, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    with Recorder(folder / "clip.mp4", 192, 128, rate=RATE) as recorder:
        for index, rgb in enumerate(grain(5)):
            recorder.write(rgb, index / RATE)
    (folder / "images").mkdir()
    import cv2

    for index, rgb in enumerate(noise(3)):
        cv2.imwrite(str(folder / "images" / f"{index}.png"), rgb)
    place = freeze(folder)
    with VideoFile(place / "clip.mp4") as clip:
        assert len(list(clip)) == 5
    with ImageFolder(place / "images") as images:
        assert len(list(images)) == 3
