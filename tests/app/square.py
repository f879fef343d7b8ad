"""A small video of a moving square, and a quick tracker that can follow it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from model.errors import InputError
from model.geometry import Box
from model.images import Frame
from model.inspection import Attention
from model.results import LastLook, SlotInfo
from model.states import State
from model.tracker import TrackResult

WIDTH, HEIGHT, RATE = 320, 180, 30


def square_at(frame: int) -> Box:
    """Where the square of the test video is in a frame."""
    return (40.0 + 2 * (frame % 90), 60.0, 40.0, 40.0)


def write_video(path: Path, frames: int) -> Path:
    """A bright textured square that moves right over a still, noisy ground."""
    rng = np.random.default_rng(1)
    ground = cv2.GaussianBlur(rng.integers(0, 120, (HEIGHT, WIDTH, 3), np.uint8), (0, 0), 3)
    patch = rng.integers(120, 255, (8, 8, 3), np.uint8).repeat(5, 0).repeat(5, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for k in range(frames):
            x, y, w, h = (int(v) for v in square_at(k))
            image = np.asarray(ground).copy()
            image[y : y + h, x : x + w] = patch
            picture = av.VideoFrame.from_ndarray(image, format="rgb24")
            picture.pts, picture.time_base = k, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


Kept = tuple[tuple[SlotInfo, Frame], ...]

Others = Sequence[tuple[Box, float]]


@dataclass(frozen=True)
class Patch:
    """All that a `PatchTracker` knows of one target."""

    look: Frame
    box: Box
    size: tuple[int, ...]
    """Of the frames it is followed in."""
    kept: Kept
    """Remembered frames by slot, with their thumbnails."""
    history: int
    """Depends on each frame and box that led here, and on their order."""
    updates: int = 0

    nbytes = 1 << 20

    def moved(self, box: Box) -> "Patch":
        """As `TargetMemory.moved`."""
        return replace(self, box=box)


@dataclass(frozen=True)
class KeptFrame:
    """A copy of a remembered frame."""

    info: SlotInfo
    picture: Frame

    @property
    def slot(self) -> int:
        return self.info.index

    @property
    def time(self) -> float:
        return self.info.time

    @property
    def pinned(self) -> bool:
        return self.info.pinned


_SLOTS, _REMEMBER_EVERY = 4, 5
_NEAR, _SURE = 16, 0.8


class PatchTracker:
    """Follows by matching the first patch: quick, and good enough here.

    A result's score tells two ways of getting to it apart: it comes from all frames so far.
    """

    preset = "patch"
    device = "cpu"

    def __init__(self) -> None:
        self._targets: dict[int, Patch] = {}
        self._next = 1
        self.seen: list[int] = []
        """Sum of the pixels of each frame it was updated with: tells frames apart."""
        self.times: list[float] = []
        """Time of each frame it was updated with, seconds."""

    @property
    def ids(self) -> list[int]:
        return list(self._targets)

    def add(self, rgb: Frame, box: Box, time: float = 0.0) -> int:
        self._check(rgb)
        self._targets[self._next] = _patch(rgb, box, time)
        self._next += 1
        return self._next - 1

    def correct(self, id: int, rgb: Frame, box: Box, *, time: float | None = None) -> None:
        self._check(rgb)
        self._targets[id] = _patch(rgb, box, time or 0.0)

    def remove(self, id: int) -> None:
        del self._targets[id]

    def update(self, rgb: Frame, time: float = 0.0, others: Others = ()) -> list[TrackResult]:
        self._check(rgb)
        self.seen.append(int(rgb.sum()))
        self.times.append(time)
        results = []
        for number, target in self._targets.items():
            new = _advanced(target, rgb, _found(target, rgb), time)
            self._targets[number] = new
            slots = tuple(slot for slot, _ in new.kept)
            sure = 0.5 + new.history % 1000 / 2000
            results.append(TrackResult(number, new.box, sure, State.TRACKING, "", slots))
        return results

    def memory_of(self, id: int) -> Patch:
        return self._targets[id]

    def restore(self, memory: Patch) -> int:
        if self._targets and next(iter(self._targets.values())).size != memory.size:
            raise InputError("This memory of a target is of frames of another size.")
        self._targets[self._next] = memory
        self._next += 1
        return self._next - 1

    def pin(self, id: int, slot: int, *, pinned: bool = True) -> None:
        target, place = self._targets[id], self._slot(id, slot)
        info, picture = target.kept[place]
        kept = list(target.kept)
        kept[place] = replace(info, pinned=pinned), picture
        self._targets[id] = replace(target, kept=tuple(kept))

    def forget(self, id: int, slot: int) -> None:
        place = self._slot(id, slot)
        if slot == 0:
            raise InputError("The first template cannot be forgotten; remove the target instead.")
        kept = self._targets[id].kept
        self._targets[id] = replace(self._targets[id], kept=kept[:place] + kept[place + 1 :])

    def copy_frame(self, id: int, slot: int) -> KeptFrame:
        info, picture = self._targets[id].kept[self._slot(id, slot)]
        return KeptFrame(info, picture)

    def recall(self, id: int, memory: KeptFrame) -> KeptFrame | None:
        target, left = self._targets[id], None
        free = _free(target.kept, memory.slot)
        if free is None:
            oldest = _oldest(target.kept)
            if oldest is None:
                raise InputError("Every frame in this memory is pinned; let one go first.")
            free, left = oldest[0].index, KeptFrame(*oldest)
        pair = replace(memory.info, index=free), memory.picture
        self._targets[id] = replace(target, kept=_put(target.kept, pair))
        return left

    def slots(self, id: int) -> tuple[SlotInfo, ...]:
        return tuple(slot for slot, _ in self._targets[id].kept)

    def thumbnail(self, id: int, slot: int) -> Frame:
        return self._targets[id].kept[self._slot(id, slot)][1]

    def last_look(self, id: int) -> LastLook | None:
        target = self._targets[id]
        if not target.updates:
            return None
        x, y, w, h = target.box
        region = (x - w / 2, y - h / 2, 2 * w, 2 * h)
        return LastLook(region, np.full((4, 4), 0.5, np.float32), target.box)

    def attention(self, id: int) -> Attention | None:
        target = self._targets[id]
        if not target.updates:
            return None
        slots = [slot.index for slot, _ in target.kept]
        return Attention(
            search=target.look, slots=tuple(slots), templates=tuple(p for _, p in target.kept),
            time=np.full((1, 1, 4, len(slots), 1), 0.5 / len(slots), np.float32),
            own=np.full((1, 1, 4), 0.5, np.float32), space=np.full((1, 1, 4, 4), 0.25, np.float32),
            box=(0.0, 0.0, *target.box[2:]),
        )  # fmt: skip

    def _check(self, rgb: Frame) -> None:
        if any(target.size != rgb.shape for target in self._targets.values()):
            raise InputError("The frame has another size than those before it.")

    def _slot(self, id: int, slot: int) -> int:
        """Place of a slot among those that are filled."""
        for place, (info, _) in enumerate(self._targets[id].kept):
            if info.index == slot:
                return place
        raise InputError(f"Target {id} remembers no frame in slot {slot}.")


def _patch(rgb: Frame, box: Box, time: float) -> Patch:
    x, y, w, h = (round(v) for v in box)
    look = rgb[max(0, y) : y + h, max(0, x) : x + w].copy()
    first = SlotInfo(0, time, 1.0, True, 0.5)
    history = zlib.crc32(repr(box).encode(), zlib.crc32(rgb.tobytes()))
    return Patch(look, box, rgb.shape, ((first, look),), history)


def _found(target: Patch, rgb: Frame) -> Box:
    """Where the patch matches best: near its last place, or anywhere."""
    x, y, w, h = target.box
    near = slice(max(0, round(x) - _NEAR), None), slice(max(0, round(y) - _NEAR), None)
    height, width = target.look.shape[:2]
    part = rgb[near[1], near[0]][: height + 2 * _NEAR, : width + 2 * _NEAR]
    best = 0.0
    if min(part.shape[0] - height, part.shape[1] - width) >= 0:
        _, best, _, (px, py) = cv2.minMaxLoc(
            cv2.matchTemplate(part, target.look, cv2.TM_CCOEFF_NORMED)
        )
    if best < _SURE:
        px, py = cv2.minMaxLoc(cv2.matchTemplate(rgb, target.look, cv2.TM_CCOEFF_NORMED))[3]
        return (float(px), float(py), w, h)
    return (float(px + near[0].start), float(py + near[1].start), w, h)


def _free(kept: Kept, wanted: int = 0) -> int | None:
    """That slot, if it is free, else the first that is."""
    used = {slot.index for slot, _ in kept}
    return next((k for k in (wanted, *range(_SLOTS)) if k not in used), None)


def _oldest(kept: Kept) -> tuple[SlotInfo, Frame] | None:
    """The oldest that is not pinned: it leaves for a new one."""
    loose = [pair for pair in kept if not pair[0].pinned]
    return min(loose, key=lambda pair: pair[0].time, default=None)


def _put(kept: Kept, new: tuple[SlotInfo, Frame]) -> Kept:
    """With `new` in place of what is in its slot."""
    others = [pair for pair in kept if pair[0].index != new[0].index]
    return tuple(sorted((*others, new), key=lambda pair: pair[0].index))


def _advanced(target: Patch, rgb: Frame, box: Box, time: float) -> Patch:
    updates, kept = target.updates + 1, target.kept
    if updates % _REMEMBER_EVERY == 0:
        free, oldest = _free(kept), _oldest(kept)
        if free is None and oldest is not None:
            free = oldest[0].index
        if free is not None:
            kept = _put(kept, (SlotInfo(free, time, 0.9, False, 0.5), target.look))
    history = zlib.crc32(rgb.tobytes(), target.history)
    return replace(target, box=box, kept=kept, history=history, updates=updates)
