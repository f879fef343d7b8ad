"""What moves through a source: which frame comes next, and when."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from app.core.player.pace import Pace
from app.core.player.reel import FileReel, IndexReader
from app.core.player.snapshot import Span
from app.core.player.tape import CatchUp, LiveTape, SharedTape
from app.core.sources.base import Source, SourceFrame, SourceInfo, SourceState
from app.core.sources.index import FrameIndex
from app.core.sources.live import LiveSource
from app.core.sources.video import NEAR, VideoFile
from model.errors import InputError

_BLOCKED_S = 0.02
_LIVE_WAIT_S = 0.05


@dataclass(frozen=True)
class Turn:
    """A frame whose turn it is."""

    frame: SourceFrame
    due_s: float
    """When it arrived or was due, by the monotonic clock."""


class Deck(Protocol):
    """Moves through the frames of a source. Belongs to one thread, but for `wake`."""

    is_live: bool
    info: SourceInfo

    @property
    def span(self) -> Span: ...
    @property
    def dropped(self) -> int:
        """Frames of a live source that were passed over to keep up."""

    @property
    def is_at_edge(self) -> bool:
        """Whether the newest frame of a live source is shown."""

    def first(self, at: int, stopping: Callable[[], bool]) -> SourceFrame | None:
        """The frame to begin with; None where it is told to stop before one came."""

    def turn(self, *, is_step: bool, blocks: Callable[[int], bool]) -> Turn | float:
        """The next frame, or for how many seconds to wait for it.

        Args:
            is_step: whether it comes without regard to its time.
            blocks: whether a frame by its number has to wait.

        Raises:
            StopIteration: there is none.
            InputError: the source broke.
        """

    def go_to(self, index: int) -> SourceFrame:
        """Frame number `index`, or the nearest there is.

        Raises:
            InputError: it cannot be had.
        """

    def state(self) -> SourceState: ...
    def set_speed(self, speed: float) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def catch_up(self) -> None: ...
    def release(self) -> None:
        """A hold has ended."""

    def wake(self) -> None: ...
    def close(self) -> None: ...


class FileDeck:
    """Every frame of a file at its own time, or at another speed."""

    is_live = False
    dropped = 0
    is_at_edge = True

    def __init__(self, source: Source, post: Callable[[Callable[[], None]], None]) -> None:
        """Take over `source`; `post` lets a function be called in the thread that plays."""
        self.info = source.info
        self._source = source
        self._reel = FileReel(source)
        self._pace = Pace()
        self._shown: SourceFrame | None = None
        self._ahead: tuple[SourceFrame, float] | None = None
        self._indexer: IndexReader | None = None
        self._has_index = False
        if isinstance(source, VideoFile):
            self._indexer = IndexReader(source, lambda found: post(partial(self._use, found)))

    @property
    def span(self) -> Span:
        return self._reel.span

    def first(self, at: int, stopping: Callable[[], bool]) -> SourceFrame | None:
        try:
            return self.go_to(at)
        except InputError:
            if at == 0:
                raise
            return self.go_to(0)

    def turn(self, *, is_step: bool, blocks: Callable[[int], bool]) -> Turn | float:
        if self._ahead is None:
            shown = self._shown
            frame = self._reel.next(-1 if shown is None else shown.index)
            assert frame is not None
            step_s = 0.0 if shown is None else frame.time_s - shown.time_s
            self._ahead = frame, self._pace.due_s(step_s)
        frame, due_s = self._ahead
        wait_s = due_s - time.monotonic()
        if wait_s > 0 and not is_step:
            return wait_s
        if blocks(frame.index):
            return _BLOCKED_S
        self._ahead, self._shown = None, frame
        if is_step:
            self._pace.restart()
            return Turn(frame, time.monotonic())
        return Turn(frame, self._pace.passed(due_s))

    def share_index(self, reel: FileReel) -> None:
        """Let another reel of the same file have the index; waits for it, in any thread."""
        indexer = self._indexer
        if indexer is not None:
            indexer.join()
            if not indexer.was_cancelled:
                reel.use_index(indexer.found)

    def go_to(self, index: int) -> SourceFrame:
        self._wait_for_index(index)
        last = self.span.last
        wanted = max(0, index if last is None else min(index, last))
        try:
            frame = self._reel.frame(wanted)
        except InputError:
            # the number of frames was an estimate
            last = self.span.last
            if last is None or last >= wanted:
                raise
            frame = self._reel.frame(last)
        self._ahead, self._shown = None, frame
        self._pace.restart()
        return frame

    def state(self) -> SourceState:
        return self._source.state()

    def set_speed(self, speed: float) -> None:
        self._pace.speed = speed
        self._ahead = None if self._ahead is None else (self._ahead[0], time.monotonic())

    def pause(self) -> None:
        """Nothing goes on meanwhile."""

    def resume(self) -> None:
        self._pace.restart()
        self._ahead = None if self._ahead is None else (self._ahead[0], time.monotonic())

    def catch_up(self) -> None:
        """A file has no newest frame."""

    def release(self) -> None:
        self.resume()

    def wake(self) -> None:
        if self._indexer is not None:
            self._indexer.cancel()

    def close(self) -> None:
        self.wake()
        if self._indexer is not None:
            self._indexer.join()
        self._reel.close()

    def _wait_for_index(self, index: int) -> None:
        """A jump needs the index, which is being read already."""
        indexer = self._indexer
        if indexer is None or self._has_index:
            return
        shown = self._shown.index if self._shown is not None else 0
        if 0 <= index - shown <= NEAR and not indexer.was_cancelled:
            return
        indexer.join()
        if indexer.was_cancelled:
            raise InputError("The window is being closed.")
        self._use(indexer.found)

    def _use(self, index: FrameIndex | None) -> None:
        self._has_index = True
        self._reel.use_index(index)


class LiveDeck:
    """The newest frame of a live source; or, after a look back, the frames from there on."""

    is_live = True

    def __init__(self, source: LiveSource) -> None:
        self.info = source.info
        self._tape = LiveTape(source)
        self._pace = Pace()
        self._shown: SourceFrame | None = None
        self._ahead: tuple[SourceFrame, float] | None = None
        self._is_at_edge = True
        self._catch_up: CatchUp | None = None
        self._passed_over = 0
        self._furthest = -1

    @property
    def span(self) -> Span:
        return self._tape.span

    @property
    def dropped(self) -> int:
        return self._passed_over + self._tape.state().dropped

    @property
    def is_at_edge(self) -> bool:
        return self._is_at_edge

    def first(self, at: int, stopping: Callable[[], bool]) -> SourceFrame | None:
        while not stopping():
            try:
                frame = self._tape.next(-1, _LIVE_WAIT_S)
            except StopIteration:
                return None
            if frame is not None:
                self._shown = frame
                return frame
        return None

    def turn(self, *, is_step: bool, blocks: Callable[[int], bool]) -> Turn | float:
        shown = -1 if self._shown is None else self._shown.index
        if is_step:
            frame = self._tape.next(shown, _LIVE_WAIT_S)
            self._is_at_edge = False
        elif self._is_at_edge:
            frame = self._tape.newest(shown, _LIVE_WAIT_S)
        elif self._catch_up is not None:
            frame = self._tape.next(shown, _LIVE_WAIT_S, catch_up=self._catch_up)
            if frame is None or not self._tape.has_after(frame.index):
                self._is_at_edge, self._catch_up = True, None
        else:
            return self._later(shown)
        return self._taken(frame) if frame is not None else 0.0

    def go_to(self, index: int) -> SourceFrame:
        frame = self._tape.nearest(index)
        if frame is None:
            raise InputError("There is no picture of {name} yet.", name=self.info.name)
        self._shown, self._ahead = frame, None
        self._is_at_edge, self._catch_up = False, None
        self._pace.restart()
        return frame

    def state(self) -> SourceState:
        return self._tape.state()

    def set_speed(self, speed: float) -> None:
        """A live source has its own speed."""

    def pause(self) -> None:
        self._is_at_edge, self._catch_up = False, None

    def resume(self) -> None:
        self._ahead = None
        self._pace.restart()

    def catch_up(self) -> None:
        self._ahead = None
        if not self._is_at_edge and self._catch_up is None:
            self._catch_up = CatchUp()

    def release(self) -> None:
        if self._is_at_edge:
            self._is_at_edge, self._catch_up = False, CatchUp()
        self._ahead = None
        self._pace.restart()

    def shared(self) -> SharedTape:
        """The frames for another thread, which closes nothing."""
        return SharedTape(self._tape)

    def wake(self) -> None:
        self._tape.wake()

    def close(self) -> None:
        self._tape.close()

    def _later(self, shown: int) -> Turn | float:
        """The next frame, as long after the last as it was."""
        if self._ahead is None:
            frame = self._tape.next(shown, _LIVE_WAIT_S)
            if frame is None:
                return 0.0
            self._ahead = frame, self._pace.due_s(self._step_s(frame))
        frame, due_s = self._ahead
        wait_s = due_s - time.monotonic()
        if wait_s > 0:
            return wait_s
        self._pace.passed(due_s)
        return self._taken(frame)

    def _step_s(self, frame: SourceFrame) -> float:
        """From the frame that is shown to the one after it; none where those between are gone."""
        shown = self._shown
        if shown is None or shown.index < self._tape.span.first:
            return 0.0
        return frame.time_s - shown.time_s

    def _taken(self, frame: SourceFrame) -> Turn:
        if self._shown is not None:
            self._passed_over += max(0, frame.index - max(self._shown.index, self._furthest) - 1)
        self._ahead, self._shown = None, frame
        self._furthest = max(self._furthest, frame.index)
        arrived = self._tape.arrived_s(frame.index)
        behind = self._is_at_edge and arrived is not None
        return Turn(frame, arrived if behind and arrived is not None else time.monotonic())
