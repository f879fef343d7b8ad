"""The project of what is open: where it is saved, and what of it is not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
from PyQt6.QtCore import QObject, pyqtSignal

from app.core.player.document import Document
from app.core.recent import remember
from app.core.recovery import file_name
from app.core.sources.base import SourceInfo
from app.core.studio.project import (
    SUFFIX,
    Opened,
    Project,
    ProjectFile,
    open_project,
    with_project_ending,
)
from app.core.studio.project_source import (
    Located,
    ProjectSource,
    check_source,
    locate,
    refer_project_source,
    with_place,
)
from app.ui.background import Background
from app.ui.window.request import OpenRequest
from model.errors import InputError, TrackerError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """A project that was read, and where its source is."""

    path: Path
    opened: Opened
    located: Located

    @property
    def source(self) -> ProjectSource:
        """As the project knows it."""
        return self.opened.project.source

    def close(self) -> None:
        """Let go of its file, where it is not to be opened after all."""
        if self.opened.file is not None:
            self.opened.file.close()


class Projects(QObject):
    """Opens and saves in the background; one project at a time."""

    found = pyqtSignal(object)
    """A project was read: `Found`."""
    placed = pyqtSignal(object, object, object)
    """The source of a project is at a new place: `Found`, its `ProjectSource` there, and a sentence
    where it is another one."""
    saved = pyqtSignal(object)
    """`Path` of the project."""
    failed = pyqtSignal(object)
    """What was to be opened or saved cannot be; a sentence."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._opening, self._saving = Background(self), Background(self)
        self._opening.failed.connect(self.failed)
        self._saving.failed.connect(self.failed)
        self._file: ProjectFile | None = None
        self._request: OpenRequest | None = None
        self._source: ProjectSource | None = None
        self._info: SourceInfo | None = None
        self._round = 0

    @property
    def path(self) -> Path | None:
        """Where the project is saved; None where it never was."""
        return self._file.path if self._file is not None else None

    @property
    def has_source(self) -> bool:
        """Whether enough is known of what is open to save it."""
        return self._source is not None or self._info is not None

    @property
    def is_saving(self) -> bool:
        """Whether something is being written."""
        return self._saving.is_busy

    def begin(self, request: OpenRequest) -> None:
        """A source was opened that belongs to no project yet."""
        self.end()
        self._request = request

    def resume(self, found: Found, source: ProjectSource) -> None:
        """A project was opened; `source` is where it is now."""
        self.end()
        self._file, self._source = found.opened.file, source

    def end(self) -> None:
        """Let go of the project, and open none that is still being read."""
        if self._file is not None:
            self._file.close()
        self._file = self._request = self._source = self._info = None
        self._round += 1

    def note(self, info: SourceInfo) -> None:
        """The source was opened, and this is known of it now."""
        if self._info is None:
            self._info = info

    def open(self, path: Path) -> None:
        """Read a project and look for its source; `found` or `failed` comes."""

        def work() -> Found:
            opened = open_project(path)
            try:
                return Found(path, opened, locate(opened.project.source, path))
            except BaseException:
                if opened.file is not None:
                    opened.file.close()
                raise

        self._round += 1
        self._opening.run(work, partial(self._found, self._round), name="opening a project")

    def place(self, found: Found, path: Path) -> None:
        """Take what is at `path` for the source of a project; `placed` or `failed` comes."""

        def work() -> tuple[ProjectSource, str]:
            return with_place(found.source, path), check_source(found.source, path)

        self._opening.run(
            work, lambda result: self.placed.emit(found, *result), name="placing a source"
        )

    def suggestion(self, folder: Path) -> Path:
        """A place for the project, to begin with."""
        if self._file is not None:
            return self._file.path
        name = self._info.name if self._info is not None else "project"
        return folder / f"{file_name(Path(name).stem)}{SUFFIX}"

    def save(self, document: Document, view: dict[str, Any], path: Path | None = None) -> None:
        """Write the project, by default where it was; `saved` or `failed` comes.

        Args:
            document: as it is now.
            view: settings of the view that are kept with it.
            path: another place, from then on that of the project.
        """
        state, file, describe = document.state, self._file, self._describe()
        place = with_project_ending(path) if path is not None else None

        def work() -> tuple[ProjectFile, ProjectSource]:
            source = describe()
            used = file
            if place is not None and (used is None or place.resolve() != used.path.resolve()):
                used = ProjectFile(place)
            assert used is not None
            try:
                used.save(Project(source, state, view))
            except BaseException:
                if used is not file:
                    used.close()
                raise
            _remember(used.path)
            return used, source

        def done(result: tuple[ProjectFile, ProjectSource]) -> None:
            used, self._source = result
            if self._file is not None and self._file is not used:
                self._file.close()
            self._file = used
            document.mark_saved(state)
            self.saved.emit(used.path)

        self._saving.run(work, done, name="saving a project")

    def rescue(self, document: Document, view: dict[str, Any]) -> Path | None:
        """Write the project at once, where nobody can be asked: beside its file, or in the user's
        folder for data. None where that fails; why is in the log."""
        try:
            source, state = self._describe()(), document.state
            if self._file is not None:
                self._file.save(Project(source, state, view))
                return self._file.path
            folder = platformdirs.user_data_path("spacetime-tracker", appauthor=False) / "rescued"
            folder.mkdir(parents=True, exist_ok=True)
            path = self._free(self.suggestion(folder))
            with ProjectFile(path) as file:
                file.save(Project(source, state, view))
            _remember(path)
        except (TrackerError, OSError):
            _log.exception("unsaved work cannot be rescued")
            return None
        return path

    def close(self, timeout_s: float) -> None:
        """Let go of everything, after what is being saved is saved."""
        self._opening.join(timeout_s)
        self._saving.join(timeout_s)
        self.end()

    def _found(self, round_: int, found: Found) -> None:
        if round_ == self._round:
            self.found.emit(found)
        else:
            found.close()

    def _describe(self) -> Callable[[], ProjectSource]:
        """Finds out how the project refers to its source, which reads some of it."""
        known, request, info = self._source, self._request, self._info
        if known is not None:
            return lambda: known
        assert request is not None
        assert info is not None
        return lambda: refer_project_source(request.text, info, rate=request.rate)

    @staticmethod
    def _free(path: Path) -> Path:
        """`path`, or a name like it that is not taken."""
        names = (path, *(path.with_stem(f"{path.stem} {n}") for n in range(2, 1000)))
        return next(name for name in names if not name.exists())


def _remember(path: Path) -> None:
    try:
        remember(str(path), "project")
    except InputError as error:
        _log.warning("the project cannot be put on the list of recent files: %s", error)
