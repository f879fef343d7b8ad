"""Tables of boxes: what is written, what is read back, what is refused."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.tables import (
    COLUMNS,
    BoxRow,
    TableInfo,
    open_table,
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
    label=st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")),
    box=st.tuples(*[st.floats(-1e4, 1e4)] * 4),
    score=st.floats(0, 1),
)
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


def test_lines_are_on_disk_before_the_table_is_closed(tmp_path: Path) -> None:
    for name in ("boxes.csv", "boxes.jsonl", "boxes.txt"):
        table = open_table(tmp_path / name, INFO)
        table.write(ROWS[0])
        assert (tmp_path / name).read_text(encoding="utf-8").endswith("\n")
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == (2 if name.endswith("csv") else 1)
        table.close()


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
