"""The buttons beside the ruler: zoom in, out, and show everything."""

from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from app.ui import icons
from app.ui.icon_button import IconButton


class Corner(QWidget):
    """It only asks."""

    zoom_in_wanted = pyqtSignal()
    zoom_out_wanted = pyqtSignal()
    zoom_fit_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline-corner")
        self.zoom_out, self.zoom_fit, self.zoom_in = (
            IconButton(draw, 16) for draw in (icons.minus, icons.fit_width, icons.plus)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 4, 0)
        row.setSpacing(2)
        for button, wish in (
            (self.zoom_out, self.zoom_out_wanted),
            (self.zoom_fit, self.zoom_fit_wanted),
            (self.zoom_in, self.zoom_in_wanted),
        ):
            button.setAutoRaise(True)
            button.clicked.connect(lambda _, wish=wish: wish.emit())
            row.addWidget(button)
        row.addStretch()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text in the language of now."""
        for button, name, keys in (
            (self.zoom_out, self.tr("Zoom out"), "Ctrl+−"),
            (self.zoom_fit, self.tr("Show the whole time"), "Ctrl+0"),
            (self.zoom_in, self.tr("Zoom in"), "Ctrl++"),
        ):
            button.setAccessibleName(name)
            button.setToolTip(self.tr("{what} ({keys})").format(what=name, keys=keys))

    def show_zoom(self, *, is_fit: bool, is_closest: bool) -> None:
        """Offer what is possible."""
        self.zoom_out.setEnabled(not is_fit)
        self.zoom_fit.setEnabled(not is_fit)
        self.zoom_in.setEnabled(not is_closest)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.LanguageChange:
            self.retranslate()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
