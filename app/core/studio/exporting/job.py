"""An export that runs in a thread of its own."""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from app.core.player.document import DocumentState
from app.core.studio.exporting.request import EXPORTS, ExportRequest, ExportSource, Kind
from app.core.studio.exporting.tables import export_tables
from app.core.studio.exporting.videos import export_video
from model.errors import TrackerError
from model.sentences import Sentence

_log = logging.getLogger(__name__)


class _Cancelled(Exception):  # noqa: N818
    """The user changed their mind."""


@dataclass(frozen=True)
class ExportProgress:
    """How far an export is."""

    done: int = 0
    total: int = 0
    """0 while it is not known."""


@dataclass(frozen=True)
class ExportResult:
    """How an export ended."""

    paths: tuple[Path, ...] = ()
    """Files that stand whole at their places."""
    notice: str = ""
    """A sentence on what is not as one might think."""
    problem: str = ""
    """The sentence on why it failed; empty where it did not."""
    cancelled: bool = False


class ExportJob:
    """One export; `start` returns at once, and `result` is None until it has ended.

    All methods may be called from any thread. A former file stays as it is unless the export comes
    to its end.
    """

    def __init__(
        self, request: ExportRequest, document: DocumentState, source: ExportSource
    ) -> None:
        """Prepare the export of `document` as it is now.

        Raises:
            InputError: what is asked for cannot be done.
        """
        request.check(document, source)
        self.request = request
        self.progress = ExportProgress()
        self.result: ExportResult | None = None
        self._document, self._source = document, source
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """End it soon, leaving nothing behind; harmless after its end."""
        self._cancelled.set()

    def join(self) -> None:
        """Wait for its end."""
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.result = self._export()
        except _Cancelled:
            self.result = ExportResult(cancelled=True)
        except (TrackerError, OSError) as error:
            self.result = ExportResult(problem=str(error))
        except MemoryError:
            self.result = ExportResult(
                problem=Sentence(
                    "There is not enough memory for this export; choose a shorter range."
                )
            )
        except Exception as error:
            _log.exception("an export broke")
            self.result = ExportResult(
                problem=Sentence(
                    "The export stopped by a fault of the program ({kind}: {error}).",
                    kind=type(error).__name__,
                    error=error,
                )
            )

    def _export(self) -> ExportResult:
        request, document, source = self.request, self._document, self._source
        if EXPORTS[request.format].kind is Kind.TABLE:
            return ExportResult(tuple(export_tables(request, document, source, self._step)))
        paths, notice = export_video(request, document, source, self._step, self._cancelled.is_set)
        return ExportResult(tuple(paths), notice)

    def _step(self, done: int, total: int) -> None:
        if self._cancelled.is_set():
            raise _Cancelled
        self.progress = ExportProgress(done, total)
