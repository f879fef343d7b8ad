"""The door to recording: takes frames in one thread, encodes them in another."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path

import numpy as np

from app.core.overlay import Mark
from app.core.recorder.backlog import Backlog
from app.core.recorder.finish import make_seekable
from app.core.recorder.formats import check_video_name, clean_path, spill_path, why
from app.core.recorder.frames import QueuedFrame
from app.core.recorder.output import Output
from app.core.recorder.spill import Destination, RecordingPlan, SpillFolder
from app.core.recorder.timing import TimeStamps, Timing
from app.core.sources.base import Closing
from model.errors import InputError
from model.images import Frame

_log = logging.getLogger(__name__)

LOSS_S = 0.5
"""How much of a recording, at most, its process takes along when it is killed."""


class Content(StrEnum):
    """What the pictures of a recording show."""

    OVERLAY = "overlay"
    """Frames with the boxes on them."""
    CLEAN = "clean"
    """Frames as they came."""
    BOTH = "both"
    """Two files: `name.mp4` with the boxes, `name-clean.mp4` without."""


class Recorder(Closing):
    """Records every frame it is given, in order, whatever happens to the process.

    `write` hands a frame to the thread that encodes and returns. Where that one falls behind, it
    waits; of a live source, which does not wait, frames go to the folder `name.mp4.spill` instead
    and are encoded from there. `write` and `close` belong to one thread.

    When recording fails, for example on a full disk, the files are whole up to there, and the next
    `write` and `close` raise the sentence that says so.
    """

    def __init__(
        self, path: Path, width: int, height: int, *, rate: float | None = None,
        mode: Timing | str = Timing.TRUE, content: Content | str = Content.OVERLAY,
        is_live: bool = False, give_up: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        """Create the files for frames of `width` × `height`; odd sizes are padded to even ones.

        Frames of another size go to further files, `name-2.mp4` and so on; a file that has such a
        name already is passed over.

        Args:
            path: ends in .mp4, .m4v, .mov or .mkv; an existing file is replaced.
            rate: nominal frames per second: the rate of `constant` times, else a hint to the
                encoder.
            mode: `true` or `constant`, see `Timing`.
            content: `overlay`, `clean` or `both`, see `Content`.
            is_live: whether the source does not wait.
            give_up: asked while the files are made seekable whether to leave them as they are.

        Raises:
            InputError: another ending, a rate that cannot be used, a file that cannot be created,
                or that another recording writes.
        """
        self.path = path
        self._content = Content(content)
        self._times = TimeStamps(Timing(mode), rate, check_video_name(path))
        self._outputs = self._open_outputs((width, height))
        spill = SpillFolder(spill_path(path), self._plan())
        with contextlib.suppress(OSError):
            spill.remove()  # of an earlier recording, which was replaced just now
        self._backlog = Backlog(int(LOSS_S / self._times.base), spill if is_live else None)
        self._failure: Exception | None = None
        self._hurries = False
        self._give_up = give_up
        self._done = threading.Event()
        self._is_closed = False
        self._encoded = 0
        self._tick = 0
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file of the recording so far."""
        return tuple(path for output in self._outputs for path in output.paths)

    @property
    def encoded(self) -> int:
        """Frames that were encoded so far."""
        return self._encoded

    @property
    def spilled(self) -> int:
        """Frames that had to wait on disk, for the encoder was behind."""
        return self._backlog.spilled

    def write(self, rgb: Frame, time_s: float, marks: Iterable[Mark] = ()) -> None:
        """Add a frame `(H, W, 3)` uint8 shown from `time_s` seconds on, and what to draw on it.

        The recording begins with its first frame. The array may be changed afterwards.

        Raises:
            InputError: this is no frame, the time is not finite, or recording has failed.
        """
        if self._is_closed:
            raise InputError("The recording {path} is closed; start another one.", path=self.path)
        if self._failure is not None:
            raise self._failure
        if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
            raise InputError(
                "An array of shape {shape} and type {dtype} cannot be recorded; "
                "give height × width × 3 of uint8.",
                shape=rgb.shape,
                dtype=rgb.dtype,
            )
        frame = QueuedFrame(self._times.stamp(time_s), rgb.copy(), tuple(marks))
        try:
            self._backlog.put(frame)
        except OSError as error:
            self._failure = self._stopped_by(error)
            raise self._failure from error

    def close(self) -> None:
        """Encode what waits, finish the files, and make them seekable; twice is harmless.

        Raises:
            InputError: recording has failed; the files are whole up to there.
        """
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._backlog.end()
            # not a join, which after Ctrl-C would take the thread for ended
            self._done.wait()
        except BaseException:
            # a second Ctrl-C: what is on disk stays, nothing more is done for it
            self._hurries = True
            self._backlog.fail(InterruptedError("given up"))
            self._done.wait(LOSS_S)
            raise
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            self._encode_all()
        except InputError as error:
            self._fail(self._stopped_by(error.__cause__ or error))
        except (OSError, MemoryError) as error:
            self._fail(self._stopped_by(error))
        except Exception as error:
            _log.exception("the recorder broke")
            self._fail(error)
        finally:
            try:
                self._finish()
            finally:
                for output in self._outputs:
                    output.release()
                self._done.set()

    def _encode_all(self) -> None:
        before = -1
        while (frame := self._backlog.take()) is not None:
            for output in self._outputs:
                output.write(frame)
            self._encoded += 1
            self._tick = frame.tick
            # the muxer writes a frame when the next one tells how long it is shown
            self._backlog.saved(before)
            before = frame.tick
        for output in self._outputs:
            output.close()

    def _finish(self) -> None:
        for output in self._outputs:
            try:
                output.close()
            except InputError as error:
                self._fail(self._failure or self._stopped_by(error.__cause__ or error))
        if not self._hurries:
            self._backlog.clear()
        for path in self.paths:
            if check_video_name(path).is_mp4 and not self._hurries:
                make_seekable(path, give_up=lambda: self._hurries or self._give_up())

    def _fail(self, failure: Exception) -> None:
        self._failure = failure
        self._backlog.fail(failure)

    def _stopped_by(self, error: BaseException) -> InputError:
        seconds = float(self._tick * self._times.base)
        return InputError(
            "Recording to {path} stopped after about {seconds:.1f} s: {why}; the "
            "video is whole up to there, but for the next one make room or choose another folder.",
            path=self.path,
            seconds=seconds,
            why=why(error),
        )

    def _open_outputs(self, size: tuple[int, int]) -> list[Output]:
        opened: list[Output] = []
        try:
            for path, draws in self._wanted():
                opened.append(
                    Output(path, size, draws=draws, base=self._times.base, rate=self._times.rate)
                )
        except BaseException:
            for output in opened:
                output.close()
                output.release()
            raise
        return opened

    def _wanted(self) -> list[tuple[Path, bool]]:
        match self._content:
            case Content.OVERLAY:
                return [(self.path, True)]
            case Content.CLEAN:
                return [(self.path, False)]
            case Content.BOTH:
                return [(self.path, True), (clean_path(self.path), False)]

    def _plan(self) -> RecordingPlan:
        destinations = tuple(Destination(path.name, draws) for path, draws in self._wanted())
        return RecordingPlan(destinations, self._times.base, self._times.rate)
