"""Tables of boxes: what is written, what is read back, what is refused."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.core.exchange import (
    COLUMNS,
    BoxRow,
    TableInfo,
    open_table,
    read_boxes,
    read_rows,
    read_truth,
)
from model.errors import InputError

INFO = TableInfo("walk", 320, 180)
ROWS = [
    BoxRow(0, 0.0, 1, "car, red", 10.0, 20.5, 30.0, 40.25, 1.0, "tracking", "given"),
    BoxRow(0, 0.0, 2, "", 1.0, 2.0, 3.0, 4.0, 1.0, "tracking", "given"),
    BoxRow(1, 0.033367, 1, "car, red", 11.0, 21.0, 30.0, 40.0, 0.8765, "uncertain", 'a "peak"'),
    BoxRow(1, 0.033367, 2, "", 1.0, 2.0, 3.0, 4.0, 0.1, "lost", "low score"),
]


def write(path: Path, rows: list[BoxRow], chosen: str | None = None) -> Path:
    table = open_table(path, INFO, chosen=chosen)
    for row in rows:
        table.write(row)
    table.close()
    table.close()
    return path


def test_csv_has_the_columns_and_reads_back(tmp_path: Path) -> None:
    path = write(tmp_path / "boxes.csv", ROWS)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "frame,time_s,id,label,x,y,w,h,score,state,reason"
    assert read_rows(path) == ROWS


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    label=st.text(st.characters(codec="utf-8")),
    box=st.tuples(*[st.floats(-1e4, 1e4)] * 4),
    score=st.floats(0, 1),
)
@example(label="\r", box=(0.0, 0.0, 0.0, 0.0), score=0.0)
@example(label="a\r\nb\n", box=(0.0, 0.0, 0.0, 0.0), score=0.0)
def test_any_label_and_box_survive_csv(
    tmp_path: Path,
    label: str,
    box: tuple[float, float, float, float],
    score: float,
) -> None:
    row = BoxRow(3, 0.1, 1, label, *box, score, "tracking", "")
    path = write(tmp_path / "boxes.csv", [row])
    (found,) = read_rows(path)
    assert found.label == label
    assert (found.x, found.y, found.w, found.h) == pytest.approx(box, abs=0.0051)
    assert found.score == pytest.approx(score, abs=5.1e-5)


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.jsonl", "boxes.txt", "boxes.json"])
def test_rows_are_safe_before_the_table_is_closed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    table = open_table(tmp_path / name, INFO)
    table.write(ROWS[0])
    part = tmp_path / f"{name}.part"
    kept = read_boxes(part).rows
    assert [(row.frame, row.id, row.x, row.w) for row in kept] == [(0, 1, 10.0, 30.0)]
    assert (tmp_path / name).read_text() == "old"
    table.close()
    assert (tmp_path / name).read_text() != "old"
    assert not part.exists()


def test_what_a_killed_process_left_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "boxes.csv.part").write_text("rows of before")
    write(tmp_path / "boxes.csv", ROWS)
    assert (tmp_path / "boxes.csv.part").read_text() == "rows of before"
    assert read_rows(tmp_path / "boxes.csv") == ROWS
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="this system names no open files")
def test_a_table_goes_down_a_pipe_as_dev_stdout_may_be_one() -> None:
    taken, end = os.pipe()
    write(Path(f"/dev/fd/{end}"), ROWS, "csv")
    os.close(end)
    with os.fdopen(taken, newline="") as pipe:
        assert [row["label"] for row in csv.DictReader(pipe)] == [row.label for row in ROWS]


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.json"])
def test_replacing_keeps_mode_and_link(tmp_path: Path, name: str) -> None:
    real = tmp_path / "real"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / name).symlink_to(real)
    write(tmp_path / name, ROWS)
    assert (tmp_path / name).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(read_boxes(real).rows) >= 3


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.json", "groundtruth.txt"])
def test_discarding_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("old")
    table = open_table(tmp_path / name, INFO, chosen="otb" if name.endswith("txt") else None)
    table.write(ROWS[0])
    table.discard()
    table.close()
    assert (tmp_path / name).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_full_disk_keeps_the_old_file_and_the_rows_that_fit(tmp_path: Path) -> None:
    script = """
