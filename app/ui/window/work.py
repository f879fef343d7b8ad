"""What is open in the window: opening, saving, recording, exporting, and letting go of it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QWidget

from app.core.player.document import Document
from app.core.player.following import PlayerTracker
from app.core.player.snapshot import Snapshot
from app.core.recent import remember
from app.core.settings import Settings
from app.core.studio.exporting import ExportSource
from app.core.studio.project import SUFFIX
from app.core.studio.project_source import ProjectSource
from app.core.studio.recording import RecordingFactory, recording_path
from app.ui.background import Background
from app.ui.export import ExportDialog, UnsavedAnswer, UnsavedQuestion
from app.ui.window.host import PlayerHost
from app.ui.window.preferences import Preferences, loader_of, weights_of
from app.ui.window.projects import Found, Projects
from app.ui.window.request import BoxesOnly, OpenRequest, is_untouched
from app.ui.window.sources import SourceQuestions
from app.ui.window.trying import Trying
from model.errors import InputError

_LET_GO_S = 30.0
"""Longest wait for recordings to be finished and projects to be saved when the window closes."""
_READING_S = 2.0

Load = Callable[[], PlayerTracker]


class OpenWork(QObject):
    """One source at a time, with its document and its project."""

    beginning = pyqtSignal()
    """What was open is about to make room for something else."""
    begun = pyqtSignal()
    """Something is being opened; nothing of it is known yet."""
    ended = pyqtSignal()
    """Nothing is open any more."""
    renamed = pyqtSignal()
    """It is called otherwise, or is saved elsewhere."""
    said = pyqtSignal(object)
    """A sentence for the user."""
    refused = pyqtSignal(object)
    """A sentence on what the user wanted and cannot have."""

    def __init__(
        self, host: PlayerHost, preferences: Preferences, sources: SourceQuestions,
        load_tracker: Load | None, window: QWidget,
    ) -> None:  # fmt: skip
        """`load_tracker` is used in place of what the settings say."""
        super().__init__(window)
        self._host, self._preferences, self._sources = host, preferences, sources
        self._load_tracker, self._window = load_tracker, window
        self.projects = Projects(self)
        self.projects.found.connect(self._found)
        self.projects.placed.connect(self._placed)
        self.projects.saved.connect(self._saved)
        self.projects.failed.connect(self._failed)
        self._background = Background(self)
        self._background.failed.connect(self.refused)
        self._trying = Trying(self)
        self._trying.failed.connect(self.refused)
        self.request: OpenRequest | None = None
        """What is open; None where nothing is."""
        self.snapshot = Snapshot()
        """What is shown of it."""
        self._is_known = False
        self._question: UnsavedQuestion | None = None
        self._after_saving: Callable[[], None] | None = None
        self._export: ExportDialog | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        if self.request is None:
            return ""
        if self.projects.path is not None:
            return self.projects.path.stem
        if self.request.is_demo:
            return self.tr("Demo")
        if self.request.text.isdecimal():
            return self.tr("Camera {number}").format(number=self.request.text)
        return self.request.name or self.tr("Screen")

    @property
    def has_pictures(self) -> bool:
        """Whether there is more than boxes."""
        return not isinstance(self.request, BoxesOnly)

    @property
    def folder(self) -> Path:
        """Where it lies, or where the user was last."""
        return self._beside(Path(self._sources.folder))

    @property
    def is_unsaved(self) -> bool:
        """Whether there is work that would be lost."""
        document = self._host.document
        if document is None or not document.is_modified or self.request is None:
            return False
        if self.request.is_demo and self.projects.path is None and is_untouched(document.state):
            return False
        state = document.state
        is_empty = not state.targets and state.scale is None
        return not is_empty or self.projects.path is not None

    # opening

    def open(self, request: OpenRequest) -> None:
        """Open a source in place of what is open, whose unsaved work is asked about first.

        What is open stays where a file or a folder cannot be opened.
        """

        def begin() -> None:
            self.leave(lambda: self._open(request))

        if self.request is None or not request.can_be_tried:
            begin()
        else:
            self._trying.run(request, begin)

    def open_project(self, path: Path) -> None:
        """Open a project in place of what is open."""
        mine = self.projects.path
        if mine is not None and mine.resolve() == path.resolve():
            text = self.tr("The project {name} is open in this window already.")
            self.said.emit(text.format(name=path.name))
            return
        self.leave(lambda: self.projects.open(path))

    def open_text(self, text: str) -> None:
        """Open a file, a project, a folder, a camera's number, a URL or a part of the screen."""
        if text.lower().endswith(SUFFIX):
            self.open_project(Path(text))
        else:
            self.open(OpenRequest(text))

    def close_source(self) -> None:
        """Let go of what is open."""
        self.leave(self.let_go)

    def let_go(self) -> None:
        """Let go of what is open, saved or not."""
        self._end()
        self._host.let_go()
        self.ended.emit()

    def leave(self, then: Callable[[], None]) -> None:
        """Call `then` once nothing is left to be saved; not at all if the user thinks better."""
        if self._question is not None:
            self._question.raise_()
            return
        if not self.is_unsaved:
            then()
            return
        question = self._question = UnsavedQuestion(self.name, self._window)

        def answered() -> None:
            self._question = None
            if question.answer is UnsavedAnswer.SAVE:
                self._after_saving = then
                self.save()
            elif question.answer is UnsavedAnswer.DISCARD:
                then()

        question.finished.connect(answered)
        question.finished.connect(question.deleteLater)
        question.open()

    def place(self, found: Found, path: Path) -> None:
        """The source of a project is at `path` now."""
        self.projects.place(found, path)

    def open_boxes(self, found: Found) -> None:
        """Open a project without its source."""
        document = found.opened.project.document
        self._resume(found, found.source, BoxesOnly("", source=found.source, document=document))

    # saving

    def save(self) -> None:
        """Write the project to where it was saved before; asks where that is nowhere."""
        if self.projects.path is None:
            self.save_as()
        else:
            self._save(None)

    def save_as(self) -> None:
        """Ask where to write the project, and write it there."""
        if self._host.document is None or not self.projects.has_source:
            self._after_saving = None
            return
        dialog = QFileDialog(
            self._window, self.tr("Save project"),
            str(self.projects.suggestion(self.folder)),
            self.tr("Projects ({pattern})").format(pattern=f"*{SUFFIX}"),
        )  # fmt: skip
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.fileSelected.connect(lambda path: self._save(Path(path)))
        dialog.rejected.connect(self._forget_after_saving)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def rescue(self) -> Path | None:
        """Save what is not saved, where nobody can be asked; None where nothing had to be."""
        document = self._host.document
        if document is None or not self.is_unsaved or not self.projects.has_source:
            return None
        return self.projects.rescue(document, self._view())

    # recording and exporting

    def toggle_recording(self) -> None:
        """Record from here on, or finish the recording."""
        player, info, settings = self._host.player, self.snapshot.info, self._preferences.now
        if player is None or info is None:
            return
        recording = self.snapshot.recording
        if recording is not None and recording.is_running:
            player.stop_recording()
            return
        folder, content, name = settings.recordings_folder(), settings.record_content, info.name

        def start(path: Path) -> None:
            if self._host.player is player:
                player.start_recording(path, content)

        self._background.run(
            lambda: recording_path(folder, name, content), start, name="naming a recording"
        )

    def export(self) -> None:
        """Ask what to export."""
        document, info, request = self._host.document, self.snapshot.info, self.request
        if document is None or info is None or request is None or self._export is not None:
            return
        span = self.snapshot.span
        frames = span.last + 1 if span is not None and span.last is not None else info.frames
        source = ExportSource(
            request.text, info.name, info.width, info.height, request.rate,
            is_live=info.is_live or not self.has_pictures,
        )  # fmt: skip
        dialog = self._export = ExportDialog(
            document.state, source, self._beside(self._preferences.now.recordings_folder()),
            frames=frames,
            trail=self._preferences.now.trail_length, parent=self._window,
        )  # fmt: skip
        dialog.finished.connect(self._exported)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # what the window tells

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """This is shown now."""
        done = self.snapshot.recording
        self.snapshot = snapshot
        if done is not None and snapshot.recording is None and not done.problem:
            self.said.emit(self.tr("Recorded: {path}").format(path=done.path))
        if snapshot.info is None or self._is_known:
            return
        self._is_known = True
        self.projects.note(snapshot.info)
        request = self.request
        if request is None or request.is_demo or not self.has_pictures:
            return
        if self.projects.path is None:
            self._background.run(partial(remember, request.text), _nothing, name="recent files")

    def use_settings(self, settings: Settings) -> None:
        """Track with what is set from here on."""
        if self._host.player is not None and self.has_pictures:
            self._host.player.set_tracker(self._loader(settings), self._fallback(settings))

    def close(self) -> bool:
        """End everything; False where something did not end in time."""
        if self._export is not None:
            self._export.stop()
        self._end()
        in_time = self._host.close(_LET_GO_S)
        self.projects.close(_LET_GO_S)
        in_time = self._trying.close(_READING_S) and in_time
        return self._background.join(_READING_S) and in_time

    def _open(
        self, request: OpenRequest, *, document: Document | None = None, at: int = 0,
        paused: bool = False,
    ) -> None:  # fmt: skip
        self.beginning.emit()
        self._end()
        self.request, settings = request, self._preferences.now
        self._host.open(
            request, self._loader(settings), fallback=self._fallback(settings), document=document,
            recording=RecordingFactory(request.text, request.rate, weights_of(settings)),
            at=at, paused=paused,
        )  # fmt: skip
        self.projects.begin(request)
        self.begun.emit()

    def _end(self) -> None:
        """Say what becomes of a recording, and forget what was open."""
        recording = self.snapshot.recording
        if recording is not None and recording.is_running:
            self.said.emit(
                self.tr("The recording {path} ends here, and is being finished.").format(
                    path=recording.path
                )
            )
        self.request, self.snapshot, self._is_known = None, Snapshot(), False
        self._trying.forget()
        self.projects.end()

    def _resume(self, found: Found, source: ProjectSource, request: OpenRequest) -> None:
        project = found.opened.project
        at = project.view.get("frame", 0)
        self._open(
            request, document=Document(project.document), paused=True,
            at=at if isinstance(at, int) and at >= 0 else 0,
        )  # fmt: skip
        self.projects.resume(found, source)
        self._background.run(
            partial(remember, str(found.path), "project"), _nothing, name="recent files"
        )
        self.renamed.emit()

    def _found(self, found: Found) -> None:
        path, is_live = found.located.path, found.source.kind == "live"
        if path is None and not is_live:
            self._sources.ask_place(found)
            return
        if path is None or is_live:
            self.open_boxes(found)
        else:
            self._resume(found, found.source, OpenRequest(str(path), rate=found.source.rate))
        self._say(found.opened.notice, found.located.notice)

    def _placed(self, found: Found, source: ProjectSource, notice: str) -> None:
        self._resume(found, source, OpenRequest(source.path, rate=source.rate))
        self._say(found.opened.notice, notice)

    def _say(self, *sentences: str) -> None:
        for sentence in sentences:
            if sentence:
                self.said.emit(sentence)

    def _save(self, path: Path | None) -> None:
        document = self._host.document
        if document is None:
            return
        if path is not None:
            self._sources.folder = str(path.parent)
        self.projects.save(document, self._view(), path)

    def _saved(self, path: Path) -> None:
        self.renamed.emit()
        then = self._forget_after_saving()
        if then is not None:
            then()

    def _failed(self, sentence: str) -> None:
        self._forget_after_saving()
        self.refused.emit(sentence)

    def _forget_after_saving(self) -> Callable[[], None] | None:
        then, self._after_saving = self._after_saving, None
        return then

    def _view(self) -> dict[str, Any]:
        frame = self.snapshot.frame
        return {"frame": frame.index if frame is not None else 0}

    def _loader(self, settings: Settings) -> Load:
        if not self.has_pictures:
            return _no_tracker
        return self._load_tracker or loader_of(settings)

    def _fallback(self, settings: Settings) -> Load | None:
        if self._load_tracker is not None or not self.has_pictures:
            return None
        return loader_of(_on_cpu(settings))

    def _beside(self, otherwise: Path) -> Path:
        """The folder of what is open; `otherwise` where that is no file of the user's."""
        folder = self.request.folder if self.request is not None else None
        return folder or otherwise

    def _exported(self) -> None:
        self._export = None


def _on_cpu(settings: Settings) -> Settings:
    return replace(settings, device="cpu", precision="auto")


def _no_tracker() -> PlayerTracker:
    raise InputError("There are no pictures here, so nothing can be followed.")


def _nothing(_: object) -> None:
    """What was done in the background has no result."""
