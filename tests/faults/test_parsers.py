"""Every parser on what no program wrote: a result or one sentence, never anything else.

Journals are fuzzed in `tests/app/test_journal.py`, tables and ground truth of every format in
`tests/app/test_exchange_formats.py`, weights in `test_network_faults.py`.
"""

import json
import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.commands.track import parse_box
from app.core.batch.sources import GivenBoxes
from app.core.batch.state import BatchState
from app.core.exchange import BoxRow
from app.core.journal import Journal, read_journal
from app.core.recorder import recover_recording
from app.core.recovery import recover_session, unfinished_sessions
from app.core.session import SessionInfo, info_from_header
from app.core.sources.folder import read_image
from app.core.sources.screen import parse_region
from app.core.truth import first_truth
from model.errors import TrackerError
from model.geometry import check_box
from tests.app.recordings import shade
from tests.faults.endless import about

KEYS = (
    "version", "sources", "fingerprint", "outcome", "status", "source", "frames", "error",
    "destinations", "name", "draws", "base", "rate", "tick", "shape", "marks", "box", "id",
    "label", "state", "score", "format", "session",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
)
ANY_FILE = st.one_of(st.binary(max_size=100), VALUES.map(lambda value: json.dumps(value).encode()))
NUMBERS = st.text(st.sampled_from("0123456789.,-+eE naif\t\n٣½"), max_size=30) | st.text(max_size=9)


def attempt(parse: Callable[[], Any]) -> Any:
    """What `parse` returns; None where it refuses in one sentence."""
    try:
        return parse()
    except TrackerError as error:
        said = str(error)
        assert said.endswith(".")
        assert "\n" not in said
        return None


def changed(value: Any, path: list[int], new: Any) -> Any:
    """A copy of `value`, a tree of dictionaries, with `new` where `path` leads to."""
    value = deepcopy(value)
    at = value
    for step in path:
        if not isinstance(at, dict) or not at:
            break
        key = sorted(at)[step % len(at)]
        if step == path[-1] or not isinstance(at[key], dict) or not at[key]:
            at[key] = new
            break
        at = at[key]
    return value


@given(text=NUMBERS)
@example(text="1e999,0,1,1")
@example(text="nan nan nan nan")
def test_box_on_the_command_line(text: str) -> None:
    box = attempt(lambda: parse_box(text))
    if box is None:
        return
    assert len(box) == 4
    fits = attempt(lambda: check_box(box, 96, 64))
    assert fits is None or all(map(math.isfinite, fits))


@given(text=NUMBERS)
def test_region_of_the_screen(text: str) -> None:
    region = attempt(lambda: parse_region(f"screen:{text}"))
    assert region is None or all(isinstance(number, int) for number in region)


@given(path=st.lists(st.integers(0, 9), min_size=1, max_size=3), new=VALUES)
def test_header_of_a_session(path: list[int], new: Any) -> None:
    header = changed(asdict(about()), path, new)
    info = attempt(lambda: info_from_header(json.loads(json.dumps(header)), Path("journal.jsonl")))
    assert info is None or isinstance(info, SessionInfo)


@given(data=ANY_FILE)
@example(data=b"[" * 100_000)
@example(data=b'{"outcome":' + b"9" * 5000 + b"}")
def test_session_file_never_hides_what_the_journal_holds(data: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "session"
        folder.mkdir()
        with Journal.create(folder / "journal.jsonl", asdict(about())) as journal:
            journal.target(0, 0.0, 1, "", (1.0, 2.0, 3.0, 4.0))
            journal.frame(1, 0.04, [BoxRow(1, 0.04, 1, "", 1, 2, 3, 4, 0.5, "tracking", "")])
        (folder / "session.json").write_bytes(data)
        assert len(unfinished_sessions([folder])) <= 1
        assert recover_session(folder).frames == 2
        assert read_journal(folder / "journal.jsonl").outcome == "recovered"
        assert json.loads((folder / "session.json").read_text())["outcome"] == "recovered"


@given(plan=ANY_FILE, frame=ANY_FILE, tail=st.binary(max_size=30))
@example(plan=b"[" * 100_000, frame=b"[" * 100_000, tail=b"")
@example(
    plan=b'{"destinations":[{"name":"x","draws":1}],"base":[1,90],"rate":[25,1]}',
    frame=b'{"tick":0,"shape":[-1,-1],"marks":[]}', tail=b"\n123",
)  # fmt: skip
def test_frames_that_wait_on_disk(plan: bytes, frame: bytes, tail: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "x.mp4.spill"
        folder.mkdir()
        (folder / "recording.json").write_bytes(plan)
        (folder / "000000000.frame").write_bytes(frame + b"\n" + tail)
        attempt(lambda: recover_recording(Path(name) / "x.mp4"))


@given(data=ANY_FILE)
@example(data=b"[" * 100_000)
@example(data=b'{"version":1,"sources":{"a":{"fingerprint":1,"outcome":{"status":[]}}}}')
def test_state_of_a_batch(data: bytes) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "state.json"
        path.write_bytes(data)
        state = attempt(lambda: BatchState(path))
        assert path.read_bytes() == data
        if state is not None:
            state.save()
            BatchState(path)


@given(data=st.binary(max_size=80) | NUMBERS.map(str.encode), start=st.integers(0, 3))
def test_first_box_of_ground_truth(data: bytes, start: int) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "groundtruth.txt"
        path.write_bytes(data)
        found = attempt(lambda: first_truth(path, start))
        assert found is None or found[1] >= start


@given(data=st.binary(max_size=80) | NUMBERS.map(str.encode), headed=st.booleans())
@example(data=b"a,1,2,3,4\na,1", headed=True)
@example(data=b"a,1,2,3,4,1e400", headed=True)
@example(data=b'"' + b"a" * 200_000, headed=True)
def test_table_of_first_boxes(data: bytes, headed: bool) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "boxes.csv"
        path.write_bytes(b"source,x,y,w,h,frame\n" + data if headed else data)
        attempt(lambda: GivenBoxes(path).find("videos/a.mp4", 0))


@settings(max_examples=40)
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
@given(
    places=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    cut=st.floats(0, 1),
)
@example(places=[(24, 16)], cut=1)
def test_images(suffix: str, places: list[tuple[int, int]], cut: float) -> None:
    data = bytearray(cv2.imencode(suffix, shade(1)[:24, :32])[1].tobytes())
    for place, value in places:
        data[place % len(data)] = value
    with TemporaryDirectory() as name:
        path = Path(name) / f"image{suffix}"
        path.write_bytes(data[: round(len(data) * cut)] if cut < 0.5 else data)
        image = attempt(lambda: read_image(path))
        assert image is None or (image.ndim, image.shape[2]) == (3, 3)
