"""Recording while playing: which frames go into the video, and what becomes of failures."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.core.exchange import BoxRow
from app.core.files import is_folder
from app.core.overlay import Mark
from app.core.provenance import (
    ModelReference,
    ModelTracker,
    SourceReference,
    blank_environment,
    environment,
    hash_unless,
    refer_model,
    tracker_settings,
)
from app.core.recorder import Content, clean_path
from app.core.recovery import file_name, new_session_folder
from app.core.session import Export, RunSettings, SessionInfo
from app.core.sources import source_path
from app.core.sources.base import SourceFrame, SourceInfo, reason
from app.core.studio.status import RecordingStatus
from app.core.studio.take import Take, TakePlan, now_name
from model.errors import InputError
from model.geometry import Box
from model.sentences import Sentence

Tell = Callable[[str], None]


class Recording(Protocol):
    """What a player asks of whatever records it (`RecordingController`)."""

    def start(
        self, path: Path, content: Content | str = ..., *, tracker: object | None = ...,
        targets: Sequence[BoxRow] = ...,
    ) -> None: ...  # fmt: skip
    def on_frame(
        self, frame: SourceFrame, marks: Sequence[Mark], rows: Sequence[BoxRow]
    ) -> None: ...
    def on_rows(self, frame: int, time_s: float, rows: Sequence[BoxRow]) -> None: ...
    def on_target(self, frame: int, time_s: float, id: int, label: str, box: Box) -> None: ...
    def on_correction(self, frame: int, time_s: float, id: int, box: Box) -> None: ...
    def on_removed(self, frame: int, id: int) -> None: ...
    def status(self) -> RecordingStatus | None: ...
    def stop(self, reason: str = ...) -> None: ...
    def close(self, reason: str = ...) -> None: ...
    @property
    def is_alive(self) -> bool: ...


@dataclass(frozen=True)
class RecordingFactory:
    """Makes the recording of a source once that is open."""

    text: str
    """What `open_source` was given."""
    rate: float | None = None
    """Frames per second asked of the source."""
    weights: Path | None = None
    """The tracker's weights; None for those shipped with its preset."""
    sessions: Callable[[str], Path] = new_session_folder
    """Gives a folder for the session, by the name of the source."""

    def __call__(
        self, info: SourceInfo, tell: Tell, changed: Callable[[], None] = lambda: None
    ) -> "RecordingController":
        return RecordingController(self, info, tell, changed)


