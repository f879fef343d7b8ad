"""Published folder layouts, made small."""

from pathlib import Path

import numpy as np
import pytest

from model.errors import InputError
from model.evaluation.sequences import read_sequence, read_sequences
from tests.evaluation.scenes import draw_sequence


def numbered(folder: Path, digits: int, *, first: int = 1) -> None:
    """Rename the pictures of a drawn sequence: so many digits, counted from `first`."""
    for i, path in enumerate(sorted(folder.glob("*.jpg")), first):
        path.rename(folder / f"{i:0{digits}d}.jpg")


def test_otb(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "Car4", frames=3)
    (tmp_path / "Car4" / "groundtruth.txt").unlink()
    np.savetxt(tmp_path / "Car4" / "groundtruth_rect.txt", truth, fmt="%d", delimiter="\t")
    (only,) = read_sequences(tmp_path)
    assert only.name == "Car4"
    np.testing.assert_allclose(only.truth, truth)
    assert not only.occluded.any()
    assert not only.out_of_view.any()


def test_two_targets_of_one_sequence_of_otb(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "Jogging", frames=3)
    (tmp_path / "Jogging" / "groundtruth.txt").unlink()
    for target in (1, 2):
        path = tmp_path / "Jogging" / f"groundtruth_rect.{target}.txt"
        np.savetxt(path, truth + target, fmt="%d", delimiter=",")
    first, second = read_sequences(tmp_path)
    assert (first.name, second.name) == ("Jogging.1", "Jogging.2")
    assert first.images == second.images
    np.testing.assert_allclose(second.truth - first.truth, 1)
    assert [s.name for s in read_sequences(tmp_path, ["Jogging.2"])] == ["Jogging.2"]
    with pytest.raises(InputError, match="holds 2 sequences"):
        read_sequence(tmp_path / "Jogging")


@pytest.mark.parametrize(("name", "boxes", "first"), [("David", 471, 300), ("Football1", 74, 1)])
def test_boxes_of_otb_for_a_part_of_the_pictures(
    tmp_path: Path, name: str, boxes: int, first: int
) -> None:
    (tmp_path / name / "img").mkdir(parents=True)
    for i in range(1, 781):
        (tmp_path / name / "img" / f"{i:04d}.jpg").touch()
    (tmp_path / name / "groundtruth_rect.txt").write_text("1,2,3,4\n" * boxes)
    sequence = read_sequence(tmp_path / name)
    assert sequence.images[0].name == f"{first:04d}.jpg"
    assert len(sequence) == boxes
    (tmp_path / name).rename(tmp_path / "Other")
    with pytest.raises(InputError, match=f"{boxes} boxes for 780 pictures"):
        read_sequence(tmp_path / "Other")


def test_lasot(tmp_path: Path) -> None:
    for category, name in (("airplane", "airplane-1"), ("bird", "bird-2"), ("bird", "bird-10")):
        folder = tmp_path / category / name
        truth = draw_sequence(folder, frames=4)
        numbered(folder / "img", 8)
        (folder / "full_occlusion.txt").write_text("0,1,0,0")
        (folder / "out_of_view.txt").write_text("0,0,1,0")
        (folder / "nlp.txt").write_text("a square")
    sequences = read_sequences(tmp_path)
    assert [s.name for s in sequences] == ["airplane-1", "bird-2", "bird-10"]
    expected = truth.copy()
    expected[1:3] = np.nan  # both kinds of absence are left out, as its toolkit does
    np.testing.assert_allclose(sequences[0].truth, expected)
    assert sequences[0].occluded.tolist() == [False, True, False, False]
    assert sequences[0].out_of_view.tolist() == [False, False, True, False]
    assert [s.name for s in read_sequences(tmp_path / "bird")] == ["bird-2", "bird-10"]


def test_got10k(tmp_path: Path) -> None:
    split = tmp_path / "val"
    for name in ("GOT-10k_Val_000001", "GOT-10k_Val_000002"):
        folder = split / name
        truth = draw_sequence(folder, frames=4)
        numbered(folder / "img", 8)
        for path in (folder / "img").iterdir():
            path.rename(folder / path.name)
        (folder / "img").rmdir()
        (folder / "absence.label").write_text("0\n0\n1\n0\n")
        (folder / "cover.label").write_text("8\n4\n0\n5\n")
        (folder / "cut_by_image.label").write_text("0\n0\n0\n1\n")
        (folder / "meta_info.ini").write_text("[METAINFO]\nurl: nowhere\n")
    (split / "list.txt").write_text("GOT-10k_Val_000001\nGOT-10k_Val_000002\n")
    for folder in (tmp_path, split):
        assert len(read_sequences(folder)) == 2
    sequence = read_sequence(split / "GOT-10k_Val_000001")
    expected = truth.copy()
    expected[2] = np.nan
    np.testing.assert_allclose(sequence.truth, expected)
    assert sequence.occluded.tolist() == [False, True, False, False]
    assert sequence.out_of_view.tolist() == [False, False, False, True]
    assert sequence.read(3).shape == (96, 128, 3)


def test_trackingnet(tmp_path: Path) -> None:
    for split, name in (("TRAIN_0", "a_0"), ("TRAIN_1", "b_0")):
        truth = draw_sequence(tmp_path / "made", frames=12)
        (tmp_path / split / "anno").mkdir(parents=True)
        (tmp_path / split / "frames").mkdir()
        (tmp_path / "made" / "img").rename(tmp_path / split / "frames" / name)
        numbered(tmp_path / split / "frames" / name, 1, first=0)
        (tmp_path / "made" / "groundtruth.txt").rename(tmp_path / split / "anno" / f"{name}.txt")
        (tmp_path / split / "anno" / "not_unpacked.txt").write_text("1,2,3,4\n")
        (tmp_path / "made").rmdir()
    assert [s.name for s in read_sequences(tmp_path)] == ["a_0", "b_0"]
    (only,) = read_sequences(tmp_path / "TRAIN_1")
    assert [p.name for p in only.images] == [f"{i}.jpg" for i in range(12)]
    np.testing.assert_allclose(only.truth, truth)


def test_a_test_split_has_the_first_box_alone(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=3)
    (tmp_path / "s" / "groundtruth.txt").write_text("1,2,3,4\n")
    with pytest.raises(InputError, match=r"1 boxes for 3 pictures.*test splits publish"):
        read_sequences(tmp_path)


def test_the_same_name_twice(tmp_path: Path) -> None:
    for split in ("train", "val"):
        draw_sequence(tmp_path / split / "same", frames=2)
    with pytest.raises(InputError, match="holds same twice"):
        read_sequences(tmp_path)
    assert len(read_sequences(tmp_path / "val")) == 1


@pytest.mark.parametrize(("text", "sentence"), [("0\n1\n", "2 labels for 3"), ("x", "as numbers")])
def test_labels_that_disagree(tmp_path: Path, text: str, sentence: str) -> None:
    draw_sequence(tmp_path / "s", frames=3)
    (tmp_path / "s" / "absence.label").write_text(text)
    with pytest.raises(InputError, match=sentence):
        read_sequences(tmp_path)


def test_only_the_first_frames(tmp_path: Path) -> None:
    draw_sequence(tmp_path / "s", frames=8, absent=range(0, 3))
    sequence = read_sequence(tmp_path / "s")
    cut = sequence.first(5)
    assert (len(cut), cut.truth.shape, cut.occluded.shape) == (5, (5, 4), (5,))
    assert len(sequence.first(99)) == 8
    with pytest.raises(InputError, match="first 4 frames of s hold no box"):
        sequence.first(4)
