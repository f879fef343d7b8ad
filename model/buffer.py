"""The rolling frame buffer: cached keys and values of remembered frames, for every target.

Each frame is encoded once, when it enters; a step then costs the search tokens alone. Tensors have
fixed shapes and are allocated when a target is added, never in the steady state. Slot 0 holds the
first template and is pinned; the others roll.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.attention import Keys
from model.geometry import Box
from model.images import Frame
from model.presets import NetworkConfig
from model.results import SlotInfo


@dataclass
class Entry:
    """What is known of one remembered frame."""

    frame: int
    """Number of the update it was cut in."""
    time: float
    score: float
    thumbnail: Frame
    """The template crop, `(size, size, 3)` RGB."""
    pinned: bool = False
    share: float = 0.0
    """Share of time attention the target's tokens gave it in the last step, 0..1."""
    box: Box = (0.0, 0.0, 0.0, 0.0)
    """xywh in pixels of the crop."""
    given: bool = False
    """Whether the user drew the box."""
    inside: NDArray[np.bool_] | None = None
    """`(1, N)`, False at padding, or None."""


@dataclass
class Row:
    """The remembered frames of one target, by slot."""

    entries: list[Entry | None] = field(default_factory=list)

    def infos(self) -> tuple[SlotInfo, ...]:
        """What is remembered, for those outside."""
        return tuple(
            SlotInfo(slot, entry.time, entry.score, entry.pinned, entry.share)
            for slot, entry in enumerate(self.entries)
            if entry is not None
        )

    def slot_for_new(self) -> int | None:
        """A free slot, else that of the oldest frame that is not pinned, else None."""
        loose = [
            (entry.frame, slot)
            for slot, entry in enumerate(self.entries)
            if entry and not entry.pinned
        ]
        for slot, entry in enumerate(self.entries):
            if entry is None:
                return slot
        return min(loose)[1] if loose else None

    def slot_for(self, slot: int) -> int | None:
        """That slot where it is there and free, else the one for a new frame."""
        is_free = slot < len(self.entries) and self.entries[slot] is None
        return slot if is_free else self.slot_for_new()

    @property
    def first(self) -> int:
        """Number of the update in which the first template was cut."""
        entry = self.entries[0]
        assert entry is not None
        return entry.frame


@dataclass(frozen=True, eq=False)
class KeptRow:
    """A copy of one target's remembered frames, their numbers counted from when it was made.

    Copies lie in the memory of the host, which outlasts that of a device, and is larger.
    """

    entries: tuple[Entry | None, ...]
    tensors: tuple[Tensor, ...]
    """The target's part of each tensor of the buffer."""
    padded: bool

    @property
    def slots(self) -> int:
        """Slots it was made with."""
        return len(self.entries)


@dataclass(frozen=True, eq=False)
class KeptSlot:
    """A copy of one remembered frame.

    Numbers of updates in it count from the first template, which goes along wherever a target's
    memory is carried.
    """

    slot: int
    entry: Entry
    keys: tuple[tuple[Tensor, Tensor], ...]
    """Keys and values, `(1, heads, 1, N, d)`, for each block."""
    inside: Tensor
    """`(N,)` bool, False at padding."""
    made: int
    """Number of the last update when it was made."""


def banded_visibility(frames: int, slots: int) -> Tensor:
    """What each remembered frame sees when the first is pinned and `slots` are kept.

    Returns:
        `(frames, frames)` bool: row `f` is True at the frames in the buffer when `f` enters, and at
        `f` itself. With this the whole clip at once equals streaming through `RollingBuffer`.
    """
    visible = torch.eye(frames, dtype=torch.bool)
    for f in range(1, frames):
        visible[f, 0] = True
        visible[f, max(1, f - slots + 1) : f] = True
    return visible


