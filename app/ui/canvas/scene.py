"""What is to be painted of a snapshot: one item per target that shows. No Qt."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.overlay import PALETTE, Colour, Mark, colour_of
from app.core.player.document import STATES, TargetTrack, TrackColumns
from app.core.player.snapshot import Response, Snapshot
from app.ui.canvas.options import ViewOptions
from model.geometry import Box

_LOST = STATES.index("lost")


@dataclass(frozen=True)
class Trail:
    """Centres a target had, oldest first."""

    points: NDArray[np.float64]
    """`(N, 2)`, pixels of the frame; NaN where it was lost."""
    strength: NDArray[np.float64]
    """`(N,)` of 0..1, growing towards now."""


@dataclass(frozen=True)
class Item:
    """One target as it is to look."""

    id: int
    box: Box
    """Pixels of the frame."""
    tint: Colour
    state: str
    caption: str
    is_selected: bool = False
    trail: Trail | None = None
    region: Box | None = None
    """Where the tracker looked for it."""
    response: Response | None = None


def shown_marks(snapshot: Snapshot) -> tuple[Mark, ...]:
    """The marks of targets that are not hidden, with boxes that can be drawn."""
    hidden = {t.id for t in snapshot.document.targets if not t.visible}
    return tuple(
        m for m in snapshot.marks
        if m.id not in hidden and all(math.isfinite(v) for v in m.box)
    )  # fmt: skip


def items_of(
    snapshot: Snapshot,
    options: ViewOptions,
    *,
    selection: int | None,
    edited: Mapping[int, Box],
    words: Mapping[str, str],
) -> tuple[Item, ...]:
    """The targets to paint, the selected one last, so that it lies on top.

    Args:
        snapshot: what the player shows.
        options: what the user wants to see.
        selection: id of the selected target.
        edited: boxes that replace those of the snapshot, by id.
        words: what to call a state in a caption; a state that is not in it is not named.
    """
    tracks = {track.id: track for track in snapshot.document.targets}
    now = snapshot.frame.index if snapshot.frame is not None else 0
    items = [
        Item(
            id=mark.id,
            box=edited.get(mark.id, mark.box),
            tint=tint_of(mark),
            state=mark.state,
            caption=caption_of(mark, words, show_score=options.show_scores),
            is_selected=mark.id == selection,
            trail=_trail(tracks.get(mark.id), now, options),
            region=snapshot.search.get(mark.id) if options.show_search else None,
            response=snapshot.responses.get(mark.id) if options.show_response else None,
        )
        for mark in shown_marks(snapshot)
    ]
    return tuple(sorted(items, key=lambda item: item.is_selected))


def tint_of(mark: Mark) -> Colour:
    """The colour of a target: the one chosen for it, or that of its id."""
    return colour_of(mark.id) if mark.colour is None else PALETTE[mark.colour % len(PALETTE)]


def name_of(target: int, label: str) -> str:
    """What to call a target: `#1 car`."""
    return f"#{target} {label}".rstrip()


def caption_of(mark: Mark, words: Mapping[str, str], *, show_score: bool) -> str:
    """The text beside a box: `#1 car 0.87`, and the state where there is a word for it."""
    score = f"{mark.score:.2f}" if show_score else ""
    parts = (f"#{mark.id}", mark.label, score, words.get(mark.state, ""))
    return " ".join(part for part in parts if part)


def trail_of(columns: TrackColumns, now: int, length: int) -> Trail | None:
    """The centres on the last `length` frames up to frame `now`; None where they are under two."""
    first = int(np.searchsorted(columns.frame, now - length, side="right"))
    end = int(np.searchsorted(columns.frame, now, side="right"))
    if end - first < 2:
        return None
    boxes = columns.boxes[first:end]
    points = boxes[:, :2] + boxes[:, 2:] / 2
    points = np.where((columns.state[first:end] == _LOST)[:, None], np.nan, points)
    strength = 1 - (now - columns.frame[first:end]) / length
    return Trail(points, strength)


def _trail(track: TargetTrack | None, now: int, options: ViewOptions) -> Trail | None:
    if track is None or not options.show_trail or options.trail_length < 1:
        return None
    return trail_of(track.rows.columns(), now, options.trail_length)
