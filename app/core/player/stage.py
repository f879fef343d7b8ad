"""What a player's thread does: it moves through the frames and leaves what is to be shown."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.core.mailbox import Mailbox
from app.core.player.boxes import marks_on, rows_on
from app.core.player.deck import Deck, FileDeck, LiveDeck, Turn
from app.core.player.opening import open_unless
from app.core.player.reel import FileReel, Frames
from app.core.player.screen import Screen
from app.core.player.script import Script
from app.core.player.snapshot import Playback, Snapshot
from app.core.player.tracking import Tracking
from app.core.recorder import Content
from app.core.sources.base import SourceFrame
from app.core.sources.live import LiveSource
from app.core.studio.no_pictures import NoPictures
from app.core.studio.recording import Recording
from model.errors import TrackerError
from model.sentences import Sentence

_log = logging.getLogger(__name__)

_IDLE_S = 0.2
"""Longest pause between two looks at a live source that is paused."""
_WORKER_CACHE_BYTES = 64 << 20


class Stage:
    """One source with its targets, in a thread of its own.

    Methods whose names have no underscore belong to that thread, but for `do`, `ask_end`, `join`
    and `is_alive`: the others are given to `do`.
    """

    def __init__(self, script: Script) -> None:
        """Start at once."""
        self.notices: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.document = script.document
        self._script = script
        self._held = self._stopping = False
        self._commands: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self.tracking = Tracking(
            script.document, script.load_tracker, self._frames_for_work, self.do,
            self._tell, lambda: self._stopping,
        )  # fmt: skip
        self.tracking.fallback = script.fallback
        self.screen = Screen(script.document, self.tracking, loop=script.loop)
        self._loop = script.loop
        self._wanted = Playback.PAUSED if script.paused else Playback.PLAYING
        self._deck: Deck | None = None
        self._recording: Recording | None = None
        self._steps = 0
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    @property
    def mailbox(self) -> Mailbox[Snapshot]:
        """Holds what is to be shown now."""
        return self.screen.mailbox

    def do(self, command: Callable[[], object]) -> None:
        """Let `command` be called in the thread of the stage."""
        self._commands.put(command)

    def ask_end(self) -> None:
        """Ask every thread to end."""
        self._stopping = True
        self.tracking.stop()
        deck = self._deck
        if deck is not None:
            deck.wake()
        self.do(lambda: None)

    def join(self) -> None:
        """Wait for the end of every thread."""
        self._thread.join()
        self.tracking.join()

    @property
    def is_alive(self) -> bool:
        """Whether a thread still runs."""
        return self._thread.is_alive() or self.tracking.is_alive

    @property
    def frame(self) -> SourceFrame | None:
        """The frame that is shown."""
        return self.screen.frame

    @property
    def shown_index(self) -> int:
        """Number of the frame that is shown; 0 before the first."""
        return self.frame.index if self.frame is not None else 0

    @property
    def wanted(self) -> Playback:
        """What the user wants it to be at."""
        return self._wanted

    @property
    def first(self) -> int:
        """Number of the first frame there is."""
        return self._deck.span.first if self._deck is not None else 0

    def _run(self) -> None:
        try:
            self._open()
            while not self._stopping:
                self._turn()
        except TrackerError as error:
            self._tell(str(error))
            self.screen.publish(playback=Playback.FAILED)
        except Exception as error:
            _log.exception("the player broke")
            self._fail(_fault(error))
        finally:
            self._let_go()

    def _open(self) -> None:
        source = open_unless(lambda: self._stopping, self._script.open_source)
        if source is None:
            return
        deck: Deck
        deck = LiveDeck(source) if isinstance(source, LiveSource) else FileDeck(source, self.do)
        self._deck = self.screen.deck = deck
        if self._stopping:
            return
        self.tracking.set_source(
            is_live=deck.is_live, has_pictures=not isinstance(source, NoPictures)
        )
        info = deck.info
        if self._script.recording is not None:
            wake = partial(self.do, lambda: None)
            self._recording = self._script.recording(info, self.notices.put, wake)
            self.tracking.recording = self.screen.recording = self._recording
        self.screen.publish(info=info)
        if info.notice:
            self.notices.put(info.notice)
        first = deck.first(self._script.at, lambda: self._stopping)
        if self._script.paused:
            deck.pause()
        if first is None:
            return
        self._show(first, is_next=True)
        for box in self._script.boxes:
            self.tracking.begin(first, box)
        if self._script.boxes:
            # the model may have taken its time
            deck.release()
        self.screen.publish(playback=self._wanted)

    def _turn(self) -> None:
        """Carry out what was asked for, and move on by at most one frame."""
        deck = self._deck
        assert deck is not None
        if self._obey(0.0):
            return
        if not self._moves:
            self._wait()
            return
        if self._ends_range():
            return
        try:
            turn = deck.turn(is_step=self._steps > 0, blocks=self.tracking.blocks)
        except StopIteration:
            self._end()
            return
        except TrackerError as error:
            self._tell(str(error))
            self._end()
            if deck.is_live:
                self.stop_recording(Sentence("its source broke"))
            return
        self._check_health()
        if isinstance(turn, Turn):
            self._steps = max(0, self._steps - 1)
            self._show(turn.frame, is_next=True, due_s=turn.due_s)
        else:
            self._obey(turn)

    def _wait(self) -> None:
        """Nothing moves: wait for a command, and show what changes by itself."""
        self._check_health()
        is_live = self._deck is not None and self._deck.is_live
        shows_rate = self.screen.now.rate > 0
        came = self._obey(_IDLE_S if is_live or shows_rate else None)
        if not came and not self._stopping:
            self.screen.publish()

    @property
    def _moves(self) -> bool:
        if self._held or (self.frame is None and not self._is_live):
            return False
        return self._steps > 0 or self._wanted is Playback.PLAYING

    @property
    def _is_live(self) -> bool:
        return self._deck is not None and self._deck.is_live

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
            self._carry_out(command)
        if any_came and not self._stopping:
            self.screen.publish()
        return any_came

    def _carry_out(self, command: Callable[[], object]) -> None:
        try:
            command()
        except TrackerError as error:
            self._tell(str(error))
        except Exception as error:
            # what was made so far can still be saved
            _log.exception("a command broke")
            self.notices.put(_fault(error))

    def want(self, wanted: Playback) -> None:
        """Play, or stay on this frame; after the end, begin anew."""
        deck = self._deck
        if deck is None or (wanted is Playback.PAUSED and self._wanted is Playback.ENDED):
            return
        if wanted is Playback.PLAYING:
            deck.resume()
            is_over = self._wanted is Playback.ENDED or self.shown_index == self._range()[1]
            if is_over and not deck.is_live:
                self.go_to(self._range()[0])
        elif self._wanted is Playback.PLAYING:
            deck.pause()
        self._wanted, self._steps = wanted, 0
        self.screen.publish(playback=wanted)

    def step(self, frames: int) -> None:
        """Go so many frames on, or back if negative, and stay there."""
        left = self._steps
        self.want(Playback.PAUSED)
        if left + frames >= 0:
            self._steps = left + frames
        else:
            self.go_to(self.shown_index + left + frames)

    def go_to(self, index: int) -> None:
        """Show frame number `index`, or the nearest there is."""
        deck, self._steps = self._deck, 0
        if deck is None:
            return
        try:
            frame = deck.go_to(index)
        except TrackerError as error:
            self._tell(str(error))
            return
        if self._wanted is Playback.ENDED:
            self._wanted = Playback.PAUSED
        if deck.is_live and self._wanted is Playback.PLAYING and index >= (deck.span.last or 0):
            deck.catch_up()
        self._show(frame, is_next=False, playback=self._wanted)

    def set_speed(self, speed: float) -> None:
        """Play a file so many times as fast as it is."""
        if self._deck is not None:
            self._deck.set_speed(speed)
        self.screen.publish(speed=speed)

    def set_loop(self, on: bool) -> None:
        """Begin anew after the last frame."""
        self._loop = on
        self.screen.publish(loop=on)

    def go_live(self) -> None:
        """Catch up with what came of a live source meanwhile."""
        if self._deck is not None and self._deck.is_live:
            self._deck.catch_up()
            self._wanted, self._steps = Playback.PLAYING, 0
            self.screen.publish(playback=self._wanted)

    def hold(self, on: bool) -> None:
        """Freeze the picture, or end that."""
        if self._held and not on and self._deck is not None:
            self._deck.release()
        self._held = on

    def stop_recording(self, reason: str) -> None:
        """Finish the recording; `reason` is told, where it was not asked for."""
        if self._recording is not None:
            self._recording.stop(reason)

    def start_recording(self, path: Path, content: Content | str) -> None:
        """Record what is played from the frame that is shown on."""
        frame = self.frame
        if self._recording is None or frame is None:
            return
        rows = rows_on(self.document.state, frame)
        self._recording.start(path, content, tracker=self.tracking.tracker, targets=rows)
        self._record(frame)

    def _range(self) -> tuple[int, int | None]:
        """First and last frame to play."""
        state = self.document.state
        return (state.in_frame if state.in_frame is not None else self.first), state.out_frame

    def _ends_range(self) -> bool:
        """At the out point: begin anew in a loop, else stay there."""
        out = self._range()[1]
        if self._is_live or self._steps > 0 or out is None or self.shown_index != out:
            return False
        self._end()
        return True

    def _end(self) -> None:
        self._steps = 0
        first = self._range()[0]
        # what has one frame alone would spin
        loops = self._loop and self._wanted is Playback.PLAYING and not self._is_live
        if loops and self.shown_index != first:
            self.go_to(first)
            return
        self._wanted = Playback.ENDED
        self.screen.publish(playback=Playback.ENDED)

    def _check_health(self) -> None:
        deck = self._deck
        if deck is None or not deck.is_live:
            return
        state = deck.state()
        if state.health is not self.screen.now.health:
            if state.reason:
                self.notices.put(state.reason)
            self.screen.publish(health=state.health)

    def _show(
        self, frame: SourceFrame, *, is_next: bool, due_s: float | None = None, **changes: object
    ) -> None:
        """Show a frame; one that was reached by playing or stepping on is tracked and recorded."""
        if is_next:
            self.tracking.advance(frame)
            self._record(frame)
        latency = time.monotonic() - due_s if due_s is not None else 0.0
        if self._wanted is Playback.ENDED:
            # stepped on from an out point
            self._wanted = changes["playback"] = Playback.PAUSED
        self.screen.publish(frame=frame, latency_s=max(0.0, latency), **changes)

    def _record(self, frame: SourceFrame) -> None:
        if self._recording is not None:
            state = self.document.state
            drawn = marks_on(state, frame.index, hidden=False)
            self._recording.on_frame(frame, drawn, rows_on(state, frame))

    def _tell(self, sentence: str) -> None:
        """Say what the user wanted and cannot have; once it is to end nobody wants anything."""
        if not self._stopping:
            self.notices.put(sentence)

    def _fail(self, sentence: str) -> None:
        self.notices.put(sentence)
        self.screen.publish(playback=Playback.FAILED)

    def _frames_for_work(self) -> Frames:
        """Frames for tracking in the background; called in its thread."""
        deck = self._deck
        if isinstance(deck, LiveDeck):
            return deck.shared()
        reel = FileReel(self._script.open_source(), cache_bytes=_WORKER_CACHE_BYTES)
        if isinstance(deck, FileDeck):
            deck.share_index(reel)
        return reel

    def _let_go(self) -> None:
        self._stopping = True
        self.tracking.stop()
        # before the recording, which may take long to be finished: a camera may be wanted again
        if self._deck is not None:
            self._deck.close()
        if self._recording is not None:
            self._recording.close()
        self.tracking.let_go()


def _fault(error: Exception) -> Sentence:
    return Sentence(
        "Playing stopped by a fault of the program ({kind}: {error}).",
        kind=type(error).__name__,
        error=error,
    )
