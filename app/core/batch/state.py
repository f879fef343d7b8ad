"""What a batch has done so far, on disk, so that it goes on where it was interrupted."""

import csv
import io
import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from app.core.batch.work import COLUMNS, Outcome, Task
from app.core.files import replace_text
from app.core.sources.base import reason
from model.errors import InputError

VERSION = 1
_PAUSE_S = 1.0
"""Seconds between two writes of the state: with thousands of short videos it is not small."""


class BatchState:
    """The outcome of every source that was tracked, in one JSON file that is replaced as a whole.

    A source counts as done while its fingerprint is that of its task and its outputs are there.
    """

    def __init__(self, path: Path) -> None:
        """Read `path`, if it is there.

        Raises:
            InputError: it is damaged, or of another version.
        """
        self.path = path
        self._known: dict[str, tuple[str, Outcome]] = {}
        self._written = -_PAUSE_S
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise self._unusable(error) from error
        try:
            document = json.loads(text)
            if document["version"] != VERSION:
                raise ValueError(f"it is of version {document['version']}")
            for source, entry in document["sources"].items():
                outcome = Outcome(**{**entry["outcome"], "source": source})
                self._known[source] = (str(entry["fingerprint"]), outcome)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise self._unusable(error) from error

    def done(self, task: Task) -> Outcome | None:
        """What came of `task` in an earlier run; None where it is still to be done."""
        fingerprint, outcome = self._known.get(task.source, ("", None))
        if outcome is None or outcome.status != "done" or fingerprint != task.fingerprint:
            return None
        wanted = (task.outputs.table, task.outputs.video)
        return outcome if all(path is None or path.is_file() for path in wanted) else None

    def record(self, task: Task, outcome: Outcome) -> None:
        """Note what came of `task`, on disk within a second of work.

        Raises:
            InputError: the file cannot be written.
        """
        self._known[task.source] = (task.fingerprint, outcome)
        if time.monotonic() - self._written >= _PAUSE_S:
            self.save()

    def save(self) -> None:
        """Write everything noted.

        Raises:
            InputError: the file cannot be written; the former one is whole.
        """
        sources = {
            source: {"fingerprint": fingerprint, "outcome": asdict(outcome)}
            for source, (fingerprint, outcome) in self._known.items()
        }
        _replace(self.path, json.dumps({"version": VERSION, "sources": sources}))
        self._written = time.monotonic()

    def _unusable(self, error: Exception) -> InputError:
        why = reason(error) if isinstance(error, OSError) else f"it is damaged ({error})"
        return InputError(
            f"The state {self.path} of the batch cannot be used: {why}; remove it to start anew."
        )


def write_summary(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Write one row per source as CSV.

    Raises:
        InputError: the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(asdict(outcome) for outcome in outcomes)
    _replace(path, text.getvalue())


def _replace(path: Path, text: str) -> None:
    try:
        replace_text(path, text)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {reason(error)}; choose another folder with --into."
        ) from error
