"""After the process of a recording died: its files finished, its waiting frames recorded."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from app.core.recorder.atoms import holds_no_frame, is_fragmented, trim_fragments
from app.core.recorder.finish import make_seekable
from app.core.recorder.formats import check_video_name, part_path, spill_path, why
from app.core.recorder.frames import QueuedFrame
from app.core.recorder.output import Output
from app.core.recorder.spill import RecordingPlan, SpillFolder, read_plan, waiting_frames
from model.errors import InputError


def recover_recording(path: Path) -> list[Path]:
    """Finish the recording `path` of a process that died.

    The file is made seekable, as `Recorder.close` does; one without a frame is removed. Frames of a
    live source that waited on disk are encoded into further segments, `name-2.mp4` and so on, or
    into the file itself where there is none, and their folder is removed.
    Segments that the dead process had begun are files of their own: call this for each of them.
    A recording that was closed stays as it is.

    Returns:
        Every file that was finished or made.

    Raises:
        InputError: the file or what waits cannot be read, or there is no room for it. What is on
            disk stays.
    """
    kind = check_video_name(path)
    with contextlib.suppress(OSError):
        part_path(path).unlink(missing_ok=True)
    _drop_empty(path)
    touched = []
    try:
        if kind.is_mp4 and path.exists() and is_fragmented(path):
            trim_fragments(path)
            make_seekable(path)
            touched.append(path)
    except OSError as error:
        raise InputError(
            "The video {path} cannot be recovered: {why}.", path=path, why=why(error)
        ) from error
    folder = spill_path(path)
    if folder.is_dir():
        touched += _record_waiting(folder, read_plan(folder))
    return touched


def _record_waiting(folder: Path, plan: RecordingPlan) -> list[Path]:
    """Encode the frames in `folder` beside it, and remove them once the files are whole."""
    outputs: list[Output] = []
    places = {destination: folder.with_name(destination.name) for destination in plan.destinations}
    for place in places.values():
        _drop_empty(place)
    try:
        for frame in _whole_frames(folder):
            height, width = frame.rgb.shape[:2]
            outputs = outputs or [
                Output(
                    place, (width, height), continues=place.exists(),
                    draws=destination.draws, base=plan.base, rate=plan.rate,
                )
                for destination, place in places.items()
            ]  # fmt: skip
            for output in outputs:
                output.write(frame)
        for output in outputs:
            output.close()
    except BaseException:
        for output in outputs:
            with contextlib.suppress(InputError):
                output.close()
            output.release()
            for path in output.paths:
                path.unlink(missing_ok=True)
        raise
    made = [path for output in outputs for path in output.paths]
    for path in made:
        make_seekable(path)
    for output in outputs:
        output.release()
    with contextlib.suppress(OSError):
        SpillFolder(folder, plan).remove()
    return made


def _drop_empty(path: Path) -> None:
    """Remove a file whose process died before its first frame was whole."""
    is_mp4 = check_video_name(path).is_mp4
    with contextlib.suppress(OSError):
        if holds_no_frame(path) if is_mp4 else not path.stat().st_size:
            path.unlink()


def _whole_frames(folder: Path) -> Iterator[QueuedFrame]:
    """The frames in `folder`, in order, but for one that was cut off while it was written."""
    for waiting in waiting_frames(folder):
        try:
            frame = waiting.load()
        except OSError:
            continue
        yield frame
