"""The dock with the plots: what is measured, in curves that follow the playhead."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QPalette, QShowEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.measures import Quantity, Series, write_measures
from app.core.measures.series import unit_of
from app.core.player.snapshot import Playback, Snapshot
from app.core.recovery import file_name
from app.ui.background import Background
from app.ui.plots.clock import Clock, clock_of, tracked_range
from app.ui.plots.header import Header
from app.ui.plots.legend import Legend
from app.ui.plots.loading import load_stack
from app.ui.plots.measured import Change, Measured
from app.ui.plots.ranges import time_text, union, whole_time
from app.ui.plots.scene import curves_of, entries_of, tip_of, value_text
from app.ui.sentences import worded
from app.ui.throttle import Throttle

if TYPE_CHECKING:
    from app.ui.plots.stack import PlotStack

_INTERVAL_MS = 100
_MESSAGE_MS = 8000
_DEFAULT = (Quantity.X, Quantity.Y, Quantity.SPEED)
_NONE = -1


class PlotsPanel(QWidget):
    """Curves of all visible targets over time. A click or a drag in a plot goes there."""

    seek_wanted = pyqtSignal(int)
    """Number of a frame."""
    selected = pyqtSignal(int)
    """Id of the target that the user selected in the legend; -1 for none."""
    quantities_changed = pyqtSignal()
    """The user chose other plots."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots")
        self._snapshot = Snapshot()
        self._selection = _NONE
        self._folder = Path.home()
        self._measured = Measured()
        self._clock = Clock()
        self._look: tuple[object, ...] = ()
        self._sought: int | None = None
        self._is_loading = False
        self.stack: PlotStack | None = None
        """The plots; None until they were first seen."""
        self.header, self.legend = Header(), Legend()
        self.header.choose(_DEFAULT)
        self.readout, self.message, self.hint = QLabel(), QLabel(), QLabel()
        self.pages, self.area = QStackedWidget(), QScrollArea()
        self.background = Background(self)
        self._throttle = Throttle(_INTERVAL_MS, self._refresh, self)
        self._message_ends = QTimer(self)
        self._message_ends.setSingleShot(True)
        self._message_ends.setInterval(_MESSAGE_MS)
        self._arrange()
        self._connect()
        self.retranslate()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What is plotted, from top to bottom."""
        return self.header.quantities

    def set_quantities(self, quantities: Iterable[Quantity]) -> None:
        """Plot these; emits nothing."""
        self.header.choose(quantities)
        self._throttle.call()

    def set_folder(self, folder: Path) -> None:
        """Where exports are offered to be saved."""
        self._folder = folder

    def set_selection(self, target: int) -> None:
        """Show a target as selected, or none with -1; emits nothing."""
        if target != self._selection:
            self._selection = target
            self._throttle.call()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the tracks of `snapshot`, soon."""
        if snapshot.info != self._snapshot.info:
            self._measured, self._look = Measured(), ()
            if self.stack is not None:
                self.stack.show_whole()
        self._snapshot = snapshot
        if self.isVisible():
            self._throttle.call()

    def save(self, kind: str, path: Path) -> None:
        """Write the plots (`png`, `svg`) or the table of all measures (`csv`), in the background.

        A line in the panel says what came of it.
        """
        wrote = partial(self._say, self.tr("✓ Wrote {name}.").format(name=path.name))
        document = self._snapshot.document
        if kind == "csv":
            work = partial(write_measures, path, document.targets, document.scale)
        elif self.stack is None:
            return
        else:
            from app.ui.plots.saving import png_of, svg_of, write_whole

            title = self._snapshot.info.name if self._snapshot.info is not None else ""
            picture = (
                png_of(self.stack, self.legend) if kind == "png"
                else svg_of(self.stack, self.legend, title)
            )  # fmt: skip
            work = partial(write_whole, path, picture)
        self.background.run(work, lambda _: wrote(), name="plots export")

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Plots"))
        self.hint.setText(self.tr("What is followed is plotted here"))
        self.readout.setToolTip(self.tr("Values at the frame that is shown"))
        self._names = {
            Quantity.X: self.tr("Position x"),
            Quantity.Y: self.tr("Position y"),
            Quantity.SIZE: self.tr("Size"),
            Quantity.SPEED: self.tr("Speed"),
            Quantity.SCORE: self.tr("Score"),
        }
        self._lost = self.tr("lost")
        self._select_hint = self.tr("Select a target to read its values here")
        self._look = ()
        if self.stack is not None:
            self._describe(self.stack)
            self._tell()
            self._throttle.call()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(720, 300)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange and self.stack is not None:
            self.stack.set_colours(self.palette())
            self._look = ()
            self._throttle.call()

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802
        super().showEvent(event)
        self._throttle.call()

    def _arrange(self) -> None:
        self.readout.setObjectName("muted")
        self.readout.setContentsMargins(8, 0, 12, 2)
        self.message.setContentsMargins(12, 2, 12, 4)
        self.message.setWordWrap(True)
        self.message.hide()
        self.hint.setObjectName("muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.area)
        names = QHBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.legend, stretch=1)
        names.addWidget(self.readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(names)
        column.addWidget(self.pages, stretch=1)
        column.addWidget(self.message)

    def _connect(self) -> None:
        self.header.chosen.connect(self._chosen)
        self.header.whole_wanted.connect(self._show_whole)
        self.header.export_wanted.connect(self._ask)
        self.legend.selected.connect(self._select)
        self.background.failed.connect(partial(self._say, is_fault=True))
        self._message_ends.timeout.connect(self.message.hide)

    def _load(self) -> None:
        if not self._is_loading:
            self._is_loading = True
            self.background.run(load_stack, self._build, name="plots load")

    def _build(self, make: "type[PlotStack]") -> None:
        self.stack = make()
        self.stack.set_colours(self.palette())
        self.stack.tip = self._tip
        self.stack.time_wanted.connect(self._seek)
        self.stack.frames_wanted.connect(self._step)
        self.stack.end_wanted.connect(self._go_to_end)
        self.stack.range_changed.connect(self._fit)
        self.area.setWidget(self.stack)
        self._describe(self.stack)
        self._refresh()

    def _describe(self, stack: "PlotStack") -> None:
        stack.setAccessibleName(self.tr("Plots over time"))
        stack.setAccessibleDescription(
            self.tr("Arrow keys go to other frames, + and − zoom, 0 shows the whole time")
        )

    def _refresh(self) -> None:
        """Show what there is now, painting only what has changed."""
        if not self.isVisible():
            return
        if self.stack is None:
            self._load()
            return
        change = self._measured.update(self._snapshot.document)
        if change is None:
            # long tracks that are new: other events have their turn first
            QTimer.singleShot(0, self._refresh)
            return
        self._draw(self.stack, change)
        self._tell()

    def _draw(self, stack: "PlotStack", change: Change) -> None:
        document, series = self._snapshot.document, self._measured.series()
        ground = self.palette().color(QPalette.ColorRole.Base)
        self._clock = clock_of(self._snapshot, ((s.frame, s.time_s) for s in series.values()))
        look = (
            tuple((t.id, t.colour, t.label) for t in document.targets if t.visible),
            document.scale, self._selection, self.quantities,
        )  # fmt: skip
        is_other, self._look = look != self._look, look
        if is_other:
            self._name_plots(stack)
        info = self._snapshot.info
        wanted = union((self._clock.range, tracked_range(self._clock)))
        is_live = info is not None and info.is_live
        for quantity in stack.shown:
            curves = curves_of(quantity, document, series, self._selection, ground)
            stack.plots[quantity].set_curves(curves)
        stack.set_whole(whole_time(wanted, stack.whole, is_live=is_live))
        for quantity in stack.shown:
            if is_other or change.is_all:
                stack.plots[quantity].show_all(anew=is_other)
            elif change.time_s is not None:
                stack.plots[quantity].show_part(change.time_s)
        self.legend.set_entries(entries_of(document, series, self._selection, ground))
        has_rows = any(len(found) for found in series.values())
        self.pages.setCurrentWidget(self.area if has_rows else self.hint)
        self.header.export.setEnabled(has_rows)
        frame = self._snapshot.frame
        if not stack.is_seeking:
            self._sought = None
            now = frame.time_s if frame is not None else None
            stack.set_now(now, follow=self._snapshot.playback is Playback.PLAYING)

    def _name_plots(self, stack: "PlotStack") -> None:
        if stack.shown != self.quantities:
            stack.show_plots(self.quantities)
        length = unit_of(self._snapshot.document.scale)
        for quantity in stack.shown:
            name, unit = self._names[quantity], quantity.unit(length)
            text = self.tr("{name}, {unit}").format(name=name, unit=unit) if unit else name
            stack.plots[quantity].title.setText(text)

    def _fit(self) -> None:
        if self.stack is not None:
            for quantity in self.stack.shown:
                self.stack.plots[quantity].show_all(anew=True)

    def _tell(self) -> None:
        """Say the values of the selected target, or of the only one, at the frame that is shown."""
        frame, series = self._snapshot.frame, self._measured.series()
        only = next(iter(series)) if len(series) == 1 else self._selection
        text = "" if only in series else self._select_hint
        if frame is not None and only in series:
            said = (
                (self.header.choices[q].text(), self._say_value(q, series[only], frame.index))
                for q in self.quantities
            )
            text = "   ".join(f"{name} {value}" for name, value in said if value)
        self.readout.setText(text)
        self.readout.setVisible(bool(series))

    def _say_value(self, quantity: Quantity, series: Series, frame: int) -> str:
        return value_text(quantity, series, frame, self._snapshot.document.scale, self._lost)

    def _tip(self, quantity: Quantity, time_s: float) -> str:
        frame = self._clock.frame_at(time_s)
        heading = self.tr("{time}, frame {frame}").format(time=time_text(time_s, 0.01), frame=frame)
        return tip_of(
            quantity, self._snapshot.document, self._measured.series(), self._selection, frame,
            heading, self._say_value,
        )  # fmt: skip

    def _say(self, text: str, *, is_fault: bool = False) -> None:
        self.message.setObjectName("fault" if is_fault else "muted")
        style = self.message.style()
        if style is not None:
            # the style sheet goes by the name
            style.unpolish(self.message)
            style.polish(self.message)
        self.message.setText(worded(text))
        self.message.show()
        if is_fault:
            self._message_ends.stop()
        else:
            self._message_ends.start()

    def _seek(self, time_s: float) -> None:
        self._go(self._clock.frame_at(time_s))

    def _step(self, frames: int) -> None:
        shown = self._snapshot.frame
        if shown is not None:
            self._go(self._clock.inside(shown.index + frames))

    def _go_to_end(self, last: bool) -> None:
        end = self._clock.last if last else self._clock.first
        if end is not None:
            self._go(end)

    def _go(self, frame: int) -> None:
        if frame != self._sought:
            self._sought = frame
            self.seek_wanted.emit(frame)

    def _show_whole(self) -> None:
        if self.stack is not None:
            self.stack.show_whole()

    def _select(self, target: int) -> None:
        self.set_selection(target)
        self.selected.emit(target)

    def _chosen(self) -> None:
        self._throttle.call()
        self.quantities_changed.emit()

    def _ask(self, kind: str) -> None:
        """Let the user say where to, then save."""
        info = self._snapshot.info
        stem = file_name(Path(info.name).stem if info is not None else "")
        what = "measures" if kind == "csv" else "plots"
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save as"), str(self._folder / f"{stem}-{what}.{kind}"), f"*.{kind}"
        )
        if chosen:
            path = Path(chosen)
            self.save(kind, path if path.suffix else path.with_suffix(f".{kind}"))
