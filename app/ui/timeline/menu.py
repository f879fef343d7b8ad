"""Menus of a lane and of the ruler."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from app.ui.timeline.lane import Lane


class LaneMenu(QMenu):
    """What can be done with a target at a frame."""

    track_backwards_wanted = pyqtSignal()
    rename_wanted = pyqtSignal()
    visible_wanted = pyqtSignal(bool)
    remove_wanted = pyqtSignal()

    def __init__(self, lane: Lane, frame: int, first: int, parent: QWidget | None = None) -> None:
        """Offer it; `first` is the number of the first frame there is."""
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self.correction = lane.correction_before(frame)
        """From where it would be tracked backwards; None where it cannot be."""
        at = frame if self.correction is None else self.correction
        self.backwards = _entry(
            self, self.tr("Track backwards from frame {frame}").format(frame=at)
        )
        self.backwards.setToolTip(
            self.tr("From the box you drew there, back to the one before it or to the beginning")
        )
        self.backwards.setEnabled(
            self.correction is not None and bool(lane.track.before(frame, first))
        )
        self.backwards.triggered.connect(lambda: self.track_backwards_wanted.emit())
        self.addSeparator()
        self.rename = _entry(self, self.tr("Rename…"))
        self.rename.triggered.connect(lambda: self.rename_wanted.emit())
        is_visible = lane.track.visible
        self.hide_target = _entry(self, self.tr("Hide") if is_visible else self.tr("Show"))
        self.hide_target.triggered.connect(lambda: self.visible_wanted.emit(not is_visible))
        self.addSeparator()
        self.remove = _entry(self, self.tr("Remove"))
        self.remove.triggered.connect(lambda: self.remove_wanted.emit())


class RulerMenu(QMenu):
    """What can be done with the range at a frame."""

    in_wanted = pyqtSignal()
    out_wanted = pyqtSignal()
    clear_wanted = pyqtSignal()

    def __init__(self, *, has_range: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_in = _entry(self, self.tr("Range begins here"))
        self.set_in.triggered.connect(lambda: self.in_wanted.emit())
        self.set_out = _entry(self, self.tr("Range ends here"))
        self.set_out.triggered.connect(lambda: self.out_wanted.emit())
        self.clear_range = _entry(self, self.tr("Clear the range"))
        self.clear_range.setEnabled(has_range)
        self.clear_range.triggered.connect(lambda: self.clear_wanted.emit())


def _entry(menu: QMenu, text: str) -> QAction:
    action = menu.addAction(text)
    assert action is not None
    return action
