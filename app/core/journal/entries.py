"""What the lines of a journal say."""

from dataclasses import dataclass, field
from typing import Any

from app.core.exchange import BoxRow
from model.geometry import Box
from model.sentences import Sentence

FORMAT = "spacetime-tracker journal 1"
DESCRIBED = "described"
"""Name of the event whose details stand for fields of the header."""


@dataclass(frozen=True)
class Added:
    """A target began with a box given by the user."""

    frame: int
    time_s: float
    id: int
    label: str
    x: float
    y: float
    w: float
    h: float

    @property
    def box(self) -> Box:
        """`(x, y, w, h)` in pixels of the frame."""
        return (self.x, self.y, self.w, self.h)


@dataclass(frozen=True)
class Removed:
    """A target was let go."""

    frame: int
    id: int


@dataclass(frozen=True)
class Correction:
    """The user put the box of a target right, after the tracker had given its own."""

    frame: int
    time_s: float
    id: int
    x: float
    y: float
    w: float
    h: float

    @property
    def box(self) -> Box:
        """`(x, y, w, h)` in pixels of the frame."""
        return (self.x, self.y, self.w, self.h)


@dataclass(frozen=True)
class Event:
    """Anything else worth knowing: `ended`, a lost connection, a recording begun."""

    name: str
    details: dict[str, Any] = field(default_factory=dict)


Entry = BoxRow | Added | Removed | Correction | Event


@dataclass(frozen=True)
class JournalContents:
    """A journal as read."""

    header: dict[str, Any]
    entries: list[Entry]
    torn: int = 0
    """Bytes of a torn last line, which were left out."""
    damage: str = ""
    """The sentence on the first damaged line; nothing from there on was read. Empty if none."""

    @property
    def about(self) -> dict[str, Any]:
        """What the session is: the header, with what was found out later."""
        about = dict(self.header)
        for entry in self.entries:
            if isinstance(entry, Event) and entry.name == DESCRIBED:
                about.update(entry.details)
        return about

    @property
    def outcome(self) -> str | None:
        """How the session ended, in words; None if it did not."""
        return outcome_of(self.entries[-1]) if self.entries else None

    @property
    def rows(self) -> list[BoxRow]:
        """The table of the session: one row per target and frame, in order of frame and id.

        Given and corrected boxes take the place of the tracker's; of a frame tracked twice, after
        going back, the later pass counts.
        """
        rows: dict[tuple[int, int], BoxRow] = {}
        labels: dict[int, str] = {}
        for entry in self.entries:
            if isinstance(entry, Added):
                labels[entry.id] = entry.label
            if isinstance(entry, Added | Correction):
                why = Sentence("given") if isinstance(entry, Added) else Sentence("corrected")
                entry = BoxRow(
                    entry.frame, entry.time_s, entry.id, labels.get(entry.id, ""), *entry.box,
                    1.0, "tracking", why,
                )  # fmt: skip
            if isinstance(entry, BoxRow):
                rows[entry.frame, entry.id] = entry
        return [rows[key] for key in sorted(rows)]


def outcome_of(entry: Entry) -> str | None:
    """How the session ended, if `entry` says so."""
    if isinstance(entry, Event) and entry.name == "ended":
        return str(entry.details.get("outcome", ""))
    return None
