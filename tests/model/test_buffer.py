"""The rolling buffer: who leaves, who stays, and that the steady state allocates nothing."""

import numpy as np
import pytest
import torch

from model.buffer import Entry, RollingBuffer, banded_visibility
from tests.model.tiny import config

CONFIG = config()


def empty(slots: int) -> RollingBuffer:
    return RollingBuffer(CONFIG, slots, device=torch.device("cpu"), dtype=torch.float32)


def write(
    buffer: RollingBuffer, row: int, frame: int, *, pinned: bool = False, padded: bool = False
) -> int | None:
    """Let a frame in whose keys all hold its number; return its slot."""
    slot = buffer.rows[row].slot_for_new()
    if slot is not None:
        value = torch.full((1, CONFIG.heads, 1, 16, 8), float(frame))
        entry = Entry(frame, frame / 25, 0.9, np.zeros((1, 1, 3), np.uint8), pinned)
        inside = torch.arange(16)[None, None] < 8 if padded else None
        buffer.write(row, slot, [(value, -value)] * CONFIG.depth, entry, inside)
    return slot


def held(buffer: RollingBuffer, row: int) -> list[int]:
    """Numbers of the frames whose keys a target would look at, by slot."""
    keys = buffer.memory(range(len(buffer.rows)), 100)
    for block in keys:
        assert torch.equal(block.k, -block.v)
    return [int(k[0, 0, 0]) for k, seen in zip(
        keys[0].k[row].movedim(1, 0), keys[0].visible[row, 0], strict=True) if seen]  # fmt: skip


def pointers(buffer: RollingBuffer) -> list[int]:
    keys = buffer.memory(range(len(buffer.rows)), 0)
    return [t.data_ptr() for block in keys for t in (block.k, block.v)]


def test_the_oldest_frame_leaves_and_the_first_stays() -> None:
    buffer = empty(3)
    buffer.add_row()
    slots = [write(buffer, 0, frame, pinned=frame == 0) for frame in range(6)]
    assert slots == [0, 1, 2, 1, 2, 1]
    assert held(buffer, 0) == [0, 5, 4]


def test_a_pinned_frame_stays_and_a_full_buffer_of_pins_takes_none() -> None:
    buffer = empty(3)
    buffer.add_row()
    for frame in range(3):
        write(buffer, 0, frame, pinned=frame < 2)
    assert [write(buffer, 0, frame) for frame in (3, 4)] == [2, 2]
    assert held(buffer, 0) == [0, 1, 4]
    entry = buffer.rows[0].entries[2]
    assert entry is not None
    entry.pinned = True
    assert write(buffer, 0, 5) is None
    assert held(buffer, 0) == [0, 1, 4]


def test_a_forgotten_frame_is_not_seen_and_its_slot_is_taken_first() -> None:
    buffer = empty(3)
    buffer.add_row()
    for frame in range(3):
        write(buffer, 0, frame, pinned=frame == 0)
    buffer.forget(0, 2)
    assert held(buffer, 0) == [0, 1]
    assert write(buffer, 0, 3) == 2


def test_a_removed_target_s_neighbours_keep_their_frames() -> None:
    buffer = empty(2)
    for row in range(4):
        buffer.add_row()
        write(buffer, row, 10 * row, pinned=True, padded=row == 2)
        write(buffer, row, 10 * row + 1)
    buffer.remove_row(1)
    assert [held(buffer, row) for row in range(3)] == [[0, 1], [20, 21], [30, 31]]
    inside = buffer.memory(range(3), 100)[0].inside
    assert inside is not None
    assert inside.all(-1).tolist() == [[True, True], [False, True], [True, True]]
    assert buffer.add_row() == 3
    assert held(buffer, 3) == []


def test_growing_keeps_what_is_remembered() -> None:
    buffer = empty(2)
    for row in range(5):
        assert buffer.add_row() == row
        write(buffer, row, row + 1, padded=row == 1)
    assert [held(buffer, row) for row in range(5)] == [[1], [2], [3], [4], [5]]
    inside = buffer.memory(range(5), 100)[0].inside
    assert inside is not None
    assert not inside[1, 0].all()


def test_the_steady_state_writes_in_place() -> None:
    buffer = empty(3)
    for row in range(2):
        buffer.add_row()
        write(buffer, row, 0, pinned=True)
    before = pointers(buffer)
    for frame in range(1, 12):
        write(buffer, frame % 2, frame)
    assert pointers(buffer) == before
    shape = buffer.memory(range(2), 12)[0].k.shape
    assert shape == (2, CONFIG.heads, 3, 16, 8)


def test_ages_count_from_the_frame_s_own_number() -> None:
    buffer = empty(3)
    buffer.add_row()
    for frame in (0, 4, 7):
        write(buffer, 0, frame, pinned=frame == 0)
    age = buffer.memory([0, 0], 10)[0].age
    assert age is not None
    assert age.tolist() == [[[10, 6, 3]]] * 2


def test_any_rows_are_those_rows_one_row_many_times_is_no_copy() -> None:
    buffer = empty(2)
    for row in range(4):
        buffer.add_row()
        write(buffer, row, 10 * row, padded=row == 1)
    for dtype in (torch.float32, torch.bfloat16):
        buffer.move(torch.device("cpu"), dtype)
        whole = buffer.memory(range(4), 100)
        for rows in ([2], [1, 2], [3, 3, 3], [3, 1, 1, 0]):
            some = buffer.memory(rows, 100)
            for keys, every in zip(some, whole, strict=True):
                assert torch.equal(keys.k, every.k[rows])
                assert torch.equal(keys.v, every.v[rows])
                assert keys.age is not None
                assert every.age is not None
                assert torch.equal(keys.age, every.age[rows])
                assert torch.equal(keys.visible, every.visible[rows])
                assert (keys.inside is not None) == (1 in rows)
    same = buffer.memory([3, 3, 3], 100)[0].k
    assert same.data_ptr() == buffer.memory([3], 100)[0].k.data_ptr()
    assert same.stride(0) == 0


def test_visibility_of_a_clip_is_a_band_beside_the_first_frame() -> None:
    expected = [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 0, 1, 1, 1]]
    assert banded_visibility(5, 3).int().tolist() == expected
    assert banded_visibility(3, 1).int().tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 1]]


def test_a_buffer_needs_a_slot() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        empty(0)
