"""The journal: what is written is read, whatever became of its process or its bytes."""

import json
import math
import os
import threading
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.exchange import BoxRow
from app.core.journal import (
    Added,
    Correction,
    Event,
    Journal,
    JournalContents,
    Removed,
    peek_journal,
    read_journal,
    reader,
    writer,
)
from model.errors import InputError

HEADER = {"source": {"name": "a"}, "numbers": [1, 2.5]}
FLOATS = st.floats(allow_nan=False)
TEXT = st.text(max_size=8)
ROWS = st.builds(
    BoxRow, st.integers(0, 10**6), FLOATS, st.integers(1, 99), TEXT, FLOATS, FLOATS, FLOATS,
    FLOATS, FLOATS, TEXT, TEXT,
)  # fmt: skip


def row(frame: int, id: int = 1, x: float = 1 / 3, label: str = "a") -> BoxRow:
    return BoxRow(frame, frame / 30, id, label, x, 2.0, 3.0, 4.0, 0.9, "tracking", "")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("journals")


def written(path: Path, frames: int = 3) -> Path:
    with Journal.create(path, HEADER) as journal:
        journal.target(0, 0.0, 1, "a", (1.0, 2.0, 3.0, 4.0))
        for frame in range(1, frames):
            journal.frame(frame, frame / 30, [row(frame)])
    return path


def test_everything_written_is_read_to_the_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal.create(path, HEADER) as journal:
        journal.target(3, 0.1, 1, "höhle\n", (0.1, 0.2, 1e-9, 4.0))
        journal.frame(4, 1 / 7, [row(4), row(4, 2)])
        journal.frame(5, 0.3, [])
        journal.correction(4, 1 / 7, 1, (5.0, 6.0, 7.0, 8.0))
        journal.removed(4, 2)
        journal.event("reconnected", after_s=1.5, to=["a", None])
    contents = read_journal(path)
    assert contents.header.items() >= HEADER.items()
    placed = [BoxRow(4, 1 / 7, id, "a", 1 / 3, 2.0, 3.0, 4.0, 0.9, "tracking", "") for id in (1, 2)]
    assert contents.entries == [
        Added(3, 0.1, 1, "höhle\n", 0.1, 0.2, 1e-9, 4.0),
        *placed,
        Correction(4, 1 / 7, 1, 5.0, 6.0, 7.0, 8.0),
        Removed(4, 2),
        Event("reconnected", {"after_s": 1.5, "to": ["a", None]}),
    ]
    assert (contents.torn, contents.damage, contents.outcome) == (0, "", None)


@settings(max_examples=10)
@given(rows=st.lists(ROWS, max_size=20))
def test_any_row_goes_there_and_back(rows: list[BoxRow], place: Path) -> None:
    path = place / "row.jsonl"
    path.unlink(missing_ok=True)
    with Journal.create(path, {}) as journal:
        for each in rows:
            journal.frame(each.frame, each.time_s, [each])
    assert read_journal(path).entries == rows


