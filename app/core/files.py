"""Files that appear whole or not at all, written beside their place and moved into it; paths."""

import contextlib
import os
import stat
from pathlib import Path

from model.sentences import Sentence


class PartFile:
    """Text for `path`, gathered in `path.part` beside it until `commit` moves it into place.

    Until then a file that is already at `path` stays as it is. What a killed process leaves under
    `.part` is never overwritten: a further writer takes `.part2`, and so on. A `path` that is no
    regular file, such as `/dev/stdout`, is written to directly. Every method raises `OSError`
    where the system refuses.
    """

    def __init__(self, path: Path) -> None:
        self._direct = path.exists() and not path.is_file() and not path.is_dir()
        # a link stays one: the file it leads to is replaced. /dev/stdout may lead to a pipe, which
        # has no path
        is_link = path.is_symlink() and not self._direct
        self.path = Path(os.path.realpath(path)) if is_link else path
        if self.path.is_dir():
            raise IsADirectoryError(21, Sentence("it is a folder"), str(path))
        self.part = self.path if self._direct else _free_name(self.path)
        mode = "w" if self._direct else "x"
        # a name from outside may hold what UTF-8 cannot
        self.file = self.part.open(mode, encoding="utf-8", newline="", errors="backslashreplace")
        self._placed = self._direct

    def write(self, text: str) -> None:
        """Append `text` and hand it to the system, so that it outlives this process."""
        self.file.write(text)
        self.file.flush()

    def commit(self) -> None:
        """Move what was written to `path`, with the mode of the file it replaces."""
        if self.file.closed:  # done before, or failed before: half a file takes no place
            return
        try:
            self.file.flush()
            if not self._direct:
                os.fsync(self.file.fileno())
        finally:
            self.file.close()
        if not self._direct:
            if self.path.exists():
                self.part.chmod(stat.S_IMODE(self.path.stat().st_mode))
            self.part.replace(self.path)
            self._placed = True

    def discard(self) -> None:
        """Drop what was written, unless it is in place; `path` stays as it was."""
        try:
            self.file.close()
        finally:
            if not self._placed:
                self.part.unlink(missing_ok=True)


def replace_text(path: Path, text: str) -> None:
    """Make `text` the whole content of `path` in one step.

    Raises:
        OSError: the system refuses; the former file is untouched and nothing else left behind.
    """
    part = PartFile(path)
    try:
        part.write(text)
        part.commit()
    except BaseException:
        with contextlib.suppress(OSError):  # no room to flush what is dropped anyway
            part.discard()
        raise


def from_home(text: str | Path) -> Path:
    """`text` as a path; `~` at its head is a user's home, where there is such a user."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_there(path: Path) -> bool:
    """Whether there is something at `path`; False where one may not look, or no name can be so."""
    try:
        return path.exists()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Whether `path` is a file; False where one may not look, or no name can be so."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder; False where one may not look, or no name can be so."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_same(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever name."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return one.absolute() == other.absolute()


def _free_name(path: Path) -> Path:
    number = 1
    while True:
        name = path.with_name(f"{path.name}.part{number if number > 1 else ''}")
        if not os.path.lexists(name):
            return name
        number += 1
