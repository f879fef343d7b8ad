"""The line at the bottom: what goes on, on what, how fast, and what was lost."""

import math

from PyQt6.QtCore import QEvent, QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QStatusBar, QWidget

from app.core.player.snapshot import Playback, Snapshot
from app.core.sources.base import Health
from app.ui.elided import ElidedLabel

_SPACE = 9
_IMPORTANT = ("health", "dropped", "rate", "latency", "device", "zoom", "size")
"""What is shown first where there is no room for all."""
_STEP = 16
"""Widths are rounded up to so many logical pixels: a digit more moves nothing out."""
_LEAST_RATE = 0.5
"""Updates per second that are worth telling."""
_LEAST = 12
"""Width of the line, in heights of a letter."""


class StatusLine(QStatusBar):
    """Fields on the right stay in their places; what has nothing to say, or no room, is hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.state = ElidedLabel()
        self.state.setContentsMargins(_SPACE, 3, _SPACE, 3)
        self.addWidget(self.state, 1)
        names = ("health", "dropped", "size", "zoom", "latency", "rate", "device")
        self.fields = {name: QLabel() for name in names}
        for name, label in self.fields.items():
            label.setContentsMargins(_SPACE, 3, _SPACE, 3)
            label.setObjectName("fault" if name == "health" else "muted")
            self.addPermanentWidget(label)
        self._snapshot: Snapshot | None = None
        self._zoom, self._latency_s, self._has_pictures = 1.0, 0.0, True
        self.retranslate()
        self.show_nothing()

    def show_nothing(self) -> None:
        """Nothing is open."""
        self._snapshot = None
        self.state.setText("")
        for label in self.fields.values():
            label.clear()
        self._fit()

    def show_snapshot(
        self, snapshot: Snapshot, *, zoom: float, latency_s: float | None, has_pictures: bool = True
    ) -> None:
        """Show how things are.

        Args:
            snapshot: what is shown.
            zoom: pixels of the screen per pixel of the frame.
            latency_s: seconds from the arrival of a frame to its being painted; None if unknown.
            has_pictures: False where there are boxes only, and nothing can be followed.
        """
        self._snapshot, self._zoom, self._latency_s = snapshot, zoom, latency_s or 0.0
        self._has_pictures = has_pictures
        is_running = snapshot.playback is Playback.PLAYING
        info, frame = snapshot.info, snapshot.frame
        self.state.setText(self._state(snapshot))
        self._set("device", self._device(snapshot.tracker))
        # what was tracked before is only shown
        shows_rate = is_running and bool(snapshot.marks) and snapshot.rate >= _LEAST_RATE
        rate = self.tr("{rate} updates/s").format(rate=f"{snapshot.rate:.0f}")
        self._set("rate", rate if shows_rate else "")
        shows_latency = is_running and latency_s is not None
        latency = self.tr("{ms} ms to screen").format(ms=f"{1000 * self._latency_s:.0f}")
        self._set("latency", latency if shows_latency else "")
        one, more = self.tr("1 frame dropped"), self.tr("{count} frames dropped")
        dropped = one if snapshot.dropped == 1 else more.format(count=snapshot.dropped)
        self._set("dropped", dropped if snapshot.dropped else "")
        self._set("health", self._health(snapshot) if info is not None and info.is_live else "")
        height, width = frame.rgb.shape[:2] if frame is not None else (0, 0)
        self._set("size", f"{width} × {height}" if frame is not None else "")
        self._set("zoom", f"{100 * zoom:.0f} %" if frame is not None else "")
        self._fit()

    def retranslate(self) -> None:
        """Set all texts."""
        tips = {
            "health": self.tr("How the pictures of the live source are"),
            "dropped": self.tr("Frames of the live source that were left out to keep up"),
            "size": self.tr("Size of a frame, in pixels"),
            "zoom": self.tr("Pixels of the screen for one pixel of the frame"),
            "latency": self.tr(
                "From the arrival of a frame (of a file: from when it is due) until it is on the "
                "screen with its boxes, mean of the last frames"
            ),
            "rate": self.tr("How often the tracker looked at a frame within the last second"),
            "device": self.tr("The model, and what it runs on"),
        }
        for name, tip in tips.items():
            self.fields[name].setToolTip(tip)
        if self._snapshot is not None:
            self.show_snapshot(
                self._snapshot, zoom=self._zoom, latency_s=self._latency_s,
                has_pictures=self._has_pictures,
            )  # fmt: skip

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Follow the language."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same whatever is said, or the window would grow by itself."""
        return QSize(_LEAST * self.fontMetrics().height(), super().minimumSizeHint().height())

    def _set(self, name: str, text: str) -> None:
        label = self.fields[name]
        if label.text() != text:
            label.setText(text)

    def _fit(self) -> None:
        """Show the fields that have something to say and for which there is room."""
        room = self.width() - min(_width(self.state), self.width() // 2)
        for name in _IMPORTANT:
            label = self.fields[name]
            wanted = _width(label)
            fits = bool(label.text()) and wanted <= room
            label.setVisible(fits)
            room -= wanted if fits else 0

    def _state(self, snapshot: Snapshot) -> str:
        is_live = snapshot.info is not None and snapshot.info.is_live
        words = {
            Playback.OPENING: self.tr("Opening…"),
            Playback.PLAYING: self.tr("Live") if is_live else self.tr("Playing"),
            Playback.PAUSED: self.tr("Paused"),
            Playback.ENDED: self.tr("At the end; Space plays it again"),
            Playback.FAILED: self.tr("Stopped"),
        }
        parts = [words[snapshot.playback]]
        if is_live and snapshot.playback is Playback.PLAYING and not snapshot.edge:
            parts = [self.tr("Looking back; G goes live")]
        if not self._has_pictures:
            parts.append(self.tr("boxes only, the pictures are gone"))
        elif snapshot.info is not None and not snapshot.tracker:
            parts.append(self.tr("loading the model…"))
        parts += [self._work(work.target, work.done, work.total) for work in snapshot.work]
        return " · ".join(parts)

    def _device(self, tracker: str) -> str:
        model, on, device = tracker.rpartition(" on ")
        text = self.tr("{model} on {device}")
        return text.format(model=model, device=device) if on else tracker

    def _work(self, target: int, done: int, total: int) -> str:
        text = self.tr("following #{target} anew, {percent} %")
        return text.format(target=target, percent=100 * done // max(1, total))

    def _health(self, snapshot: Snapshot) -> str:
        return {
            Health.OK: "",
            Health.BLACK: self.tr("⚠ black pictures"),
            Health.FROZEN: self.tr("⚠ the same picture all the time"),
            Health.STALLED: self.tr("⚠ no pictures come"),
            Health.ENDED: self.tr("⚠ ended, trying again"),
        }[snapshot.health]


def _width(label: QLabel) -> int:
    return math.ceil((label.sizeHint().width() + _SPACE) / _STEP) * _STEP
