"""What the user can do to what is open; everything returns at once."""

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec

from PyQt6.QtCore import QObject, pyqtSignal

from app.core.player.document import TargetTrack
from app.core.player.player import Player
from app.core.player.snapshot import Snapshot
from app.core.studio.places import doubts, following, preceding
from app.ui.canvas import Canvas
from app.ui.transport.bar import SPEEDS
from app.ui.window.host import PlayerHost
from app.ui.window.selection import Selection
from model.geometry import Box

P = ParamSpec("P")

_FAR = 10
"""Frames of a large step."""


class Commands(QObject):
    """Passes wishes on to the player; where nothing is open nothing happens."""

    name_wanted = pyqtSignal(int, str)
    """Id of a target that cannot be seen, and its label: another one is to be asked for."""

    def __init__(
        self, host: PlayerHost, canvas: Canvas, selection: Selection, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._host, self._canvas, self._selection = host, canvas, selection

    @property
    def snapshot(self) -> Snapshot:
        """What is shown."""
        return self._canvas.snapshot

    @property
    def frame(self) -> int | None:
        """Number of the frame that is shown."""
        frame = self.snapshot.frame
        return frame.index if frame is not None else None

    def passing(self, act: Callable[Concatenate[Player, P], None]) -> Callable[P, None]:
        """`act` on the player of the moment, for signals to be connected to."""

        def passed(*args: P.args, **kwargs: P.kwargs) -> None:
            if self._host.player is not None:
                act(self._host.player, *args, **kwargs)

        return passed

    def toggle(self) -> None:
        """Pause what plays, play what is paused or at its end."""
        self.passing(Player.toggle)()

    def step(self, frames: int) -> None:
        """Forwards or back, and stay there."""
        self._canvas.end_nudge()
        self.passing(Player.step)(frames)

    def step_far(self, way: int) -> None:
        """Ten frames forwards (1) or back (-1)."""
        self.step(way * _FAR)

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._canvas.end_nudge()
        self.passing(Player.seek)(frame)

    def to_start(self) -> None:
        """Go to the in point; from there, and where there is none, to the first frame."""
        self._to_end(self.snapshot.document.in_frame, -1)

    def to_end(self) -> None:
        """Go to the out point; from there, and where there is none, to the last frame."""
        self._to_end(self.snapshot.document.out_frame, 1)

    def slower(self) -> None:
        """The next lower speed."""
        self.set_speed(max((s for s in SPEEDS if s < self.snapshot.speed), default=SPEEDS[0]))

    def faster(self) -> None:
        """The next higher speed."""
        self.set_speed(min((s for s in SPEEDS if s > self.snapshot.speed), default=SPEEDS[-1]))

    def set_speed(self, speed: float) -> None:
        """Play a file so many times as fast as it is."""
        self.passing(Player.set_speed)(speed)

    def toggle_loop(self) -> None:
        """Begin anew at the end, or not."""
        self.passing(Player.set_loop)(not self.snapshot.loop)

    def go_live(self) -> None:
        """To the newest frame of a live source."""
        self._canvas.end_nudge()
        self.passing(Player.go_live)()

    def set_in(self) -> None:
        """The frame that is shown is the first of the range."""
        frame, out = self.frame, self.snapshot.document.out_frame
        if frame is not None:
            self._set_range(frame, None if out is not None and out < frame else out)

    def set_out(self) -> None:
        """The frame that is shown is the last of the range."""
        frame, first = self.frame, self.snapshot.document.in_frame
        if frame is not None:
            self._set_range(None if first is not None and first > frame else first, frame)

    def clear_range(self) -> None:
        """All frames are in the range."""
        self._set_range(None, None)

    def next_doubt(self, way: int) -> None:
        """Go to where a target, the selected one if any, next (1) or last (-1) becomes uncertain
        or lost."""
        chosen = self._chosen()
        places = [frame for track in chosen for frame in doubts(track)]
        self._go(places, way)

    def next_correction(self, way: int) -> None:
        """Go to the next (1) or the last (-1) correction, of the selected target if any."""
        chosen = self._chosen()
        self._go([frame for track in chosen for frame in track.corrections], way)

    def undo(self) -> None:
        """Take the last change back."""
        self._canvas.end_nudge()
        self.passing(Player.undo)()

    def redo(self) -> None:
        """Do again what was undone."""
        self._canvas.end_nudge()
        self.passing(Player.redo)()

    def new_target(self) -> None:
        """Put a box on the picture for the keys to move."""
        self._canvas.place_new()

    def rename(self) -> None:
        """Edit the label of the selected target."""
        self.rename_one(self._selection.id)

    def rename_one(self, target: int) -> None:
        """Edit the label of a target: over its box, where that can be seen."""
        track = self.snapshot.document.target(target)
        if self._canvas.mark(target) is not None:
            self._canvas.rename(target)
        elif track is not None:
            self.name_wanted.emit(target, track.label)

    def remove(self) -> None:
        """Take the selected target out."""
        if self._selection.id >= 0:
            self.remove_one(self._selection.id)

    def remove_one(self, target: int) -> None:
        """Take a target out."""
        self.remove_many([target])

    def remove_many(self, targets: Sequence[int]) -> None:
        """Take targets out, as one change."""
        self._canvas.cancel_drag()
        self.passing(Player.remove)(targets)

    def remove_all(self) -> None:
        """Take every target out."""
        self._canvas.cancel_drag()
        self.passing(Player.remove)(None)

    def toggle_visible(self) -> None:
        """Hide the selected target, or show it again."""
        target = self.snapshot.document.target(self._selection.id)
        if target is not None:
            self.passing(Player.show)(target.id, not target.visible)

    def confirm(self) -> None:
        """The box of the selected target is right on this frame: a correction."""
        mark = self._canvas.mark(self._selection.id)
        # a box that is nudged becomes a correction by that
        if mark is not None and not self._canvas.end_nudge():
            self.correct(mark.id, mark.box)

    def correct(self, target: int, box: Box) -> None:
        """The box of a target on this frame is this one."""
        self.passing(Player.correct)(target, box)

    def track_backwards(self) -> None:
        """Follow the selected target backwards from its correction at or before this frame."""
        if self._selection.id >= 0:
            self.track_one_backwards(self._selection.id)

    def track_one_backwards(self, target: int) -> None:
        """Follow a target backwards from its correction at or before this frame."""
        self._canvas.end_nudge()
        self.passing(Player.track_backwards)(target)

    def clear_scale(self) -> None:
        """Forget the length that was measured."""
        self.passing(Player.set_scale)(None)

    def _set_range(self, first: int | None, last: int | None) -> None:
        self.passing(Player.set_range)(first, last)

    def _to_end(self, mark: int | None, way: int) -> None:
        span = self.snapshot.span
        if span is None:
            return
        frame = self.frame
        beyond = mark is None or frame is None or (frame - mark) * way >= 0
        if not beyond and mark is not None:
            self.seek(mark)
        elif way < 0:
            self.seek(span.first)
        elif span.last is not None:
            self.seek(span.last)

    def _chosen(self) -> list[TargetTrack]:
        state = self.snapshot.document
        target = state.target(self._selection.id)
        return [target] if target is not None else list(state.targets)

    def _go(self, places: list[int], way: int) -> None:
        if self.frame is None:
            return
        find = following if way > 0 else preceding
        place = find(places, self.frame)
        if place is not None:
            self.seek(place)
