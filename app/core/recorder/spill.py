"""Frames that wait on disk, as they are: one file each, deleted once the video holds it."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from app.core.overlay import Mark
from app.core.recorder.frames import QueuedFrame
from model.errors import InputError
from model.sentences import Sentence

_ABOUT = "recording.json"
_SUFFIX = ".frame"
_HEAD_BYTES = 1 << 20
_RESERVE_BYTES = 256 << 20
"""Room that is left on the disk for the video, into which the waiting frames are to go."""


@dataclass(frozen=True)
class Destination:
    """One file of a recording."""

    name: str
    """Of its first segment, beside the folder of waiting frames."""
    draws: bool
    """Whether boxes are drawn."""


@dataclass(frozen=True)
class RecordingPlan:
    """What a recording needs to be continued by another process."""

    destinations: tuple[Destination, ...]
    base: Fraction
    """Seconds per tick."""
    rate: Fraction
    """Nominal frames per second."""


@dataclass(frozen=True)
class SpilledFrame:
    """A frame on disk."""

    path: Path
    tick: int

    def load(self) -> QueuedFrame:
        """Read it.

        Raises:
            OSError: gone, unreadable or cut off.
        """
        try:
            with self.path.open("rb") as file:
                head = json.loads(file.readline(_HEAD_BYTES))
                height, width = (int(n) for n in head["shape"])
                rgb = np.fromfile(file, np.uint8).reshape(height, width, 3)
                return QueuedFrame(int(head["tick"]), rgb, tuple(map(_mark, head["marks"])))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OSError(
                Sentence("the waiting frame {path} is cut off or damaged", path=self.path)
            ) from error

    def delete(self) -> None:
        """Remove it; one that is gone already counts as removed."""
        with contextlib.suppress(OSError):
            self.path.unlink()


class SpillFolder:
    """A folder for waiting frames, made when the first one comes."""

    def __init__(self, path: Path, plan: RecordingPlan) -> None:
        self.path = path
        self.saved = 0
        """Frames that were written so far."""
        self._plan = plan

    def save(self, frame: QueuedFrame) -> SpilledFrame:
        """Write a frame.

        Raises:
            OSError: it cannot be written; nothing of it is left behind.
        """
        self._leave_room(frame.rgb.nbytes)
        if not self.saved:
            self.path.mkdir(exist_ok=True)
            (self.path / _ABOUT).write_text(json.dumps(_plan_as_json(self._plan)))
        path = self.path / f"{self.saved:09d}{_SUFFIX}"
        marks = [asdict(mark) for mark in frame.marks]
        head = {"tick": frame.tick, "shape": frame.rgb.shape[:2], "marks": marks}
        try:
            with path.open("wb") as file:
                file.write(json.dumps(head).encode() + b"\n")
                file.write(np.ascontiguousarray(frame.rgb).data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self.saved += 1
        return SpilledFrame(path, frame.tick)

    def _leave_room(self, size: int) -> None:
        """Raise OSError where `size` bytes more would leave no room for the video itself."""
        disk = shutil.disk_usage(self.path.parent)
        if disk.free - size < min(_RESERVE_BYTES, disk.total // 4):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def remove(self) -> None:
        """Delete the folder and the frames in it; files of others stay, and the folder with them.

        Raises:
            OSError: the system refuses.
        """
        if not self.path.is_dir():
            return
        for path in [*self.path.glob(f"*{_SUFFIX}"), self.path / _ABOUT]:
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()


def waiting_frames(path: Path) -> Iterator[SpilledFrame]:
    """The frames in a folder that a killed process left, in order."""
    for file in sorted(path.glob(f"*{_SUFFIX}")):
        yield SpilledFrame(file, -1)


def read_plan(path: Path) -> RecordingPlan:
    """What the recording was whose waiting frames are in the folder `path`.

    Raises:
        InputError: that cannot be read any more.
    """
    try:
        raw = json.loads((path / _ABOUT).read_text())
        destinations = tuple(
            Destination(Path(str(d["name"])).name, bool(d["draws"])) for d in raw["destinations"]
        )
        base, rate = Fraction(*raw["base"]), Fraction(*raw["rate"])
        if not destinations or base <= 0 or rate <= 0:
            raise ValueError("nothing to continue")
        return RecordingPlan(destinations, base, rate)
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError, RecursionError) as error:
        raise InputError(
            "What the frames in {path} belong to cannot be read; they stay there as they are.",
            path=path,
        ) from error


def _mark(raw: Mapping[str, Any]) -> Mark:
    x, y, w, h = (float(v) for v in raw["box"])
    label, state = str(raw["label"]), str(raw["state"])
    return Mark(int(raw["id"]), (x, y, w, h), label, float(raw["score"]), state)


def _plan_as_json(plan: RecordingPlan) -> dict[str, object]:
    return {
        "destinations": [asdict(destination) for destination in plan.destinations],
        "base": plan.base.as_integer_ratio(),
        "rate": plan.rate.as_integer_ratio(),
    }
