"""What a snapshot says of the memory of one target. Pure; no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.overlay import PALETTE, Colour, colour_of
from app.core.player.snapshot import SlotView, Snapshot
from app.ui.canvas.scene import name_of, tint_of
from model.geometry import Crop, cut
from model.images import Frame

FIRST = 0
"""The slot of the first template: what the target is."""


@dataclass(frozen=True)
class Subject:
    """The target whose memory is shown."""

    id: int
    name: str
    tint: Colour


def subject_of(snapshot: Snapshot, id: int | None) -> Subject | None:
    """The target of that id; None where there is none."""
    track = snapshot.document.target(id) if id is not None else None
    mark = next((m for m in snapshot.marks if m.id == id), None)
    if id is None or (track is None and mark is None and id not in snapshot.memory):
        return None
    if track is not None:
        return Subject(id, name_of(id, track.label), PALETTE[track.colour % len(PALETTE)])
    if mark is not None:
        return Subject(id, name_of(id, mark.label), tint_of(mark))
    return Subject(id, name_of(id, ""), colour_of(id))


def in_order(slots: Sequence[SlotView]) -> tuple[SlotView, ...]:
    """The first frame, then the others as they came: the newest is the last."""
    return tuple(sorted(slots, key=lambda slot: (slot.slot != FIRST, slot.frame_time_s)))


def own_share(slots: tuple[SlotView, ...]) -> float | None:
    """The share of attention that stays with the searched frame, 0..1.

    None where a frame has entered since the last step: nothing has looked at it, and the share of
    the frame whose place it took is gone.
    """
    if not slots or any(slot.share <= 0 for slot in slots):
        return None
    return min(max(1 - sum(slot.share for slot in slots), 0.0), 1.0)


def is_same_step(before: Sequence[SlotView], now: Sequence[SlotView]) -> bool:
    """Whether `now` is what is left of `before`, with the shares of the same step."""
    shares = {slot.slot: slot.share for slot in before}
    return bool(before) and all(shares.get(slot.slot) == slot.share for slot in now)


def searched(snapshot: Snapshot, id: int, size: int) -> Frame | None:
    """The region that was searched last for a target, `(size, size, 3)`; None if not known."""
    region = snapshot.search.get(id)
    if snapshot.frame is None or region is None or not (region[2] > 0 and region[3] > 0):
        return None
    x, y, w, h = region
    return cut(snapshot.frame.rgb, Crop(x + w / 2, y + h / 2, max(w, h), size))
