"""The bar of playback: play, step, speed, loop, range, time, and back to the live edge."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QIcon, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.core.player.snapshot import Playback, Snapshot
from app.ui import icons
from app.ui.icon_button import IconButton
from app.ui.transport import glyphs
from app.ui.transport.marking import with_point
from app.ui.transport.position import Position, position_of
from app.ui.transport.timecode import clock

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_LIVE = QColor(213, 94, 0)
"""Vermilion, as the word on the timeline."""
_SMALL, _LARGE = 20, 28
"""Sides of icons."""
_LEAST = (224, 13)
"""Width of what is always there: logical pixels of buttons, heights of letters of words."""
_SPACING, _GAP, _WIDE_GAP, _MARGIN = 2, 6, 14, 8


class TransportBar(QWidget):
    """It shows snapshots and only asks; the window acts.

    In a narrow window it leaves out what can be had by keys and menus as well.
    """

    toggle_wanted = pyqtSignal()
    step_wanted = pyqtSignal(int)
    """Frames, signed."""
    seek_wanted = pyqtSignal(int)
    speed_wanted = pyqtSignal(float)
    loop_wanted = pyqtSignal(bool)
    go_live_wanted = pyqtSignal()
    range_wanted = pyqtSignal(object, object)
    """In and out point, each a frame or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self._snapshot = Snapshot()
        self._position = Position()
        self._is_playing = False
        self._drawn_at_edge = True
        self._times: tuple[str, ...] = ()
        """What can be told of the time, from the shortest to the longest."""
        self._widest = [0, 0, 0]
        """Room that each of them took so far: what stands beside them is not to jump."""
        self._make_buttons()
        self._make_speed()
        self._make_time()
        self._arrange()
        self.retranslate()
        self._show_all()

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._slot.addWidget(widget)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show where and how `snapshot` is played."""
        before, self._snapshot = self._snapshot, snapshot
        position = position_of(snapshot)
        moved, self._position = position != self._position, position
        if moved or snapshot.playback is not before.playback or snapshot.info != before.info:
            self._show_all()
        if snapshot.speed != before.speed:
            self._show_speed()
        if snapshot.loop != self.loop.isChecked():
            self.loop.setChecked(snapshot.loop)
        document, old = snapshot.document, before.document
        if (document.in_frame, document.out_frame) != (old.in_frame, old.out_frame):
            self._show_range()

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        names = {
            self.to_start: (self.tr("To the start"), self.tr("Go to the first frame")),
            self.step_back: (self.tr("Step back"), self.tr("One frame back")),
            self.step_on: (self.tr("Step forward"), self.tr("One frame on")),
            self.to_end: (self.tr("To the end"), self.tr("Go to the last frame")),
            self.loop: (self.tr("Loop"), self.tr("Begin anew after the end, or after the range")),
            self.set_in: (self.tr("Range begins here"), self.tr("Begin the range here (I)")),
            self.set_out: (self.tr("Range ends here"), self.tr("End the range here (O)")),
            self.clear_range: (self.tr("Clear the range"), self.tr("Take everything again")),
        }  # fmt: skip
        for button, (name, tip) in names.items():
            button.setAccessibleName(name)
            button.setToolTip(tip)
        self.speed.setAccessibleName(self.tr("Speed"))
        self.speed.setToolTip(self.tr("How fast the video is played"))
        self.time.setToolTip(
            self.tr("Time by the stamps of the source, its last time, number of the frame")
        )
        self._show_all()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is None:
            return
        if event.type() == QEvent.Type.LanguageChange:
            self._widest = [0, 0, 0]
            self.retranslate()
        elif event.type() == QEvent.Type.FontChange:
            self._widest = [0, 0, 0]
            self._show_time()

    def event(self, event: QEvent | None) -> bool:
        """Share the room anew where a part wants more or less of it."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same whatever is shown, or the window would grow by itself."""
        width = _LEAST[0] + _LEAST[1] * self.fontMetrics().height()
        return QSize(width, super().minimumSizeHint().height())

    def _make_buttons(self) -> None:
        self.to_start = self._button(glyphs.to_start, lambda: self._seek(self._position.first))
        self.step_back = self._button(glyphs.step_back, lambda: self.step_wanted.emit(-1))
        self.toggle = self._button(self._toggle_icon, self.toggle_wanted.emit, _LARGE)
        self.step_on = self._button(glyphs.step_on, lambda: self.step_wanted.emit(1))
        self.to_end = self._button(glyphs.to_end, self._go_to_end)
        for button in (self.step_back, self.step_on):
            button.setAutoRepeat(True)
        self.loop = self._button(glyphs.loop, lambda: self.loop_wanted.emit(self.loop.isChecked()))
        self.loop.setCheckable(True)
        self.set_in = self._button(glyphs.mark_in, lambda: self._set_point(is_in=True))
        self.set_out = self._button(glyphs.mark_out, lambda: self._set_point(is_in=False))
        self.clear_range = self._button(
            glyphs.clear_range, lambda: self.range_wanted.emit(None, None)
        )
        self.go_live = self._button(self._live_icon, self.go_live_wanted.emit)
        self.go_live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def _make_speed(self) -> None:
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.speed.activated.connect(lambda index: self.speed_wanted.emit(SPEEDS[index]))
        self._show_speed()

    def _make_time(self) -> None:
        self.time = QLabel()
        font = QFont(self.time.font())
        # figures of one width, so that the text stands still
        font.setFeature(QFont.Tag("tnum"), 1)
        self.time.setFont(font)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(_MARGIN, 4, _MARGIN, 4)
        row.setSpacing(_SPACING)
        for button in (self.to_start, self.step_back, self.toggle, self.step_on, self.to_end):
            row.addWidget(button)
        row.addSpacing(_GAP)
        row.addWidget(self.time)
        row.addSpacing(_GAP)
        row.addWidget(self.go_live)
        row.addStretch()
        row.addWidget(self.speed)
        row.addWidget(self.loop)
        row.addSpacing(_WIDE_GAP)
        for button in (self.set_in, self.set_out, self.clear_range):
            row.addWidget(button)
        self._slot = QHBoxLayout()
        self._slot.setContentsMargins(_MARGIN, 0, 0, 0)
        row.addLayout(self._slot)

    def _fit(self) -> None:
        """Show what there is room for; what is needed least goes first."""
        always = (self.step_back, self.toggle, self.step_on)
        room = self.width() - 2 * _MARGIN - 2 * _GAP - _WIDE_GAP - self._slot.sizeHint().width()
        room -= sum(_width(button) for button in always)
        widths = self._widths()
        room -= widths[0] + _SPACING
        is_live, has_words = self._position.is_live, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if is_live:
            self.go_live.setToolButtonStyle(has_words)
            words = _width(self.go_live) - _width(self.loop)
            room -= _width(self.loop)
            if words > room:
                self.go_live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            else:
                room -= words
        ends, ways = (self.to_start, self.to_end), (self.speed, self.loop)
        range_ = (self.set_in, self.set_out, self.clear_range)
        steps: list[tuple[QWidget, ...] | int] = [ends, ways, 1, 2, range_]
        if is_live:
            steps = [ends, 1, 2, range_, ways]
        shown, is_full = 0, False
        for step in steps:
            if isinstance(step, int):
                wanted = widths[step] - widths[shown]
            else:
                wanted = sum(_width(widget) for widget in step)
            is_full = is_full or wanted > room
            room -= 0 if is_full else wanted
            if not isinstance(step, int):
                for widget in step:
                    widget.setVisible(not is_full)
            elif not is_full:
                shown = step
        self.time.setText(self._times[shown] if self._times else "")
        self.time.setMinimumWidth(widths[shown])

    def _button(
        self, draw: Callable[[QColor], QIcon], act: Callable[[], object], side: int = _SMALL
    ) -> IconButton:
        button = IconButton(draw, side)
        button.setAutoRaise(True)
        button.clicked.connect(lambda: act())
        return button

    def _toggle_icon(self, tint: QColor) -> QIcon:
        return icons.pause(tint) if self._is_playing else icons.play(tint)

    def _live_icon(self, tint: QColor) -> QIcon:
        is_on = self._position.is_at_edge
        return glyphs.live(_LIVE if is_on else tint, is_on=is_on)

    def _seek(self, frame: int | None) -> None:
        if frame is not None:
            self.seek_wanted.emit(frame)

    def _go_to_end(self) -> None:
        # the newest frame of a live source is another one by the time the wish is heard
        if self._position.is_live:
            self.go_live_wanted.emit()
        else:
            self._seek(self._position.last)

    def _set_point(self, *, is_in: bool) -> None:
        """Set one end of the range at this frame."""
        at, document = self._position.frame, self._snapshot.document
        if at is not None:
            ends = (document.in_frame, document.out_frame)
            self.range_wanted.emit(*with_point(ends, at, is_in=is_in))

    def _show_all(self) -> None:
        self._show_toggle()
        self._show_time()
        self._show_ways()
        self._show_live()
        self._show_range()

    def _show_toggle(self) -> None:
        playing = self._snapshot.playback in (Playback.PLAYING, Playback.OPENING)
        if playing is not self._is_playing:
            self._is_playing = playing
            self.toggle.redraw()
        name, tip = self.tr("Play"), self.tr("Play (Space)")
        if playing:
            name, tip = self.tr("Pause"), self.tr("Pause (Space)")
        elif self._snapshot.playback is Playback.ENDED:
            tip = self.tr("Play again from the beginning (Space)")
        if self.toggle.accessibleName() != name or self.toggle.toolTip() != tip:
            self.toggle.setAccessibleName(name)
            self.toggle.setToolTip(tip)

    def _show_ways(self) -> None:
        """Offer what is possible from here."""
        place = self._position
        can_go = place.frame is not None
        self.toggle.setEnabled(can_go and self._snapshot.playback is not Playback.FAILED)
        is_first = can_go and place.frame == place.first
        is_last = can_go and place.frame == place.last
        self.to_start.setEnabled(can_go and not is_first)
        self.step_back.setEnabled(can_go and not is_first)
        self.to_end.setEnabled(can_go and not is_last and place.last is not None)
        self.step_on.setEnabled(can_go and not is_last)
        self.speed.setEnabled(can_go and not place.is_live)
        self.loop.setEnabled(can_go and not place.is_live)
        self.set_in.setEnabled(can_go)
        self.set_out.setEnabled(can_go)

    def _show_time(self) -> None:
        place = self._position
        if place.frame is None:
            self._times, self._widest = (), [0, 0, 0]
        else:
            now, end_s = clock(place.time_s), None if place.is_live else place.end_s
            of_all = now if end_s is None else f"{now} / {clock(end_s)}"
            number = self.tr("frame {number}").format(number=place.frame)
            self._times = (now, of_all, f"{of_all} · {number}")
        self._fit()

    def _widths(self) -> list[int]:
        """Of what can be told of the time."""
        metrics = QFontMetrics(self.time.font())
        for k, text in enumerate(self._times):
            self._widest[k] = max(self._widest[k], metrics.horizontalAdvance(text) + _SPACING)
        return self._widest

    def _show_live(self) -> None:
        place = self._position
        self.go_live.setVisible(place.is_live)
        if not place.is_live:
            return
        tip = self.tr("Go to the newest picture")
        if place.is_at_edge:
            text, tip = self.tr("Live"), self.tr("The newest picture is shown")
        elif place.behind_s is None:
            text = self.tr("Go live")
        else:
            seconds = f"{place.behind_s:.1f}"
            text = self.tr("Go live · {seconds} s behind").format(seconds=seconds)
        if text != self.go_live.text():
            self.go_live.setText(text)
            self.go_live.setToolTip(tip)
            self.go_live.setAccessibleName(text)
        if place.is_at_edge is not self._drawn_at_edge:
            self._drawn_at_edge = place.is_at_edge
            self.go_live.redraw()

    def _show_speed(self) -> None:
        speed = self._snapshot.speed
        near = [k for k, known in enumerate(SPEEDS) if abs(known - speed) < 1e-9]
        self.speed.setPlaceholderText(f"{speed:g}×")
        self.speed.setCurrentIndex(near[0] if near else -1)

    def _show_range(self) -> None:
        document = self._snapshot.document
        has_range = document.in_frame is not None or document.out_frame is not None
        self.clear_range.setEnabled(has_range and self._position.frame is not None)


def _width(widget: QWidget) -> int:
    return widget.sizeHint().width() + _SPACING
