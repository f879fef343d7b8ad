"""What the tables share whose every row is a line, or that are built from such lines."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from app.core.exchange.rows import BoxRow, TableInfo, unwritable
from app.core.files import PartFile
from app.core.sources.base import Closing


class LineTable(Closing, ABC):
    """A table whose every row is a line, flushed as it comes."""

    def __init__(self, path: Path, info: TableInfo) -> None:
        self.path = path
        self.info = info
        try:
            self._part = PartFile(path)
        except OSError as error:
            raise unwritable(path, error) from error

    def line(self, text: str) -> None:
        """Append a line, its end included.

        Raises:
            InputError: there is no room.
        """
        self._do(lambda: self._part.write(text))

    @abstractmethod
    def write(self, row: BoxRow) -> None:
        """Append a row."""

    def empty(self, frame: int, time_s: float) -> None:
        """Nothing to write where a frame without a target has no line."""

    def close(self) -> None:
        self._do(self._part.commit)

    def discard(self) -> None:
        self._do(self._part.discard)

    def _do(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            raise unwritable(self.path, error, part=self._part.part) from error
