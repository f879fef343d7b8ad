"""A video that appears whole or not at all."""

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

from app.core.overlay import Mark
from app.core.recorder import Content, Recorder
from app.core.recorder.formats import next_segment, why
from model.errors import InputError
from model.images import Frame


class AtomicVideo:
    """Grows beside its place as `name.part.mp4`, and is moved there by `commit`."""

    def __init__(
        self, path: Path, first: Frame, rate: float | None, give_up: Callable[[], bool]
    ) -> None:
        """Create the file for frames of the size of `first` `(H, W, 3)`.

        Args:
            path: ends in .mp4, .m4v, .mov or .mkv.
            first: a frame.
            rate: nominal frames per second.
            give_up: asked, also in another thread, whether to leave the file incomplete.

        Raises:
            InputError: it cannot be created.
        """
        self._path = path
        self._dropped = False
        self._part = _free_part(path)
        height, width = first.shape[:2]
        try:
            self._recorder = Recorder(
                self._part, width, height, rate=rate, content=Content.OVERLAY,
                give_up=lambda: self._dropped or give_up(),
            )  # fmt: skip
        except InputError as error:
            raise _unwritable(path, error) from error
        self.failed = False
        """Whether a frame could not be written."""

    def write(self, rgb: Frame, time_s: float, marks: Iterable[Mark]) -> None:
        """Add a frame with `marks` drawn on it.

        Raises:
            InputError: there is no room, or the folder is gone.
        """
        try:
            self._recorder.write(rgb, time_s, marks)
        except InputError as error:
            self.failed = True
            raise _unwritable(self._path, error) from error

    def complete(self) -> None:
        """Finish what was written, beside its place.

        Raises:
            InputError: there is no room.
        """
        try:
            self._recorder.close()
        except InputError as error:
            raise _unwritable(self._path, error) from error

    def commit(self) -> list[Path]:
        """Move the file, and further ones where the size changed, into place.

        Raises:
            InputError: the system refuses.
        """
        placed = []
        try:
            for number, part in enumerate(self._recorder.paths):
                path = next_segment(self._path) if number else self._path
                part.replace(path)
                placed.append(path)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return placed

    def discard(self) -> None:
        """Leave nothing behind."""
        self._dropped = True
        with contextlib.suppress(InputError):
            self._recorder.close()
        for path in self._recorder.paths:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _free_part(path: Path) -> Path:
    """A name beside `path` that no file has, with its ending: a video goes by that."""
    number = 1
    while True:
        part = path.with_name(f"{path.stem}.part{number if number > 1 else ''}{path.suffix}")
        if not part.exists():
            return part
        number += 1


def _unwritable(path: Path, error: Exception) -> InputError:
    cause = error.__cause__ if isinstance(error, InputError) and error.__cause__ else error
    if isinstance(cause, InputError):
        cause = cause.__cause__ or cause
    return InputError(
        "The video {path} cannot be written: {why}; "
        "choose a folder that exists, may be written to and has room.",
        path=path,
        why=why(cause),
    )
