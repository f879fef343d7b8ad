"""Streaming through the rolling buffer equals the whole clip at once, banded-causal."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from model.attention import Stack, View
from model.buffer import Entry, RollingBuffer, banded_visibility
from model.network import GIVEN, REMEMBERED, SEARCH, SpaceTimeNetwork
from tests.model.tiny import network, tokens

FRAMES = 9
NUMBERS = torch.tensor([0, 1, 3, 4, 9, 20, 21, 40, 90])  # of the updates templates were cut in
LATER = 2
"""A search frame comes this many updates after each template."""
THUMBNAIL = np.zeros((1, 1, 3), np.uint8)


@cache
def shared(reach: int | None) -> SpaceTimeNetwork:
    return network(reach=reach)


@dataclass(frozen=True)
class History:
    """What one target has seen: stem features, boxes and padding of templates and searches."""

    templates: Tensor
    boxes: Tensor
    template_inside: Tensor
    searches: Tensor
    search_inside: Tensor


def history(seed: int, *, padded: bool = True) -> History:
    corner = tokens(1, FRAMES, 2, seed=seed).abs() * 8
    inside = tokens(1, FRAMES, 16, seed=seed + 1) > -1
    search_inside = tokens(1, FRAMES, 64, seed=seed + 2) > -1
    if not padded:
        inside, search_inside = torch.ones_like(inside), torch.ones_like(search_inside)
    return History(
        tokens(1, FRAMES, 16, 24, seed=seed + 3), torch.cat([corner, 30 + corner], -1), inside,
        tokens(1, FRAMES, 64, 24, seed=seed + 4), search_inside,
    )  # fmt: skip


def role_of(frame: int) -> int:
    return GIVEN if frame == 0 else REMEMBERED


def seen_after(frame: int, slots: int) -> list[int]:
    """Templates in the buffer once `frame` came by: the first, and the last `slots - 1`."""
    return sorted({0, *range(max(1, frame - slots + 2), frame + 1)})


@torch.inference_mode()
def whole_clip(net: SpaceTimeNetwork, past: History, slots: int) -> tuple[Tensor, Tensor]:
    """Tokens of every template and of the search frame after each, in one forward."""
    roles = torch.tensor([[role_of(f) for f in range(FRAMES)]])
    embedded = [
        net.embed(past.templates, roles, past.boxes),
        net.embed(past.searches, torch.full((1, FRAMES), SEARCH)),
    ]
    visible = torch.zeros(FRAMES, FRAMES, dtype=torch.bool)
    for frame in range(FRAMES):
        visible[frame, seen_after(frame, slots)] = True
    between = NUMBERS[:, None] - NUMBERS
    itself = torch.eye(FRAMES, dtype=torch.bool)
    views: list[list[View | None]] = [
        [View(banded_visibility(FRAMES, slots), between.clamp(min=0)), None],
        [View(visible, (between + LATER).clamp(min=0)), View(itself, torch.zeros(FRAMES, FRAMES))],
    ]
    stacks = [
        Stack(net.config.template_grid, past.template_inside),
        Stack(net.config.search_grid, past.search_inside),
    ]
    out, _, _ = net.run(embedded, stacks, views)
    return out[0], out[1]


def empty_buffer(net: SpaceTimeNetwork, slots: int) -> RollingBuffer:
    return RollingBuffer(net.config, slots, device=torch.device("cpu"), dtype=torch.float32)


@torch.inference_mode()
def stream_template(
    net: SpaceTimeNetwork, buffer: RollingBuffer, row: int, past: History, frame: int
) -> Tensor:
    """Encode a template against a target's memory, and let it in."""
    one, number = slice(frame, frame + 1), int(NUMBERS[frame])
    memory = buffer.memory([row], number)
    out, keys, _ = net.stream(
        past.templates[:, one], torch.tensor([[role_of(frame)]]), memory,
        boxes=past.boxes[:, one], inside=past.template_inside[:, one],
    )  # fmt: skip
    slot = buffer.rows[row].slot_for_new()
    if slot is not None:
        entry = Entry(number, float(number), 1.0, THUMBNAIL, pinned=frame == 0)
        buffer.write(row, slot, keys, entry, past.template_inside[:, one])
    return out[:, 0]


@torch.inference_mode()
def stream_search(
    net: SpaceTimeNetwork, buffer: RollingBuffer, rows: Sequence[int], now: int,
    features: Tensor, inside: Tensor,
) -> Tensor:  # fmt: skip
    role = torch.full((len(features), 1), SEARCH)
    out, _, shares = net.stream(features, role, buffer.memory(rows, now), inside=inside)
    torch.testing.assert_close(shares.sum(-1), torch.ones(shares.shape[:-1]))
    return out[:, 0]


@pytest.mark.parametrize("slots", [1, 2, 3, 5])
@pytest.mark.parametrize("reach", [0, 1, None])
@pytest.mark.parametrize("padded", [False, True])
def test_streaming_equals_the_whole_clip(slots: int, reach: int | None, padded: bool) -> None:
    net, past = shared(reach), history(0, padded=padded)
    templates, searches = whole_clip(net, past, slots)
    buffer = empty_buffer(net, slots)
    buffer.add_row()
    for frame in range(FRAMES):
        out = stream_template(net, buffer, 0, past, frame)
        assert (out - templates[:, frame]).abs().max() <= 1e-5
        one, now = slice(frame, frame + 1), int(NUMBERS[frame]) + LATER
        found = stream_search(
            net, buffer, [0], now, past.searches[:, one], past.search_inside[:, one]
        )
        assert (found - searches[:, frame]).abs().max() <= 1e-5


@pytest.mark.parametrize("reach", [0, None])
def test_targets_with_different_pasts_share_a_buffer(reach: int | None) -> None:
    net, slots, lengths = shared(reach), 3, (7, 1, 4)
    pasts = [history(10 * i, padded=i != 1) for i in range(3)]
    buffer = empty_buffer(net, slots)
    for row in range(3):
        buffer.add_row()
        for frame in range(lengths[row]):
            stream_template(net, buffer, row, pasts[row], frame)
    # ages are counted from the last template of each, so each target has a time of its own
    for rows in ([0, 1, 2], [2, 0, 0, 1]):
        for place, row in enumerate(rows):
            last = slice(lengths[row] - 1, lengths[row])
            found = stream_search(
                net, buffer, rows, int(NUMBERS[lengths[row] - 1]) + LATER,
                torch.cat([pasts[i].searches[:, last] for i in rows]),
                torch.cat([pasts[i].search_inside[:, last] for i in rows]),
            )[place]  # fmt: skip
            _, searches = whole_clip(net, pasts[row], slots)
            assert (found - searches[0, lengths[row] - 1]).abs().max() <= 1e-5


def test_the_age_of_a_remembered_frame_counts() -> None:
    net, past = shared(None), history(0)
    buffer = empty_buffer(net, 2)
    buffer.add_row()
    stream_template(net, buffer, 0, past, 0)
    soon, late = (
        stream_search(net, buffer, [0], now, past.searches[:, :1], past.search_inside[:, :1])
        for now in (1, 100)
    )
    assert (soon - late).abs().max() > 1e-3
