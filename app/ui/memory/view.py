"""Where a token of the searched frame looks: divided space-time attention, while it works."""

from dataclasses import replace

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.core.overlay import PALETTE
from app.core.player.snapshot import Snapshot
from app.ui.memory import drawing
from app.ui.memory.canvas import AttentionCanvas, Caption, Scene
from app.ui.memory.remembered import in_order, subject_of
from app.ui.memory.tokens import central, stepped
from app.ui.memory.weights import Choice, Shown, grids, percents, shown
from app.ui.tool_button import ToolButton
from app.ui.transport.timecode import clock
from model.images import Frame
from model.results import Attention

_NAMED = 3
"""Frames that the sentence names; what goes to others is summed."""
_STYLE = """
QToolButton:checked { background: palette(highlight); color: palette(highlighted-text); }
QToolButton { padding: 4px 9px; border: 1px solid palette(mid); }
#time { border-top-left-radius: 5px; border-bottom-left-radius: 5px; }
#space { border-top-right-radius: 5px; border-bottom-right-radius: 5px; border-left: none; }
"""


class AttentionView(QWidget):
    """The searched crop with its tokens on the left, and what one of them looks at on the right.

    In time that is the frames in memory, in space the searched crop itself; of one block and head
    or the mean. The token is the one under the mouse, else the one that was chosen by a click or
    with the arrow keys, else the one at the centre of the target.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attention")
        self.setStyleSheet(_STYLE)
        self._snapshot = Snapshot()
        self._selection: int | None = None
        self._choice = Choice()
        self._locked: int | None = None
        self._hovered: int | None = None
        self._sizes = (0, 0)
        self.canvas = AttentionCanvas()
        self.canvas.hovered.connect(self._hover)
        self.canvas.chosen.connect(self._lock)
        self.canvas.stepped.connect(self._step)
        self.canvas.released.connect(self._release)
        self.time, self.space = ToolButton(), ToolButton()
        self.time.setObjectName("time")
        self.space.setObjectName("space")
        self.layer, self.head = QComboBox(), QComboBox()
        for box in (self.layer, self.head):
            # as wide as its texts are in the language of now, also when that is changed
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.sentence = QLabel()
        """What is seen, in words."""
        self._scale = _Scale()
        self._lay_out()
        self.retranslate()

    @property
    def choice(self) -> Choice:
        """Which attention is shown."""
        return self._choice

    @property
    def token(self) -> int | None:
        """The token that is shown, counted row by row; None where there is nothing to show."""
        attention = self._attention
        if attention is None:
            return None
        grid, _ = grids(attention)
        for token in (self._hovered, self._locked):
            if token is not None and token < grid**2:
                return token
        return central(attention.box, attention.search.shape[0], grid)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the attention of the last step."""
        self._snapshot = snapshot
        self._refresh()

    def set_selection(self, id: int | None) -> None:
        """Name and colour are those of this target from now on."""
        if id != self._selection:
            self._selection = id
            self._locked = None
            self._refresh()

    def choose(self, *, space: bool, layer: int | None = None, head: int | None = None) -> None:
        """Show other attention; layer and head count from 0, None is the mean of all."""
        self._set_choice(Choice(space, layer, head))

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        self.setAccessibleName(self.tr("Attention"))
        self.canvas.setAccessibleName(self.tr("Where a token looks"))
        self.canvas.setToolTip(
            self.tr("Move the mouse over the searched frame to see where each token looks; a click "
                    "keeps the token, Esc gives it back. Arrow keys go from token to token.")
        )  # fmt: skip
        self.time.setText(self.tr("Time"))
        self.time.setToolTip(
            self.tr("Attention in time: what a token takes from each remembered frame")
        )
        self.space.setText(self.tr("Space"))
        self.space.setToolTip(
            self.tr("Attention in space: what a token takes from the rest of the searched frame")
        )
        self.layer.setToolTip(self.tr("One block of the network, or the mean of all"))
        self.layer.setAccessibleName(self.tr("Layer"))
        self.head.setToolTip(self.tr("One attention head, or the mean of all"))
        self.head.setAccessibleName(self.tr("Head"))
        self._scale.setToolTip(
            self.tr("The brightest place gets this share of the token's attention")
        )
        self._fill_choosers()
        self._refresh()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Give the sentence as many lines as it takes in the new width."""
        super().resizeEvent(event)
        self.sentence.setMinimumHeight(0)
        self._say(self.sentence.text())

    @property
    def _attention(self) -> Attention | None:
        return self._snapshot.attention

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for button, space in ((self.time, False), (self.space, True)):
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            group.addButton(button)
            button.clicked.connect(
                lambda _, space=space: self._set_choice(replace(self._choice, space=space))
            )
        self.time.setChecked(True)
        self.layer.activated.connect(
            lambda place: self._set_choice(replace(self._choice, layer=_number(place)))
        )
        self.head.activated.connect(
            lambda place: self._set_choice(replace(self._choice, head=_number(place)))
        )
        bar, both = QHBoxLayout(), QHBoxLayout()
        bar.setSpacing(6)
        both.setSpacing(0)
        both.addWidget(self.time)
        both.addWidget(self.space)
        bar.addLayout(both)
        bar.addSpacing(4)
        bar.addWidget(self.layer)
        bar.addWidget(self.head)
        bar.addStretch(1)
        bar.addWidget(self._scale)
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.sentence)

    def _fill_choosers(self) -> None:
        layers, heads = self._sizes
        names = {
            self.layer: [self.tr("All layers"), *(
                self.tr("Layer {number}").format(number=k + 1) for k in range(layers)
            )],
            self.head: [self.tr("All heads"), *(
                self.tr("Head {number}").format(number=k + 1) for k in range(heads)
            )],
        }  # fmt: skip
        for box, texts in names.items():
            place = max(box.currentIndex(), 0)
            box.clear()
            box.addItems(texts)
            box.setCurrentIndex(place if place < len(texts) else 0)

    def _set_choice(self, choice: Choice) -> None:
        attention = self._attention
        self._choice = choice if attention is None else choice.fitted(attention)
        (self.space if choice.space else self.time).setChecked(True)
        for box, value in ((self.layer, self._choice.layer), (self.head, self._choice.head)):
            box.setCurrentIndex(0 if value is None else value + 1)
        self._refresh()

    def _say(self, text: str) -> None:
        self.sentence.setText(text)
        # what has taken two lines keeps them, so that the pictures stay while the mouse moves
        height = self.sentence.heightForWidth(self.sentence.width())
        self.sentence.setMinimumHeight(max(height, self.sentence.minimumHeight()))

    def _hover(self, token: int) -> None:
        self._hovered = token if token >= 0 else None
        self._refresh()

    def _lock(self, token: int) -> None:
        self._locked = None if token == self._locked else token
        self._refresh()

    def _step(self, across: int, down: int) -> None:
        token, attention = self.token, self._attention
        if token is not None and attention is not None:
            self._hovered = None
            self._locked = stepped(token, across, down, grids(attention)[0])
            self._refresh()

    def _release(self) -> None:
        self._locked = self._hovered = None
        self._refresh()

    def _refresh(self) -> None:
        attention, token = self._attention, self.token
        if attention is None or token is None:
            hint = self.tr("Here the attention of the selected target is shown, as soon as it is "
                           "searched for in the next frame.")  # fmt: skip
            self.canvas.show_scene(None, hint)
            self.sentence.clear()
            self._scale.show_peak(None)
            return
        sizes = (attention.own.shape[0], attention.own.shape[1])
        if sizes != self._sizes:
            self._sizes = sizes
            self._fill_choosers()
        self._choice = self._choice.fitted(attention)
        seen = shown(attention, self._choice, token)
        if not self._choice.space:
            seen = seen.reordered(self._order(attention))
        self.canvas.show_scene(self._scene(attention, token, seen))
        say = self._in_space if self._choice.space else self._in_time
        # a number and its % stay on one line
        text = say(attention, token, seen).replace(" %", "\N{NO-BREAK SPACE}%")
        self._say(text)
        self.canvas.setAccessibleDescription(text)
        self._scale.show_peak(seen.peak)

    def _scene(self, attention: Attention, token: int, seen: Shown) -> Scene:
        subject = subject_of(self._snapshot, self._selection)
        *numbers, own = percents([*seen.shares, seen.own])
        pictures: tuple[Frame, ...] = (attention.search,)
        if self._choice.space:
            searched = Caption(self.tr("Searched frame"))
            others = [Caption(self.tr("Where the token looks"))]
        else:
            searched = Caption(self.tr("Now: itself"), f"{own} %", seen.own)
            every = zip(self._times(attention), numbers, seen.shares, strict=True)
            others = [Caption(time, f"{number} %", share) for time, number, share in every]
            pictures = tuple(attention.templates[k] for k in self._order(attention))
        return Scene(
            attention, token, token == self._locked, seen, pictures, self._choice.space, searched,
            tuple(others),
            subject.tint if subject is not None else PALETTE[0],
        )  # fmt: skip

    def _order(self, attention: Attention) -> list[int]:
        """Places of the remembered frames, in the order in which they are shown."""
        slots = in_order(self._snapshot.memory.get(self._selection or 0, ()))
        rank = {slot.slot: k for k, slot in enumerate(slots)}
        numbers = attention.slots
        return sorted(range(len(numbers)), key=lambda k: (rank.get(numbers[k], len(rank)), k))

    def _times(self, attention: Attention) -> list[str]:
        """What to call each remembered frame, in that order."""
        slots = self._snapshot.memory.get(self._selection or 0, ())
        times = {slot.slot: clock(slot.frame_time_s, 1) for slot in slots}
        numbers = [attention.slots[k] for k in self._order(attention)]
        return [times.get(number, self.tr("slot {slot}").format(slot=number)) for number in numbers]

    def _place(self, attention: Attention, token: int) -> dict[str, int]:
        row, column = divmod(token, grids(attention)[0])
        return {"row": row + 1, "column": column + 1}

    def _in_time(self, attention: Attention, token: int, seen: Shown) -> str:
        *numbers, own = percents([*seen.shares, seen.own])
        order = sorted(range(len(numbers)), key=lambda k: -seen.shares[k])
        times = self._times(attention)
        parts = [
            self.tr("{share} % to frame {time}").format(share=numbers[k], time=times[k])
            for k in order[:_NAMED]
        ]
        if order[_NAMED:]:
            rest = sum(numbers[k] for k in order[_NAMED:])
            parts.append(self.tr("{share} % to other frames").format(share=rest))
        parts.append(self.tr("{share} % to itself").format(share=own))
        text = self.tr("Token row {row}, column {column} gives its attention in time: {parts}.")
        return text.format(parts=self.tr(", ").join(parts), **self._place(attention, token))

    def _in_space(self, attention: Attention, token: int, seen: Shown) -> str:
        best = int(seen.maps.argmax())
        where = self._place(attention, best)
        return self.tr(
            "Token row {row}, column {column} gives {target} % of its attention in space to the "
            "target, and most of all, {peak} %, to row {best_row}, column {best_column}."
        ).format(
            target=round(100 * seen.on_target), peak=f"{100 * seen.peak:.1f}",
            best_row=where["row"], best_column=where["column"], **self._place(attention, token),
        )  # fmt: skip


def _number(place: int) -> int | None:
    """What an entry of a chooser stands for; the first one for all."""
    return place - 1 if place > 0 else None


class _Scale(QWidget):
    """What the colours of heat mean. Not there where the room is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self._peak: float | None = None

    def show_peak(self, peak: float | None) -> None:
        """The weight that the brightest colour stands for, 0..1."""
        if peak != self._peak:
            self._peak = peak
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Two numbers around a bar."""
        metrics = self.fontMetrics()
        return QSize(78 + metrics.horizontalAdvance("0 %100.0 %"), metrics.height() + 4)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Paint them."""
        if self._peak is None or self.width() < self.sizeHint().width():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        low, high = "0", f"{100 * self._peak:.1f} %"
        area, line = QRectF(self.rect()), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(self.palette().color(self.palette().ColorRole.PlaceholderText))
        painter.drawText(area, line | Qt.AlignmentFlag.AlignRight, high)
        right = area.right() - metrics.horizontalAdvance(high) - 6
        bar = QRectF(right - 60, area.center().y() - 5, 60, 10)
        left = QRectF(0, 0, bar.left() - 6, area.height())
        painter.drawText(left, line | Qt.AlignmentFlag.AlignRight, low)
        drawing.scale(painter, bar, self.palette())