import resource, signal, sys
from pathlib import Path
from app.core.exchange import BoxRow, TableInfo, open_table
from model.errors import InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
table = open_table(Path(sys.argv[1]), TableInfo("v", 10, 10))
try:
    for i in range(1000):
        table.write(BoxRow(i, i / 30, 1, "", 1.0, 2.0, 3.0, 4.0, 1.0, "tracking", ""))
except InputError as error:
    print(error)
for _ in range(2):
    try:
        table.close()
    except InputError:
        pass
"""
    path = tmp_path / "boxes.csv"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert "cannot be written" in done.stdout
    assert "boxes.csv.part" in done.stdout
    assert path.read_text() == "old"
    kept = (tmp_path / "boxes.csv.part").read_text().splitlines()
    assert len(kept) > 50


def test_jsonl_has_the_same_fields(tmp_path: Path) -> None:
    lines = write(tmp_path / "boxes.jsonl", ROWS).read_text(encoding="utf-8").splitlines()
    assert [BoxRow(**json.loads(line)) for line in lines] == ROWS
    assert tuple(json.loads(lines[0])) == COLUMNS


def test_mot_counts_from_one_and_leaves_out_the_lost(tmp_path: Path) -> None:
    lines = write(tmp_path / "boxes.txt", ROWS).read_text().splitlines()
    assert lines == [
        "1,1,11.00,21.50,30.00,40.25,1.0000,-1,-1,-1",
        "1,2,2.00,3.00,3.00,4.00,1.0000,-1,-1,-1",
        "2,1,12.00,22.00,30.00,40.00,0.8765,-1,-1,-1",
    ]


def test_coco_refers_to_its_own_images_and_categories(tmp_path: Path) -> None:
    path = write(tmp_path / "boxes.json", ROWS)
    document = json.loads(path.read_text(encoding="utf-8"))
    images = {image["id"]: image for image in document["images"]}
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert set(images) == {1, 2}
    assert images[1]["width"] == 320
    assert sorted(names.values()) == ["car, red", "object"]
    notes = document["annotations"]
    assert len({note["id"] for note in notes}) == len(notes) == 3
    assert [names[note["category_id"]] for note in notes] == ["car, red", "object", "car, red"]
    assert notes[2]["image_id"] == 2
    assert notes[2]["bbox"] == [11.0, 21.0, 30.0, 40.0]
    assert notes[2]["area"] == 1200.0


def test_coco_replaces_the_old_file_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    path.write_text("old")
    table = open_table(path, INFO)
    table.write(ROWS[0])
    assert path.read_text() == "old"
    table.close()
    assert len(json.loads(path.read_text())["annotations"]) == 1
    assert [found.name for found in tmp_path.iterdir()] == ["boxes.json"]


def test_chosen_format_overrides_the_ending(tmp_path: Path) -> None:
    path = write(tmp_path / "boxes.txt", ROWS, chosen="csv")
    with path.open(newline="") as file:
        assert next(csv.reader(file)) == list(COLUMNS)


@pytest.mark.parametrize("name", ["boxes.csv", "boxes.jsonl", "boxes.txt", "boxes.json"])
def test_unwritable_folder_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught:
        open_table(tmp_path / "absent" / name, INFO)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "chosen"), [("boxes.xls", None), ("boxes.csv", "xml")])
def test_unknown_format_is_refused_before_a_file_is_made(
    tmp_path: Path, name: str, chosen: str | None
) -> None:
    with pytest.raises(InputError, match="--format"):
        open_table(tmp_path / name, INFO, chosen=chosen)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("separator", [",", "\t", " ", ", "])
def test_truth_in_any_of_its_writings(tmp_path: Path, separator: str) -> None:
    lines = [["1", "2", "3.5", "4"], ["nan"] * 4, ["0", "0", "0", "0"], ["NaN", "1", "2", "3"]]
    path = tmp_path / "groundtruth.txt"
    path.write_text("\r\n".join(separator.join(line) for line in lines) + "\n\n")
    boxes = read_truth(path)
    assert boxes.shape == (4, 4)
    assert boxes[0].tolist() == [1, 2, 3.5, 4]
    assert np.isnan(boxes[1:]).all()


@pytest.mark.parametrize("text", ["", "\n\n", "1,2,3\n", "1,2,3,4\na,b,c,d\n", "1,2,3,4,5\n"])
def test_broken_truth_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "groundtruth.txt"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_truth(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", ",".join(COLUMNS) + "\none,0,1,,1,2,3,4,1,tracking,\n"]
)
def test_broken_csv_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_rows(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "none.csv")
