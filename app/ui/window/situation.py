"""What the actions go by: whether something is open, what is selected, what can be undone."""

from dataclasses import dataclass

from app.core.player.document import Document, TargetTrack
from app.core.player.snapshot import Playback, Snapshot


@dataclass(frozen=True)
class Situation:
    """How things are; compared to find out whether actions have to be set anew."""

    is_open: bool = False
    has_frame: bool = False
    has_pictures: bool = True
    """False where a project is looked at whose source is gone."""
    is_playing: bool = False
    is_live: bool = False
    is_edge: bool = True
    """Whether the newest frame of a live source is shown."""
    can_seek: bool = False
    has_targets: bool = False
    has_rows: bool = False
    is_selected: bool = False
    """Whether a target is selected."""
    is_on_frame: bool = False
    """Whether the selected target is somewhere in the frame that is shown."""
    has_before: bool = False
    """Whether it can be tracked backwards from its correction here."""
    is_visible: bool = True
    """Whether the selected target is shown."""
    has_range: bool = False
    has_scale: bool = False
    undo_text: str = ""
    redo_text: str = ""
    is_recording: bool = False
    is_modified: bool = False
    speed: float = 1.0
    loop: bool = False


def situation_of(
    snapshot: Snapshot, document: Document | None, selection: int, *, has_pictures: bool = True
) -> Situation:
    """The situation in which `snapshot` is shown; without a document nothing is open."""
    if document is None:
        return Situation()
    state = document.state
    target = state.target(selection)
    recording = snapshot.recording
    return Situation(
        is_open=True,
        has_frame=snapshot.frame is not None,
        has_pictures=has_pictures,
        is_playing=snapshot.playback is Playback.PLAYING,
        is_live=snapshot.info is not None and snapshot.info.is_live,
        is_edge=snapshot.edge,
        can_seek=snapshot.frame is not None and snapshot.span is not None,
        has_targets=bool(state.targets),
        has_rows=any(len(track.rows) for track in state.targets),
        is_selected=target is not None,
        is_on_frame=target is not None and any(mark.id == target.id for mark in snapshot.marks),
        has_before=target is not None and _has_before(target, snapshot),
        is_visible=target is None or target.visible,
        has_range=state.in_frame is not None or state.out_frame is not None,
        has_scale=state.scale is not None,
        undo_text=document.undo_text,
        redo_text=document.redo_text,
        is_recording=recording is not None and recording.is_running,
        is_modified=document.is_modified,
        speed=snapshot.speed,
        loop=snapshot.loop,
    )


def _has_before(target: TargetTrack, snapshot: Snapshot) -> bool:
    frame, span = snapshot.frame, snapshot.span
    return frame is not None and span is not None and bool(target.before(frame.index, span.first))
