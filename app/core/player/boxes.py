"""The boxes of a document on one frame, in the forms in which others want them."""

from app.core.exchange import BoxRow
from app.core.overlay import Mark
from app.core.player.document import DocumentState, TargetTrack, TrackRow
from app.core.sources.base import SourceFrame


def marks_on(state: DocumentState, index: int, *, hidden: bool = True) -> tuple[Mark, ...]:
    """What to draw on frame `index`, in order of id; without `hidden`, of visible targets alone."""
    return tuple(
        Mark(target.id, row.box, target.label, row.score, row.state, target.colour)
        for target in state.targets
        if (hidden or target.visible) and (row := target.rows.at(index)) is not None
    )


def rows_on(state: DocumentState, frame: SourceFrame) -> list[BoxRow]:
    """Rows of a table for `frame`, in order of id."""
    return [
        box_row(target, row)
        for target in state.targets
        if (row := target.rows.at(frame.index)) is not None
    ]


def box_row(target: TargetTrack, row: TrackRow) -> BoxRow:
    """One row of a target for a table."""
    return BoxRow(
        row.frame, row.time_s, target.id, target.label, *row.box, row.score, row.state, row.reason
    )
