"""ONNX Runtime gives what torch gives, whatever is remembered, padded or forgotten."""

from functools import lru_cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model import InputError, Tracker
from model.buffer import Entry, RollingBuffer
from model.geometry import Box, box_cover
from model.images import Frame
from model.network import GIVEN, REMEMBERED, SpaceTimeNetwork, fuse, target_mask
from model.presets import TrackerConfig, preset
from model.runtime import make_runner
from model.runtime.base import Found, Runner
from tests.model.tiny import config, network, randomise, scene

TOLERANCE = 2e-3
SLOTS = 3
BOX: Box = (30.0, 35.5, 50.0, 61.0)
FIELDS = ("score", "quality", "boxes", "descriptors", "shares")


@lru_cache(maxsize=2)
def runners(preset_name: str) -> tuple[SpaceTimeNetwork, Runner, Runner]:
    """A preset's network with random weights, in torch and in ONNX Runtime."""
    torch.manual_seed(1)
    made = SpaceTimeNetwork(preset(preset_name).network)
    for part in (made.blocks, made.head, made.norm):
        randomise(part)
    for name, values in made.named_buffers():
        if name.endswith("running_mean"):
            torch.nn.init.uniform_(values, -0.2, 0.2)
        if name.endswith("running_var"):
            torch.nn.init.uniform_(values, 0.7, 1.5)
    made = fuse(made).requires_grad_(False)
    return (
        made,
        make_runner(made, SLOTS, runtime="torch"),
        make_runner(made, SLOTS, runtime="onnx", threads=1),
    )


def picture(random: np.random.Generator, size: int) -> Frame:
    return random.integers(0, 256, (size, size, 3), np.uint8)


def padding(random: np.random.Generator, count: int, tokens: int) -> NDArray[np.bool_]:
    return random.random((count, tokens)) > 0.3


def remember(
    name: str, buffer: RollingBuffer, row: int, slot: int, now: int, *, padded: bool, box: Box = BOX
) -> None:
    """Encode a random template in both runtimes, compare them, and put it into the buffer."""
    net, reference, runner = runners(name)
    random = np.random.default_rng(now)
    shape = net.config.template
    inside = padding(random, 1, shape.grid**2) if padded else None
    memory = buffer.memory([row], now) if slot else None
    crop, role = picture(random, shape.size), REMEMBERED if slot else GIVEN
    expected = reference.encode(crop, box, role, inside, memory)
    found = runner.encode(crop, box, role, inside, memory)
    np.testing.assert_allclose(found.descriptor, expected.descriptor, atol=TOLERANCE)
    assert len(found.keys) == net.config.depth
    for ours, theirs in zip(found.keys, expected.keys, strict=True):
        torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=0)
    entry = Entry(now, float(now), 1.0, crop)
    kept = None if inside is None else torch.from_numpy(inside)
    buffer.write(row, slot, found.keys, entry, kept)


def search_both(name: str, buffer: RollingBuffer, rows: int | list[int], *, padded: bool) -> Found:
    """Search random regions in both runtimes, compare them, and return what was found."""
    net, reference, runner = runners(name)
    random = np.random.default_rng(99)
    count = rows if isinstance(rows, int) else len(rows)
    crops = [picture(random, net.config.search.size) for _ in range(count)]
    inside = padding(random, count, net.config.search.grid**2) if padded else None
    if inside is not None:
        inside[-1] = False  # a crop wholly outside the frame
    memory = buffer.memory(range(rows) if isinstance(rows, int) else rows, 40)
    expected, found = (each.search(crops, inside, memory) for each in (reference, runner))
    for field in FIELDS:
        ours, theirs = getattr(found, field), getattr(expected, field)
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE, err_msg=field)
    return found