def test_numbers_that_are_not_finite_go_there_and_back(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", {}) as journal:
        journal.frame(0, 0.0, [row(0, x=math.nan), row(0, 2, x=-math.inf)])
    first, second = read_journal(tmp_path / "j").entries
    assert isinstance(first, BoxRow)
    assert isinstance(second, BoxRow)
    assert math.isnan(first.x)
    assert second.x == -math.inf


def test_label_that_is_no_text_does_not_end_the_recording(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", {}) as journal:
        journal.target(0, 0.0, 1, os.fsdecode(b"caf\xe9"), (1.0, 2.0, 3.0, 4.0))
    (entry,) = read_journal(tmp_path / "j").entries
    assert isinstance(entry, Added)
    assert entry.label == "caf?"


def test_table_holds_given_and_corrected_boxes_in_order() -> None:
    entries = [
        Added(0, 0.0, 2, "b", 1.0, 1.0, 9.0, 9.0),
        row(1, 2, 10.0), row(2, 2, 20.0), row(3, 2, 30.0),
        Correction(2, 2 / 30, 2, 5.0, 5.0, 5.0, 5.0),
        Added(2, 2 / 30, 1, "a", 7.0, 7.0, 7.0, 7.0),
        row(3, 2, 31.0),
    ]  # fmt: skip
    rows = JournalContents({}, entries).rows
    assert [(r.frame, r.id, r.x, r.label, r.reason) for r in rows] == [
        (0, 2, 1.0, "b", "given"),
        (1, 2, 10.0, "a", ""),
        (2, 1, 7.0, "a", "given"),
        (2, 2, 5.0, "b", "corrected"),
        (3, 2, 31.0, "a", ""),
    ]


def test_each_frame_is_in_the_file_before_the_next(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", {}) as journal:
        for frame in range(3):
            journal.frame(frame, 0.0, [row(frame), row(frame, 2)])
            assert len(read_journal(tmp_path / "j").entries) == 2 * (frame + 1)


def test_file_is_synced_by_a_thread_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Semaphore(0)
    callers = set()

    def fsync(handle: int) -> None:
        callers.add(threading.current_thread())
        synced.release()

    with Journal.create(tmp_path / "first", {}):
        pass
    monkeypatch.setattr(writer, "SYNC_S", 0.01)
    journal = Journal(tmp_path / "first")
    monkeypatch.setattr(writer.os, "fsync", fsync)
    for frame in range(3):
        journal.frame(frame, 0.0, [row(frame)])
        assert synced.acquire(timeout=30)
    assert threading.current_thread() not in callers
    journal.close()
    journal.close()
    assert not {t for t in threading.enumerate() if t.name == "journal"}


def test_several_threads_write_whole_lines(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "j", {}) as journal:
        work = [
            threading.Thread(target=lambda: [journal.frame(i, 0.0, [row(i)]) for i in range(200)])
            for _ in range(4)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
    assert len(read_journal(tmp_path / "j").entries) == 800


def test_there_is_no_second_journal_in_one_place(tmp_path: Path) -> None:
    written(tmp_path / "j")
    before = (tmp_path / "j").read_bytes()
    with pytest.raises(InputError, match="already"):
        Journal.create(tmp_path / "j", {})
    with pytest.raises(InputError, match="cannot be written"):
        Journal.create(tmp_path / "absent" / "j", {})
    assert (tmp_path / "j").read_bytes() == before


def test_full_disk_leaves_whole_lines_and_room_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(tmp_path / "j", {})
    journal.frame(0, 0.0, [row(0)])

    class Full:
        """A file that takes ten bytes more."""

        def __init__(self, file) -> None:
            self.file, self.left = file, 10

        def write(self, data) -> int:
            if not self.left:
                raise OSError(28, "No space left on device")
            taken, self.left = self.file.write(data[: self.left]), 0
            return taken

        def __getattr__(self, name: str):
            return getattr(self.file, name)

    whole = journal._file
    monkeypatch.setattr(journal, "_file", Full(whole))
    with pytest.raises(InputError, match="no space left") as caught:
        journal.frame(1, 0.0, [row(1)])
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(journal, "_file", whole)
    journal.frame(2, 2 / 30, [row(2)])
    journal.close()
    assert read_journal(tmp_path / "j").entries == [row(0), row(2)]


@pytest.mark.parametrize("cut", [1, 2, 30, 120])
def test_torn_last_line_is_cut_off_and_told(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "j", 4)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    kept = 4 if cut == 1 else 3  # a line that lacks its end only is whole
    for repair in (False, True):
        before = path.read_bytes()
        contents = read_journal(path, repair=repair)
        assert len(contents.entries) == kept
        assert (contents.torn > 0) == (cut > 1)
        assert repair or path.read_bytes() == before
    assert path.read_bytes() == b"".join(whole.splitlines(keepends=True)[: kept + 1])
    with Journal(path) as journal:
        journal.event("more")
    again = read_journal(path)
    assert again.torn == 0
    assert again.entries == [*contents.entries, Event("more")]


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"\xff\xfe{", b"\0" * (reader.MAX_LINE + 10)])
def test_what_a_power_cut_leaves_behind_the_last_line_is_cut_off(
    tmp_path: Path, tail: bytes
) -> None:
    path = written(tmp_path / "j")
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert read_journal(path).torn == len(tail)
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b"garbage", b"", b"\0\0", b"\xff", b"[" * 10_000, b"{}", b"17", b'{"box": {}}',
        b'{"box": {"frame": 1}}', b'{"removed": {"frame": true, "id": 1}}',
        b'{"removed": {"frame": 1, "id": 1' + b"0" * 400 + b"}}",
        b'{"removed": {"frame": -1, "id": 1}}', b'{"header": {}}', b'{"unheard": {}}',
        b'{"event": {"name": "\\ud800", "details": {}}}',
        b'{"event": {"name": "' + b"x" * (reader.MAX_LINE + 9) + b'", "details": {}}}',
    ],
)  # fmt: skip
def test_garbage_in_the_middle_is_one_sentence_with_its_line(tmp_path: Path, line: bytes) -> None:
    path = written(tmp_path / "j", 5)
    lines = path.read_bytes().splitlines()
    lines[3] = line
    path.write_bytes(b"\n".join(lines) + b"\n")
    before = path.read_bytes()
    with pytest.raises(InputError, match="Line 4 of the journal") as caught:
        read_journal(path)
    assert "\n" not in str(caught.value)
    saved = read_journal(path, salvage=True)
    assert len(saved.entries) == 2
    assert saved.damage == str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "no header"), (b"\n", "no header"), (b"\0\0\0", "no header"),
        (b'{"box": 1}\n', "no header"), (b'{"header": {"format": "spacetime-tr', "no header"),
        (b'{"header": {}}\n', "another version"),
        (b'{"header": {"format": "spacetime-tracker journal 99"}}\n', "another version"),
    ],
)  # fmt: skip
def test_other_files_are_refused_and_left_as_they_are(
    tmp_path: Path, text: bytes, says: str
) -> None:
    path = tmp_path / "j"
    path.write_bytes(text)
    for read in (read_journal, peek_journal):
        with pytest.raises(InputError, match=says):
            read(path)
    assert path.read_bytes() == text


