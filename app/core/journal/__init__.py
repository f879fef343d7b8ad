"""The journal of a session: an append-only file of JSON lines that outlives its process.

Each line is an object with one key that says what it is: `header` (the first line, and only there),
`box` (one per target and frame), `target` and `removed` (a target began, or was let go),
`correction` (the user put a box right) or `event`. What happened at a frame stands after the boxes
the tracker gave there. Numbers keep every digit, so that a replay can be compared exactly; those
that are not finite stand as `NaN` and `Infinity`.
"""

from app.core.journal.entries import (
    DESCRIBED,
    FORMAT,
    Added,
    Correction,
    Entry,
    Event,
    JournalContents,
    Removed,
    outcome_of,
)
from app.core.journal.reader import peek_journal, read_journal
from app.core.journal.writer import Journal

__all__ = [
    "DESCRIBED", "FORMAT", "Added", "Correction", "Entry", "Event", "Journal", "JournalContents",
    "Removed", "outcome_of", "peek_journal", "read_journal",
]  # fmt: skip