@torch.inference_mode()
@pytest.mark.parametrize("name", ["nano", "small"])
def test_both_runtimes_give_the_same_from_pixels_to_boxes(name: str) -> None:
    net = runners(name)[0]
    buffer = RollingBuffer(
        net.config, SLOTS, device=torch.device("cpu"), dtype=torch.float32
    )  # fmt: skip
    for _ in range(3):
        buffer.add_row()
    remember(name, buffer, 0, 0, 0, padded=False)
    alone = search_both(name, buffer, 1, padded=False)
    assert np.ptp(alone.score) > 20 * TOLERANCE  # else equality would say little
    assert (alone.shares[..., 1:] == 0).all()
    remember(name, buffer, 1, 0, 1, padded=False)
    remember(name, buffer, 2, 0, 2, padded=True, box=(-20.0, 90.0, 90.0, 60.0))
    remember(name, buffer, 0, 1, 5, padded=False)
    remember(name, buffer, 0, 2, 9, padded=True)
    remember(name, buffer, 2, 1, 11, padded=False)
    filled = search_both(name, buffer, 3, padded=False)
    assert (filled.shares[0].max(0) > 0.01).all()
    search_both(name, buffer, 3, padded=True)
    buffer.forget(0, 1)
    forgotten = search_both(name, buffer, 3, padded=False)
    assert (forgotten.shares[0, :, 1] == 0).all()
    # several regions of one target, and more than are run at once
    search_both(name, buffer, [2, 0, 0, 0, 1], padded=True)


def test_a_tracker_gives_the_same_boxes_in_both_runtimes() -> None:
    settings = TrackerConfig(slots=3, remember_every=2, remember_score=0.0, uncertain_below=0.0,
                             lost_below=0.0, unlike_below=-1.0, distractor_ratio=1.1)  # fmt: skip
    boxes = [scene(0)[1], (100.0, 60.0, 12.0, 40.0), (-4.0, 90.0, 20.0, 20.0)]
    made = [
        Tracker(network(), settings, device="cpu", runtime=runtime, threads=1)
        for runtime in ("torch", "onnx")
    ]
    assert [tracker.runtime for tracker in made] == ["torch", "onnx"]
    for tracker in made:
        for box in boxes:
            tracker.add(scene(0)[0], box)
    for step in range(1, 13):
        if step == 8:
            for tracker in made:
                tracker.forget(1, 2)
                tracker.remove(2)
        expected, found = (tracker.update(scene(step)[0]) for tracker in made)
        assert [r.id for r in found] == [r.id for r in expected]
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.box == pytest.approx(theirs.box, abs=0.5)
            assert ours.score == pytest.approx(theirs.score, abs=TOLERANCE)
            assert ours.state is theirs.state
            assert [s.index for s in ours.slots] == [s.index for s in theirs.slots]
            assert [s.share for s in ours.slots] == pytest.approx(
                [s.share for s in theirs.slots], abs=0.01
            )


def test_a_network_without_convolutions_before_its_tokens_runs_too() -> None:
    net = randomise(SpaceTimeNetwork(config(stem=(), dim=24))).eval()
    crops = [picture(np.random.default_rng(0), 128)]
    buffer = RollingBuffer(net.config, 2, device=torch.device("cpu"), dtype=torch.float32)
    buffer.add_row()
    with torch.inference_mode():
        a, b = (
            make_runner(net, 2, runtime=runtime).search(crops, None, buffer.memory([0], 1))
            for runtime in ("torch", "onnx")
        )
    np.testing.assert_allclose(a.boxes, b.boxes, atol=TOLERANCE)
    np.testing.assert_allclose(a.score, b.score, atol=TOLERANCE)


def test_what_cannot_be_had_is_told() -> None:
    with pytest.raises(InputError, match=r"no runtime 'tpu'; choose one of auto, torch, onnx"):
        make_runner(network(), 2, runtime="tpu")
    with pytest.raises(InputError, match=r"the network stands on cpu; use runtime 'torch'\.$"):
        make_runner(network(), 2, runtime="graph")
    with pytest.raises(InputError, match="0 threads"):
        make_runner(network(), 2, threads=0)
    with pytest.raises(InputError, match="does not look at every place; use runtime 'torch'"):
        make_runner(network(reach=1), 2, runtime="onnx")
    with pytest.raises(InputError, match="bfloat16, not float32"):
        make_runner(network().bfloat16(), 2, runtime="onnx")
    for net in (network(reach=1), network().bfloat16()):
        assert make_runner(net, 2).name == "torch"


@settings(max_examples=50)
@given(
    st.tuples(*[st.floats(-300, 300)] * 2, *[st.floats(0, 500)] * 2),
    st.sampled_from([(8, 16), (16, 16), (5, 32)]),
)
def test_the_cover_of_a_box_is_what_the_network_is_given(
    box: tuple[float, float, float, float], shape: tuple[int, int]
) -> None:
    expected = target_mask(torch.tensor(box, dtype=torch.float64), *shape)
    np.testing.assert_allclose(box_cover(box, *shape).ravel(), expected, atol=1e-6)
