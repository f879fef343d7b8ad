"""What a player is given to play."""

from collections.abc import Callable
from dataclasses import dataclass

from app.core.player.document import Document
from app.core.player.following import PlayerTracker
from app.core.sources.base import Source
from app.core.studio.recording import RecordingFactory
from model.geometry import Box


@dataclass(frozen=True)
class Script:
    """A source, what follows targets in it, and how to begin; see `Player`."""

    open_source: Callable[[], Source]
    load_tracker: Callable[[], PlayerTracker]
    document: Document
    recording: RecordingFactory | None = None
    fallback: Callable[[], PlayerTracker] | None = None
    boxes: tuple[Box, ...] = ()
    loop: bool = False
    paused: bool = False
    at: int = 0
