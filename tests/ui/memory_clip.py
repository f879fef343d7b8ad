"""What a real tracker remembers and looks at in the embedded clip."""

from dataclasses import replace
from functools import cache
from itertools import islice

import av

from app.core.overlay import Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.player.snapshot import SlotView, Snapshot
from app.core.sources.base import SourceFrame, SourceInfo
from assets.demo import clip_path, truth
from model.tracker import Tracker

ID = 3
_STEPS, _EVERY = 9, 3


@cache
def snapshots() -> tuple[Snapshot, ...]:
    """One for each of the first updates; three slots fill from the fourth on."""
    tracker = Tracker.load(
        "small", device="cpu", runtime="torch", slots=3, remember_every=_EVERY, remember_score=0.0
    )
    with av.open(str(clip_path())) as video:
        frames = [
            SourceFrame(k, float(frame.time or 0), frame.to_ndarray(format="rgb24"))
            for k, frame in enumerate(islice(video.decode(video=0), _STEPS))
        ]
    target = tracker.add(frames[0].rgb, tuple(truth()[0]), time=frames[0].time_s)
    height, width = frames[0].rgb.shape[:2]
    found = []
    for frame in frames[1:]:
        result = tracker.update(frame.rgb, time=frame.time_s)[0]
        look = tracker.last_look(target)
        assert look is not None
        slots = tuple(
            SlotView(s.index, s.time, s.score, s.pinned, s.share,
                     tracker.thumbnail(target, s.index))
            for s in result.slots
        )  # fmt: skip
        found.append(
            Snapshot(
                info=SourceInfo("clip", width, height, 300, 30.0, is_live=False),
                frame=frame,
                marks=(Mark(ID, result.box, "car", result.score, str(result.state), colour=2),),
                memory={ID: slots},
                search={ID: look.region},
                attention=tracker.attention(target),
                document=DocumentState((TargetTrack(ID, "car", colour=2),)),
            )
        )
    return tuple(found)


def full() -> Snapshot:
    """With every slot filled, each of which has been looked at."""
    return next(
        s for s in reversed(snapshots())
        if len(s.memory[ID]) == 3 and all(slot.share > 0 for slot in s.memory[ID])
    )  # fmt: skip


def with_slots(snapshot: Snapshot, *slots: SlotView) -> Snapshot:
    """The same with another memory."""
    return replace(snapshot, memory={ID: slots})
