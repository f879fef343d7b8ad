"""The frames in a target's memory, side by side."""

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QPalette
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from app.core.player.snapshot import SlotView, Snapshot
from app.ui.elided import ElidedLabel
from app.ui.memory.painting import disc
from app.ui.memory.remembered import (
    FIRST,
    Subject,
    in_order,
    is_same_step,
    own_share,
    searched,
    subject_of,
)
from app.ui.memory.rows import TileRows
from app.ui.memory.tile import Tile, TileLook
from app.ui.memory.weights import percents
from app.ui.tool_button import ToolButton
from app.ui.transport.timecode import clock
from model.images import Frame

_NAME = 130
"""Pixels beside the button: margins, and room for a name or a word."""


class MemoryStrip(QWidget):
    """What the selected target remembers: each frame with its time, its score, whether it is
    pinned, and how much of its attention the current step gives it.

    Arrow keys go from frame to frame, P pins, Delete forgets. It only asks; the window acts.
    """

    pin_wanted = pyqtSignal(int, int, bool)
    """Id of the target, slot, whether to keep the frame from now on."""
    forget_wanted = pyqtSignal(int, int)
    """Id of the target, slot."""
    look_wanted = pyqtSignal(int)
    """Id of the target whose attention is to be shown; -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory")
        self._selection: int | None = None
        self._subject: Subject | None = None
        self._snapshot = Snapshot()
        self._step = Snapshot()
        """The last one whose frame was searched."""
        self._cut: tuple[Snapshot, int, int, Frame | None] = (self._step, -1, 0, None)
        self._slots: tuple[SlotView, ...] = ()
        self._own: float | None = None
        self._refusal = ""
        self._dot, self._name = QLabel(), ElidedLabel()
        self.hint = QLabel()
        """Says what is missing, or why something was not done."""
        self.look = ToolButton()
        """Shows and hides the attention."""
        self.look.setObjectName("look")
        self.look.setCheckable(True)
        self.look.clicked.connect(self._toggle_look)
        self.rows = TileRows()
        self.rows.pin_wanted.connect(self._pin)
        self.rows.forget_wanted.connect(self._forget)
        self.rows.menu_wanted.connect(self._open_menu)
        self._lay_out()
        self.retranslate()

    @property
    def tiles(self) -> list[Tile]:
        """One for each frame, the first one of the target before the others in order of time."""
        return self.rows.tiles

    @property
    def now(self) -> Tile:
        """The frame that is searched now."""
        return self.rows.last

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the memory of now."""
        self._snapshot = snapshot
        if snapshot.search or snapshot.frame is None:
            # it stays while one looks back, as the shares do
            self._step = snapshot
        self._refresh()

    def set_selection(self, id: int | None) -> None:
        """Show the memory of this target from now on; attention that is shown goes along."""
        if id == self._selection:
            return
        self._selection, self._refusal = id, ""
        self._refresh()
        if self.look.isChecked() and self._subject is not None:
            self.look_wanted.emit(self._subject.id)

    def set_looking(self, on: bool) -> None:
        """Show whether the attention is shown; emits nothing."""
        self.look.setChecked(on)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a row of a few frames."""
        tile, head = self.now.sizeHint(), self.look.sizeHint()
        return QSize(5 * tile.width(), tile.height() + head.height() + 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """One frame, and the button beside a short name; the rest is scrolled to."""
        width = max(self.now.sizeHint().width() + 40, self.look.sizeHint().width() + _NAME)
        return QSize(width, self.sizeHint().height() * 2 // 3)

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Memory of the target"))
        self.look.setText(self.tr("Show attention"))
        self.look.setAccessibleName(self.look.text())
        self.look.setToolTip(
            self.tr("Show where the target looks in each frame of its memory, while it is followed")
        )
        self.now.setAccessibleName(self.tr("Searched frame"))
        self.now.setToolTip(
            self.tr(
                "What is searched in the frame that is shown: the share of attention that stays "
                "with it"
            )
        )
        self._refresh()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow language and colours."""
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self._refusal = ""
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._refresh()

    def _lay_out(self) -> None:
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._dot)
        head.addWidget(self._name, 1)
        head.addWidget(self.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.hint)
        column.addWidget(self.rows, 1)

    def _refresh(self) -> None:
        subject = subject_of(self._snapshot, self._selection)
        is_other = subject is None or self._subject is None or subject.id != self._subject.id
        before = () if is_other else self._slots
        self._subject = subject
        self._slots = in_order(self._snapshot.memory.get(subject.id, ())) if subject else ()
        self._look_at_step(before)
        self._name.setText(subject.name if subject else "")
        self._dot.setVisible(subject is not None)
        self.look.setEnabled(subject is not None)
        self._give_hint()
        self.rows.set_count(len(self._slots))
        self.now.setVisible(bool(self._slots))
        if subject is not None:
            rim = self.palette().color(QPalette.ColorRole.WindowText)
            self._dot.setPixmap(disc(subject.tint, rim, self.devicePixelRatioF()))
            if self._slots:
                self._show_tiles(subject)

    def _give_hint(self) -> None:
        if self._subject is None:
            text = self.tr("Select a target to see what it remembers.")
        elif self._slots:
            text = self._refusal
        elif any(work.target == self._subject.id for work in self._snapshot.work):
            text = self.tr("This target is being followed anew; after that it remembers again.")
        else:
            text = self.tr("This target remembers nothing yet.")
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def _look_at_step(self, before: tuple[SlotView, ...]) -> None:
        """Note the share that stays with the searched frame; what was remembered `before`."""
        if not before:
            self._own = None
        if not is_same_step(before, self._slots):
            # in the step in which a frame enters it is not known, and hardly other than before
            own = own_share(self._slots)
            self._own = self._own if own is None else own

    def _show_tiles(self, subject: Subject) -> None:
        *numbers, rest = percents([*(slot.share for slot in self._slots), self._own or 0.0])
        for tile, slot, number in zip(self.tiles, self._slots, numbers, strict=True):
            self._show_tile(tile, slot, number, subject)
        text = f"{rest} %" if self._own is not None else "–"
        size = round(self.now.side * self.devicePixelRatioF())
        self.now.show_look(
            TileLook(self.tr("Now"), self.tr("itself"), self._own, text, tint=subject.tint),
            self._searched(subject.id, size),
        )

    def _searched(self, id: int, size: int) -> Frame | None:
        """What was searched for a target, cut anew only where it is something else."""
        step, *of, picture = self._cut
        if step is not self._step or of != [id, size]:
            picture = searched(self._step, id, size)
            self._cut = (self._step, id, size, picture)
        return picture

    def _show_tile(self, tile: Tile, slot: SlotView, number: int, subject: Subject) -> None:
        time, score = clock(slot.frame_time_s, 1), f"{slot.score:.2f}"
        if slot.slot == FIRST:
            tip = self.tr("First frame, at {time}: what the target is. It always stays.")
            detail = self.tr("first frame")
        elif slot.pinned:
            tip = self.tr(
                "Frame at {time}, score {score}, pinned: it stays. P lets it go, Delete forgets it."
            )
            detail = self.tr("score {score}")
        else:
            tip = self.tr(
                "Frame at {time}, score {score}: it leaves when newer ones come. "
                "P pins it, Delete forgets it."
            )
            detail = self.tr("score {score}")
        share_text = f"{number} %" if slot.share > 0 else self.tr("new")
        look = TileLook(
            title=time, detail=detail.format(score=score), share=slot.share, share_text=share_text,
            pinned=slot.pinned, fixed=slot.slot == FIRST, tint=subject.tint,
        )  # fmt: skip
        if look != tile.look:
            tile.setToolTip(tip.format(time=time, score=score))
            tile.setAccessibleName(self.tr("Frame at {time}").format(time=time))
            tile.setAccessibleDescription(
                self.tr("{share} of the attention").format(share=share_text)
            )
        tile.show_look(look, slot.thumbnail)

    def _pin(self, place: int) -> None:
        slot = self._slots[place]
        if slot.slot == FIRST:
            self._refuse(self.tr("The first frame always stays: it is what the target is."))
        elif self._subject is not None:
            self._refuse("")
            self.pin_wanted.emit(self._subject.id, slot.slot, not slot.pinned)

    def _forget(self, place: int) -> None:
        slot = self._slots[place]
        if slot.slot == FIRST:
            self._refuse(
                self.tr(
                    "The first frame cannot be forgotten: it is what the target is. "
                    "Remove the target instead."
                )
            )
        elif self._subject is not None:
            self._refuse("")
            self.forget_wanted.emit(self._subject.id, slot.slot)

    def _refuse(self, why: str) -> None:
        self._refusal = why
        self._give_hint()

    def _open_menu(self, place: int, at: QPoint) -> None:
        slot = self._slots[place]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        pin = _entry(menu, self.tr("Let it go again") if slot.pinned else self.tr("Pin"))
        pin.triggered.connect(lambda: self._pin(place))
        forget = _entry(menu, self.tr("Forget"))
        forget.triggered.connect(lambda: self._forget(place))
        if slot.slot == FIRST:
            for action in (pin, forget):
                action.setEnabled(False)
                action.setToolTip(
                    self.tr("The first frame always stays: it is what the target is.")
                )
        menu.addSeparator()
        look = _entry(menu, self.look.text())
        look.setCheckable(True)
        look.setChecked(self.look.isChecked())
        look.triggered.connect(self.look.click)
        menu.popup(at)

    def _toggle_look(self, on: bool) -> None:
        self.look_wanted.emit(self._subject.id if on and self._subject is not None else -1)


def _entry(menu: QMenu, text: str) -> QAction:
    action = menu.addAction(text)
    assert action is not None
    return action
