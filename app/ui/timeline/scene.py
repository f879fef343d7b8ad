"""What the parts of the timeline share: lanes, axis, playhead, range."""

from dataclasses import dataclass, field

from app.core.player.snapshot import Playback, Snapshot
from app.ui.timeline.axis import Axis, roomy
from app.ui.timeline.lane import Lane
from app.ui.timeline.layout import Rows
from app.ui.transport.stamps import Stamps

_FILE_BRIDGE, _LIVE_BRIDGE = 4, 60
"""Frames between two rows over which the curve goes on: of live sources some are left out."""

_PLAYED_ON = 15
"""So many frames may have been played before one is seen that answers a wish."""


@dataclass
class Changes:
    """What a snapshot changed."""

    lanes: dict[int, tuple[int, int]] = field(default_factory=dict)
    """First and last frame that look different, by id."""
    looks: bool = False
    """Whether a lane came, went, or has another name, colour or correction."""
    range: bool = False
    ruler: bool = False
    """Whether marks on the ruler stand elsewhere or read otherwise."""
    playhead: bool = False
    work: bool = False
    states: bool = False
    """Whether targets are in another state in the frame that is shown."""
    scores: bool = False
    """Whether they have another score."""


class Scene:
    """The timeline as it is to be seen."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self.lanes: list[Lane] = []
        self.axis = Axis()
        self.rows = Rows()
        self.stamps = Stamps()
        self.selection: int | None = None
        self.scrubbed: int | None = None
        """The frame the user went to, while no snapshot shows it yet."""
        self.dragged: tuple[int | None, int | None] | None = None
        """In and out point while one is dragged."""

    @property
    def is_live(self) -> bool:
        """Whether frames come that are gone if nobody takes them."""
        return self.snapshot.info is not None and self.snapshot.info.is_live

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to go to."""
        return self.snapshot.frame is None and self.snapshot.span is None

    @property
    def bridge(self) -> int:
        """Frames between two rows over which the curve goes on."""
        return _LIVE_BRIDGE if self.is_live else _FILE_BRIDGE

    @property
    def playhead(self) -> int | None:
        """The frame that is shown, or gone to."""
        if self.scrubbed is not None:
            return self.scrubbed
        return self.snapshot.frame.index if self.snapshot.frame is not None else None

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last frame one can go to."""
        span = self.snapshot.span
        if span is None:
            return self.axis.first, self.axis.last
        return span.first, self.axis.last if span.last is None else span.last

    @property
    def range(self) -> tuple[int | None, int | None]:
        """In and out point."""
        document = self.snapshot.document
        return self.dragged or (document.in_frame, document.out_frame)

    def clip(self, frame: int) -> int:
        """The frame, or the nearest one can go to."""
        first, last = self.ends
        return min(max(frame, first), max(first, last))

    def lane(self, target: int | None) -> Lane | None:
        """The lane of a target."""
        return next((lane for lane in self.lanes if lane.track.id == target), None)

    def index_of(self, target: int | None) -> int | None:
        """Which lane a target has, from the top."""
        return next((k for k, lane in enumerate(self.lanes) if lane.track.id == target), None)

    def show(self, snapshot: Snapshot) -> Changes:
        """Take a snapshot over."""
        before, self.snapshot = self.snapshot, snapshot
        changes = Changes()
        if snapshot.info != before.info:
            self.lanes, self.axis = [], Axis(width=self.axis.width)
            self.scrubbed = None
            changes.looks = changes.ruler = True
        stamps = Stamps.of(snapshot)
        changes.ruler |= not stamps.is_same(self.stamps)
        self.stamps = stamps
        self._lay_out(changes)
        if snapshot.document is not before.document or changes.looks:
            self._show_targets(changes)
            document = before.document
            new = (snapshot.document.in_frame, snapshot.document.out_frame)
            changes.range = new != (document.in_frame, document.out_frame)
        self._show_work(changes)
        self._show_frame(before, changes)
        return changes

    def _lay_out(self, changes: Changes) -> None:
        """Fit the axis to the frames there are."""
        first, count = self._frames()
        axis = self.axis
        if (first, count) != (axis.first, axis.count):
            self.axis = axis.over(first, count)
            changes.ruler = True

    def _frames(self) -> tuple[int, int]:
        """First frame and number of frames to lay out."""
        span, frame = self.snapshot.span, self.snapshot.frame
        info = self.snapshot.info
        if span is None:
            declared = info.frames if info is not None and not info.is_live else None
            return 0, max(declared or 1, 1)
        if self.is_live and span.last is not None:
            count = roomy(span.last - span.first + 1, self.axis.count)
            return span.last + 1 - count, count
        shown = frame.index if frame is not None else span.first
        if span.last is not None:
            # what a container declares may fall short of what is in it
            return span.first, max(span.last, shown) - span.first + 1
        ends = [lane.track.rows.last or 0 for lane in self.lanes]
        reached = max(*ends, shown) if ends else shown
        return span.first, roomy(reached - span.first + 1, self.axis.count)

    def _show_targets(self, changes: Changes) -> None:
        tracks = self.snapshot.document.targets
        if [t.id for t in tracks] != [lane.track.id for lane in self.lanes]:
            known = {lane.track.id: lane for lane in self.lanes}
            self.lanes = [known.get(track.id) or Lane(track, self.bridge) for track in tracks]
            changes.looks = True
        for lane, track in zip(self.lanes, tracks, strict=True):
            if lane.track is track:
                continue
            changes.looks |= not lane.looks_the_same(track)
            changed = lane.show(track)
            if changed is not None:
                changes.lanes[track.id] = changed

    def _show_work(self, changes: Changes) -> None:
        for lane in self.lanes:
            new = tuple(work for work in self.snapshot.work if work.target == lane.track.id)
            changes.work |= new != lane.work
            lane.work = new

    def _show_frame(self, before: Snapshot, changes: Changes) -> None:
        frame = self.snapshot.frame
        index = frame.index if frame is not None else None
        was = before.frame.index if before.frame is not None else None
        if self._answers(index):
            self.scrubbed = None
        changes.playhead = index != was or self.snapshot.edge != before.edge
        for lane in self.lanes:
            row = lane.track.rows.at(index) if index is not None else None
            old, lane.row = lane.row, row
            if row is None or old is None:
                changes.states |= row is not old
            else:
                changes.states |= row.state != old.state
                changes.scores |= row.score != old.score

    def _answers(self, index: int | None) -> bool:
        """Whether a frame is the one the user went to, or one that was played from there."""
        if self.scrubbed is None or index is None:
            return False
        beyond = index - self.scrubbed
        return beyond == 0 or (self.is_playing and 0 < beyond < _PLAYED_ON)

    @property
    def is_playing(self) -> bool:
        """Whether the picture moves on by itself."""
        return self.snapshot.playback is Playback.PLAYING
