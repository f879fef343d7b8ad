"""The parts of the workspace, and what their wishes lead to."""

from functools import partial
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from app.core.player.player import Player
from app.core.player.snapshot import Snapshot
from app.ui.canvas import Canvas
from app.ui.memory import AttentionView, MemoryStrip
from app.ui.plots import PlotsPanel
from app.ui.record import RecordButton
from app.ui.scale import ScaleTool
from app.ui.targets import TargetPanel
from app.ui.timeline import Timeline
from app.ui.transport import TransportBar
from app.ui.window.commands import Commands
from app.ui.window.feeding import Feeding
from app.ui.window.selection import NONE, Selection
from app.ui.window.workspace import Panel, Workspace


class Parts:
    """Everything that shows what the player plays."""

    def __init__(self, canvas: Canvas, record: RecordButton) -> None:
        """Make all but the canvas and the recording button."""
        self.canvas, self.record = canvas, record
        self.transport, self.timeline = TransportBar(), Timeline()
        self.transport.add_widget(record)
        self.targets, self.scale = TargetPanel(), ScaleTool(canvas)
        self.memory, self.attention, self.plots = MemoryStrip(), AttentionView(), PlotsPanel()
        self.panels: dict[str, QWidget] = {
            "targets": self.targets, "memory": self.memory, "attention": self.attention,
            "plots": self.plots,
        }  # fmt: skip
        self._subject = NONE
        self._looks_into = NONE
        self._panels: dict[str, Panel] = {}

    def connect(self, commands: Commands, selection: Selection, workspace: Workspace) -> None:
        """Let the user's wishes reach the player."""
        self._selection, self._do = selection, commands
        self._panels = workspace.panels
        self._panels["targets"].title.add_button(self.targets.remove)
        self.targets.head.hide()
        for part in (self.canvas, self.timeline, self.targets, self.plots):
            selection.join(part)
        self._connect_canvas(commands)
        self._connect_time(commands)
        self._connect_memory(commands)

    def show(self, snapshot: Snapshot) -> None:
        """What follows every frame; the canvas is shown already."""
        self.transport.show_snapshot(snapshot)
        self.record.show_status(snapshot.recording)
        self.scale.show_snapshot(snapshot)
        self._choose_subject(snapshot)

    def feed(self, feeding: Feeding) -> None:
        """What follows as often as it can be seen."""
        feeding.join(self.timeline.isVisible, self.timeline.show_snapshot)
        for name, part in (
            ("targets", self.targets), ("memory", self.memory), ("attention", self.attention),
            ("plots", self.plots),
        ):  # fmt: skip
            feeding.join(partial(_is_seen, self._panels[name]), part.show_snapshot)

    def close(self, timeout_s: float) -> None:
        """Wait until nothing is worked on in the background any more."""
        self.plots.background.join(timeout_s)

    def look_anew(self, folder: Path) -> None:
        """Another player plays something in `folder`; it is told what is looked at when there is
        something."""
        self._looks_into = NONE
        self.plots.set_folder(folder)

    def _connect_canvas(self, do: Commands) -> None:
        canvas = self.canvas
        canvas.drag_began.connect(do.passing(Player.hold))
        canvas.drag_ended.connect(do.passing(Player.release))
        canvas.box_drawn.connect(do.passing(Player.add))
        canvas.box_changed.connect(do.correct)
        for part in (canvas, self.targets):
            part.remove_wanted.connect(do.remove_one)
            part.rename_wanted.connect(do.passing(Player.rename))
            part.colour_wanted.connect(do.passing(Player.recolour))
            part.visible_wanted.connect(do.passing(Player.show))
        self.targets.remove_many_wanted.connect(do.remove_many)

        scale = self.scale
        scale.mode_changed.connect(lambda on: do.passing(Player.hold if on else Player.release)())
        scale.scale_wanted.connect(do.passing(Player.set_scale))
        scale.scale_wanted.connect(lambda found: scale.set_ruler_shown(found is not None))

    def _connect_time(self, do: Commands) -> None:
        for part in (self.transport, self.timeline):
            part.seek_wanted.connect(do.seek)
            part.step_wanted.connect(do.step)
            part.range_wanted.connect(do.passing(Player.set_range))
        self.plots.seek_wanted.connect(do.seek)
        self.transport.toggle_wanted.connect(do.toggle)
        self.transport.speed_wanted.connect(do.set_speed)
        self.transport.loop_wanted.connect(do.passing(Player.set_loop))
        self.transport.go_live_wanted.connect(do.go_live)
        timeline = self.timeline
        timeline.track_backwards_wanted.connect(do.track_one_backwards)
        timeline.remove_wanted.connect(do.remove_one)
        timeline.rename_wanted.connect(do.rename_one)
        timeline.visible_wanted.connect(do.passing(Player.show))

    def _connect_memory(self, do: Commands) -> None:
        memory, panel = self.memory, self._panels["attention"]
        memory.pin_wanted.connect(do.passing(Player.pin))
        memory.forget_wanted.connect(do.passing(Player.forget))
        memory.look_wanted.connect(lambda target: panel.setVisible(target != NONE))
        panel.visibilityChanged.connect(lambda _: self._look())
        self._selection.changed.connect(lambda _: self._choose_subject(self.canvas.snapshot))

    def _choose_subject(self, snapshot: Snapshot) -> None:
        """Memory and attention are those of the selected target; without one, of the first."""
        chosen, targets = self._selection.id, snapshot.document.targets
        subject = chosen if chosen != NONE else targets[0].id if targets else NONE
        if subject != self._subject:
            self._subject = subject
            for part in (self.memory, self.attention):
                part.set_selection(subject if subject != NONE else None)
        self._look()

    def _look(self) -> None:
        """Have the player look into the network only while someone looks at that."""
        is_shown = "attention" in self._panels and self._panels["attention"].is_seen
        self.memory.set_looking(is_shown)
        target = self._subject if is_shown else NONE
        if target != self._looks_into:
            self._looks_into = target
            self._do.passing(partial(_look_into, target=target))()


def _is_seen(panel: Panel) -> bool:
    return panel.is_seen


def _look_into(player: Player, target: int) -> None:
    player.look_into(target if target != NONE else None)
