"""Videos drawn anew: each frame read from the source, with the boxes that belong to it."""

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import chain
from pathlib import Path

from app.core.overlay import Mark
from app.core.player.document import DocumentState, TargetTrack
from app.core.sources import Source, SourceFrame, open_source
from app.core.studio.exporting.atomic_video import AtomicVideo
from app.core.studio.exporting.hiding import hide_boxes, hide_surroundings, places
from app.core.studio.exporting.request import (
    ANNOTATED,
    HIDE_TARGETS,
    ExportRequest,
    ExportSource,
)
from app.core.studio.exporting.tables import Step
from app.core.studio.exporting.trails import draw_trails
from model.errors import InputError
from model.images import Frame
from model.sentences import Sentence

Cancelled = Callable[[], bool]


def export_video(
    request: ExportRequest, document: DocumentState, source: ExportSource, step: Step,
    cancelled: Cancelled,
) -> tuple[list[Path], str]:  # fmt: skip
    """Write the video of a request in one step; a former file stays until then.

    Frames of another size go to further files, `name-2.mp4` and so on.

    Args:
        request: what and where.
        document: what was tracked.
        source: is opened anew, apart from whoever plays it.
        step: told of each frame; raises to end the export.
        cancelled: asked, in another thread, whether to leave the file incomplete.

    Returns:
        The files, and a sentence on what is not as one might think; empty if all is.

    Raises:
        InputError: the source cannot be read, has no such frames, or a file cannot be written.
        Exception: what `step` raised. In either case nothing is left behind.
    """
    targets = request.chosen(document)
    with open_source(source.text, rate=source.rate) as opened:
        frames = _frames(opened, request)
        first = next(frames, None)
        if first is None:
            raise InputError(
                "{name} has no frame in this range; choose another range.", name=source.name
            )
        video = AtomicVideo(request.path, first.rgb, opened.info.rate, cancelled)
        try:
            last, notice = _write(video, request, targets, chain([first], frames),
                                  _telling(step, first.index, _total(opened, request)))  # fmt: skip
            video.complete()
            step(1, 1)
            paths = video.commit()
        except BaseException:
            video.discard()
            raise
    return paths, notice or _exposed(request, targets, first.index, last)


def _write(
    video: AtomicVideo, request: ExportRequest, targets: Sequence[TargetTrack],
    frames: Iterator[SourceFrame], tell: Callable[[int], None],
) -> tuple[int, str]:  # fmt: skip
    """Write every frame; the number of the last one, and where the source is damaged a sentence."""
    last = -1
    try:
        for frame in frames:
            marks = _marks(request, targets, frame.index)
            video.write(_picture(request, targets, frame), frame.time_s, marks)
            last = frame.index
            tell(last)
    except InputError as error:
        if video.failed or last < 0:
            raise
        return last, str(error)  # what could be read of a damaged file is exported
    return last, ""


def _telling(step: Step, first: int, total: int) -> Callable[[int], None]:
    def tell(frame: int) -> None:
        done = frame - first + 1
        # the file is still to be completed
        step(done, max(total, done) + 1)

    return tell


def _frames(opened: Source, request: ExportRequest) -> Iterator[SourceFrame]:
    """The frames in the range of a request."""
    if request.first and opened.seekable:
        opened.seek(request.first)
    for frame in opened:
        if request.last is not None and frame.index > request.last:
            return
        if request.covers(frame.index):
            yield frame
        if frame.index == request.last:
            return


def _total(opened: Source, request: ExportRequest) -> int:
    """Frames to come, as far as the source knows; at least 1."""
    known = opened.info.frames
    ends = [end for end in (known, None if request.last is None else request.last + 1) if end]
    return max(1, min(ends, default=1) - (request.first or 0))


def _picture(request: ExportRequest, targets: Sequence[TargetTrack], frame: SourceFrame) -> Frame:
    if request.format == ANNOTATED:
        if not request.trail:
            return frame.rgb
        return draw_trails(frame.rgb, targets, frame.index, request.trail)
    if request.format == HIDE_TARGETS:
        return hide_boxes(frame.rgb, places(targets, frame.index, sure=False), request.manner)
    return hide_surroundings(frame.rgb, places(targets, frame.index, sure=True), request.manner)


def _marks(request: ExportRequest, targets: Sequence[TargetTrack], frame: int) -> list[Mark]:
    if request.format != ANNOTATED:
        return []
    rows = [(target, target.rows.at(frame)) for target in targets]
    return [
        Mark(target.id, row.box, target.label, row.score, row.state, colour=target.colour)
        for target, row in rows
        if row is not None
    ]


def _exposed(request: ExportRequest, targets: Sequence[TargetTrack], first: int, last: int) -> str:
    """Where targets that were to be hidden are not, for want of a box; empty if nowhere."""
    if request.format != HIDE_TARGETS:
        return ""
    found: list[Sentence] = []
    for target in targets:
        numbers = target.rows.columns().frame
        name = target.label or Sentence("target {number}", number=target.id)
        if not len(numbers):
            found.append(Sentence("{name} in no frame", name=name))
            continue
        begin, end = int(numbers[0]), int(numbers[-1])
        if first < begin and end < last:
            where = Sentence("{name} before frame {begin} and after frame {end}")
        elif first < begin:
            where = Sentence("{name} before frame {begin}")
        elif end < last:
            where = Sentence("{name} after frame {end}")
        else:
            continue
        found.append(Sentence(where, name=name, begin=begin, end=end))
    if not found:
        return ""
    return Sentence(
        "Where a target was not tracked it is not hidden: {places}.",
        places=reduce(lambda one, two: Sentence("{one}, {two}", one=one, two=two), found),
    )
