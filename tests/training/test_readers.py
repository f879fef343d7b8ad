"""Published data sets, made small: tracks and cut-outs as their files say, frames on demand."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import InputError
from model.geometry import iou
from model.images import Frame
from model.training.clips import ClipConfig, ClipDataset
from model.training.cutouts import bounds, transform
from model.training.datasets import Library, load_library
from model.training.readers.frames import LazyFrames
from model.training.track import Track

WIDTH, HEIGHT, COUNT = 160, 120, 6


def picture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (height // 5, width // 5, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def save(path: Path, rgb: Frame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


def box_at(i: int) -> tuple[int, int, int, int]:
    return 20 + 9 * i, 30 + 3 * i, 36, 28


def frame(i: int) -> Frame:
    """A yellow board before texture."""
    image = picture(0) // 3
    x, y, w, h = box_at(i)
    image[y : y + h, x : x + w] = (250, 220, 20)
    return image


def sequence(folder: Path, name: Callable[[int], str], truth: Path) -> None:
    for i in range(COUNT):
        save(folder / name(i), frame(i))
    truth.parent.mkdir(parents=True, exist_ok=True)
    truth.write_text("".join(f"{','.join(map(str, box_at(i)))}\n" for i in range(COUNT)))


def got10k(root: Path) -> None:
    for split, number in (("train", 1), ("train", 2), ("val", 3)):
        folder = root / split / f"GOT-10k_{split}_{number:06d}"
        sequence(folder, lambda i: f"{i + 1:08d}.jpg", folder / "groundtruth.txt")
        (folder / "absence.label").write_text("0\n1\n0\n0\n0\n0\n")
        (folder / "cover.label").write_text("8\n0\n8\n8\n8\n8\n")


def lasot(root: Path) -> None:
    for name in ("dog-1", "dog-2"):
        folder = root / "dog" / name
        sequence(folder / "img", lambda i: f"{i + 1:08d}.jpg", folder / "groundtruth.txt")
        (folder / "full_occlusion.txt").write_text("0,1,0,0,0,0")
        (folder / "out_of_view.txt").write_text("0,0,0,0,0,0")
    (root / "testing_set.txt").write_text("dog-2\n")


def trackingnet(root: Path) -> None:
    for split, name in (("TRAIN_0", "a"), ("TRAIN_3", "b"), ("TEST", "c")):
        part = root / split
        sequence(part / "frames" / name, lambda i: f"{i}.jpg", part / "anno" / f"{name}.txt")


def davis(root: Path) -> None:
    """A yellow board and a disc that stands still, hidden from the fourth frame on."""
    for name in ("two", "kept-back"):
        for i in range(COUNT):
            image, labels = frame(i), np.zeros((HEIGHT, WIDTH), np.uint8)
            x, y, w, h = box_at(i)
            labels[y : y + h, x : x + w] = 1
            if i < 3:
                cv2.circle(image, (130, 90), 14, (30, 60, 250), -1)
                cv2.circle(labels, (130, 90), 14, 2, -1)
            save(root / "JPEGImages" / "480p" / name / f"{i:05d}.jpg", image)
            palette = np.array([(0, 0, 0), (128, 0, 0), (0, 128, 0)], np.uint8)
            save(root / "Annotations" / "480p" / name / f"{i:05d}.png", palette[labels])
    (root / "ImageSets" / "2017").mkdir(parents=True)
    (root / "ImageSets" / "2017" / "train.txt").write_text("two\n")


def coco(root: Path) -> None:
    """A picture with a polygon, one with run lengths, both kinds of them, and one not here."""
    from pycocotools import mask as masks

    disc = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.circle(disc, (80, 60), 30, 1, -1)
    packed = masks.encode(np.asfortranarray(disc))
    # runs go down the columns, the first of them zeros
    changes = np.flatnonzero(np.diff(disc.ravel("F"), prepend=0, append=0))
    plain = np.diff(changes, prepend=0, append=disc.size).tolist()
    shapes: list[object] = [
        [[30, 20, 110, 20, 110, 80, 30, 80]],
        {"size": [HEIGHT, WIDTH], "counts": packed["counts"].decode()},
        {"size": [HEIGHT, WIDTH], "counts": plain},
        [[0, 0, 50, 0, 50, 50]],
    ]
    images, annotations = [], []
    for i, shape in enumerate(shapes):
        images.append({"id": 10 + i, "file_name": f"{i:012d}.jpg"})
        each = {"image_id": 10 + i, "segmentation": shape, "area": 2800.0, "iscrowd": 0}
        annotations += [each, {**each, "area": 20.0}, {**each, "iscrowd": 1}]
        if i < 3:
            image = picture(i) // 4
            image[20:90, 30:110] = image[20:90, 30:110] + np.uint8(180)
            save(root / "train2017" / f"{i:012d}.jpg", image)
    (root / "annotations").mkdir()
    text = json.dumps({"images": images, "annotations": annotations})
    (root / "annotations" / "instances_train2017.json").write_text(text)
    (root / "annotations" / "instances_val2017.json").write_text("{}")


def follows_the_board(track: Track) -> bool:
    truth = np.array([box_at(int(i)) for i in track.seen], float)
    shown = [track.frames[int(i)][y + 14, x + 18] for i, (x, y, _, _) in zip(
        track.seen, truth.astype(int), strict=True)]  # fmt: skip
    yellow = all(np.abs(c.astype(int) - (250, 220, 20)).max() < 12 for c in shown)
    return yellow and bool((iou(track.boxes[track.seen], truth) > 0.98).all())


def gives_clips(library: Library) -> bool:
    data = ClipDataset(library, ClipConfig(), seed=1)
    return any(data[i].present for i in range(6))


@pytest.mark.parametrize(
    ("make", "names", "absent"),
    [
        (got10k, {"GOT-10k_train_000001", "GOT-10k_train_000002"}, [1]),
        (lasot, {"dog-1"}, [1]),
        (trackingnet, {"a", "b"}, []),
    ],
)
def test_sequences_for_training_become_lazy_tracks(
    tmp_path: Path, make: Callable[[Path], None], names: set[str], absent: list[int]
) -> None:
    make(tmp_path)
    library = load_library(tmp_path)
    assert {track.name for track in library.tracks} == names
    for track in library.tracks:
        assert isinstance(track.frames, LazyFrames)
        assert len(track.frames) == len(track.boxes) == COUNT
        assert sorted(set(range(COUNT)) - set(track.seen.tolist())) == absent
        assert follows_the_board(track)
    assert library.backgrounds
    assert gives_clips(library)


def test_a_part_of_a_set_is_read_like_the_whole(tmp_path: Path) -> None:
    got10k(tmp_path)
    split = load_library(tmp_path / "val")
    assert [track.name for track in split.tracks] == ["GOT-10k_val_000003"]
    trackingnet(tmp_path / "net")
    assert [t.name for t in load_library(tmp_path / "net" / "TRAIN_3").tracks] == ["b"]


def test_every_object_of_davis_becomes_a_track(tmp_path: Path) -> None:
    davis(tmp_path)
    library = load_library(tmp_path)
    disc, board = sorted(library.tracks, key=lambda track: len(track.seen))
    assert follows_the_board(board)
    assert disc.seen.tolist() == [0, 1, 2]
    assert iou(disc.boxes[0], np.array([116, 76, 29, 29.0])) > 0.95
    assert len(board.cutouts) == 2
    first = board.cutouts[0]
    x, y, w, h = first.box
    placed = bounds(transform(first.place, np.array([[x, y], [x + w, y + h]])))
    assert iou(np.array(placed), board.boxes[0]) > 0.95
    assert gives_clips(library)
    # there is something to hide a target with, though there are no photographs
    hidden = ClipDataset(library, ClipConfig(real=0, absent=1), seed=2)
    assert not all(hidden[i].present for i in range(6))


def test_instances_of_coco_become_cutouts(tmp_path: Path) -> None:
    coco(tmp_path)
    library = load_library(tmp_path)
    boxes = {tuple(round(v) for v in c.box[2:]) for c in library.objects}
    assert len(library.objects) == 3
    assert len(library.backgrounds) == 3
    assert boxes == {(80, 60), (61, 61)}
    polygon = next(c for c in library.objects if c.box[2] > 70)
    middle = polygon.pyramid.levels[0][30, 40]
    # the lit part of the picture, wholly opaque
    assert middle[3] == 255
    assert middle[:3].mean() > 150
    assert gives_clips(library)


def test_an_annotation_of_another_size_is_one_sentence(tmp_path: Path) -> None:
    coco(tmp_path)
    save(tmp_path / "train2017" / f"{1:012d}.jpg", picture(1, 80, 60))
    with pytest.raises(InputError, match="its size is"):
        load_library(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"images": [], "annotations": [{}]}'])
def test_a_damaged_list_is_one_sentence(tmp_path: Path, text: str) -> None:
    coco(tmp_path)
    (tmp_path / "annotations" / "instances_train2017.json").write_text(text)
    with pytest.raises(InputError, match=r"instances_train2017.json cannot be read"):
        load_library(tmp_path)


def test_a_name_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    coco(tmp_path)
    listed = tmp_path / "annotations" / "instances_train2017.json"
    save(tmp_path / "outside.jpg", picture(9))
    listed.write_text(listed.read_text().replace(f"{0:012d}.jpg", "../outside.jpg"))
    assert len(load_library(tmp_path).objects) == 2


def test_several_folders_make_one_library(tmp_path: Path) -> None:
    davis(tmp_path / "davis")
    coco(tmp_path / "coco")
    lasot(tmp_path / "lasot")
    library = load_library([tmp_path / "davis", tmp_path / "coco", tmp_path / "lasot"])
    assert len(library.tracks) == 3
    assert len(library.objects) == 3
    assert gives_clips(library)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds nothing to train on"):
        load_library([tmp_path / "coco", tmp_path / "empty"])


def test_lazy_frames_are_a_sequence(tmp_path: Path) -> None:
    sequence(tmp_path, lambda i: f"{i}.png", tmp_path / "truth.txt")
    frames = LazyFrames(tmp_path, [f"{i}.png" for i in range(COUNT)])
    assert len(frames) == COUNT
    assert np.array_equal(frames[2], frame(2))
    assert frames[2] is frames[2]
    assert np.array_equal(frames[-1], frame(COUNT - 1))
    assert [np.array_equal(a, frame(b)) for a, b in zip(frames[1::2], (1, 3, 5), strict=True)] == [
        True
    ] * 3
    with pytest.raises(IndexError):
        frames[COUNT]
    (tmp_path / "4.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"4\.png cannot be read"):
        frames[4]


def test_targets_that_share_their_frames_have_numbered_truths(tmp_path: Path) -> None:
    folder = tmp_path / "unlabelled" / "street"
    sequence(folder / "img", lambda i: f"{i}.jpg", folder / "groundtruth.1.txt")
    rows = [f"{5 + i},6,30,40" if 1 <= i < 4 else "nan,nan,nan,nan" for i in range(COUNT)]
    (folder / "groundtruth.2.txt").write_text("\n".join(rows))
    library = load_library(tmp_path)
    assert not library.tracks
    board, other = library.unlabelled
    assert (board.name, other.name) == ("street#1", "street#2")
    assert follows_the_board(board)
    # beyond the first and the last box nothing is known of the other
    assert other.boxes[:, 0].tolist() == [6, 7, 8]
    assert other.frames[0] is board.frames[1]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "groundtruth.txt").write_text("1,2,3,4\n"), "for 6 pictures"),
        (lambda f: (f / "groundtruth.txt").write_text("1,2\n" * 6), "for 6 pictures"),
        (lambda f: (f / "groundtruth.txt").write_text("1,2,3,x\n"), "cannot be read"),
        (lambda f: (f / "full_occlusion.txt").write_text("0,1"), "2 labels for 6 pictures"),
    ],
)
def test_a_damaged_sequence_is_one_sentence(
    tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    lasot(tmp_path)
    damage(tmp_path / "dog" / "dog-1")
    with pytest.raises(InputError, match=message):
        load_library(tmp_path)
