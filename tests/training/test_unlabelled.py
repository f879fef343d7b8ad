"""Tracks from plain videos: on the thing that moves, none where nothing does, found once."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.errors import InputError
from model.geometry import iou
from model.images import Frame
from model.training import unlabelled
from model.training.datasets import Library, Track, load_library
from model.training.unlabelled import unlabelled_tracks
from model.training.unlabelled_motion import scenes
from model.weights import sha256
from tests.app.clips import cut_off, encode

WIDTH, HEIGHT, COUNT = 320, 240, 60


def texture(seed: int, width: int, height: int, low: int, high: int) -> Frame:
    rng = np.random.default_rng(seed)
    small = rng.integers(low, high, (height // 6, width // 6, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def passing(pan: float = 0.0, speed: float = 4.0) -> tuple[list[Frame], np.ndarray]:
    """A bright board that crosses a dark picture, seen by a camera that pans; and its boxes."""
    scenery, board = texture(1, 600, HEIGHT, 10, 120), texture(2, 60, 48, 130, 255)
    images, boxes = [], []
    for i in range(COUNT):
        matrix = np.array([[1, 0, -pan * i], [0, 1, 0]])
        image = cv2.warpAffine(scenery, matrix, (WIDTH, HEIGHT))
        x, y = round(20 + speed * i), round(80 + 0.8 * i)
        image[y : y + 48, x : x + 60] = board
        images.append(image)
        boxes.append((x, y, 60, 48))
    return images, np.array(boxes, float)


def panning(count: int = COUNT) -> list[Frame]:
    """Boards on a wall, and a camera that passes by at 4 pixels per frame."""
    scenery = texture(5, 600, HEIGHT, 90, 120)
    for index, colour in enumerate([(250, 60, 40), (40, 220, 60), (60, 80, 250), (250, 230, 40)]):
        board = np.array(colour) - texture(index, 66, 54, 0, 30)
        x, y = 160 + 90 * index, 40 + 70 * (index % 2)
        scenery[y : y + 54, x : x + 66] = np.clip(board, 0, 255)
    return [np.ascontiguousarray(scenery[:, 4 * i : 4 * i + WIDTH]) for i in range(count)]


def overlaps(track: Track, images: list[Frame], truth: np.ndarray) -> np.ndarray:
    """Overlap of each box with the truth of the frame that it lies on, found by its picture."""
    small = np.stack([cv2.resize(i, (40, 30)).astype(float) for i in images])
    numbers = [
        np.abs(small - cv2.resize(f, (40, 30))).mean((1, 2, 3)).argmin() for f in track.frames
    ]
    return iou(track.boxes, truth[numbers])


@pytest.mark.parametrize("pan", [0.0, 1.5])
def test_what_moves_is_followed(tmp_path: Path, pan: float) -> None:
    images, truth = passing(pan)
    encode(tmp_path / "a.mp4", images)
    tracks = unlabelled_tracks(tmp_path)
    best = max(tracks, key=lambda track: overlaps(track, images, truth).mean())
    assert len(best.frames) == len(best.boxes) >= 35
    assert overlaps(best, images, truth).min() > 0.7
    assert best.seen.tolist() == list(range(len(best.frames)))
    assert best.cutouts == []


def test_large_frames_are_made_smaller_and_their_boxes_with_them(tmp_path: Path) -> None:
    images, truth = passing()
    images = images[:32]
    encode(tmp_path / "a.mp4", [cv2.resize(image, (800, 600)) for image in images])
    track = unlabelled_tracks(tmp_path)[0]
    assert track.frames[0].shape == (480, 640, 3)
    doubled = [cv2.resize(image, (640, 480)) for image in images]
    assert overlaps(track, doubled, 2 * truth).min() > 0.7


def test_a_still_picture_gives_nothing(tmp_path: Path) -> None:
    images, _ = passing(speed=0)
    encode(tmp_path / "a.mp4", [images[0]] * COUNT)
    encode(tmp_path / "b.mp4", [np.zeros_like(images[0])] * COUNT)
    assert unlabelled_tracks(tmp_path) == []


def test_a_piece_of_the_scenery_counts_where_the_camera_moves(tmp_path: Path) -> None:
    encode(tmp_path / "a.mp4", panning())
    tracks = unlabelled_tracks(tmp_path)
    assert tracks
    for track in tracks:
        steps = np.diff(track.boxes[:, :2], axis=0)
        assert np.median(steps, axis=0) == pytest.approx([-4, 0], abs=0.2)


def test_scenes_end_at_cuts_and_go_on_through_pans(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", [*panning(30), *passing()[0]])
    found = list(scenes(path, 25, 1000))
    assert [(scene.start, len(scene.frames)) for scene in found] == [(0, 30), (30, COUNT)]
    assert [len(scene.frames) for scene in scenes(path, 25, 70)] == [30, 40]


def test_a_track_does_not_go_on_across_a_cut(tmp_path: Path) -> None:
    images, truth = passing()
    encode(tmp_path / "a.mp4", [*images[:30], *panning(30), *images[30:]])
    tracks = unlabelled_tracks(tmp_path)
    on_board = [t for t in tracks if overlaps(t, images, truth).min() > 0.7]
    assert on_board
    assert max(len(t.frames) for t in on_board) <= 30


def test_boxes_are_found_once_and_kept(tmp_path: Path) -> None:
    videos, cache = tmp_path / "videos", tmp_path / "kept" / "tracks.json"
    videos.mkdir()
    encode(videos / "a.mp4", passing()[0])
    told: list[tuple[str, int, int]] = []

    def searching(path: Path, number: int, count: int) -> None:
        told.append((path.name, number, count))

    first = unlabelled_tracks(videos, cache=cache, searching=searching)
    (videos / "a.mp4").rename(videos / "renamed.mp4")
    held = json.loads(cache.read_text())
    (video,) = held["videos"].values()
    video["tracks"] = video["tracks"][:1]
    video["tracks"][0]["boxes"] = [[5, 6, 70, 80]] * 30
    cache.write_text(json.dumps(held))
    again = unlabelled_tracks(videos, cache=cache, searching=searching)
    assert told == [("a.mp4", 1, 1)]  # and none the second time, for nothing is searched
    assert first[0].name == "a#0"
    assert [track.name for track in again] == ["renamed#0"]
    assert (again[0].boxes == (5, 6, 70, 80)).all()
    assert len(again[0].boxes) == 30


def remembered(folder: Path, boxes: np.ndarray, tracks: int = 1) -> Path:
    """A cache that knows the boxes of every video of a folder."""
    row = {"kind": "moving", "start": 0, "size": [WIDTH, HEIGHT], "boxes": boxes.tolist()}
    videos = {sha256(p): {"name": p.name, "tracks": [row] * tracks} for p in folder.glob("*.mp4")}
    cache = folder / "tracks.json"
    cache.write_text(json.dumps({"version": 1, "videos": videos}))
    return cache


def test_frames_are_shared_and_thinned_to_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, truth = passing()
    encode(tmp_path / "a.mp4", images)
    cache = remembered(tmp_path, truth, tracks=2)
    one, two = unlabelled_tracks(tmp_path, cache=cache)
    assert len(one.frames) == COUNT
    assert all(a is b for a, b in zip(one.frames, two.frames, strict=True))
    monkeypatch.setattr(unlabelled, "MOST_FRAMES", 30)
    thin, _ = unlabelled_tracks(tmp_path, cache=cache)
    assert len(thin.frames) == 30
    assert overlaps(thin, images, truth).min() > 0.7
    monkeypatch.setattr(unlabelled, "BUDGET", 20 * images[0].nbytes)
    assert unlabelled_tracks(tmp_path, cache=cache) == []


def test_videos_beyond_the_budget_are_chosen_by_the_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, truth = passing()
    for index, name in enumerate("abc"):
        # another content, so that each has boxes of its own
        encode(tmp_path / f"{name}.mp4", images[index:])
    cache = remembered(tmp_path, truth[: COUNT - 2])
    monkeypatch.setattr(unlabelled, "BUDGET", 70 * images[0].nbytes)
    chosen = {
        tuple(sorted({t.name[0] for t in unlabelled_tracks(tmp_path, seed=s, cache=cache)}))
        for s in range(4)
    }
    assert len(chosen) > 1
    assert all(0 < len(names) < 3 for names in chosen)


def test_non_commercial_videos_are_left_out(tmp_path: Path) -> None:
    images, _ = passing()
    encode(tmp_path / "a.mp4", images)
    encode(tmp_path / "b.mp4", images, crf="20")
    entries = [
        {"file": "a.mp4", "licence": "Some Lab non-commercial licence"},
        {"file": "b.mp4", "licence": "MIT"},
    ]
    (tmp_path / "index.json").write_text(json.dumps(entries))
    assert {track.name.split("#")[0] for track in unlabelled_tracks(tmp_path)} == {"b"}


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_a_damaged_video_is_one_sentence(tmp_path: Path, share: float) -> None:
    cut_off(encode(tmp_path / "broken.mp4", passing()[0]), share)
    with pytest.raises(InputError, match=r"video .*broken.mp4 cannot be read .*; remove it\.$"):
        unlabelled_tracks(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1, "videos": {"a": {"tracks": [3]}}}'])
def test_a_damaged_cache_is_one_sentence(tmp_path: Path, text: str) -> None:
    cache = tmp_path / "tracks.json"
    cache.write_text(text)
    with pytest.raises(InputError, match=r"kept in .* cannot be read .*; remove the file\.$"):
        unlabelled_tracks(tmp_path, cache=cache)


@pytest.mark.parametrize("text", ["{", "3", "[3]", '[{"licence": "non-commercial"}]'])
def test_a_damaged_index_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(InputError, match=r"index.json cannot be read .*give a list"):
        unlabelled_tracks(tmp_path)


def test_a_library_keeps_them_apart(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "images" / "bsds500").mkdir(parents=True)
    encode(tmp_path / "videos" / "a.mp4", passing()[0], g="10")
    picture = texture(9, WIDTH, HEIGHT, 0, 255)
    cv2.imwrite(str(tmp_path / "images" / "bsds500" / "a.jpg"), picture)
    labels = np.ones((HEIGHT, WIDTH), np.uint8)
    cv2.imwrite(str(tmp_path / "images" / "bsds500" / "a.png"), labels)
    library = load_library(tmp_path, found=tmp_path / "found.json")
    assert library.tracks == []
    assert [track.name for track in library.unlabelled] == ["a#0"]
    assert (tmp_path / "found.json").is_file()
    assert load_library(tmp_path, unlabelled=False).unlabelled == []
    assert Library().unlabelled == []
