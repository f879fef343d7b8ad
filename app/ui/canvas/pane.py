"""What lies in a canvas where the graphics card draws it."""

import logging
from collections.abc import Callable

from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QSurfaceFormat
from PyQt6.QtOpenGL import QOpenGLPaintDevice
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

from app.ui import graphics
from app.ui.canvas.card import CardError, CardPicture

_log = logging.getLogger(__name__)

_SAMPLES = 4
"""Per pixel; lines would have steps otherwise."""
_METRES_PER_INCH = 0.0254


class Pane(QOpenGLWidget):
    """Covers its parent, lets the mouse through, and is painted by it."""

    failed = pyqtSignal()
    """The card does not draw; the log says why. Comes once."""

    def __init__(
        self, parent: QWidget, picture: CardPicture, paint: Callable[[QPainter], None]
    ) -> None:
        """`paint` paints all there is to be seen, `picture` among it."""
        super().__init__(parent)
        asked = QSurfaceFormat.defaultFormat()
        asked.setSamples(_SAMPLES)
        self.setFormat(asked)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture, self._paint = picture, paint
        self._is_on_trial = self._has_passed = self._has_failed = False
        self.frameSwapped.connect(self._prove)
        self.setGeometry(parent.rect())
        self.lower()

    def initializeGL(self) -> None:  # noqa: N802
        try:
            self._picture.begin()
        except CardError as error:
            self._fail(str(error))

    def paintGL(self) -> None:  # noqa: N802
        if self._has_failed:
            return
        self._try()
        device, size = self._device()
        self._picture.viewport = QRect(0, 0, size.width(), size.height())
        painter = QPainter(device)
        painter.setFont(self.font())
        try:
            self._paint(painter)
        except CardError as error:
            self._fail(str(error))
        finally:
            painter.end()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self.isValid():
            self._fail("there is no OpenGL context")

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        if not self.isValid():
            # the context is made within
            self._try()
        super().resizeEvent(event)
        window = self.window()
        if window is not None and window.isMinimized():
            # nothing comes to the screen until it is shown, which may be long
            self._pass()

    def hideEvent(self, event: QHideEvent | None) -> None:  # noqa: N802
        super().hideEvent(event)
        self._pass()

    def _device(self) -> tuple[QOpenGLPaintDevice, QSize]:
        """What is painted on, and its pixels. Not the widget: a painter of that would paint past
        the card where a picture is made of the window."""
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        device = QOpenGLPaintDevice(size)
        device.setDevicePixelRatio(ratio)
        device.setDotsPerMeterX(self.logicalDpiX() / _METRES_PER_INCH)
        device.setDotsPerMeterY(self.logicalDpiY() / _METRES_PER_INCH)
        return device, size

    def _try(self) -> None:
        """The card may fail from here on, until something is on the screen."""
        if not self._has_passed and not self._is_on_trial:
            self._is_on_trial = True
            graphics.begin_trial()

    def _prove(self) -> None:
        """What was drawn is on the screen."""
        self._has_passed = True
        self._pass()

    def _pass(self) -> None:
        """The card does nothing that it may fail at, for now."""
        if self._is_on_trial:
            self._is_on_trial = False
            graphics.forgive()

    def _fail(self, reason: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._pass()
            _log.warning("the graphics card does not draw the picture: %s", reason)
            self.failed.emit()
