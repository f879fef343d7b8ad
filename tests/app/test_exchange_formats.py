"""Every format of a table: round trips, other libraries' readers, what is refused."""

import json
import warnings
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import motmetrics
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from typer.testing import CliRunner, Result

from app.cli import app
from app.core.exchange import (
    FORMATS,
    ONE_TARGET,
    BoxRow,
    BoxSet,
    TableInfo,
    detect_format,
    open_table,
    read_boxes,
    write_boxes,
)
from model.errors import InputError
from model.geometry import iou

SIDES = ["X", "Y", "Width", "Height"]
INFO = TableInfo("walk", 320, 180)
RATE = 20.0
CENT = st.integers(-100_000, 100_000).map(lambda v: v / 100)
SIDE = st.integers(1, 100_000).map(lambda v: v / 100)
STATES = st.sampled_from(["tracking", "uncertain", "lost", "recovered"])
LABEL = st.text(st.characters(codec="utf-8"), max_size=8)


@st.composite
def box_sets(draw: st.DrawFn, targets: int = 3) -> BoxSet:
    """A set whose numbers have the digits that tables keep, with frames that hold no target."""
    labels = draw(st.lists(LABEL, min_size=targets, max_size=targets))
    count = draw(st.integers(1, 8))
    rows = []
    for frame in range(count):
        for number in draw(st.sets(st.integers(1, targets))):
            box = draw(st.tuples(CENT, CENT, SIDE, SIDE))
            score, state = draw(st.integers(0, 8)) / 8, draw(STATES)
            label = labels[number - 1]
            rows.append(BoxRow(frame, frame / RATE, number, label, *box, score, state, "why"))
    return BoxSet(INFO, {frame: frame / RATE for frame in range(count)}, rows)


