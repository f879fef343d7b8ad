"""One file of a recording, and its further segments where the size of the frames changes."""

from fractions import Fraction
from pathlib import Path

from app.core.overlay import draw
from app.core.recorder.formats import next_segment
from app.core.recorder.frames import QueuedFrame
from app.core.recorder.hold import Hold
from app.core.recorder.segment import Segment


class Output:
    """Takes every frame, in the thread that calls; frames of another size begin a segment."""

    def __init__(
        self, path: Path, size: tuple[int, int], *, draws: bool, base: Fraction, rate: Fraction,
        continues: bool = False,
    ) -> None:  # fmt: skip
        """Create `path`, or its next segment, for frames of `size` `(width, height)`.

        Args:
            draws: whether the marks of a frame are drawn on it.
            base: seconds per tick.
            rate: nominal frames per second.
            continues: leave `path` as it is and begin with its next segment.

        Raises:
            InputError: the file cannot be created.
        """
        self.path = path
        self.draws = draws
        self._base, self._rate = base, rate
        self._step = max(1, round(1 / rate / base))
        first = next_segment(path) if continues else path
        self._holds: list[Hold] = []
        self._segment = self._open(first, size)
        self.paths = [first]

    def write(self, frame: QueuedFrame) -> None:
        """Add a frame.

        Raises:
            InputError: it cannot be written; all before it are whole.
        """
        height, width = frame.rgb.shape[:2]
        if (width, height) != self._segment.size:
            self._change_size((width, height))
        marked = self.draws and frame.marks
        self._segment.write(draw(frame.rgb, frame.marks) if marked else frame.rgb, frame.tick)

    def close(self) -> None:
        """Finish the file at hand.

        Raises:
            InputError: its rest cannot be written.
        """
        self._segment.close()

    def release(self) -> None:
        """Let others write the files; they are closed and nothing more is to be done with them."""
        for hold in self._holds:
            hold.close()

    def _change_size(self, size: tuple[int, int]) -> None:
        self._segment.close()
        if not self._segment.frames:
            self._segment.hold.close()
            self._segment = self._open(self._segment.path, size)
            return
        path = next_segment(self.path)
        self._segment = self._open(path, size)
        self.paths.append(path)

    def _open(self, path: Path, size: tuple[int, int]) -> Segment:
        segment = Segment(path, size, base=self._base, rate=self._rate, step=self._step)
        self._holds.append(segment.hold)
        return segment
