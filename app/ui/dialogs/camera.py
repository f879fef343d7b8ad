"""Which camera, and what to ask of it."""

from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.sources import camera_name, list_cameras
from app.ui.background import Background
from app.ui.dialogs.base import Dialog, button
from app.ui.sentences import worded

_Button = QDialogButtonBox.StandardButton
_SIZES = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
_RATES = (15, 24, 25, 30, 50, 60, 120)


@dataclass(frozen=True)
class CameraChoice:
    """A camera and what to ask of it, as `open_source` takes it."""

    index: int
    size: tuple[int, int] | None
    """`(width, height)`; None for the camera's own."""
    rate: float | None
    """Frames per second; None for the camera's own."""
    mirror: bool


class CameraDialog(Dialog):
    """Lists the cameras found; they are looked for in the background."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._background.failed.connect(self._failed)
        self._names: dict[int, str] = {}
        self._is_looking = False
        self._fault = ""
        self.camera, self.size_, self.rate = QComboBox(), QComboBox(), QComboBox()
        self.camera.setMinimumContentsLength(28)
        self.mirror = QCheckBox()
        self.refresh = QPushButton()
        self.refresh.setAutoDefault(False)
        self.refresh.clicked.connect(self.look)
        self._labels = [QLabel() for _ in range(3)]
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._state.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self._state.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._buttons = QDialogButtonBox(_Button.Open | _Button.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.camera, stretch=1)
        row.addWidget(self.refresh)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(8)
        form.addRow(self._labels[0], row)
        form.addRow(self._labels[1], self.size_)
        form.addRow(self._labels[2], self.rate)
        form.addRow("", self.mirror)
        for label, field in zip(self._labels, (self.camera, self.size_, self.rate), strict=True):
            label.setBuddy(field)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._state)
        column.addWidget(self._buttons)
        self._fill_fixed()
        self.retranslate()
        self.look()

    @property
    def choice(self) -> CameraChoice | None:
        """What is chosen; None while no camera is."""
        index = self.camera.currentData()
        if not isinstance(index, int):
            return None
        size, rate = self.size_.currentData(), self.rate.currentData()
        asked = (size.width(), size.height()) if isinstance(size, QSize) else None
        return CameraChoice(index, asked, float(rate) if rate else None, self.mirror.isChecked())

    @property
    def message(self) -> str:
        """What is said about the search for cameras."""
        return self._state.text()

    def look(self) -> None:
        """Look for cameras again."""
        self._is_looking, self._fault = True, ""
        self._show()
        self._background.run(
            lambda: {index: camera_name(index) for index in list_cameras()},
            self._found,
            name="looking for cameras",
        )

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for the names of cameras."""
        return super().sizeHint().expandedTo(QSize(440, 0))

    def retranslate(self) -> None:
        """Set all texts."""
        self.setWindowTitle(self.tr("Open camera"))
        texts = (self.tr("&Camera:"), self.tr("&Resolution:"), self.tr("Frame r&ate:"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self.size_.setItemText(0, self.tr("The camera's own"))
        self.rate.setItemText(0, self.tr("The camera's own"))
        for number, rate in enumerate(_RATES, start=1):
            text = self.tr("{rate} frames per second")
            self.rate.setItemText(number, text.format(rate=rate))
        self.mirror.setText(self.tr("&Mirror left and right"))
        self.refresh.setText(self.tr("Re&fresh"))
        self.camera.setToolTip(self.tr("The cameras of this computer"))
        self.size_.setToolTip(
            self.tr("What to ask of the camera; one that lacks it gives its nearest")
        )
        self.rate.setToolTip(
            self.tr("What to ask of the camera; in dim light many give fewer frames")
        )
        self.mirror.setToolTip(self.tr("Show the picture as a looking-glass would"))
        self.refresh.setToolTip(self.tr("Look for cameras again, after one was plugged in"))
        self.camera.setAccessibleName(self.tr("Camera"))
        self.size_.setAccessibleName(self.tr("Resolution"))
        self.rate.setAccessibleName(self.tr("Frame rate"))
        button(self._buttons, _Button.Open).setToolTip(self.tr("Show this camera's picture"))
        self._show()

    def _fill_fixed(self) -> None:
        self.size_.addItem("", None)
        for width, height in _SIZES:
            self.size_.addItem(f"{width} × {height}", QSize(width, height))
        self.rate.addItem("", None)
        for rate in _RATES:
            self.rate.addItem("", rate)

    def _found(self, names: dict[int, str]) -> None:
        if names and not any(names.values()):
            names = _named_by_qt(names)
        self._names, self._is_looking = names, False
        self._show()

    def _failed(self, sentence: str) -> None:
        self._names, self._is_looking, self._fault = {}, False, sentence
        self._show()

    def _show(self) -> None:
        chosen = self.camera.currentData()
        self.camera.clear()
        for index, name in self._names.items():
            plain = self.tr("Camera {number}").format(number=index)
            self.camera.addItem(f"{plain}: {name}" if name else plain, index)
        at = self.camera.findData(chosen)
        self.camera.setCurrentIndex(max(at, 0) if self._names else -1)
        self.camera.setEnabled(bool(self._names))
        self.refresh.setEnabled(not self._is_looking)
        if self._is_looking:
            text = self.tr("Looking for cameras…")
        elif self._fault:
            text = worded(self._fault)
        elif not self._names:
            text = self.tr(
                "No camera was found; plug one in, allow this program to use it, "
                "and choose Refresh."
            )
        else:
            text = ""
        self._state.setText(text)
        button(self._buttons, _Button.Open).setEnabled(bool(self._names))


def _named_by_qt(names: dict[int, str]) -> dict[int, str]:
    """`names` with what Qt calls the cameras, where the system does not say it otherwise.

    Qt knows no numbers, so its list counts only where it is as long; it may be asked in the GUI
    thread alone.
    """
    try:
        # its library lacks others on some systems, which nothing else here needs
        from PyQt6.QtMultimedia import QMediaDevices
    except ImportError:
        return names
    found = [device.description() for device in QMediaDevices.videoInputs()]
    return dict(zip(names, found, strict=True)) if len(found) == len(names) else names
