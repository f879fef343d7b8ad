"""How a recording is, for whoever shows it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RecordingStatus:
    """A recording at one moment."""

    path: Path
    """Its first file."""
    elapsed_s: float = 0.0
    """Length of the video so far, seconds."""
    bytes: int = 0
    """Size of all its files, looked at twice a second."""
    free_bytes: int | None = None
    """Room that is left on the disk; None where the system does not say."""
    frames: int = 0
    """Frames taken so far."""
    problem: str = ""
    """The sentence on why it ended by itself; empty while all is well."""
    finishing: bool = False
    """Whether no further frame is taken, and the file is being made seekable."""

    @property
    def is_running(self) -> bool:
        """Whether frames are still taken."""
        return not self.problem and not self.finishing
