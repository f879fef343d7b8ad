"""The thread that plays a source, has its targets followed, and leaves what is to be shown."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.core.mailbox import Mailbox
from app.core.overlay import Mark
from app.core.player.deck import Deck, FileDeck, LiveDeck, Turn
from app.core.player.document import Document, Scale
from app.core.player.following import PlayerTracker
from app.core.player.reel import FileReel, Frames
from app.core.player.snapshot import Playback, Snapshot
from app.core.player.tracking import Tracking
from app.core.recorder import Content
from app.core.sources.base import Source, SourceFrame
from app.core.sources.live import LiveSource
from app.core.studio.recording import Recording, RecordingFactory
from model.errors import TrackerError
from model.geometry import Box
from model.inspection import Attention

_log = logging.getLogger(__name__)

_IDLE_S = 0.2
"""Longest pause between two looks at a live source that is paused."""
_ATTENTION_S = 0.1
"""Least time between two looks into the network while playing."""
_WORKER_CACHE_BYTES = 64 << 20


class Player:
    """One source being played, tracked, corrected and recorded.

    Files keep their own rate and lose no frame: where tracking is slower than the video, the video
    waits. Of a live source the newest frame is shown, and the last seconds can be looked back at.
    The tracker loads beside, so pictures show at once; the first box waits for it on its frame.

    Read `mailbox` for what to show and `notices` for sentences to tell the user. All methods may be
    called from any thread and return at once, but for `close`.
    """

    def __init__(
        self, open_source: Callable[[], Source], load_tracker: Callable[[], PlayerTracker], *,
        document: Document | None = None, recording: RecordingFactory | None = None,
        fallback: Callable[[], PlayerTracker] | None = None, boxes: Sequence[Box] = (),
        loop: bool = False, paused: bool = False, at: int = 0,
    ) -> None:  # fmt: skip
        """Start at once.

        Args:
            open_source: opens the source; called in threads of the player, of files more than once.
            load_tracker: makes a tracker; called in threads of its own.
            document: what was made before, to go on with.
            recording: makes what records.
            fallback: makes a tracker to go on with where the first one breaks.
            boxes: targets to begin on the first frame.
            loop: begin anew after the last frame.
            paused: show the first frame alone at first.
            at: number of the frame to begin with, of a file.
        """
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.document = document or Document()
        self._open_source, self._make_recording = open_source, recording
        self._commands: queue.Queue[Callable[[], None]] = queue.Queue()
        self._tracking = Tracking(
            self.document, load_tracker, self._frames_for_work, self._commands.put,
            self.notices.put, lambda: self._stopping,
        )  # fmt: skip
        self._tracking.fallback = fallback
        self._boxes, self._at = tuple(boxes), at
        self._snapshot = Snapshot(loop=loop)
        self._loop, self._wanted = loop, Playback.PAUSED if paused else Playback.PLAYING
        self._deck: Deck | None = None
        self._recording: Recording | None = None
        self._held = self._stopping = False
        self._steps = 0
        self._seek_to: int | None = None
        self._wants_responses = False
        self._looks_into: int | None = None
        self._attention: Attention | None = None
        self._attention_s = 0.0
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    # playback

    def play(self) -> None:
        """Go on; after the end, begin anew."""
        self._do(partial(self._want, Playback.PLAYING))

    def pause(self) -> None:
        """Stay on this frame."""
        self._do(partial(self._want, Playback.PAUSED))

    def toggle(self) -> None:
        """Pause what plays, play what does not."""
        self._do(
            lambda: self._want(
                Playback.PAUSED if self._wanted is Playback.PLAYING else Playback.PLAYING
            )
        )

    def step(self, frames: int) -> None:
        """Go so many frames on, or back if negative, and stay there."""
        self._do(partial(self._step, frames))

    def seek(self, frame: int) -> None:
        """Show frame number `frame`, or the nearest there is."""
        self._seek_to = frame
        self._do(self._seek)

    def set_speed(self, speed: float) -> None:
        """Play a file so many times as fast as it is, 0.1..8."""
        self._do(partial(self._set_speed, min(max(speed, 0.1), 8.0)))

    def set_loop(self, on: bool) -> None:
        """Begin anew after the last frame."""
        self._do(partial(self._set_loop, on))

    def go_live(self) -> None:
        """Of a live source, catch up with what came meanwhile."""
        self._do(self._go_live)

    def hold(self) -> None:
        """Freeze the picture while a box is drawn; of a live source the frames are kept."""
        self._do(partial(self._hold, True))

    def release(self) -> None:
        """End a hold; what came meanwhile is caught up with."""
        self._do(partial(self._hold, False))

    # targets

    def add(self, box: Box, label: str = "") -> None:
        """Follow what is in `box` (pixels of the frame) from the frame that is shown now."""
        self._on_frame(lambda frame: self._tracking.begin(frame, box, label))

    def correct(self, id: int, box: Box) -> None:
        """Put a box right on the frame that is shown; it is tracked anew up to the next one."""
        self._on_frame(lambda frame: self._tracking.correct(id, frame, box))

    def track_backwards(self, id: int) -> None:
        """Track a target from its last drawn box back to the one before it."""

        def act(frame: SourceFrame) -> None:
            span = self._deck.span if self._deck is not None else None
            self._tracking.track_backwards(id, frame.index, span.first if span else 0)

        self._on_frame(act)

    def remove(self, ids: Iterable[int] | None = None) -> None:
        """Take targets out, or all."""
        chosen = None if ids is None else list(ids)
        self._do(lambda: self._tracking.remove(chosen, self._shown_index))

    def rename(self, id: int, label: str) -> None:
        """Give a target another label."""
        self._do(lambda: self.document.change(id, "Rename", lambda t: replace(t, label=label)))

    def recolour(self, id: int, colour: int) -> None:
        """Give a target another place in the palette."""
        self._do(
            lambda: self.document.change(id, "Change colour", lambda t: replace(t, colour=colour))
        )

    def show(self, id: int, visible: bool) -> None:
        """Show a target, or hide it."""
        text = "Show target" if visible else "Hide target"
        self._do(lambda: self.document.change(id, text, lambda t: replace(t, visible=visible)))

    def undo(self) -> None:
        """Take the last change back."""
        self._do(self._tracking.undo)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._do(self._tracking.redo)

    def set_range(self, in_frame: int | None, out_frame: int | None) -> None:
        """Set where playing in a loop begins and where playing ends."""
        if in_frame is not None and out_frame is not None and in_frame > out_frame:
            in_frame, out_frame = out_frame, in_frame
        self._do(
            lambda: self.document.set_view("Set range", in_frame=in_frame, out_frame=out_frame)
        )

    def set_scale(self, scale: Scale | None) -> None:
        """Set what length in the picture is known."""
        self._do(lambda: self.document.set_view("Set scale", scale=scale))

    # memory and attention

    def pin(self, id: int, slot: int, pinned: bool = True) -> None:
        """Keep a frame in a target's memory, or let it roll again."""
        self._try(lambda: self._tracking.following.pin(id, slot, pinned))

    def forget(self, id: int, slot: int) -> None:
        """Drop a frame from a target's memory; the first one stays."""
        self._try(lambda: self._tracking.following.forget(id, slot))

    def want_responses(self, on: bool) -> None:
        """Have `Snapshot.responses` filled."""
        self._do(lambda: setattr(self, "_wants_responses", on))

    def look_into(self, id: int | None) -> None:
        """Have `Snapshot.attention` filled for a target, or for none."""
        self._do(partial(self._look_into, id))

    # tracker, recording, end

    def set_tracker(
        self, load: Callable[[], PlayerTracker], fallback: Callable[[], PlayerTracker] | None = None
    ) -> None:
        """Track with another tracker from here on; what is followed is followed further."""

        def act() -> None:
            self._tracking.fallback = fallback
            self._tracking.use(load)

        self._do(act)

    def start_recording(self, path: Path, content: Content | str = Content.OVERLAY) -> None:
        """Record what is played from the frame that is shown on."""
        self._do(partial(self._start_recording, path, content))

    def stop_recording(self, reason: str = "") -> None:
        """Finish the recording; `reason` is told, where it was not asked for."""
        self._do(lambda: self._recording.stop(reason) if self._recording is not None else None)

    def stop(self) -> None:
        """Ask every thread of the player to end."""
        self._stopping = True
        self._tracking.stop()
        deck = self._deck
        if deck is not None:
            deck.wake()
        self._do(lambda: None)

    def close(self) -> None:
        """End every thread of the player and wait for them; a recording is finished first."""
        self.stop()
        self._thread.join()
        self._tracking.join()

    @property
    def is_alive(self) -> bool:
        """Whether a thread of the player still runs."""
        return self._thread.is_alive() or self._tracking.is_alive

    # what follows belongs to the player's thread

    def _run(self) -> None:
        try:
            self._open()
            while not self._stopping:
                self._turn()
        except TrackerError as error:
            self._fail(str(error))
        except Exception as error:
            _log.exception("the player broke")
            self._fail(
                f"Playing stopped by a fault of the program ({type(error).__name__}: {error})."
            )
        finally:
            self._let_go()

    def _open(self) -> None:
        source = self._open_source()
        self._tracking.is_live = isinstance(source, LiveSource)
        if isinstance(source, LiveSource):
            self._deck = LiveDeck(source)
        else:
            self._deck = FileDeck(source, self._commands.put)
        info = self._deck.info
        if self._make_recording is not None:
            wake = partial(self._do, lambda: None)
            self._recording = self._make_recording(info, self.notices.put, wake)
            self._tracking.recording = self._recording
        self._publish(info=info)
        if info.notice:
            self.notices.put(info.notice)
        first = self._deck.first(self._at, lambda: self._stopping)
        if first is None:
            return
        self._show(first, is_next=True)
        for box in self._boxes:
            self._tracking.begin(first, box)
        self._publish()

    def _turn(self) -> None:
        """Carry out what was asked for, and move on by at most one frame."""
        deck = self._deck
        assert deck is not None
        if self._obey(0.0):
            return
        if not self._moves:
            self._check_health()
            self._obey(_IDLE_S if deck.is_live else None)
            if deck.is_live:
                self._publish()
            return
        if self._ends_range():
            return
        try:
            turn = deck.turn(is_step=self._steps > 0, blocks=self._tracking.blocks)
        except StopIteration:
            self._end()
            return
        except TrackerError as error:
            self.notices.put(str(error))
            self._end()
            return
        self._check_health()
        if isinstance(turn, Turn):
            self._steps = max(0, self._steps - 1)
            self._show(turn.frame, is_next=True, due_s=turn.due_s)
            if self._steps == 0 and self._wanted is not Playback.PLAYING:
                self._publish()
        else:
            self._obey(turn)

    @property
    def _moves(self) -> bool:
        if self._held or (self._snapshot.frame is None and not self._is_live):
            return False
        return self._steps > 0 or self._wanted is Playback.PLAYING

    @property
    def _is_live(self) -> bool:
        return self._deck is not None and self._deck.is_live

    @property
    def _shown_index(self) -> int:
        frame = self._snapshot.frame
        return frame.index if frame is not None else 0

    def _obey(self, timeout: float | None) -> bool:
        """Carry out the commands that have come; wait up to `timeout` seconds for the first."""
        any_came = False
        while not self._stopping:
            try:
                block = not any_came and timeout != 0.0
                command = self._commands.get(block=block, timeout=timeout if block else None)
            except queue.Empty:
                break
            any_came = True
            command()
        if any_came and not self._stopping:
            self._publish()
        return any_came

    def _do(self, command: Callable[[], None]) -> None:
        self._commands.put(command)

    def _on_frame(self, act: Callable[[SourceFrame], object]) -> None:
        """Act on the frame that is shown when its turn comes."""

        def command() -> None:
            frame = self._snapshot.frame
            if frame is not None:
                act(frame)

        self._do(command)

    def _try(self, act: Callable[[], None]) -> None:
        def command() -> None:
            try:
                act()
            except TrackerError as error:
                self.notices.put(str(error))

        self._do(command)

    def _want(self, wanted: Playback) -> None:
        deck = self._deck
        if deck is None:
            return
        if wanted is Playback.PLAYING:
            deck.resume()
            if self._snapshot.playback is Playback.ENDED and not deck.is_live:
                self._go_to(self._range()[0])
        elif self._wanted is Playback.PLAYING:
            deck.pause()
        self._wanted, self._steps = wanted, 0
        self._publish(playback=wanted)

    def _step(self, frames: int) -> None:
        self._want(Playback.PAUSED)
        if frames > 0:
            self._steps += frames
        elif frames < 0:
            self._go_to(self._shown_index + frames)

    def _seek(self) -> None:
        frame, self._seek_to = self._seek_to, None
        if frame is not None:
            self._steps = 0
            self._go_to(frame)

    def _go_to(self, index: int) -> None:
        deck = self._deck
        if deck is None:
            return
        try:
            frame = deck.go_to(index)
        except TrackerError as error:
            self.notices.put(str(error))
            return
        if self._wanted is Playback.ENDED:
            self._wanted = Playback.PAUSED
        self._publish(playback=self._wanted)
        self._show(frame, is_next=False)

    def _set_speed(self, speed: float) -> None:
        if self._deck is not None:
            self._deck.set_speed(speed)
        self._publish(speed=speed)

    def _set_loop(self, on: bool) -> None:
        self._loop = on
        self._publish(loop=on)

    def _go_live(self) -> None:
        if self._deck is not None and self._deck.is_live:
            self._deck.catch_up()
            self._wanted = Playback.PLAYING
            self._publish(playback=self._wanted)

    def _hold(self, on: bool) -> None:
        if self._held and not on and self._deck is not None:
            self._deck.release()
        self._held = on

    def _look_into(self, id: int | None) -> None:
        self._looks_into, self._attention = id, None
        self._look(at_once=True)

    def _start_recording(self, path: Path, content: Content | str) -> None:
        frame = self._snapshot.frame
        if self._recording is None or frame is None:
            return
        rows = self._tracking.rows(frame)
        self._recording.start(path, content, tracker=self._tracking.tracker, targets=rows)
        self._recording.on_frame(frame, self._drawn(frame), rows)

    def _range(self) -> tuple[int, int | None]:
        """First and last frame to play."""
        state = self.document.state
        span = self._deck.span if self._deck is not None else None
        first = span.first if span is not None else 0
        return (state.in_frame if state.in_frame is not None else first), state.out_frame

    def _ends_range(self) -> bool:
        """At the out point: begin anew in a loop, else stay there."""
        out = self._range()[1]
        if self._is_live or self._steps > 0 or out is None or self._shown_index != out:
            return False
        if self._snapshot.playback is not Playback.PLAYING:
            return False
        self._end()
        return True

    def _end(self) -> None:
        self._steps = 0
        if self._loop and self._wanted is Playback.PLAYING and not self._is_live:
            self._go_to(self._range()[0])
            return
        self._wanted = Playback.ENDED
        self._publish(playback=Playback.ENDED)

    def _check_health(self) -> None:
        deck = self._deck
        if deck is None or not deck.is_live:
            return
        state = deck.state()
        if state.health is not self._snapshot.health:
            if state.reason:
                self.notices.put(state.reason)
            self._publish(health=state.health)

    def _show(self, frame: SourceFrame, *, is_next: bool, due_s: float | None = None) -> None:
        """Show a frame; one that was reached by playing or stepping on is tracked and recorded."""
        if is_next:
            self._tracking.advance(frame)
            self._look(at_once=self._wanted is not Playback.PLAYING)
            if self._recording is not None:
                self._recording.on_frame(frame, self._drawn(frame), self._tracking.rows(frame))
        latency = time.monotonic() - due_s if due_s is not None else 0.0
        self._publish(frame=frame, latency_s=max(0.0, latency))

    def _drawn(self, frame: SourceFrame) -> list[Mark]:
        hidden = {t.id for t in self.document.state.targets if not t.visible}
        return [mark for mark in self._tracking.marks(frame.index) if mark.id not in hidden]

    def _look(self, *, at_once: bool) -> None:
        """Look into the network for the target that was asked for."""
        now = time.monotonic()
        if self._looks_into is None or (not at_once and now - self._attention_s < _ATTENTION_S):
            return
        self._attention = self._tracking.following.attention(self._looks_into)
        self._attention_s = time.monotonic()

    def _publish(self, **changes: object) -> None:
        tracking, deck = self._tracking, self._deck
        following = tracking.following
        snapshot = replace(self._snapshot, **changes)  # type: ignore[arg-type]
        index = snapshot.frame.index if snapshot.frame is not None else -1
        is_newest = index == following.at
        status = self._recording.status() if self._recording is not None else None
        self._snapshot = replace(
            snapshot,
            marks=tracking.marks(index),
            tracker=tracking.name,
            rate=tracking.rate,
            dropped=deck.dropped if deck is not None else 0,
            edge=deck.is_at_edge if deck is not None else True,
            span=deck.span if deck is not None else None,
            memory=following.slots(),
            search=following.regions() if is_newest else {},
            responses=following.responses() if is_newest and self._wants_responses else {},
            attention=self._attention if self._looks_into in following.ids else None,
            work=tracking.work(),
            recording=status,
            document=self.document.state,
        )
        self.mailbox.put(self._snapshot)

    def _fail(self, sentence: str) -> None:
        self.notices.put(sentence)
        self._publish(playback=Playback.FAILED)

    def _frames_for_work(self) -> Frames:
        """Frames for tracking in the background; called in its thread."""
        deck = self._deck
        if isinstance(deck, LiveDeck):
            return deck.shared()
        reel = FileReel(self._open_source(), cache_bytes=_WORKER_CACHE_BYTES)
        if isinstance(deck, FileDeck) and deck.index is not None:
            reel.use_index(deck.index)
        return reel

    def _let_go(self) -> None:
        self._stopping = True
        self._tracking.stop()
        if self._recording is not None:
            self._recording.close()
        if self._deck is not None:
            self._deck.close()
