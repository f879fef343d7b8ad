"""A source that is played, tracked, corrected and recorded: what a window asks of it."""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from app.core.mailbox import Mailbox
from app.core.player.document import Document, Scale
from app.core.player.following import PlayerTracker
from app.core.player.script import Script
from app.core.player.snapshot import Playback, Snapshot
from app.core.player.stage import Stage
from app.core.recorder import Content
from app.core.sources.base import Source, SourceFrame
from app.core.studio.recording import RecordingFactory
from model.geometry import Box


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
        self.document = document or Document()
        self._stage = Stage(
            Script(
                open_source, load_tracker, self.document, recording, fallback, tuple(boxes),
                loop, paused, at,
            )
        )  # fmt: skip
        self._lock = threading.Lock()
        self._seeking: _Seek | None = None

    @property
    def mailbox(self) -> Mailbox[Snapshot]:
        """Holds what is to be shown now."""
        return self._stage.mailbox

    @property
    def notices(self) -> "queue.SimpleQueue[str]":
        """Sentences for the user."""
        return self._stage.notices

    # playback

    def play(self) -> None:
        """Go on; after the end, begin anew."""
        self._do(partial(self._stage.want, Playback.PLAYING))

    def pause(self) -> None:
        """Stay on this frame."""
        self._do(partial(self._stage.want, Playback.PAUSED))

    def toggle(self) -> None:
        """Pause what plays, play what does not."""
        self._do(
            lambda: self._stage.want(
                Playback.PAUSED if self._stage.wanted is Playback.PLAYING else Playback.PLAYING
            )
        )

    def step(self, frames: int) -> None:
        """Go so many frames on, or back if negative, and stay there."""
        self._do(partial(self._stage.step, frames))

    def seek(self, frame: int) -> None:
        """Show frame number `frame`, or the nearest there is."""
        with self._lock:
            if self._seeking is not None:
                # of several in a row the last one counts
                self._seeking.frame = frame
                return
            self._seeking = _Seek(frame)
            self._stage.do(partial(self._seek, self._seeking))

    def set_speed(self, speed: float) -> None:
        """Play a file so many times as fast as it is, 0.1..8."""
        self._do(partial(self._stage.set_speed, min(max(speed, 0.1), 8.0)))

    def set_loop(self, on: bool) -> None:
        """Begin anew after the last frame."""
        self._do(partial(self._stage.set_loop, on))

    def go_live(self) -> None:
        """Of a live source, catch up with what came meanwhile."""
        self._do(self._stage.go_live)

    def hold(self) -> None:
        """Freeze the picture while a box is drawn; of a live source the frames are kept."""
        self._do(partial(self._stage.hold, True))

    def release(self) -> None:
        """End a hold; what came meanwhile is caught up with."""
        self._do(partial(self._stage.hold, False))

    # targets

    def add(self, box: Box, label: str = "") -> None:
        """Follow what is in `box` (pixels of the frame) from the frame that is shown now."""
        self._on_frame(lambda frame: self._stage.tracking.begin(frame, box, label))

    def correct(self, id: int, box: Box) -> None:
        """Put a box right on the frame that is shown; it is tracked anew up to the next one."""
        self._on_frame(lambda frame: self._stage.tracking.correct(id, frame, box))

    def track_backwards(self, id: int) -> None:
        """Track a target from its last drawn box back to the one before it."""

        self._on_frame(
            lambda frame: self._stage.tracking.track_backwards(id, frame.index, self._stage.first)
        )

    def remove(self, ids: Iterable[int] | None = None) -> None:
        """Take targets out, or all."""
        chosen = None if ids is None else list(ids)

        self._do(lambda: self._stage.tracking.remove(chosen, self._stage.shown_index))

    def rename(self, id: int, label: str) -> None:
        """Give a target another label."""
        self._change(id, "Rename", label=label)

    def recolour(self, id: int, colour: int) -> None:
        """Give a target another place in the palette."""
        self._change(id, "Change colour", colour=colour)

    def show(self, id: int, visible: bool) -> None:
        """Show a target, or hide it."""
        self._change(id, "Show target" if visible else "Hide target", visible=visible)

    def undo(self) -> None:
        """Take the last change back."""
        self._do(lambda: self._stage.tracking.undo(self._stage.shown_index))

    def redo(self) -> None:
        """Do again what was undone last."""
        self._do(lambda: self._stage.tracking.redo(self._stage.shown_index))

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
        self._do(lambda: self._stage.tracking.pin(id, slot, pinned))

    def forget(self, id: int, slot: int) -> None:
        """Drop a frame from a target's memory; the first one stays."""
        self._do(lambda: self._stage.tracking.forget(id, slot))

    def want_responses(self, on: bool) -> None:
        """Have `Snapshot.responses` filled."""
        self._do(partial(setattr, self._stage.screen, "wants_responses", on))

    def look_into(self, id: int | None) -> None:
        """Have `Snapshot.attention` filled for a target, or for none."""
        self._do(partial(self._stage.screen.look_into, id))

    # tracker, recording, end

    def set_tracker(
        self, load: Callable[[], PlayerTracker], fallback: Callable[[], PlayerTracker] | None = None
    ) -> None:
        """Track with another tracker from here on; what is followed is followed further."""

        def act() -> None:
            self._stage.tracking.fallback = fallback
            self._stage.tracking.use(load)

        self._do(act)

    def start_recording(self, path: Path, content: Content | str = Content.OVERLAY) -> None:
        """Record what is played from the frame that is shown on."""
        self._do(partial(self._stage.start_recording, path, content))

    def stop_recording(self, reason: str = "") -> None:
        """Finish the recording; `reason` is told, where it was not asked for."""
        self._do(partial(self._stage.stop_recording, reason))

    def stop(self) -> None:
        """Ask every thread of the player to end."""
        self._stage.ask_end()

    def close(self) -> None:
        """End every thread of the player and wait for them; a recording is finished first."""
        self._stage.ask_end()
        self._stage.join()

    @property
    def is_alive(self) -> bool:
        """Whether a thread of the player still runs."""
        return self._stage.is_alive

    def _change(self, id: int, text: str, **changes: Any) -> None:
        self._do(lambda: self.document.change(id, text, lambda t: replace(t, **changes)))

    def _do(self, command: Callable[[], object]) -> None:
        """Let `command` be called in the player's thread, after what was asked for before."""
        with self._lock:
            self._seeking = None
            self._stage.do(command)

    def _seek(self, seek: "_Seek") -> None:
        with self._lock:
            if self._seeking is seek:
                self._seeking = None
        self._stage.go_to(seek.frame)

    def _on_frame(self, act: Callable[[SourceFrame], object]) -> None:
        """Act on the frame that is shown when its turn comes."""

        def command() -> None:
            frame = self._stage.frame
            if frame is not None:
                act(frame)

        self._do(command)


@dataclass
class _Seek:
    """A frame to go to, as long as it was not begun."""

    frame: int
