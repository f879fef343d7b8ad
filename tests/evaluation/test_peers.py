from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from model.errors import InputError, WeightsError
from model.evaluation.peers import (
    PEERS,
    OpenCVTracker,
    Peer,
    expand_peers,
    open_peer,
    open_trackers,
    shown_names,
)
from model.evaluation.runner import run_sequence
from model.evaluation.sequences import read_sequence
from model.network import SpaceTimeNetwork
from model.presets import preset
from model.states import State
from model.weights import save
from tests.evaluation.scenes import draw_sequence


class Raises:
    """A tracker of OpenCV that gives up, at its start or later."""

    def __init__(self, at_start: bool) -> None:
        self.at_start = at_start

    def init(self, image: np.ndarray, box: tuple[int, ...]) -> None:
        if self.at_start:
            raise cv2.error("no features")

    def update(self, image: np.ndarray) -> tuple[bool, tuple[int, ...]]:
        raise cv2.error("no features")


class Remembers:
    """Keeps the box it was started on."""

    def init(self, image: np.ndarray, box: tuple[int, ...]) -> None:
        self.box = box

    def update(self, image: np.ndarray) -> tuple[bool, tuple[int, ...]]:
        return True, self.box


def test_opencv_follows_a_drawn_square_and_starts_over(tmp_path: Path) -> None:
    truth = draw_sequence(tmp_path / "s", frames=6)
    sequence = read_sequence(tmp_path / "s")
    (mil,) = open_trackers(["mil"])
    assert (mil.name, mil.ours, mil.state) == ("mil", False, "")
    for start in (0, 2):
        boxes = []
        # it draws its samples at random, and one box in six is far off
        for _ in range(15):
            mil.init(sequence.read(start), tuple(truth[start]))
            found, box = mil.update(sequence.read(start + 1))
            assert found
            boxes.append(box)
            assert mil.score is None, "MIL has no score"
        assert np.abs(np.median(boxes, axis=0) - truth[start + 1]).max() < 8


def test_boxes_reach_opencv_whole_and_inside_the_frame() -> None:
    tracker = OpenCVTracker("r", Remembers)
    frame = np.zeros((100, 200, 3), np.uint8)
    for box, given in [
        ((10.4, 20.6, 30.5, 40.2), (10, 21, 30, 40)),
        ((-10, -20, 40, 50), (0, 0, 30, 30)),
        ((190, 90, 40, 50), (190, 90, 10, 10)),
        ((50, 50, 0.2, 0.2), (50, 50, 1, 1)),
    ]:
        tracker.init(frame, box)
        assert tracker.update(frame) == (True, given)


@pytest.mark.parametrize("at_start", [True, False])
def test_an_error_inside_opencv_is_a_frame_without_a_box(at_start: bool) -> None:
    tracker = OpenCVTracker("r", lambda: Raises(at_start))
    frame = np.zeros((100, 200, 3), np.uint8)
    tracker.init(frame, (10, 10, 20, 20))
    assert tracker.update(frame)[0] is False
    assert tracker.score is None


def test_a_tracker_that_this_opencv_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEERS, "gone", Peer("nowhere.TrackerGone", "in contrib"))
    monkeypatch.setitem(PEERS, "old", Peer("TrackerGone", "in the core", contrib=False))
    with pytest.raises(InputError, match=r"no gone tracker.*pip install --no-deps .*contrib") as e:
        open_trackers(["mil", "gone"])
    assert cv2.__version__ in str(e.value)
    with pytest.raises(InputError, match=r"no old tracker.*--upgrade opencv-python"):
        open_peer("old")


def test_nanotrack_needs_its_weights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="as --peer-weights"):
        open_trackers(["nanotrack2"])
    with pytest.raises(InputError, match=r"nanotrack_v2_backbone.onnx is missing"):
        open_trackers(["nanotrack2"], peer_weights=tmp_path)


def test_no_tracker_and_one_named_twice() -> None:
    with pytest.raises(InputError, match="no tracker"):
        open_trackers([])
    with pytest.raises(InputError, match="Two trackers would be reported as mil"):
        open_trackers(["mil", "mil"])


def test_scores_below_zero_are_none() -> None:
    class Scored(Remembers):
        def getTrackingScore(self) -> float:  # noqa: N802
            return self.value

    made = Scored()
    tracker = OpenCVTracker("s", lambda: made)
    frame = np.zeros((50, 50, 3), np.uint8)
    tracker.init(frame, (1, 1, 9, 9))
    for value, score in [(0.25, 0.25), (-1.0, None)]:
        made.value = value
        tracker.update(frame)
        assert tracker.score == score


def test_our_own_tracker_by_weights_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    save(SpaceTimeNetwork(preset("nano").network), tmp_path / "mine.safetensors", preset="nano")
    (own,) = open_trackers([], weights=[tmp_path / "mine.safetensors"], device="cpu")
    assert (own.name, own.ours) == ("mine", True)
    for name, size in (("small", (96, 128)), ("large", (120, 160))):
        draw_sequence(tmp_path / name, frames=4, size=size)
    small, large = (read_sequence(tmp_path / n) for n in ("small", "large"))
    first, second, other = (
        next(run_sequence([own], s, starts=1)) for s in (small, small, large)
    )  # sequences of another size follow without a new tracker
    assert ((first.scores[1:] >= 0) & (first.scores[1:] <= 1)).all()
    assert set(first.states[1:]) <= set(State)
    assert np.isfinite(other.boxes).all()
    np.testing.assert_allclose(second.boxes, first.boxes, err_msg="a start remembers the last")
    with pytest.raises(InputError, match="Two trackers"):
        open_trackers([str(tmp_path / "mine.safetensors")], weights=[tmp_path / "mine.safetensors"])


def test_a_tracker_that_is_neither_peer_nor_preset_nor_file() -> None:
    with pytest.raises(InputError, match=r"no tracker named nobody.*nano.*csrt"):
        open_trackers(["nobody"])
    with pytest.raises(WeightsError, match=r"no weights at nobody\.safetensors"):
        open_trackers(["nobody.safetensors"])


def test_files_are_shown_by_their_stem_and_told_apart_by_their_folder(tmp_path: Path) -> None:
    assert shown_names(["nano", "x/mine.safetensors", "csrt"]) == ["nano", "mine", "csrt"]
    files = [str(tmp_path / run / "best.safetensors") for run in ("a", "b")]
    assert shown_names([*files, "mil"]) == ["a-best", "b-best", "mil"]
    assert shown_names(["nano", str(tmp_path / "run" / "nano.safetensors")]) == ["nano", "run-nano"]


def test_all_peers_that_can_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PEERS, "gone", Peer("nowhere.TrackerGone", "in contrib"))
    names, left_out = expand_peers(["nano", "peers", "mil"], None)
    assert names[0] == "nano"
    assert names.count("mil") == 1, "named anyway"
    sentences = {sentence.split()[0]: sentence for sentence in left_out}
    assert {"gone", "nanotrack1", "nanotrack2"} <= set(sentences)
    assert "--peer-weights" in sentences["nanotrack1"]
    assert set(names) | set(sentences) == {"nano", *PEERS}
    assert expand_peers(["mil"], None) == (["mil"], [])
