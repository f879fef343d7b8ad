"""The stateful tracker around small random networks: what holds whatever the weights are."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model import InputError, SingleTracker, State, Tracker, TrackResult
from model.geometry import iou
from model.images import Frame
from model.presets import TrackerConfig
from model.weights import save
from tests.model.tiny import network, scene

EASY = TrackerConfig(
    slots=3, remember_every=1, remember_score=0.0, uncertain_below=0.0, lost_below=0.0,
    unlike_below=-1.0, distractor_ratio=1.1,
)  # fmt: skip
"""Every update is sure, and every frame is remembered."""
BOX = scene(0)[1]
OTHERS = [(10.0, 12.0, 30.0, 18.0), (100.0, 60.0, 12.0, 40.0), (-4.0, 90.0, 20.0, 20.0)]


def tracker(config: TrackerConfig = EASY, *, quality: float | None = None) -> Tracker:
    """A tracker with random weights; `quality` fixes the logit of its score.

    It runs in torch, where a change of the weights shows at once.
    """
    made = Tracker(network(), config, device="cpu", runtime="torch")
    if quality is not None:
        fix_score(made, quality)
    return made


def fix_score(made: Tracker, quality: float) -> None:
    made.network.head.out.weight[1] = 0
    made.network.head.out.bias[1] = quality


def hold_still(made: Tracker) -> None:
    """Make the network answer the middle of each search region, with a high score."""
    made.network.head.out.weight.zero_()
    made.network.head.out.bias.copy_(torch.tensor([0, 6, 0.5, 0.5, 0, 0]))


def remembered(result: TrackResult) -> dict[int, float]:
    return {slot.index: slot.time for slot in result.slots}


def test_results_come_in_order_of_id_with_boxes_states_and_memory() -> None:
    made = tracker()
    frame = scene(0)[0]
    assert [made.add(frame, box, time=0.5) for box in (BOX, *OTHERS)] == [1, 2, 3, 4]
    results = made.update(scene(1)[0], time=1.0)
    assert [r.id for r in results] == made.ids == [1, 2, 3, 4]
    for result in results:
        assert all(math.isfinite(v) for v in result.box)
        assert 0 <= result.score <= 1
        assert result.state is State.TRACKING
        assert result.reason == ""
        assert [(s.index, s.time, s.pinned) for s in result.slots] == [
            (0, 0.5, True),
            (1, 1.0, False),
        ]
        assert 0 < result.slots[0].share < 1
    assert made.update(scene(2)[0])[0].slots[0].score == 1.0


def test_targets_together_are_followed_as_each_alone() -> None:
    frames = [scene(i)[0] for i in range(6)]
    boxes = [BOX, *OTHERS]
    together = tracker()
    for box in boxes:
        together.add(frames[0], box)
    batched = [together.update(frame) for frame in frames[1:]]
    for i, box in enumerate(boxes):
        alone = tracker()
        alone.add(frames[0], box)
        for step, frame in enumerate(frames[1:]):
            single, shared = alone.update(frame)[0], batched[step][i]
            assert shared.box == pytest.approx(single.box, abs=1e-4 * 160)
            assert shared.score == pytest.approx(single.score, abs=1e-4)
            assert remembered(shared) == remembered(single)


def test_a_target_added_or_removed_midway_leaves_the_others_alone() -> None:
    frames = [scene(i)[0] for i in range(6)]
    alone, busy = tracker(), tracker()
    busy.add(frames[0], OTHERS[0])
    for made in (alone, busy):
        made.add(frames[0], BOX)
    for step, frame in enumerate(frames[1:], 1):
        expected, found = alone.update(frame)[0], busy.update(frame)
        followed = next(r for r in found if r.id == 2)
        assert followed.box == pytest.approx(expected.box, abs=0.02)
        if step == 2:
            assert busy.add(frame, OTHERS[1]) == 3
            busy.remove(1)
            assert busy.ids == [2, 3]
    with pytest.raises(InputError, match="no target 1"):
        busy.remove(1)


def test_memory_rolls_and_pinned_frames_stay() -> None:
    made = tracker()
    hold_still(made)
    made.add(scene(0)[0], BOX)
    seen = [remembered(made.update(scene(i)[0], time=float(i))[0]) for i in range(1, 4)]
    assert seen == [{0: 0.0, 1: 1.0}, {0: 0.0, 1: 1.0, 2: 2.0}, {0: 0.0, 1: 3.0, 2: 2.0}]
    made.pin(1, 2)
    assert remembered(made.update(scene(4)[0], time=4.0)[0]) == {0: 0.0, 1: 4.0, 2: 2.0}
    assert remembered(made.update(scene(5)[0], time=5.0)[0]) == {0: 0.0, 1: 5.0, 2: 2.0}
    made.pin(1, 2, pinned=False)
    assert remembered(made.update(scene(6)[0], time=6.0)[0]) == {0: 0.0, 1: 5.0, 2: 6.0}
    made.forget(1, 1)
    with pytest.raises(InputError, match="no frame in slot 1"):
        made.thumbnail(1, 1)
    assert made.thumbnail(1, 2).shape == (64, 64, 3)


@pytest.mark.parametrize("slot", [-1, 2, 99])
def test_slots_that_hold_nothing_are_told(slot: int) -> None:
    made = tracker()
    made.add(scene(0)[0], BOX)
    for act in (made.pin, made.forget, made.thumbnail):
        with pytest.raises(InputError, match=f"no frame in slot {slot}"):
            act(1, slot)
    with pytest.raises(InputError, match="first template cannot be forgotten"):
        made.forget(1, 0)
    with pytest.raises(InputError, match="no target 7"):
        made.pin(7, 0)


def test_a_target_is_lost_kept_in_place_and_found_again() -> None:
    settings = TrackerConfig(slots=3, remember_every=1, lost_after=3, unlike_below=-1.0,
                             distractor_ratio=1.1)  # fmt: skip
    made = tracker(settings, quality=6.0)
    made.add(scene(0)[0], BOX)
    sure = made.update(scene(1)[0])[0]
    assert sure.state is State.TRACKING
    fix_score(made, -6.0)
    found = [made.update(scene(i)[0])[0] for i in range(2, 9)]
    assert [r.state for r in found] == [State.UNCERTAIN] * 2 + [State.LOST] * 5
    for result in found:
        assert result.box == sure.box
        assert result.reason
        assert remembered(result) == remembered(sure)  # memory is frozen
    fix_score(made, 6.0)
    states = [made.update(scene(i)[0])[0].state for i in range(9, 11)]
    assert states == [State.RECOVERED, State.TRACKING]


def test_lost_and_tracked_targets_go_together() -> None:
    settings = TrackerConfig(slots=2, lost_after=1, unlike_below=-1.0, recover_above=0.6)
    made = tracker(settings, quality=-6.0)
    made.add(scene(0)[0], BOX)
    assert made.update(scene(1)[0])[0].state is State.LOST
    fix_score(made, 0.1)  # too low to be found again, enough to be followed
    made.add(scene(1)[0], OTHERS[0])
    for step in range(2, 5):
        lost, other = made.update(scene(step)[0])
        assert lost.state is State.LOST
        assert other.state is not State.LOST
        assert (lost.id, other.id) == (1, 2)


def test_a_lost_target_shows_the_last_sure_box_not_what_was_followed_in_doubt() -> None:
    settings = TrackerConfig(slots=2, lost_after=2, lost_below=0.3, unlike_below=-1.0,
                             distractor_ratio=1.1)  # fmt: skip
    made = tracker(settings, quality=6.0)
    made.add(scene(0)[0], BOX)
    sure = made.update(scene(1)[0])[0].box
    fix_score(made, -0.75)  # a score of 0.32: doubtful, and still followed
    doubtful = made.update(scene(2)[0])[0]
    assert doubtful.state is State.UNCERTAIN
    assert doubtful.box != sure
    fix_score(made, -6.0)
    states = [made.update(scene(i)[0])[0] for i in (3, 4)]
    assert states[-1].state is State.LOST
    assert states[-1].box == sure


@pytest.mark.parametrize("layer", ["head", "stem"])
def test_a_network_that_gives_no_number_loses_the_target_and_nothing_else(layer: str) -> None:
    made = tracker(TrackerConfig(slots=3, lost_after=3))
    made.add(scene(0)[0], BOX)
    weight = made.network.head.out.bias if layer == "head" else made.network.stem.proj.bias
    weight.fill_(float("nan"))
    found = [made.update(scene(i)[0])[0] for i in range(1, 7)]
    assert [r.state for r in found] == [State.UNCERTAIN] * 2 + [State.LOST] * 4
    for result in found:
        assert result.box == BOX
        assert result.score == 0
        assert result.reason == "the network gave no number"


def test_boxes_stay_bounded_when_the_network_always_asks_for_more() -> None:
    made = tracker(quality=6.0)
    made.add(scene(0)[0], BOX)
    made.network.head.out.bias[4:] = 50.0
    sizes = [BOX[2]]
    for _ in range(12):
        x, y, w, h = made.update(scene(1)[0])[0].box
        assert 0 <= x + w / 2 <= 160
        assert 0 <= y + h / 2 <= 120
        assert w <= 160
        assert h <= 120
        sizes.append(math.sqrt(w * h))
        assert sizes[-1] / sizes[-2] <= made.config.scale_step + 1e-6


def test_a_frame_of_another_size_is_refused_and_the_rest_goes_on() -> None:
    made = tracker()
    made.add(scene(0)[0], BOX)
    with pytest.raises(InputError, match="200×120 pixels, those before it were 160×120"):
        made.update(scene(1, size=(120, 200))[0])
    with pytest.raises(InputError, match="those before it"):
        made.add(scene(1, size=(240, 160))[0], BOX)
    assert len(made.update(scene(1)[0])) == 1
    made.reset()
    assert made.ids == []
    assert made.add(scene(0, size=(240, 320))[0], BOX) == 2
    assert len(made.update(scene(1, size=(240, 320))[0])) == 1


@pytest.mark.parametrize(
    "box",
    [(10, 10, 0, 5), (10, 10, 5, -5), (10, math.nan, 5, 5), (10, 10, math.inf, 5),
     (160, 10, 5, 5), (10, -5, 5, 5), (1, 2, 3), (0, 0, 1e200, 1e200),
     (-1e308, 9, 1.5e308, 1)],
)  # fmt: skip
def test_a_box_that_cannot_be_tracked_adds_no_target(box: tuple[float, ...]) -> None:
    made = tracker()
    with pytest.raises(InputError):
        made.add(scene(0)[0], box)
    assert made.ids == []
    assert made.update(scene(0)[0]) == []
    assert made.add(scene(0)[0], BOX) == 1


@pytest.mark.parametrize("box", [(159.5, 119.5, 30, 30), (-9, -9, 10, 10), (0, 0, 160, 120),
                                 (50, 50, 1e-3, 1e-3), (-1e6, 50, 2e6, 1),
                                 (-4e8, -4e8, 1e9, 1e9)])  # fmt: skip
def test_a_box_of_any_shape_that_meets_the_frame_is_followed(box: tuple[float, ...]) -> None:
    made = tracker()
    made.add(scene(0)[0], box)
    for step in range(1, 4):
        x, y, w, h = made.update(scene(step)[0])[0].box
        assert all(math.isfinite(v) for v in (x, y, w, h))
        assert min(w, h) > 0


def test_frames_of_any_kind_are_taken_and_others_refused() -> None:
    made = tracker()
    frame = scene(0)[0]
    made.add(frame, BOX)
    grey = frame[:, :, 0]
    for kind in (grey, np.dstack([frame, grey]), frame.astype(np.uint16) * 257, frame / 255):
        assert len(made.update(kind)) == 1
    for bad in (frame[:0], frame[:, :, :2], np.full(frame.shape, np.nan), frame.astype(int)):
        with pytest.raises(InputError):
            made.update(bad)
    for time in (math.nan, math.inf):
        with pytest.raises(InputError, match="time"):
            made.update(frame, time=time)
    assert len(made.update(frame)) == 1


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "random.safetensors"
    save(network(), path, preset="nano")
    return path


def test_settings_given_at_loading_replace_the_preset_s(weights: Path) -> None:
    made = Tracker.load(weights, device="cpu", precision="float32", slots=7)
    assert (made.preset, made.precision, made.device.type) == ("nano", "float32", "cpu")
    assert made.config.slots == 7
    with pytest.raises(InputError, match="no setting 'slotz'"):
        Tracker.load(weights, device="cpu", slotz=7)
    with pytest.raises(InputError, match="no device 'tpu'"):
        Tracker.load(weights, device="tpu")


@pytest.mark.parametrize(
    ("name", "value"),
    [("slots", 0), ("slots", "2"), ("slots", 2.5), ("slots", 10**9), ("remember_every", True),
     ("recover_after", 0), ("lost_crops", 0), ("widen", 0.0), ("scale_step", math.nan),
     ("window", None)],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_by_name(
    weights: Path, name: str, value: object
) -> None:
    with pytest.raises(InputError, match=f"setting {name} of the tracker cannot be"):
        Tracker.load(weights, device="cpu", **{name: value})


def follow(made: Tracker | SingleTracker, frames: list[Frame]) -> tuple[list[float], list[float]]:
    """Boxes and scores over frames, by either interface."""
    boxes: list[float] = []
    scores: list[float] = []
    if isinstance(made, SingleTracker):
        made.init(frames[0], BOX)
        for frame in frames[1:]:
            boxes += made.update(frame)[1]
            scores.append(made.getTrackingScore())
    else:
        made.add(frames[0], BOX)
        for frame in frames[1:]:
            result = made.update(frame)[0]
            boxes += result.box
            scores.append(result.score)
    return boxes, scores


def test_single_tracker_turns_opencv_s_bgr_into_rgb(weights: Path) -> None:
    rgb = [scene(i)[0] for i in range(4)]
    bgr = [np.ascontiguousarray(frame[:, :, ::-1]) for frame in rgb]
    expected = follow(Tracker.load(weights, device="cpu"), rgb)
    assert follow(SingleTracker(weights, device="cpu"), bgr) == expected
    assert follow(SingleTracker(weights, device="cpu"), rgb)[1] != pytest.approx(
        expected[1], abs=1e-3
    )


def test_single_tracker_has_the_calls_of_opencv_s(weights: Path) -> None:
    single = SingleTracker(weights, device="cpu", runtime="torch")
    frame = scene(0)[0]
    with pytest.raises(InputError, match="init"):
        single.update(frame)
    single.init(frame, BOX)
    assert single.getTrackingScore() == 0
    ok, box = single.update(frame)
    assert ok
    assert len(box) == 4
    assert single.result is not None
    assert single.getTrackingScore() == single.result.score > 0
    # a second init starts on another video
    single.init(scene(0, size=(240, 320))[0], (100, 100, 40, 40))
    assert single.getTrackingScore() == 0
    assert len(single.tracker.ids) == 1
    fix_score(single.tracker, -9.0)
    answers = [single.update(scene(0, size=(240, 320))[0]) for _ in range(20)]
    assert answers[0][0]
    assert not answers[-1][0]
    assert iou(np.array(answers[-1][1]), np.array([100, 100, 40, 40])) == pytest.approx(1)


def test_the_buffer_is_written_in_place_while_tracking() -> None:
    made = tracker()
    made.add(scene(0)[0], BOX)
    for step in range(1, 4):
        made.update(scene(step)[0])
    before = [k.k.data_ptr() for k in made._buffer.memory([0], 0)]
    for step in range(4, 8):
        made.update(scene(step)[0])
    assert [k.k.data_ptr() for k in made._buffer.memory([0], 0)] == before


def test_number_formats_other_than_float32_give_numbers() -> None:
    made = Tracker(network(), EASY, device="cpu", precision="bfloat16")
    made.add(scene(0)[0], BOX)
    for step in range(1, 4):
        result = made.update(scene(step)[0])[0]
        assert all(math.isfinite(v) for v in result.box)
    assert made.precision == "bfloat16"
    assert next(made.network.parameters()).dtype is torch.bfloat16


def test_corrected_target_is_followed_from_there_with_a_new_first_template() -> None:
    made = tracker(quality=6.0)
    hold_still(made)
    made.add(scene(0)[0], BOX, time=0.0)
    made.add(scene(0)[0], OTHERS[0], time=0.0)
    for step in (1, 2):
        before = made.update(scene(step)[0], time=float(step))
    made.pin(1, 2)
    frame, (x, y, w, h) = scene(2)
    right = (x + 30, y + 20, w, h)
    made.correct(1, frame, right, time=2.5)
    corrected, other = made.update(scene(3)[0], time=3.0)
    assert iou(np.array(corrected.box), np.array(right)) > 0.5
    assert remembered(corrected) == {0: 2.5, 1: 3.0, 2: 2.0}
    assert [slot.pinned for slot in corrected.slots] == [True, False, True]
    fresh = tracker()
    fresh.add(frame, right)
    assert np.array_equal(made.thumbnail(1, 0), fresh.thumbnail(1, 0))
    assert other.box == pytest.approx(before[1].box, abs=0.1)
    assert remembered(other)[0] == 0.0


def test_corrected_target_is_no_longer_lost() -> None:
    made = tracker(replace(EASY, lost_below=0.5, lost_after=1, recover_above=2.0), quality=-6.0)
    made.add(scene(0)[0], BOX)
    assert made.update(scene(1)[0])[0].state is State.LOST
    fix_score(made, 6.0)
    made.correct(1, scene(1)[0], scene(1)[1])
    assert made.update(scene(2)[0])[0].state is State.TRACKING


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 5.0), (500.0, 0.0, 5.0, 5.0)])
def test_unusable_correction_changes_nothing(box: tuple[float, ...]) -> None:
    made, plain = tracker(), tracker()
    for each in (made, plain):
        each.add(scene(0)[0], BOX)
    with pytest.raises(InputError, match="box"):
        made.correct(1, scene(0)[0], box)
    with pytest.raises(InputError, match="no target 7"):
        made.correct(7, scene(0)[0], BOX)
    assert made.update(scene(1)[0]) == plain.update(scene(1)[0])
