"""One recording: the video, and beside it the session that notes what is seen."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.exchange import BoxRow
from app.core.overlay import Mark
from app.core.recorder import Content, Recorder, Timing
from app.core.recorder.timing import DEFAULT_RATE
from app.core.session import Session, SessionInfo
from app.core.sources.base import SourceFrame, SourceInfo
from app.core.studio.status import RecordingStatus
from model.errors import InputError, TrackerError
from model.sentences import Sentence

_log = logging.getLogger(__name__)

_LOOK_S = 0.5
"""Seconds between two looks at the disk."""
_BEAT_S = 2.0
"""Seconds between two notes of the number of frames."""


@dataclass(frozen=True)
class TakePlan:
    """What is recorded, and where to."""

    path: Path
    content: Content
    source: SourceInfo
    session: Path
    """Folder of the session; does not exist yet."""
    about: SessionInfo
    """What is known at once."""
    describe: Callable[[Callable[[], bool]], SessionInfo | None]
    """Finds out the rest, in a thread of its own; asks its argument whether to give up."""


class Take:
    """A recording that runs from its making until `finish`.

    Frames, `note` and `finish` belong to one thread; the disk is looked at, the source hashed and
    the file finished in others. Where the session cannot be written, the video goes on without it,
    and the other way round nothing does: a recording is its video.
    """

    def __init__(
        self, plan: TakePlan, tell: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        """Create the files.

        Args:
            plan: what and where.
            tell: takes sentences for the user, from any thread.
            changed: called from a thread of the recording whenever its status has changed.

        Raises:
            InputError: the video cannot be created.
        """
        self._plan, self._tell, self._changed = plan, tell, changed
        info = plan.source
        self._recorder = Recorder(
            plan.path, info.width, info.height, rate=info.rate, mode=Timing.TRUE,
            content=plan.content, is_live=info.is_live,
        )  # fmt: skip
        self._session: Session | None = None
        self._session = self._begin_session()
        self._clock = _Clock(info)
        self._size = (info.width, info.height)
        self._status = RecordingStatus(plan.path)
        self._lock = threading.Lock()
        self._outcome = "done"
        self._finish = threading.Event()
        self._noted, self._beaten = 0, time.monotonic()
        self._leaving = False
        self._describer = threading.Thread(
            target=self._describe, name="recording-hash", daemon=True
        )
        self._watcher = threading.Thread(target=self._watch, name="recording", daemon=True)
        self._look()
        self._describer.start()
        self._watcher.start()

    @property
    def status(self) -> RecordingStatus:
        """How it is now; may be asked from any thread, and reads no disk."""
        return self._status

    @property
    def is_alive(self) -> bool:
        """Whether a thread of it still runs."""
        return self._watcher.is_alive()

    @property
    def is_finished(self) -> bool:
        """Whether its files are as they will stay."""
        return self._finish.is_set() and not self._status.finishing

    @property
    def newest(self) -> int:
        """Number of the last frame taken; -1 before the first."""
        return self._clock.newest

    def frame(self, frame: SourceFrame, marks: Sequence[Mark], rows: Sequence[BoxRow]) -> None:
        """Take a frame.

        Raises:
            InputError: the video cannot be written any further; `fail` is still to be called.
        """
        height, width = frame.rgb.shape[:2]
        self._recorder.write(frame.rgb, self._clock.time(frame), marks)
        self._note_size((width, height))
        if rows:
            self.note(lambda session: session.frame(frame.index, frame.time_s, rows))
        self._update(elapsed_s=self._clock.elapsed_s, frames=self._status.frames + 1)

    def note(self, act: Callable[[Session], None]) -> None:
        """Write into the session, if there is one; may be called from any thread."""
        session = self._session
        if session is None:
            return
        try:
            act(session)
        except InputError as error:
            self._session_failed(error)
        except (RuntimeError, ValueError):
            _log.debug("the session has ended")

    def finish(self, outcome: str = "done") -> None:
        """Take no further frame and finish the file, in a thread; twice is harmless."""
        if not self._finish.is_set():
            self._outcome = outcome
            self._update(finishing=True)
            self._finish.set()

    def fail(self, sentence: str) -> None:
        """As `finish`, because of what `sentence` says."""
        self._update(problem=sentence)
        self.note(lambda session: session.event("problem", sentence=sentence))
        self.finish(sentence)

    def join(self) -> None:
        """Wait until the file is finished. Of a source that is still being hashed, stop that."""
        self._leaving = True
        self._watcher.join()

    def _begin_session(self) -> Session | None:
        try:
            session = Session(self._plan.session, self._plan.about)
            session.begin()
        except InputError as error:
            self._session_failed(error)
            return None
        return session

    def _session_failed(self, error: InputError) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.let_go()
        self._tell(
            Sentence(
                "{problem} The video is recorded on, but a crash would lose its boxes.",
                problem=error,
            )
        )

    def _note_size(self, size: tuple[int, int]) -> None:
        if size == self._size:
            return
        (width, height), self._size = size, size
        if self._status.frames:
            self._tell(
                Sentence(
                    "The pictures are {width}×{height} pixels from here on; {name} ends there, and "
                    "the recording goes on in a further file beside it.",
                    width=width,
                    height=height,
                    name=self._plan.path.name,
                )
            )

    def _describe(self) -> None:
        """Find out what takes long, and note it."""
        try:
            about = self._plan.describe(lambda: self._leaving)
        except (TrackerError, OSError) as error:
            _log.warning("a recording's session is not described: %s", error)
            return
        finally:
            # it knows the tracker, which is to go when its player goes
            self._plan = replace(self._plan, describe=lambda _: None)
        if about is not None:
            self.note(lambda session: session.describe(about))

    def _watch(self) -> None:
        while not self._finish.wait(_LOOK_S):
            self._look()
            self._beat()
            self._changed()
        try:
            self._recorder.close()
        except InputError as error:
            if not self._status.problem:
                self._update(problem=str(error))
                self._tell(str(error))
        self._look()
        self._update(finishing=False)
        self._changed()
        self._describer.join()
        session, self._session = self._session, None
        if session is not None:
            try:
                session.end(self._outcome)
            except InputError as error:
                _log.warning("the end of the session cannot be noted: %s", error)

    def _beat(self) -> None:
        """Keep the journal as new as the video, by which recovery knows that they belong."""
        frames = self._status.frames
        if frames != self._noted and time.monotonic() - self._beaten > _BEAT_S:
            self._noted, self._beaten = frames, time.monotonic()
            self.note(lambda session: session.event("recorded", frames=frames))

    def _look(self) -> None:
        size = 0
        for path in self._recorder.paths:
            try:
                size += path.stat().st_size
            except OSError:
                continue
        try:
            free = shutil.disk_usage(self._plan.path.absolute().parent).free
        except OSError:
            free = None
        self._update(bytes=size, free_bytes=free)

    def _update(self, **changes: object) -> None:
        with self._lock:
            self._status = replace(self._status, **changes)  # type: ignore[arg-type]


class _Clock:
    """When frames are shown in the recording.

    Of a live source the times are its own. In a file one may skip ahead: what was passed over is
    left out, and the next frame follows one frame after the last.
    """

    def __init__(self, info: SourceInfo) -> None:
        self._is_live = info.is_live
        self._step = 1 / (info.rate or DEFAULT_RATE)
        self._begin: float | None = None
        self._last = 0.0
        self._shift = 0.0
        self.newest = -1

    def time(self, frame: SourceFrame) -> float:
        """Seconds at which `frame` is shown."""
        skipped = not self._is_live and self.newest >= 0 and frame.index > self.newest + 1
        if skipped:
            self._shift = frame.time_s - self._last - self._step
        self.newest = frame.index
        self._last = frame.time_s - self._shift
        if self._begin is None:
            self._begin = self._last
        return self._last

    @property
    def elapsed_s(self) -> float:
        """Length so far."""
        return 0.0 if self._begin is None else max(0.0, self._last - self._begin) + self._step


def now_name() -> str:
    """The present moment as part of a file's name."""
    return time.strftime("%Y-%m-%d %H.%M.%S")
