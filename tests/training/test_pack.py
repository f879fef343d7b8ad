"""Packs are small and read like the data they were made of; parts make the checkpoint again."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from model.errors import InputError
from model.geometry import iou
from model.images import Frame
from model.training.datasets import load_library
from model.training.track import Track
from model.weights import load, read_tensors, write_tensors
from tests.model import tiny
from tools import checkpoint_parts
from tools.pack_training import FITS, found_sequences, in_order, pack, size_of
from tools.unpack_training import unpack

WIDTH, HEIGHT, COUNT = 800, 600, 8


def noise(seed: int) -> Frame:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A masked track of large frames, one target of two unlabelled, and a photograph."""
    root = tmp_path_factory.mktemp("data")
    board, street = root / "train" / "board", root / "unlabelled" / "street"
    for folder in (board / "img", board / "mask", street / "img", root / "images" / "bsds500"):
        folder.mkdir(parents=True)
    boxes = []
    for i in range(COUNT):
        x, y, w, h = 100 + 30 * i, 200, 160, 120
        image, mask = noise(i), np.zeros((HEIGHT, WIDTH), np.uint8)
        image[y : y + h, x : x + w] //= 6
        mask[y : y + h, x : x + w] = 255
        for folder in (board, street):
            assert cv2.imwrite(str(folder / "img" / f"{i:04d}.jpg"), image)
        assert cv2.imwrite(str(board / "mask" / f"{i:04d}.png"), mask)
        boxes.append((x, y, w, h))
    np.savetxt(board / "groundtruth.txt", boxes, delimiter=",")
    for number, rows in ((1, boxes), (2, [*boxes[:5], *[(np.nan,) * 4] * 3])):
        np.savetxt(street / f"groundtruth.{number}.txt", rows, delimiter=",")
    labels = np.ones((HEIGHT, WIDTH), np.uint8)
    cv2.circle(labels, (400, 300), 90, 2, -1)
    photograph = noise(50)
    photograph[labels == 2] //= 5
    assert cv2.imwrite(str(root / "images" / "bsds500" / "a.jpg"), photograph)
    assert cv2.imwrite(str(root / "images" / "bsds500" / "a.png"), labels)
    return root


