from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.sequences import read_sequence, read_sequences
from tests.evaluation.scenes import draw_sequence


def test_reads_a_folder_of_sequences_in_natural_order(tmp_path: Path) -> None:
    for name in ("b10", "b9", "a"):
        draw_sequence(tmp_path / name, frames=3)
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").write_text("not a sequence")
    assert [s.name for s in read_sequences(tmp_path)] == ["a", "b9", "b10"]
    assert [s.name for s in read_sequences(tmp_path, ["b10", "a"])] == ["a", "b10"]


def test_reads_a_folder_that_is_one_sequence(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "one", frames=4, absent=range(1, 2))
    (only,) = read_sequences(tmp_path / "one")
    assert only.name == "one"
    assert len(only) == 4
    np.testing.assert_allclose(only.truth, truth)
    assert only.read(0).shape == (96, 128, 3)


def test_pictures_are_in_natural_order_whatever_their_padding(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=12)
    for i in range(1, 13):
        (tmp_path / "s" / "img" / f"{i:04d}.jpg").rename(tmp_path / "s" / "img" / f"{i}.jpg")
    names = [p.name for p in read_sequence(tmp_path / "s").images]
    assert names == [f"{i}.jpg" for i in range(1, 13)]


@pytest.mark.parametrize("line", ["1,2,3,4", "1\t2\t3\t4", "1 2 3 4", " 1.0, 2.0, 3.0, 4.0 "])
def test_separators_of_the_published_files(tmp_path: Path, line: str) -> None:
    draw_sequence(tmp_path / "s", frames=2)
    (tmp_path / "s" / "groundtruth.txt").rename(tmp_path / "s" / "groundtruth_rect.txt")
    (tmp_path / "s" / "groundtruth_rect.txt").write_text(f"{line}\r\n{line}\r\n")
    assert read_sequence(tmp_path / "s").truth.tolist() == [[1, 2, 3, 4]] * 2


@pytest.mark.parametrize("line", ["nan,nan,nan,nan", "NaN,2,3,4", "0,0,0,0", "1,2,-3,4"])
def test_rows_that_mean_absent(tmp_path: Path, line: str) -> None:
    draw_sequence(tmp_path / "s", frames=2)
    (tmp_path / "s" / "groundtruth.txt").write_text(f"1,2,3,4\n{line}\n")
    assert np.isnan(read_sequence(tmp_path / "s").truth[1]).all()


def test_starts_are_evenly_spread_and_moved_past_absences(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=12, absent=range(4, 7))
    sequence = read_sequence(tmp_path / "s")
    assert sequence.starts(1) == [0]
    assert sequence.starts(3) == [0, 7, 8]
    # places 4 and 6 both move on to 7; 0, 2, 7, 8, 10
    assert sequence.starts(6) == [0, 2, 7, 8, 10]
    assert 11 not in sequence.starts(12), "the last frame leaves nothing to track"
    with pytest.raises(InputError, match="1 or more"):
        sequence.starts(0)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda s: (s / "groundtruth.txt").unlink(), "has no groundtruth.txt"),
        (lambda s: [p.unlink() for p in (s / "img").iterdir()], "holds no pictures"),
        (lambda s: (s / "img").rename(s / "frames"), "has no folder img"),
        (lambda s: (s / "img" / "0002.jpg").unlink(), "3 boxes for 2 pictures"),
        (lambda s: (s / "groundtruth.txt").write_text("1,2,3,4\n1,2,3\n1,2,3,4"), "line 2"),
        (lambda s: (s / "groundtruth.txt").write_text("1,2,3,4\n1,2,3,4\na,b,c,d"), "line 3"),
        (lambda s: (s / "groundtruth.txt").write_text("nan,nan,nan,nan\n" * 3), "no box to start"),
        (lambda s: (s / "groundtruth.txt").write_bytes(b"\xff\xfe\x00"), "cannot be read as text"),
    ],
)
def test_one_sentence_for_what_is_missing_or_disagrees(tmp_path: Path, spoil, sentence) -> None:
    draw_sequence(tmp_path / "s", frames=3)
    spoil(tmp_path / "s")
    with pytest.raises(InputError, match=sentence) as caught:
        read_sequences(tmp_path)
    assert "s" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_without_sequences_and_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        read_sequences(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no sequence;"):
        read_sequences(tmp_path)
    draw_sequence(tmp_path / "there", frames=2)
    with pytest.raises(InputError, match="named gone; it holds there"):
        read_sequences(tmp_path, ["there", "gone"])


def test_a_picture_that_is_none(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=3)
    sequence = read_sequence(tmp_path / "s")
    (tmp_path / "s" / "img" / "0002.jpg").write_bytes(b"not a picture")
    (tmp_path / "s" / "img" / "0003.jpg").write_bytes(b"")
    # a bitmap whose head asks for 100,000 × 100,000 pixels
    size = (100_000).to_bytes(4, "little")
    head = b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0" + size + size + b"\1\0\x18\0"
    (tmp_path / "s" / "img" / "0001.jpg").write_bytes(head + bytes(100))
    for i in (0, 1, 2):
        with pytest.raises(InputError, match="not a readable picture"):
            sequence.read(i)
