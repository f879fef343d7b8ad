"""One target on the timeline: what is kept of it between two snapshots."""

import bisect
from dataclasses import dataclass

from app.core.player.document import TargetTrack, TrackRow
from app.core.player.snapshot import Work
from app.ui.timeline.spans import Spans
from app.ui.timeline.tiles import LaneTiles


class Lane:
    """A track with its picture, its marks and what goes on with it."""

    def __init__(self, track: TargetTrack, bridge: int) -> None:
        """Show `track`, with lines over gaps of at most `bridge` frames."""
        self.track = TargetTrack(track.id)
        self.tiles = LaneTiles()
        self.row: TrackRow | None = None
        """Where the target is in the frame that is shown."""
        self.work: tuple[Work, ...] = ()
        """What goes on with it in the background."""
        self.corrections: list[int] = []
        """Frames in rising order."""
        self.lost = Spans("lost", bridge)
        self.recovered = Spans("recovered", bridge)
        self.bridge = bridge
        self.show(track)

    def show(self, track: TargetTrack) -> tuple[int, int] | None:
        """Show this track from now on.

        Returns:
            First and last frame whose curve looks different; None where none does.
        """
        before, self.track = self.track, track
        if track.corrections is not before.corrections:
            self.corrections = sorted(track.corrections)
        change = self.tiles.show_rows(track.rows)
        if change is None:
            return None
        columns = track.rows.columns()
        for spans in (self.lost, self.recovered):
            spans.show(columns, change.begin)
        return change.first, change.last

    def looks_the_same(self, track: TargetTrack) -> bool:
        """Whether `track` differs in its rows at most."""
        mine = self.track
        return (
            mine.corrections is track.corrections or mine.corrections == track.corrections
        ) and (mine.label, mine.colour, mine.visible, mine.begun) == (
            track.label, track.colour, track.visible, track.begun
        )  # fmt: skip

    @property
    def name(self) -> str:
        """Id and label, as shown everywhere."""
        return f"#{self.track.id} {self.track.label}".rstrip()

    def correction_before(self, frame: int) -> int | None:
        """The last correction at or before a frame."""
        place = bisect.bisect_right(self.corrections, frame)
        return self.corrections[place - 1] if place else None

    def corrections_between(self, first: int, last: int) -> list[int]:
        """Corrections from frame `first` to `last`."""
        begin = bisect.bisect_left(self.corrections, first)
        return self.corrections[begin : bisect.bisect_right(self.corrections, last)]


@dataclass(frozen=True)
class Reach:
    """The frames that work in the background goes over; `first` and `last` count in."""

    first: int
    last: int
    done: float
    """0..1."""
    is_backwards: bool


def reach_of(work: Work, lane: Lane, now: int) -> Reach:
    """Where work takes place; where that is not told, it is taken to go from the last correction
    up to `now`, which is what asked for it."""
    start = work.start
    if start is None:
        found = lane.correction_before(now)
        start = lane.track.begun if found is None else found
    is_backwards = work.kind == "backwards"
    share = min(max(work.done / work.total, 0.0), 1.0) if work.total > 0 else 0.0
    steps = max(work.total, 0)
    first = start - steps if is_backwards else start
    return Reach(first, first + steps, share, is_backwards)
