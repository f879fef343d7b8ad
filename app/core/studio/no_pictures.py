"""A stand-in for a source whose pictures are gone: grey frames at the times of the boxes."""

from collections.abc import Iterator

import numpy as np

from app.core.player.document import DocumentState
from app.core.sources.base import Closing, SourceFrame, SourceInfo, no_frame
from app.core.studio.project_source import ProjectSource

_GREY = 60
_RATE = 25.0
_SIZE = (640, 360)
"""Width and height where the project does not say."""


class NoPictures(Closing):
    """As many frames as there are boxes, on which the boxes can be looked at."""

    seekable = True

    def __init__(self, source: ProjectSource, document: DocumentState) -> None:
        """Stand in for `source`, of which `document` has the boxes."""
        self._times = _times(document)
        last = max(self._times, default=0)
        self._rate = source.rate or _rate(self._times)
        width, height = source.width or _SIZE[0], source.height or _SIZE[1]
        self.info = SourceInfo(source.name, width, height, last + 1, self._rate, is_live=False)
        # one picture for all frames; nobody may write to it
        self._rgb = np.full((height, width, 3), _GREY, np.uint8)
        self._rgb.flags.writeable = False
        self._next = 0

    def __iter__(self) -> Iterator[SourceFrame]:
        count = self.info.frames or 0
        while self._next < count:
            index = self._next
            self._next += 1
            time_s = self._times.get(index, index / self._rate)
            yield SourceFrame(index, time_s, self._rgb)

    def seek(self, index: int) -> None:
        """Let the next frame be number `index`.

        Raises:
            InputError: there is no such frame.
        """
        if not 0 <= index < (self.info.frames or 0):
            raise no_frame(index, self.info.name, self.info.frames)
        self._next = index


def _times(document: DocumentState) -> dict[int, float]:
    """Seconds of every frame there are boxes of."""
    times: dict[int, float] = {}
    for target in document.targets:
        columns = target.rows.columns()
        times.update(zip(columns.frame.tolist(), columns.time_s.tolist(), strict=True))
    return times


def _rate(times: dict[int, float]) -> float:
    """Frames per second between the first box and the last."""
    first, last = min(times, default=0), max(times, default=0)
    seconds = times.get(last, 0.0) - times.get(first, 0.0)
    return (last - first) / seconds if seconds > 0 else _RATE
