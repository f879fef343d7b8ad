"""The parts of the workspace, and what their wishes lead to."""

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from app.core.player.player import Player
from app.core.player.snapshot import Snapshot
from app.ui.canvas import Canvas
from app.ui.record import RecordButton
from app.ui.window.commands import Commands
from app.ui.window.feeding import Feeding
from app.ui.window.selection import Selection


class Parts:
    """Everything that shows what the player plays."""

    def __init__(self, canvas: Canvas, record: RecordButton) -> None:
        self.canvas, self.record = canvas, record
        self.transport = QWidget()
        row = QHBoxLayout(self.transport)
        row.addWidget(record)
        self.timeline = QWidget()
        self.panels = {name: QWidget() for name in ("targets", "memory", "attention", "plots")}

    def connect(self, commands: Commands, selection: Selection) -> None:
        """Let the user's wishes reach the player."""
        canvas, do = self.canvas, commands
        selection.join(canvas)
        canvas.drag_began.connect(do.passing(Player.hold))
        canvas.drag_ended.connect(do.passing(Player.release))
        canvas.box_drawn.connect(do.passing(Player.add))
        canvas.box_changed.connect(do.correct)
        canvas.remove_wanted.connect(do.remove_one)
        canvas.rename_wanted.connect(do.passing(Player.rename))
        canvas.colour_wanted.connect(do.passing(Player.recolour))
        canvas.visible_wanted.connect(do.passing(Player.show))

    def show(self, snapshot: Snapshot) -> None:
        """What follows every frame; the canvas is shown already."""
        self.record.show_status(snapshot.recording)

    def feed(self, feeding: Feeding) -> None:
        """What follows as often as it can be seen."""