def test_missing_journal_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_journal(path)


@pytest.mark.parametrize("frames", [1, 2, 3000])
def test_peek_tells_the_last_entry_as_reading_does(tmp_path: Path, frames: int) -> None:
    path = written(tmp_path / "j", frames)
    path.write_bytes(path.read_bytes() + b'{"box": {"frame": 9')
    header, last = peek_journal(path)
    contents = read_journal(path)
    assert (header, last) == (contents.header, contents.entries[-1])


START = json.dumps({"header": {"format": "spacetime-tracker journal 1"}}).encode() + b"\n"
GOOD = b'{"removed":{"frame":1,"id":1}}\n'
PIECES = st.sampled_from(
    [START, GOOD, b"\n", b'{"box":{"frame":1,"time_s":0,"id":1,"label":"","x":', b"NaN", b"1e999",
     b'1,"y":1,"w":1,"h":1,"score":1,"state":"","reason":""}}\n', b"\0", b"{", b"[" * 300,
     b'{"target":', b'{"correction":', b'{"event":{"name":"ended","details":{"outcome":[]}}}\n',
     b"9" * 5000, b'"\\udc00"', b"\xff"]
)  # fmt: skip


def read_or_sentence(path: Path, **how: bool) -> JournalContents | str:
    try:
        return read_journal(path, **how)
    except InputError as error:
        return str(error)


@given(
    data=st.one_of(
        st.binary(),
        st.binary().map(lambda tail: START + tail),
        st.lists(PIECES | st.binary(max_size=4)).map(b"".join),
        st.lists(PIECES | st.binary(max_size=4)).map(lambda parts: START + b"".join(parts)),
    )
)
def test_any_bytes_are_rows_or_one_sentence(data: bytes, place: Path) -> None:
    path = place / "bytes"
    path.write_bytes(data)
    saved = read_or_sentence(path, repair=False, salvage=True)
    contents = read_or_sentence(path)
    if isinstance(contents, str):
        assert "\n" not in contents
        assert path.read_bytes() == data
        assert contents == (saved if isinstance(saved, str) else saved.damage)
        return
    assert repr(saved) == repr(contents)  # for NaN is not NaN
    assert all(isinstance(row, BoxRow) for row in contents.rows)
    assert contents.outcome is None or isinstance(contents.outcome, str)
    again = read_journal(path)
    assert again.torn == 0
    assert len(again.entries) == len(contents.entries)


@given(at=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_changed_byte_is_rows_or_one_sentence(at: int, value: int, place: Path) -> None:
    path = place / "changed"
    box = b'{"box":' + json.dumps(asdict(row(2))).encode() + b"}\n"
    data = bytearray(START + GOOD + box + GOOD)
    data[at % len(data)] = value
    path.write_bytes(data)
    contents = read_or_sentence(path)
    if isinstance(contents, str):
        assert "\n" not in contents
    else:
        assert len(contents.entries) in (2, 3)