class RecordingController:
    """Records what is played of one source, as often as it is started.

    Every frame that is played or stepped to forwards is recorded once, in order. Going back, and
    playing again what was recorded, records nothing until the newest recorded frame is passed.
    Frames that are jumped over are left out, and the video goes on with the next one played.

    No method raises: what goes wrong ends the recording with its file whole, is told in one
    sentence, and stays in `status` until the next start. All methods but `status`, `on_rows` and
    `is_alive` belong to the thread that plays.
    """

    def __init__(
        self, of: RecordingFactory, info: SourceInfo, tell: Tell,
        changed: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Nothing is on disk before `start`.

        Args:
            of: the source, and where sessions go.
            info: of the open source.
            tell: takes sentences for the user; called from any thread.
            changed: called, from any thread, when `status` has something new to show.
        """
        self._of, self._info = of, info
        self._tell, self._changed = tell, changed
        self._take: Take | None = None
        self._finishing: list[Take] = []
        self._shown: Take | None = None
        self._problem: RecordingStatus | None = None
        self._lock = threading.Lock()

    def start(
        self, path: Path, content: Content | str = Content.OVERLAY, *,
        tracker: object | None = None, targets: Sequence[BoxRow] = (),
    ) -> None:  # fmt: skip
        """Begin a recording; one that runs is finished first.

        Args:
            path: of the video, see `recording_path`; an existing file is replaced.
            content: what the pictures show.
            tracker: as loaded, to be named in the session; None while there is none.
            targets: what is followed already, where it is on the frame that is shown.
        """
        self.stop()
        self._problem = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._take = self._shown = Take(self._plan(path, content, tracker),
                                            self._tell, self._changed)  # fmt: skip
        except (InputError, OSError) as error:
            sentence = str(error) if isinstance(error, InputError) else _no_folder(path, error)
            self._problem = RecordingStatus(path, problem=sentence)
            self._tell(sentence)
            self._changed()
            return
        for row in targets:
            self.on_target(row.frame, row.time_s, row.id, row.label, (row.x, row.y, row.w, row.h))

    def on_frame(self, frame: SourceFrame, marks: Sequence[Mark], rows: Sequence[BoxRow]) -> None:
        """A frame was played or stepped to forwards; `marks` are drawn, `rows` noted.

        Where the encoder is behind a file, this waits for it.
        """
        take = self._take
        if take is None or frame.index <= take.newest:
            return
        try:
            take.frame(frame, marks, rows)
        except InputError as error:
            self._take = None
            self._finishing.append(take)
            sentence = self._why(take.status.path, error)
            take.fail(sentence)
            self._tell(sentence)
            self._changed()

    def on_rows(self, frame: int, time_s: float, rows: Sequence[BoxRow]) -> None:
        """A frame was tracked anew in the background; the video keeps what was seen at the time."""
        self._note(lambda take: take.note(lambda session: session.frame(frame, time_s, rows)))

    def on_target(self, frame: int, time_s: float, id: int, label: str, box: Box) -> None:
        """A target was begun."""
        self._note(
            lambda take: take.note(lambda session: session.target(frame, time_s, id, label, box))
        )

    def on_correction(self, frame: int, time_s: float, id: int, box: Box) -> None:
        """The user put a box right."""
        self._note(
            lambda take: take.note(lambda session: session.correction(frame, time_s, id, box))
        )

    def on_removed(self, frame: int, id: int) -> None:
        """A target was let go."""
        self._note(lambda take: take.note(lambda session: session.removed(frame, id)))

    def status(self) -> RecordingStatus | None:
        """How the newest recording is; None where there is nothing to show (any more)."""
        take = self._shown
        if take is None:
            return self._problem
        status = take.status
        return None if take.is_finished and not status.problem else status

    def stop(self, reason: str = "") -> None:
        """Finish the file, in a thread of its own; harmless where nothing is recorded.

        Args:
            reason: why, where it was not asked for: `another source was opened`; is told.
        """
        take, self._take = self._take, None
        if take is None:
            return
        self._finishing = [other for other in self._finishing if other.is_alive] + [take]
        take.finish()
        if reason:
            self._tell(
                Sentence(
                    "The recording {path} was finished, for {reason}.",
                    path=take.status.path,
                    reason=reason,
                )
            )
        self._changed()

    def close(self, reason: str = "") -> None:
        """As `stop`, and wait until every file is finished."""
        self.stop(reason)
        for take in self._finishing:
            take.join()

    @property
    def is_alive(self) -> bool:
        """Whether something is recorded or a file still being finished."""
        return self._take is not None or any(take.is_alive for take in self._finishing)

    def _note(self, act: Callable[[Take], None]) -> None:
        take = self._take
        if take is not None:
            act(take)

    def _why(self, path: Path, error: InputError) -> str:
        if not is_folder(path.absolute().parent):
            return Sentence(
                "Recording stopped, for the folder {folder} is gone; tracking goes on, and the "
                "next recording needs another folder.",
                folder=path.parent,
            )
        return str(error)

    def _plan(self, path: Path, content: Content | str, tracker: object | None) -> TakePlan:
        about = self._about(path, tracker)

        def describe(give_up: Callable[[], bool]) -> SessionInfo | None:
            return _described(about, tracker, self._of.weights, give_up)

        return TakePlan(
            path, Content(content), self._info, self._of.sessions(self._info.name), about, describe
        )

    def _about(self, path: Path, tracker: object | None) -> SessionInfo:
        """What can be said without reading the source or the weights."""
        place = source_path(self._of.text)
        reference = SourceReference("live", self._info.name, rate=self._of.rate)
        if place is not None and (place.is_file() or place.is_dir()) and not self._info.is_live:
            reference = replace(
                reference, kind="folder" if place.is_dir() else "file", path=str(place.absolute())
            )
        model = ModelReference(str(getattr(tracker, "preset", "")), "")
        machine, settings = blank_environment(), RunSettings()
        if isinstance(tracker, ModelTracker):
            machine, settings = environment(tracker), RunSettings(tracker=tracker_settings(tracker))
        return SessionInfo(
            reference, self._info.width, self._info.height, model, machine, settings,
            (Export("video", str(path.absolute())),),
        )  # fmt: skip


def recording_path(folder: Path, name: str, content: Content | str) -> Path:
    """A name for a recording of the source `name` that replaces nothing in `folder`."""
    title = f"{file_name(name)} {now_name()}"
    number = 1
    while True:
        path = folder / f"{title}{f' {number}' if number > 1 else ''}.mp4"
        taken = [path] if content != Content.BOTH else [path, clean_path(path)]
        if not any(other.exists() for other in taken):
            return path
        number += 1


def _described(
    about: SessionInfo, tracker: object | None, weights: Path | None, give_up: Callable[[], bool]
) -> SessionInfo | None:
    """`about` with the hashes of source and weights; None where there are none, or given up."""
    model, source = about.model, about.source
    if isinstance(tracker, ModelTracker):
        model = refer_model(tracker, weights)
    if source.path is not None:
        source = replace(source, sha256=hash_unless(Path(source.path), give_up))
    described = replace(about, model=model, source=source)
    return described if described != about else None


def _no_folder(path: Path, error: OSError) -> str:
    return Sentence(
        "The folder {folder} for recordings cannot be made: {reason}; choose another folder.",
        folder=path.parent,
        reason=reason(error),
    )
