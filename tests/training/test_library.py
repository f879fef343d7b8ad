"""Libraries that clips are drawn from: read from disk, in bounds of memory, damage named."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import InputError
from model.training.clips import ClipConfig, ClipDataset
from model.training.cutouts import bounds, transform
from model.training.datasets import Library, load_library
from tests.training.test_clips import coloured_track, grey_texture, magenta


def write_data(root: Path) -> None:
    """A track with masks, a photograph with an instance, one with segments, and a video."""
    rng = np.random.default_rng(1)
    track = coloured_track(rng, 12)
    folder = root / "train" / "square"
    (folder / "img").mkdir(parents=True)
    (folder / "mask").mkdir()
    for i, image in enumerate(track.frames, 1):
        cv2.imwrite(str(folder / "img" / f"{i:04d}.jpg"), image[:, :, ::-1])
        cv2.imwrite(str(folder / "mask" / f"{i:04d}.png"), (magenta(image) > 0.5) * np.uint8(255))
    np.savetxt(folder / "groundtruth.txt", track.boxes, delimiter=",")
    for name in ("coco128", "bsds500"):
        pictures = root / "images" / name
        pictures.mkdir(parents=True)
        labels = np.full((240, 320), 0 if name == "coco128" else 1, np.uint8)
        cv2.circle(labels, (160, 120), 40, 2, -1)
        image = grey_texture(rng, 240, 320)
        image[labels == 2] = (200, 60, 20)
        cv2.imwrite(str(pictures / "a.jpg"), image)
        cv2.imwrite(str(pictures / "a.png"), labels)
    (root / "videos").mkdir()
    writer = cv2.VideoWriter(
        str(root / "videos" / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (320, 240)
    )
    for image in track.frames:
        writer.write(image)
    writer.release()


SIDE = (100_000).to_bytes(4, "little")
VAST = b"BM" + bytes(8) + b"\x36\0\0\0\x28\0\0\0" + SIDE + SIDE + b"\1\0\x18\0" + bytes(100)
"""A bitmap whose head asks for 100,000 × 100,000 pixels."""


def test_a_video_of_key_frames_alone_is_not_held_in_memory(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    path, kind = tmp_path / "videos" / "a.avi", cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), kind, 10, (320, 240))
    for index in range(150):
        writer.write(np.full((240, 320, 3), index, np.uint8))
    writer.release()
    root = tmp_path / "train" / "a" / "img"
    root.mkdir(parents=True)
    cv2.imwrite(str(root / "1.jpg"), np.zeros((240, 320, 3), np.uint8))
    (root.parent / "groundtruth.txt").write_text("9,9,40,40\n")
    tracemalloc.start()
    library = load_library(tmp_path, unlabelled=False)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    shades = [round(colour[0]) for colour in library.mean_colours[1:]]
    assert np.allclose(shades, np.linspace(0, 149, 8), atol=5)
    assert most < 40 * 320 * 240 * 3


def test_a_library_is_read_from_disk_and_gives_clips(tmp_path: Path) -> None:
    write_data(tmp_path)
    library = load_library(tmp_path)
    assert [track.name for track in library.tracks] == ["square"]
    track = library.tracks[0]
    assert len(track.frames) == 12
    assert len(track.cutouts) == 7
    assert track.seen.tolist() == list(range(7))
    x, y, w, h = track.cutouts[0].box
    place = track.cutouts[0].place
    found = bounds(transform(place, np.array([[x, y], [x + w, y + h]])))
    assert np.allclose(found, track.boxes[0], atol=0.6)
    assert len(library.objects) >= 2
    assert len(library.backgrounds) == 1 + 1 + 1 + 8
    assert "1 tracks (12 frames, 1 with masks)" in library.describe()
    dataset = ClipDataset(library, ClipConfig(), seed=1)
    assert sum(dataset[i].present for i in range(12)) >= 6


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        load_library(tmp_path / "absent")
    with pytest.raises(InputError, match="nothing to train on"):
        load_library(tmp_path)
    with pytest.raises(InputError, match="holds no target"):
        ClipDataset(Library(), ClipConfig())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "groundtruth.txt").unlink(), "needs img/"),
        (lambda f: (f / "groundtruth.txt").write_text("1,2,3,4\n"), "for 12 pictures"),
        (lambda f: (f / "groundtruth.txt").write_text("a,b\n"), "cannot be read"),
        (lambda f: (f / "img" / "0003.jpg").write_bytes(b"no"), "0003.jpg cannot be read"),
        (lambda f: (f / "img" / "0003.jpg").write_bytes(VAST), "0003.jpg cannot be read"),
    ],
)
def test_a_damaged_track_is_named(
    tmp_path: Path, damage: Callable[[Path], object], message: str
) -> None:
    write_data(tmp_path)
    damage(tmp_path / "train" / "square")
    with pytest.raises(InputError, match=message):
        load_library(tmp_path)
