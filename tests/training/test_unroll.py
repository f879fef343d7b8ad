"""Unrolled clips: each crop around the box before it, the truth where it is, one step per clip."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.geometry import Crop, iou
from model.network import Response, SpaceTimeNetwork
from model.peaks import Maps
from model.presets import PRESETS, Preset, TrackerConfig
from model.training import unroll
from model.training.clips import Clip, ClipConfig
from model.training.config import TrainConfig, UnrollConfig, is_unrolled, unrolled_before
from model.training.distributed import Seat
from model.training.library import Library
from model.training.steps import make_optimizer
from model.training.track import Track
from model.training.unroll import Followed, pick_moments, unrolled_step
from tests.model import tiny

PLAIN = ClipConfig(
    template_shape=tiny.TEMPLATE, search_shape=tiny.SEARCH, grey=0, blur=0, motion_blur=0, noise=0,
    jpeg=0, low_resolution=0,
)  # fmt: skip
CONFIG = TrainConfig(
    preset="tiny", clips=PLAIN, unrolled=1.0, unroll=UnrollConfig(targets=2, fewest=3, most=3)
)


def crossing(frames: int = 12, absent: tuple[int, ...] = ()) -> Track:
    """A magenta board of 40 by 30 pixels that goes right by 4 pixels a frame."""
    rng = np.random.default_rng(0)
    ground = cv2.GaussianBlur(rng.integers(60, 190, (160, 200, 1), dtype=np.uint8), (0, 0), 2)
    images, boxes = [], np.full((frames, 4), np.nan)
    for i in range(frames):
        image = np.repeat(ground[:, :, None], 3, 2)
        if i not in absent:
            image[60:90, 40 + 4 * i : 80 + 4 * i] = (255, 0, 255)
            boxes[i] = (40 + 4 * i, 60, 40, 30)
        images.append(image)
    return Track("board", images, boxes, [])


def magenta_box(image: np.ndarray) -> np.ndarray:
    levels = image.astype(int)
    ys, xs = np.nonzero((levels[:, :, 0] + levels[:, :, 2]) / 2 - levels[:, :, 1] > 60)
    return np.array([xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1], float)


def maps_at(clip: Clip, box: tuple[float, ...], quality: float = 1.0) -> Maps:
    """A network that is sure of a box of the crop."""
    grid = clip.search_inside.shape[0]
    stride = clip.search.shape[0] // grid
    score, boxes = np.zeros((grid, grid), np.float32), np.ones((grid, grid, 4), np.float32)
    j, i = (int((box[k] + box[k + 2] / 2) // stride) for k in (0, 1))
    score[i, j] = 1
    boxes[i, j] = box
    return Maps(score, np.full((grid, grid), quality, np.float32), boxes)


@pytest.mark.parametrize("seed", range(6))
def test_truth_and_own_box_go_with_the_picture(seed: int) -> None:
    """Whether mirrored or not, a network that tells the truth stays on the target."""
    target = Followed(np.random.default_rng(seed), crossing(), [0, 3, 5, 9], PLAIN)
    assert iou(magenta_box(target.templates[0].image), np.array(target.templates[0].box)) > 0.85
    for _ in range(3):
        clip = target.search()
        assert clip.present
        assert iou(magenta_box(clip.search), clip.search_box) > 0.85
        target.take(maps_at(clip, tuple(clip.search_box)), TrackerConfig(smooth=0))
        assert target.truth is not None
        assert iou(np.array(target.box), np.array(target.truth)) > 0.9


def test_both_ways_to_look_at_a_frame_are_drawn() -> None:
    drawn = {
        Followed(np.random.default_rng(s), crossing(), [0, 1], PLAIN).mirrored for s in range(9)
    }
    assert drawn == {True, False}


def test_the_next_crop_is_cut_around_the_networks_own_box() -> None:
    target = Followed(np.random.default_rng(1), crossing(), [0, 1, 2], PLAIN)
    clip = target.search()
    wrong = (4.0, 6.0, 30.0, 34.0)
    before = target.crop
    target.take(maps_at(clip, wrong), TrackerConfig(smooth=0, scale_step=9, aspect_step=9))
    assert target.box == pytest.approx(before.box_to_frame(wrong), abs=1e-3)
    target.search()
    assert target.crop == Crop.around(target.box, tiny.SEARCH)


def test_a_box_the_network_doubts_is_not_followed() -> None:
    target = Followed(np.random.default_rng(1), crossing(), [0, 1, 2], PLAIN)
    held = target.box
    clip = target.search()
    target.take(maps_at(clip, (4.0, 6.0, 30.0, 34.0), quality=0.05), TrackerConfig())
    assert target.box == held


def test_a_target_out_of_the_crop_or_of_the_video_is_absent() -> None:
    target = Followed(np.random.default_rng(2), crossing(absent=(5,)), [0, 5, 6], PLAIN)
    assert not target.search().present
    target.box = (400.0, 400.0, 20.0, 20.0)
    clip = target.search()
    assert target.truth is not None
    assert not clip.present
    assert not clip.search_box.any()


def test_templates_are_cut_at_the_own_box_and_the_first_one_stays() -> None:
    target = Followed(np.random.default_rng(3), crossing(absent=(8,)), [0, 2, 4, 6, 8, 9], PLAIN)
    first = target.templates[0]
    target.search()
    truth = target.truth
    assert truth is not None
    target.box = (truth[0] + 6, truth[1], truth[2], truth[3])
    target.remember()
    shift = target.templates[1].box[0] - magenta_box(target.templates[1].image)[0]
    assert shift == pytest.approx(6 * tiny.TEMPLATE.size / (2 * np.sqrt(40 * 30)), abs=1.5)
    target.search()
    target.box = (0.0, 0.0, 20.0, 20.0)  # off the target: what the truth would have given
    target.remember()
    assert len(target.templates) == 2
    assert iou(magenta_box(target.templates[1].image), np.array(target.templates[1].box)) > 0.5
    assert target.templates[0] is first
    assert target.search().template_ages.tolist() == [6, 2]
    target.search()
    target.remember()
    assert target.templates[1] is first


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 8), frames=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_moments_begin_with_the_target_and_go_one_way(seed: int, count: int, frames: int) -> None:
    boxes = np.full((frames, 4), np.nan)
    boxes[::3] = (1, 1, 9, 9)
    track = Track("", [np.zeros((2, 2, 3), np.uint8)] * frames, boxes, [])
    config = UnrollConfig(longest_gap=4)
    moments = np.array(pick_moments(np.random.default_rng(seed), track, count, config))
    assert len(moments) == count + 1
    assert moments[0] % 3 == 0
    assert ((moments >= 0) & (moments < frames)).all()
    steps = np.diff(moments)
    assert (np.abs(steps) <= 4).all()
    assert (steps >= 0).all() or (steps <= 0).all()
    if frames > 8 * count + 2:
        assert (steps != 0).all()


@given(share=st.floats(0, 1), steps=st.integers(1, 200))
def test_unrolled_steps_are_spread_evenly(share: float, steps: int) -> None:
    config = TrainConfig(unrolled=share)
    flags = [is_unrolled(step, config) for step in range(steps)]
    assert abs(sum(flags) - share * steps) <= 1
    assert sum(flags[: steps // 2]) == unrolled_before(steps // 2, config)


@pytest.fixture
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", Preset("tiny", tiny.config(), TrackerConfig()))


@pytest.mark.usefixtures("tiny_preset")
def test_a_step_sums_the_gradients_of_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backward at once for every frame gives the gradient of the mean over the whole clip."""
    network = tiny.network()
    kept: list[tuple[Clip, ...]] = []
    responses: list[Response] = []
    whole = unroll.collate

    def keep(clips: list[Clip]) -> object:
        kept.append(tuple(clips))
        return whole(clips)

    real = unroll.losses_of

    def watch(*args: object) -> object:
        losses, response = real(*args)  # type: ignore[arg-type]
        responses.append(response)
        return losses, response

    monkeypatch.setattr(unroll, "collate", keep)
    monkeypatch.setattr(unroll, "losses_of", watch)
    optimizer = make_optimizer(network, CONFIG)
    config = replace(CONFIG, lr=0.0, clip_norm=1e9)
    losses = unrolled_step(
        network, Library(tracks=[crossing()]), optimizer, 5, config, Seat(torch.device("cpu"))
    )
    gradients = {n: p.grad.clone() for n, p in network.named_parameters() if p.grad is not None}
    assert len(kept) == 3
    network.zero_grad()
    again = [real(network, whole(c), c[0].templates.shape[0], 5, config)[0] for c in kept]
    total = torch.stack([each.total for each in again]).mean()
    total.backward()  # type: ignore[no-untyped-call]
    assert losses.total.item() == pytest.approx(total.item(), rel=1e-4)
    assert gradients
    for name, parameter in network.named_parameters():
        if parameter.grad is not None:
            torch.testing.assert_close(gradients[name], parameter.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.usefixtures("tiny_preset")
def test_a_step_learns_and_depends_on_its_number_alone() -> None:
    def run(step: int) -> tuple[float, SpaceTimeNetwork]:
        network = tiny.network().train()
        optimizer = make_optimizer(network, CONFIG)
        library = Library(unlabelled=[crossing()])
        losses = unrolled_step(network, library, optimizer, step, CONFIG, Seat(torch.device("cpu")))
        return losses.total.item(), network

    (first, network), (again, other), (another, _) = run(7), run(7), run(8)
    assert first == pytest.approx(again, rel=1e-5)
    assert first != pytest.approx(another, rel=1e-5)
    before = tiny.network().state_dict()
    moved = [n for n, v in network.state_dict().items() if not torch.equal(v, before[n])]
    assert any(name.startswith("head.") for name in moved)
    for name, value in other.state_dict().items():
        torch.testing.assert_close(value, network.state_dict()[name], rtol=1e-4, atol=1e-6)