class RollingBuffer:
    """Ring tensors for `slots` remembered frames of a growing number of targets.

    Args:
        config: network whose time attention is cached.
        slots: frames per target, at least 1.
    """

    def __init__(
        self, config: NetworkConfig, slots: int, *, device: torch.device, dtype: torch.dtype
    ) -> None:  # fmt: skip
        if slots < 1:
            raise ValueError(f"A buffer needs at least one slot, not {slots}.")
        self.config, self.slots = config, slots
        self.device, self.dtype = device, dtype
        self.rows: list[Row] = []
        self._allocate(0)

    def _allocate(self, capacity: int) -> None:
        c, device = self.config, self.device
        shape = (capacity, c.heads, self.slots, c.template_grid.tokens, c.dim // c.heads)
        k, v = (
            [torch.zeros(shape, device=device, dtype=self.dtype) for _ in range(c.depth)]
            for _ in range(2)
        )
        filled = torch.zeros(capacity, self.slots, dtype=torch.bool, device=device)
        frame = torch.zeros(capacity, self.slots, device=device)
        inside = torch.ones(capacity, self.slots, shape[3], dtype=torch.bool, device=device)
        # all or none, if the memory of the device runs out between them
        self._k, self._v, self._filled, self._frame, self._inside = k, v, filled, frame, inside
        self._padded = [False] * capacity

    def _tensors(self) -> list[Tensor]:
        return [*self._k, *self._v, self._filled, self._inside, self._frame]

    def move(self, device: torch.device, dtype: torch.dtype) -> None:
        """Go on elsewhere with all that is remembered."""
        k, v = ([kept.to(device, dtype) for kept in each] for each in (self._k, self._v))
        filled, frame, inside = (t.to(device) for t in (self._filled, self._frame, self._inside))
        self._k, self._v = k, v
        self._filled, self._frame, self._inside = filled, frame, inside
        self.device, self.dtype = device, dtype

    def restart(self, device: torch.device, dtype: torch.dtype) -> None:
        """Go on elsewhere with the entries alone, for keys that can be had no more.

        Every entry must be written again before memory is asked for.
        """
        self.device, self.dtype = device, dtype
        self._allocate(len(self._padded))

    def add_row(self) -> int:
        """Make room for one more target; return its row."""
        used = len(self.rows)
        if used == len(self._padded):
            old, padded = self._tensors(), self._padded
            self._allocate(max(1, 2 * used))
            for new, kept in zip(self._tensors(), old, strict=True):
                new[:used] = kept
            self._padded[:used] = padded
        self._filled[used] = False
        self._padded[used] = False
        self.rows.append(Row([None] * self.slots))
        return used

    def remove_row(self, row: int) -> None:
        """Forget a target; the rows after it move up by one."""
        used = len(self.rows)
        for tensor in self._tensors():
            tensor[row : used - 1] = tensor[row + 1 : used].clone()
        del self.rows[row]
        self._padded[row : used - 1] = self._padded[row + 1 : used]

    def copy_row(self, row: int, now: int) -> KeptRow:
        """Copy what is remembered of a target, as of update `now`."""
        tensors = tuple(_on_host(tensor[row]) for tensor in self._tensors())
        tensors[-1].sub_(now)  # numbers of the updates that frames were cut in
        return KeptRow(_moved(self.rows[row].entries, -now), tensors, self._padded[row])

    def put_row(self, kept: KeptRow, now: int) -> int:
        """Go on with a copy, of as many slots, in a new row after update `now`; return the row.

        Tensors of another device or number format are converted.
        """
        row = self.add_row()
        try:
            for tensor, each in zip(self._tensors(), kept.tensors, strict=True):
                tensor[row] = each.to(tensor)
            self._frame[row] += now
        except RuntimeError:
            # a device that fails leaves no half of a row
            del self.rows[row]
            raise
        self._padded[row] = kept.padded
        self.rows[row].entries = list(_moved(kept.entries, now))
        return row

    def copy_slot(self, row: int, slot: int, now: int) -> KeptSlot:
        """Copy a remembered frame, as of update `now`."""
        entry, first = self.rows[row].entries[slot], self.rows[row].first
        assert entry is not None
        part = slice(row, row + 1), slice(None), slice(slot, slot + 1)
        keys = zip(self._k, self._v, strict=True)
        return KeptSlot(
            slot, replace(entry, frame=entry.frame - first),
            tuple((_on_host(k[part]), _on_host(v[part])) for k, v in keys),
            _on_host(self._inside[row, slot]), now - first,
        )  # fmt: skip

    def put_slot(self, row: int, slot: int, kept: KeptSlot, now: int) -> None:
        """Put a copy into a slot after update `now`, in place of what is there.

        Tensors of another device or number format are converted.
        """
        first = self.rows[row].first
        # a share belongs to the step in which it was given
        share = kept.entry.share if now - first == kept.made else 0.0
        entry = replace(kept.entry, frame=kept.entry.frame + first, share=share)
        inside = None if bool(kept.inside.all()) else kept.inside
        self.write(row, slot, list(kept.keys), entry, inside)

    def write(
        self,
        row: int,
        slot: int,
        keys: list[tuple[Tensor, Tensor]],
        entry: Entry,
        inside: Tensor | None = None,
    ) -> None:
        """Put a frame's keys and values, `(1, heads, 1, N, d)` for each block, into a slot."""
        for (k, v), ring_k, ring_v in zip(keys, self._k, self._v, strict=True):
            ring_k[row, :, slot] = k[0, :, 0]
            ring_v[row, :, slot] = v[0, :, 0]
        self._filled[row, slot] = True
        self._frame[row, slot] = entry.frame
        self._inside[row, slot] = True if inside is None else inside.flatten()
        self._padded[row] = self._padded[row] or inside is not None
        self.rows[row].entries[slot] = entry

    def forget(self, row: int, slot: int) -> None:
        """Empty a slot."""
        self._filled[row, slot] = False
        self.rows[row].entries[slot] = None

    def memory(self, rows: Sequence[int], now: int) -> list[Keys]:
        """Cached keys of `rows` for each block, as seen by a frame of number `now`.

        Rows that follow each other, and one row many times (several search regions of one target),
        are views; others are copied.
        """
        pick = _picker(rows)
        visible = pick(self._filled)[:, None]  # (B, 1, slots)
        age = (now - pick(self._frame)).clamp(min=0)[:, None]
        inside = pick(self._inside) if any(self._padded[i] for i in rows) else None
        grid = self.config.template_grid
        return [
            Keys(pick(k), pick(v), grid, visible, age, inside)
            for k, v in zip(self._k, self._v, strict=True)
        ]


def _picker(rows: Sequence[int]) -> Callable[[Tensor], Tensor]:
    """What takes rows of a tensor."""
    first, count = rows[0], len(rows)
    if all(row == first for row in rows):
        return lambda tensor: tensor[first : first + 1].expand(count, *tensor.shape[1:])
    if list(rows) == list(range(first, first + count)):
        return lambda tensor: tensor[first : first + count]
    return lambda tensor: _copied(tensor, list(rows))


def _copied(tensor: Tensor, rows: list[int]) -> Tensor:
    if tensor.device.type == "cpu" and tensor.dtype is not torch.bfloat16:
        # torch would share so small a copy out among threads, and wait for them
        return torch.from_numpy(tensor.numpy()[rows])
    return tensor[rows]


def _on_host(tensor: Tensor) -> Tensor:
    return tensor.to("cpu", copy=True)


def _moved(entries: Sequence[Entry | None], updates: int) -> tuple[Entry | None, ...]:
    """Copies with the numbers of their updates moved."""
    return tuple(
        None if entry is None else replace(entry, frame=entry.frame + updates) for entry in entries
    )
