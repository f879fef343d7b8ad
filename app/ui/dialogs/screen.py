"""Which screen to capture, or which part of it."""

from PyQt6.QtCore import QRect
from PyQt6.QtGui import QGuiApplication, QScreen
from PyQt6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.ui.dialogs.base import Dialog, button
from app.ui.dialogs.region import RegionPicker, to_desktop

_Button = QDialogButtonBox.StandardButton
_RATES = (10, 15, 24, 30, 60)


class ScreenDialog(Dialog):
    """A whole screen, or a rectangle drawn on it or given in numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picker: RegionPicker | None = None
        self._was_shown: list[QWidget] = []
        self._screens = QGuiApplication.screens()
        self.screen_, self.rate = QComboBox(), QComboBox()
        self.draw, self.whole = QPushButton(), QPushButton()
        self.x_, self.y_, self.width_, self.height_ = (QSpinBox() for _ in range(4))
        self._labels = [QLabel() for _ in range(4)]
        self._hint = QLabel()
        self._hint.setObjectName("muted")
        self._hint.setWordWrap(True)
        self._buttons = QDialogButtonBox(_Button.Open | _Button.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        for number, screen in enumerate(self._screens):
            self.screen_.addItem("", number)
            if parent is not None and screen is parent.screen():
                self.screen_.setCurrentIndex(number)
        for rate in _RATES:
            self.rate.addItem("", rate)
        self.rate.setCurrentIndex(self.rate.findData(30))
        self.screen_.currentIndexChanged.connect(self.take_whole)
        self.draw.clicked.connect(self._draw)
        self.whole.clicked.connect(self.take_whole)
        for corner in (self.x_, self.y_):
            corner.valueChanged.connect(self._bound_size)
        self.retranslate()
        self.take_whole()

    @property
    def region(self) -> QRect:
        """What is chosen, in pixels of the desktop."""
        return QRect(self.x_.value(), self.y_.value(), self.width_.value(), self.height_.value())

    @property
    def address(self) -> str:
        """What is chosen, as `open_source` takes it."""
        return (
            f"screen:{self.x_.value()},{self.y_.value()},"
            f"{self.width_.value()},{self.height_.value()}"
        )

    @property
    def chosen_rate(self) -> float:
        """Pictures per second."""
        return float(self.rate.currentData())

    def take_whole(self) -> None:
        """Choose all of the screen."""
        self.take(self._bounds())

    def take(self, region: QRect) -> None:
        """Choose `region`, in pixels of the desktop, as far as it is on the screen."""
        bounds = self._bounds()
        region = region.intersected(bounds)
        self.x_.setRange(bounds.left(), bounds.right())
        self.y_.setRange(bounds.top(), bounds.bottom())
        self.x_.setValue(region.x())
        self.y_.setValue(region.y())
        self._bound_size()
        self.width_.setValue(region.width())
        self.height_.setValue(region.height())

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Screen region"))
        texts = (
            self.tr("&Screen:"), self.tr("&Position:"), self.tr("S&ize:"), self.tr("Frame r&ate:")
        )  # fmt: skip
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        for number, screen in enumerate(self._screens):
            size = to_desktop(QRect(0, 0, *_size_of(screen)), screen).size()
            text = self.tr("{name} ({width} × {height})")
            name = screen.name() or self.tr("Screen {number}").format(number=number + 1)
            self.screen_.setItemText(
                number, text.format(name=name, width=size.width(), height=size.height())
            )
        for number, rate in enumerate(_RATES):
            text = self.tr("{rate} frames per second")
            self.rate.setItemText(number, text.format(rate=rate))
        self.draw.setText(self.tr("&Draw a rectangle…"))
        self.whole.setText(self.tr("&Whole screen"))
        self._hint.setText(
            self.tr("Keep this program's own window out of the region, or it films itself.")
        )
        self.screen_.setToolTip(self.tr("The screen that is captured"))
        self.draw.setToolTip(self.tr("Draw the region with the mouse, on the screen itself"))
        self.whole.setToolTip(self.tr("Capture all of this screen"))
        self.rate.setToolTip(self.tr("How often the screen is captured; fewer is less work"))
        for field, name in (
            (self.x_, self.tr("Left edge, in pixels of the desktop")),
            (self.y_, self.tr("Upper edge, in pixels of the desktop")),
            (self.width_, self.tr("Width, in pixels")),
            (self.height_, self.tr("Height, in pixels")),
        ):
            field.setToolTip(name)
            field.setAccessibleName(name)
        button(self._buttons, _Button.Open).setToolTip(self.tr("Show what this region shows"))

    def _lay_out(self) -> None:
        place, size, ways = rows = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in rows:
            row.setSpacing(6)
        place.addWidget(self.x_, stretch=1)
        place.addWidget(self.y_, stretch=1)
        size.addWidget(self.width_, stretch=1)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_, stretch=1)
        ways.addWidget(self.draw)
        ways.addWidget(self.whole)
        ways.addStretch()
        for widget in (self.draw, self.whole):
            widget.setAutoDefault(False)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        form.addRow(self._labels[0], self.screen_)
        form.addRow("", ways)
        form.addRow(self._labels[1], place)
        form.addRow(self._labels[2], size)
        form.addRow(self._labels[3], self.rate)
        buddies = (self.screen_, self.x_, self.width_, self.rate)
        for label, field in zip(self._labels, buddies, strict=True):
            label.setBuddy(field)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._hint)
        column.addStretch()
        column.addWidget(self._buttons)

    def _bounds(self) -> QRect:
        screen = self._screens[max(self.screen_.currentIndex(), 0)]
        return to_desktop(QRect(0, 0, *_size_of(screen)), screen)

    def _bound_size(self) -> None:
        """Keep the region on the screen."""
        bounds = self._bounds()
        self.width_.setRange(1, bounds.x() + bounds.width() - self.x_.value())
        self.height_.setRange(1, bounds.y() + bounds.height() - self.y_.value())

    def _draw(self) -> None:
        # the program's own windows must not cover what is to be chosen
        parent = self.parentWidget()
        window = parent.window() if parent is not None else None
        self._was_shown = [w for w in (self, window) if w is not None and w.isVisible()]
        for widget in self._was_shown:
            widget.setWindowOpacity(0)
        self._picker = RegionPicker(self._screens[max(self.screen_.currentIndex(), 0)])
        self._picker.setWindowModality(self.windowModality())
        self._picker.picked.connect(self.take)
        self._picker.picked.connect(self._come_back)
        self._picker.cancelled.connect(self._come_back)
        self._picker.begin()

    def _come_back(self) -> None:
        if self._picker is not None:
            self._picker.deleteLater()
            self._picker = None
        for widget in self._was_shown:
            widget.setWindowOpacity(1)
        self.raise_()
        self.activateWindow()


def _size_of(screen: QScreen) -> tuple[int, int]:
    size = screen.geometry().size()
    return size.width(), size.height()