@pytest.fixture(scope="module")
def roomy(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with room for the best."""
    into = tmp_path_factory.mktemp("packs") / "roomy"
    assert pack([data], into, mib=20) == FITS[0]
    return into


def test_a_pack_reads_like_its_data(data: Path, roomy: Path, tmp_path: Path) -> None:
    assert unpack(roomy, tmp_path / "data") == 2 * COUNT
    before, after = load_library(data), load_library(tmp_path / "data")
    (track,) = after.tracks
    assert len(track.frames) == COUNT
    assert track.frames[0].shape == (480, 640, 3)
    assert np.allclose(track.boxes, before.tracks[0].boxes * 0.8, atol=0.01)
    assert len(track.cutouts) == len(before.tracks[0].cutouts) == COUNT
    assert [t.name for t in after.unlabelled] == ["street#1", "street#2"]
    assert [len(t.frames) for t in after.unlabelled] == [COUNT, 5]
    assert len(after.objects) == len(before.objects) > 0


def test_boxes_stay_on_targets_whose_frames_change_their_size(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "train" / "window"
    (folder / "img").mkdir(parents=True)
    boxes, sizes = [], [(1000, 700), (400, 300), (700, 900), (400, 300)]
    for i, (width, height) in enumerate(sizes):
        image = cv2.resize(noise(i), (width, height))
        x, y, w, h = width // 3, height // 4, width // 5, height // 3
        image[y : y + h, x : x + w] = 0
        assert cv2.imwrite(str(folder / "img" / f"{i:04d}.png"), image)
        boxes.append((x, y, w, h))
    np.savetxt(folder / "groundtruth.txt", boxes, delimiter=",")
    pack([tmp_path / "data"], tmp_path / "pack", mib=5)
    unpack(tmp_path / "pack", tmp_path / "again")
    (track,) = load_library(tmp_path / "again").tracks
    assert [max(frame.shape[:2]) for frame in track.frames] == [640, 400, 640, 400]
    for frame, (x, y, w, h) in zip(track.frames, track.boxes, strict=True):
        whole = cv2.morphologyEx(
            (frame.max(2) < 40).astype(np.uint8), cv2.MORPH_OPEN, np.ones((9, 9))
        )
        dark = np.argwhere(whole)[:, ::-1]
        low, high = dark.min(0), dark.max(0) + 1
        assert np.allclose([x, y, x + w, y + h], [*low, *high], atol=3)


def test_less_room_means_smaller_pictures_and_fewer(
    data: Path, roomy: Path, tmp_path: Path
) -> None:
    half = size_of(roomy) / 2 / 2**20
    fit = pack([data], tmp_path / "small", mib=half)
    assert fit != FITS[0]
    assert size_of(tmp_path / "small") <= half * 2**20
    unpack(tmp_path / "small", tmp_path / "data")
    (track,) = load_library(tmp_path / "data").tracks
    scale = track.frames[0].shape[1] / WIDTH
    truth = load_library(data).tracks[0].boxes * scale
    assert (iou(track.boxes, truth) > 0.97).all()
    with pytest.raises(InputError, match="do not fit into"):
        pack([data], tmp_path / "none", mib=0.01)
    with pytest.raises(InputError, match="is there already"):
        pack([data], roomy, mib=20)
    with pytest.raises(InputError, match="is there already"):
        unpack(roomy, tmp_path / "data")
    with pytest.raises(InputError, match="own layout"):
        pack([tmp_path], tmp_path / "other", mib=20)


def test_a_pack_holds_weights_to_start_from(data: Path, tmp_path: Path) -> None:
    pack([data], tmp_path / "pack", mib=30, preset="small", init="imagenet")
    network, preset = load(tmp_path / "pack" / "init.safetensors", expect="small")
    assert preset == "small"
    assert size_of(tmp_path / "pack") <= 30 * 2**20
    assert network.config.backbone is not None


def test_tracks_of_one_video_share_their_frames() -> None:
    frames = [np.full((4, 4, 3), i, np.uint8) for i in range(9)]
    runs = [frames[3:7], frames[0:5], frames[6:9]]
    assert [int(f[0, 0, 0]) for f in in_order(runs)] == list(range(9))
    starts = (3, 0, 6)
    tracks = [
        Track(f"a#{i}", run, np.array([(start + k, 1, 9, 9) for k in range(len(run))], float), [])
        for i, (start, run) in enumerate(zip(starts, runs, strict=True))
    ]
    (footage,) = found_sequences([*tracks])
    assert footage.name == "a"
    for name, start, run in zip(sorted(footage.truths), starts, runs, strict=True):
        seen = np.flatnonzero(np.isfinite(footage.truths[name]).all(1))
        assert seen.tolist() == list(range(start, start + len(run)))
        assert footage.truths[name][seen, 0].tolist() == seen.tolist()


def test_parts_are_limited_and_make_the_checkpoint_again(tmp_path: Path) -> None:
    network = tiny.network()
    state = {f"network.{k}": v for k, v in network.state_dict().items()}
    state |= {f"average.{k}": v + 1 for k, v in network.state_dict().items()}
    state |= {f"adam.exp_avg.{i}": torch.randn(300, 300) for i in range(9)}
    whole = tmp_path / "whole.safetensors"
    write_tensors(state, whole, {"format": "any", "step": "7"})
    parts = checkpoint_parts.split(whole, tmp_path / "parts", mib=1)
    assert len(parts) >= 4
    assert all(path.stat().st_size <= 2**20 for path in parts)
    first, _ = read_tensors(parts[0])
    assert set(first) == {name for name in state if not name.startswith("adam.")}
    checkpoint_parts.join(tmp_path / "parts", tmp_path / "again.safetensors")
    again, header = read_tensors(tmp_path / "again.safetensors")
    assert header == {"format": "any", "step": "7"}
    assert again.keys() == state.keys()
    assert all(torch.equal(again[name], state[name]) for name in state)
    parts[1].unlink()
    with pytest.raises(InputError, match="some are missing"):
        checkpoint_parts.join(tmp_path / "parts", tmp_path / "again.safetensors")
    with pytest.raises(InputError, match="does not hold the parts"):
        checkpoint_parts.join(tmp_path / "nowhere", tmp_path / "again.safetensors")
    with pytest.raises(InputError, match="alone takes"):
        checkpoint_parts.split(whole, tmp_path / "few", mib=0.4)
