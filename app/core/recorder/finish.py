"""From a recording that is safe at any moment to a plain file that every player can seek in."""

import contextlib
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer

from app.core.recorder.formats import check_video_name, part_path, why

_log = logging.getLogger(__name__)

_SPARE_BYTES = 1 << 20


def make_seekable(path: Path, *, give_up: Callable[[], bool] = lambda: False) -> bool:
    """Rewrite an MP4 or MOV with its index in front, without encoding anew.

    It is replaced in one step, and only where the disk holds the copy beside it. Whatever goes
    wrong, the original stays as it was.

    Args:
        give_up: asked for each frame whether to leave it at that.

    Returns:
        Whether `path` is such a file now.
    """
    # a link stays one: the file it leads to is replaced
    path = path.resolve()
    part = part_path(path)
    done = False
    try:
        size = path.stat().st_size
        if shutil.disk_usage(path.parent).free < size * 1.05 + _SPARE_BYTES:
            raise OSError(f"a copy of {size} bytes has no room beside it")
        done = _copy(path, part, give_up)
        if done:
            _flush_to_disk(part)
            shutil.copymode(path, part)
            part.replace(path)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        done = False
        _log.info("%s stays as it was recorded: %s", path, why(error))
    finally:
        if not done:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return done


def _copy(path: Path, part: Path, give_up: Callable[[], bool]) -> bool:
    """Copy every frame of `path` to `part`; False where it was given up or frames went missing."""
    options = {"movflags": "faststart"}
    with av.open(str(path)) as source:
        if len(source.streams) != 1 or not source.streams.video:
            return False
        base = source.streams.video[0].time_base
        if base is not None:
            options["video_track_timescale"] = str(base.denominator)
        with av.open(str(part), "w", format=check_video_name(path).name, options=options) as target:
            copied = _copy_packets(source, target, give_up)
    with av.open(str(part)) as written:
        return copied > 0 and copied == sum(1 for p in written.demux(video=0) if p.size)


def _copy_packets(
    source: InputContainer, target: OutputContainer, give_up: Callable[[], bool]
) -> int:
    """Number of frames copied; 0 where it was given up."""
    stream = source.streams.video[0]
    copy = target.add_stream_from_template(stream)
    copied = 0
    for packet in source.demux(stream):
        if give_up():
            return 0
        if not packet.size or packet.dts is None or packet.is_corrupt:
            continue
        packet.stream = copy
        target.mux(packet)
        copied += 1
    return copied


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