def travelled(boxes: BoxSet, name: str) -> BoxSet:
    """`boxes` after they were written and read in a format that is found by its content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "boxes.table"
        write_boxes(path, boxes, chosen=name)
        if path.stat().st_size:  # a table of nothing has no content to tell it by
            assert detect_format(path) == name
        return read_boxes(path, chosen=name, rate=None if name in TIMED else RATE)


TIMED = {"csv", "jsonl", "coco"}


def seen(boxes: BoxSet) -> list[BoxRow]:
    return [row for row in boxes.rows if row.state != "lost"]


def places(rows: Iterable[BoxRow]) -> list[tuple[float, ...]]:
    """Frame, target and box of each row, to the hundredth of a pixel."""
    return [(r.frame, r.id, *(round(float(v), 2) for v in (r.x, r.y, r.w, r.h))) for r in rows]


@settings(max_examples=25)
@given(box_sets())
@example(BoxSet(INFO, {0: 0.0, 1: 0.05}, []))
@example(
    BoxSet(INFO, {0: 0.0}, [BoxRow(0, 0.0, 1, "next\x85line", 0, 0, 1, 1, 1, "tracking", "why")])
)
@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_everything_survives_our_own_formats(name: str, boxes: BoxSet) -> None:
    back = travelled(boxes, name)
    assert list(back.rows) == list(boxes.rows)
    assert back.times == boxes.times


@settings(max_examples=25)
@given(box_sets())
def test_coco_keeps_frames_times_and_what_is_seen(boxes: BoxSet) -> None:
    back = travelled(boxes, "coco")
    known = [
        replace(row, reason="", label="" if row.label == "object" else row.label)
        for row in seen(boxes)
    ]
    assert list(back.rows) == known
    assert back.times == boxes.times
    assert back.info == boxes.info


@settings(max_examples=25)
@given(box_sets())
def test_mot_results_keep_what_is_seen(boxes: BoxSet) -> None:
    back = travelled(boxes, "mot")
    assert places(back.rows) == places(seen(boxes))
    assert [r.score for r in back.rows] == pytest.approx([r.score for r in seen(boxes)])
    assert [r.time_s for r in back.rows] == [r.time_s for r in seen(boxes)]


@settings(max_examples=25)
@given(box_sets())
def test_mot_truth_keeps_the_lost_as_not_to_count(boxes: BoxSet) -> None:
    back = travelled(boxes, "mot-gt")
    assert places(back.rows) == places(boxes.rows)
    for row, old in zip(back.rows, boxes.rows, strict=True):
        assert (row.state == "lost") == (old.state == "lost")
        assert row.score == (0 if old.state == "lost" else old.score)


@settings(max_examples=25)
@given(box_sets(targets=1))
@pytest.mark.parametrize("name", ["otb", "got10k"])
def test_one_target_formats_keep_every_frame(name: str, boxes: BoxSet) -> None:
    back = travelled(boxes, name)
    assert back.times == boxes.times
    assert places(seen(back)) == places(seen(boxes))
    if name == "got10k":
        assert places(back.rows) == places(boxes.rows)
        shares = [max(row.score, 1 / 8) for row in seen(boxes)]
        assert [row.score for row in seen(back)] == shares


@settings(max_examples=150)
@given(
    name=st.sampled_from(sorted(FORMATS)),
    data=st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from('0123456789.,-+eE \t\n\r"{}[]:naif_'), max_size=200).map(
            lambda text: text.encode()
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        ["images", "annotations", "id", "frame", "bbox", "image_id", "state", "x"]
                    ),
                    inner,
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
@example(name="coco", data=b"[" * 100_000)
@example(name="jsonl", data=b"[" * 100_000)
@example(name="csv", data=b'"' + b"x" * 200_000)
@example(name="mot", data=b"99999999999999,1,1,1,1,1,1,-1,-1,-1")
@example(name="mot", data=b"1,1,1,1,1e999,1")
@example(name="mot", data=b"nan,1,1,1,1,1")
@example(name="otb", data=b"1," + b"9" * 5000 + b",2,3")
def test_any_file_is_read_or_refused_in_one_sentence(name: str, data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "boxes.table"
        path.write_bytes(data)
        said: list[str] = []
        rows: list[BoxRow] = []
        for chosen in (name, None):
            try:
                rows.extend(read_boxes(path, chosen=chosen).rows)
            except InputError as error:
                said.append(str(error))
        assert not any("\n" in sentence for sentence in said)
        assert np.isfinite([(r.x, r.y, r.w, r.h, r.score, r.time_s) for r in rows]).all()


def walk(frames: int = 30, hidden: range = range(12, 15)) -> BoxSet:
    """Two targets of which the first is lost for a while."""
    rows = []
    for frame in range(frames):
        time_s, state = frame / RATE, "lost" if frame in hidden else "tracking"
        rows += [
            BoxRow(frame, time_s, 1, "red", 10.0 + frame, 20, 30, 40, 0.9, state, ""),
            BoxRow(frame, time_s, 2, "", 200.0 - frame, 90, 25, 50, 0.7, "tracking", ""),
        ]
    return BoxSet(INFO, {frame: frame / RATE for frame in range(frames)}, rows)


def test_motmetrics_reads_results_and_truth(tmp_path: Path) -> None:
    boxes = walk()
    write_boxes(tmp_path / "gt.txt", boxes, chosen="mot-gt")
    write_boxes(tmp_path / "result.txt", boxes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, of its use of pandas
        truth = motmetrics.io.loadtxt(tmp_path / "gt.txt", fmt="mot16", min_confidence=1)
        result = motmetrics.io.loadtxt(tmp_path / "result.txt", fmt="mot16")
        matched = motmetrics.MOTAccumulator(auto_id=True)
        for frame in range(1, 31):
            ours, theirs = truth.loc[frame], result.loc[frame]
            overlap = iou(ours[SIDES].to_numpy()[:, None], theirs[SIDES].to_numpy()[None])
            matched.update(ours.index, theirs.index, np.where(overlap >= 0.5, 1 - overlap, np.nan))
        numbers = motmetrics.metrics.create().compute(
            matched, metrics=["mota", "idf1", "num_frames", "num_objects", "num_switches"]
        )
    assert numbers.iloc[0].to_dict() == {
        "mota": 1, "idf1": 1, "num_frames": 30, "num_objects": 57, "num_switches": 0
    }  # fmt: skip
    first = result.loc[(1, 1)]
    assert (first.X, first.Y, first.Width, first.Height) == (10, 20, 30, 40)


def test_pycocotools_reads_and_evaluates(tmp_path: Path) -> None:
    path = tmp_path / "boxes.json"
    write_boxes(path, walk())
    truth = COCO(str(path))
    assert len(truth.getImgIds()) == 30
    assert len(truth.getAnnIds()) == 57
    (note,) = truth.loadAnns(truth.getAnnIds(imgIds=[13]))
    assert (note["track_id"], note["bbox"]) == (2, [188, 90, 25, 50])
    found = truth.loadRes([dict(note) for note in truth.dataset["annotations"]])
    evaluation = COCOeval(truth, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert evaluation.stats[0] == pytest.approx(1)


def test_absence_is_written_as_each_format_says(tmp_path: Path) -> None:
    boxes = replace(walk(3, range(1, 2)), rows=[r for r in walk(3, range(1, 2)).rows if r.id == 1])
    boxes = replace(boxes, times={**boxes.times, 3: 0.15})
    write_boxes(tmp_path / "otb.txt", boxes, chosen="otb")
    absent = "nan,nan,nan,nan"
    lines = ["10.00,20.00,30.00,40.00", absent, "12.00,20.00,30.00,40.00", absent]
    assert (tmp_path / "otb.txt").read_text().splitlines() == lines
    write_boxes(tmp_path / "groundtruth.txt", boxes, chosen="got10k")
    lines[1], lines[3] = "11.00,20.00,30.00,40.00", "0.00,0.00,0.00,0.00"
    assert (tmp_path / "groundtruth.txt").read_text().splitlines() == lines
    assert (tmp_path / "absence.label").read_text().split() == ["0", "1", "0", "1"]
    assert (tmp_path / "cover.label").read_text().split() == ["7", "0", "7", "0"]
    write_boxes(tmp_path / "gt.txt", boxes, chosen="mot-gt")
    assert (tmp_path / "gt.txt").read_text().splitlines() == [
        "1,1,11.00,21.00,30.00,40.00,1,1,0.9000",
        "2,1,12.00,21.00,30.00,40.00,0,1,0.0000",
        "3,1,13.00,21.00,30.00,40.00,1,1,0.9000",
    ]
    write_boxes(tmp_path / "boxes.csv", boxes)
    assert (tmp_path / "boxes.csv").read_text().splitlines()[-1] == (
        "3,0.15,0,,nan,nan,nan,nan,0.0,absent,"
    )


def test_seqinfo_gives_rate_size_and_length(tmp_path: Path) -> None:
    (tmp_path / "gt").mkdir()
    (tmp_path / "seqinfo.ini").write_text(
        "[Sequence]\nname=MOT-9\nframeRate=14\nseqLength=5\nimWidth=640\nimHeight=480\n"
    )
    (tmp_path / "gt" / "gt.txt").write_text("2,7,1,1,10,10,1,1,0.5\n2,8,1,1,9,9,0,8,1\n")
    boxes = read_boxes(tmp_path / "gt" / "gt.txt")
    assert boxes.info == TableInfo("MOT-9", 640, 480)
    assert list(boxes.times.values()) == [frame / 14 for frame in range(5)]
    assert [(r.frame, r.id, r.x, r.score, r.state) for r in boxes.rows] == [
        (1, 7, 0, 0.5, "tracking"), (1, 8, 0, 1, "lost")
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(ONE_TARGET))
def test_a_second_box_in_a_frame_is_refused_where_one_has_room(tmp_path: Path, name: str) -> None:
    rows = [BoxRow(frame, 0.0, 1, "", 1, 1, 5, 5, 1.0, "tracking", "") for frame in (0, 1, 1, 2)]
    boxes = BoxSet(TableInfo("v"), {0: 0.0, 1: 0.0, 2: 0.0}, rows)
    with pytest.raises(InputError, match="frame 1 has several"):
        write_boxes(tmp_path / "b.txt", boxes, chosen=name)
    assert list(tmp_path.iterdir()) == []


def test_a_second_target_is_refused_where_one_has_room(tmp_path: Path) -> None:
    for name in ("otb", "got10k"):
        path = tmp_path / f"{name}.txt"
        path.write_text("old")
        with pytest.raises(InputError, match="one target"):
            write_boxes(path, walk(), chosen=name)
        assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"images": []}, "annotations"),
        ({"images": [{"id": 1}], "annotations": [{"image_id": 2, "bbox": [1, 2, 3, 4]}]}, "2"),
        ({"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 2]}]}, "COCO"),
        (
            {"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}] * 2},
            "track_id",
        ),
        (
            {"images": [{"id": 1, "video_id": 1}, {"id": 2, "video_id": 2}], "annotations": []},
            "several videos",
        ),
        ({"images": [{"id": 1, "frame": -4}], "annotations": []}, "frame -4"),
    ],
)
def test_broken_coco_is_one_sentence(
    tmp_path: Path, document: dict[str, object], says: str
) -> None:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=says) as caught:
        read_boxes(path)
    assert "\n" not in str(caught.value)


def test_a_torn_last_line_costs_that_line_alone(tmp_path: Path) -> None:
    for name in ("boxes.csv", "boxes.jsonl", "boxes.txt", "boxes.json"):
        table = open_table(tmp_path / name, INFO)
        for row in seen(walk(5, range(0))):
            table.write(replace(row, label="ü"))
        part = tmp_path / f"{name}.part"
        data = part.read_bytes()
        for cut in (1, 3, 20, 30):
            part.write_bytes(data[:-cut])
            assert len(read_boxes(part).rows) == 9
        table.discard()


def convert(*args: object) -> Result:
    return CliRunner().invoke(app, ["convert", *(str(arg) for arg in args)])


def test_convert_there_and_back(tmp_path: Path) -> None:
    write_boxes(tmp_path / "a.csv", walk())
    steps = [
        ["a.csv", "b.jsonl"],
        ["b.jsonl", "c.json", "--size", "320x180", "--keep-lost"],
        ["c.json", "d.txt", "--to", "otb", "--target", "1"],
        ["d.txt", "groundtruth.txt", "--to", "got10k"],
        ["groundtruth.txt", "e.txt", "--to", "mot", "--rate", "20"],
        ["e.txt", "f.csv", "--rate", "20"],
    ]
    for source, wanted, *options in steps:
        result = convert(tmp_path / source, tmp_path / wanted, *options)
        assert result.exit_code == 0, result.stderr
        assert "30 frames" in result.stdout
    old = [row for row in walk().rows if row.id == 1]
    assert places(read_boxes(tmp_path / "f.csv").rows) == places(old)
    assert [r.time_s for r in read_boxes(tmp_path / "f.csv").rows] == [r.time_s for r in old]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["none.csv", "b.json"], "cannot be read"),
        (["a.csv", "b.xls"], "--format"),
        (["a.csv", "a.csv"], "replace what is read"),
        (["a.csv", "b.json"], "--size"),
        (["a.csv", "b.json", "--size", "0x9"], "0x9"),
        (["a.csv", "b.txt", "--to", "otb"], "--target among 1, 2"),
        (["a.csv", "b.txt", "--target", "3"], "no target 3"),
        (["a.csv", "b.txt", "--from", "mot"], "line 1"),
        (["a.csv", "b.txt", "--from", "xml"], "xml"),
        (["a.csv", "none/b.txt"], "cannot be written"),
        (["a.csv", "b.txt", "--rate", "-1"], "rate"),
        (["other.txt", "b.txt"], "no table of boxes"),
    ],
)
def test_convert_mistakes_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_boxes(tmp_path / "a.csv", walk())
    (tmp_path / "other.txt").write_text("once upon a time\n")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    result = convert(*args)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
