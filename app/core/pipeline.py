"""The thread that reads a source, tracks, and leaves the newest result in a mailbox."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.feed import Feed, open_feed
from app.core.job import Telling
from app.core.loader import LiveTracker, TrackerLoader
from app.core.mailbox import Mailbox
from app.core.overlay import Mark
from app.core.player.snapshot import Playback, Snapshot
from app.core.sources.base import Health, Source, SourceFrame
from model.errors import TrackerError
from model.geometry import Box, check_box

__all__ = ["LiveTracker", "Pipeline", "Playback", "Snapshot"]

_log = logging.getLogger(__name__)

_POLL_S = 0.1
_RATE_WINDOW_S = 1.0


@dataclass(frozen=True)
class _Add:
    box: Box
    label: str


@dataclass(frozen=True)
class _Remove:
    id: int | None


class _Do(StrEnum):
    PLAY = "play"
    PAUSE = "pause"
    HOLD = "hold"
    RELEASE = "release"
    STOP = "stop"


_Command = _Add | _Remove | _Do


class Pipeline:
    """One source being played and tracked.

    Files keep their own rate and lose no frame: where tracking is slower than the video, the video
    waits. Of a live source the newest frame is taken. The tracker loads beside, so pictures show
    at once; the first box waits for it on its frame.

    Read `mailbox` for what to show and `notices` for sentences to tell the user. All methods may
    be called from any thread and return at once, but for `close`.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        load_tracker: Callable[[], LiveTracker],
        *,
        boxes: Sequence[Box] = (),
        loop: bool = False,
    ) -> None:
        """Start at once.

        Args:
            open_source: opens the source; called in the pipeline's thread, anew for each round.
            load_tracker: makes the tracker; called in a thread of its own.
            boxes: targets to add on the first frame of each round.
            loop: begin anew after the last frame.
        """
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._open_source = open_source
        self._boxes = tuple(boxes)
        self._loop = loop
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._loader = TrackerLoader(load_tracker)
        self._snapshot = Snapshot()
        self._labels: dict[int, str] = {}
        self._moments: deque[float] = deque()
        self._told_error = False
        self._told_notice = ""
        self._wanted = Playback.PLAYING
        self._held = False
        self._stopping = False
        self._due = 0.0
        self._last_time = 0.0
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)
        self._thread.start()

    def add(self, box: Box, label: str = "") -> None:
        """Follow what is in `box` (pixels of the frame) from the frame that is shown now."""
        self._commands.put(_Add(box, label))

    def remove(self, id: int | None = None) -> None:
        """Forget one target, or all."""
        self._commands.put(_Remove(id))

    def play(self) -> None:
        """Go on; after the end, begin anew."""
        self._commands.put(_Do.PLAY)

    def pause(self) -> None:
        """Stay on this frame."""
        self._commands.put(_Do.PAUSE)

    def hold(self) -> None:
        """Freeze the picture while a box is drawn; of a live source the frames are kept."""
        self._commands.put(_Do.HOLD)

    def release(self) -> None:
        """End a hold; what came meanwhile is caught up with."""
        self._commands.put(_Do.RELEASE)

    def stop(self) -> None:
        """Ask every thread of the pipeline to end."""
        self._stopping = True
        self._commands.put(_Do.STOP)

    def close(self) -> None:
        """End every thread of the pipeline and wait for them."""
        self.stop()
        self._thread.join()
        self._loader.join()

    @property
    def is_alive(self) -> bool:
        """Whether a thread of the pipeline still runs."""
        return self._thread.is_alive() or self._loader.is_alive

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._round()
                if self._stopping or not (self._loop and self._wanted is Playback.PLAYING):
                    self._wait_for_replay()
        except TrackerError as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("the pipeline broke")
            self._fail(
                f"Playing stopped by a fault of the program ({type(error).__name__}: {error})"
            )

    def _fail(self, sentence: str) -> None:
        self.notices.put(sentence)
        self._publish(playback=Playback.FAILED)

    def _round(self) -> None:
        """Play the source once."""
        source = self._open_source()
        feed = open_feed(source)
        try:
            self._forget_all()
            self._due = time.monotonic()
            self._publish(playback=self._wanted, info=feed.info, marks=(), health=Health.OK)
            if feed.info.notice:
                self.notices.put(feed.info.notice)
            self._play(feed)
        except TrackerError as error:
            if self._snapshot.frame is None:
                raise
            self.notices.put(str(error))
        finally:
            feed.close()
        if not self._stopping:
            self._publish(playback=Playback.ENDED)

    def _play(self, feed: Feed) -> None:
        first = True
        while not self._stopping:
            if not first:
                self._obey(feed)
            if self._stopping:
                return
            try:
                frame = feed.next(_POLL_S)
            except StopIteration:
                return
            self._check_health(feed)
            if frame is None:
                continue
            self._keep_time(frame, feed)
            if self._stopping:
                return
            self._show(frame, feed)
            if first:
                for box in self._boxes:
                    self._begin(_Add(box, ""))
            first = False

    def _check_health(self, feed: Feed) -> None:
        state = feed.state()
        if feed.info.is_live and state.health is not self._snapshot.health:
            if state.reason:
                self.notices.put(state.reason)
            self._publish(health=state.health)

    def _show(self, frame: SourceFrame, feed: Feed) -> None:
        marks: tuple[Mark, ...] = ()
        tracker = self._loader.tracker
        if tracker is not None and self._labels:
            results = tracker.update(frame.rgb, time=frame.time_s)
            if isinstance(tracker, Telling) and tracker.notice != self._told_notice:
                self._told_notice = tracker.notice
                self.notices.put(tracker.notice)
            marks = tuple(
                Mark(r.id, r.box, self._labels.get(r.id, ""), r.score, str(r.state))
                for r in results
            )
            self._moments.append(time.monotonic())
        elif self._loader.error is not None and not self._told_error:
            self._told_error = True
            self.notices.put(str(self._loader.error))
        self._publish(frame=frame, marks=marks, dropped=feed.state().dropped)

    def _keep_time(self, frame: SourceFrame, feed: Feed) -> None:
        """Wait until a frame of a file is due, obeying commands that come meanwhile."""
        step = frame.time_s - self._last_time
        self._last_time = frame.time_s
        if feed.info.is_live:
            return
        # a video that was slower than its own rate does not hurry afterwards
        self._due = max(self._due + min(max(step, 0), 10), time.monotonic() - 0.1)
        while not self._stopping:
            wait = self._due - time.monotonic()
            if wait <= 0 and not self._is_still:
                return
            self._obey(feed, timeout=max(wait, 0.001))

    @property
    def _is_still(self) -> bool:
        return self._held or self._wanted is Playback.PAUSED

    def _obey(self, feed: Feed | None, timeout: float = 0.0) -> None:
        """Carry out the commands that have come; wait up to `timeout` seconds for the first."""
        began = time.monotonic()
        while True:
            try:
                if self._is_still:
                    command = self._commands.get()
                elif timeout > 0:
                    command = self._commands.get(timeout=timeout)
                else:
                    command = self._commands.get_nowait()
            except queue.Empty:
                return
            timeout = 0
            was_still = self._is_still
            self._carry_out(command, feed)
            if was_still and not self._is_still:
                self._due += time.monotonic() - began
            if self._stopping:
                return

    def _carry_out(self, command: _Command, feed: Feed | None) -> None:
        match command:
            case _Add():
                self._begin(command)
            case _Remove():
                self._forget(command.id)
            case _Do.HOLD | _Do.RELEASE:
                self._held = command is _Do.HOLD
                if feed is not None:
                    feed.hold(self._held)
            case _Do.PLAY | _Do.PAUSE:
                self._wanted = Playback.PLAYING if command is _Do.PLAY else Playback.PAUSED
                if feed is not None:
                    self._publish(playback=self._wanted)
            case _Do.STOP:
                self._stopping = True

    def _begin(self, wish: _Add) -> None:
        """Add a target on the frame that is shown."""
        frame = self._snapshot.frame
        if frame is None:
            return
        try:
            height, width = frame.rgb.shape[:2]
            box = check_box(wish.box, width, height, where="the picture")
            tracker = self._loader.wait()
            number = tracker.add(frame.rgb, box, time=frame.time_s)
        except TrackerError as error:
            self.notices.put(str(error))
            return
        self._labels[number] = wish.label
        mark = Mark(number, box, wish.label, 1.0, "tracking")
        # loading may have taken a while
        self._due = max(self._due, time.monotonic())
        self._publish(marks=(*self._snapshot.marks, mark))

    def _forget(self, id: int | None) -> None:
        if id is None:
            self._forget_all()
        elif id in self._labels:
            self._loader.wait().remove(id)
            del self._labels[id]
        self._publish(marks=tuple(m for m in self._snapshot.marks if m.id in self._labels))

    def _forget_all(self) -> None:
        for number in list(self._labels):
            self._loader.wait().remove(number)
        self._labels.clear()
        self._moments.clear()

    def _wait_for_replay(self) -> None:
        """After the end: obey until the user wants it played again."""
        self._wanted = Playback.ENDED
        while not self._stopping and self._wanted is not Playback.PLAYING:
            command = self._commands.get()
            # on the last frame boxes can come and go, but nothing moves on
            self._carry_out(command, None)
        self._held = False

    def _publish(self, **changes: object) -> None:
        now = time.monotonic()
        while self._moments and self._moments[0] < now - _RATE_WINDOW_S:
            self._moments.popleft()
        self._snapshot = replace(
            self._snapshot, tracker=self._loader.name, rate=len(self._moments) / _RATE_WINDOW_S,
            **changes,  # type: ignore[arg-type]
        )  # fmt: skip
        self.mailbox.put(self._snapshot)
