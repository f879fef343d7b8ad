"""The plots as a picture: PNG or SVG, whole or not at all."""

from pathlib import Path

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSaveFile, QSize
from PyQt6.QtGui import QImage, QPainter, QPalette
from PyQt6.QtSvg import QSvgGenerator

from app.ui.plots.legend import Legend, arranged, paint_chips
from app.ui.plots.stack import PlotStack
from model.errors import InputError

_RATIO = 2.0
"""Pixels of a PNG per logical pixel of the window: sharp in print and on slides."""
_MARGIN = 8.0


def png_of(stack: PlotStack, legend: Legend) -> bytes:
    """The plots as they are shown, under their legend."""
    size = _size(stack, legend)
    image = QImage(size * _RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_RATIO)
    painter = QPainter(image)
    _paint(painter, stack, legend)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def svg_of(stack: PlotStack, legend: Legend, title: str) -> bytes:
    """The same in lines and texts, which stay sharp at any size."""
    size = _size(stack, legend)
    data = QByteArray()
    buffer = QBuffer(data)
    # plots clip their curves, which SVG Tiny cannot
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    # axes come as recorded pictures, which are scaled where this differs
    generator.setResolution(stack.logicalDpiX())
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    _paint(painter, stack, legend)
    painter.end()
    return bytes(data.data())


def write_whole(path: Path, data: bytes) -> None:
    """Make `data` the content of the file `path` in one step.

    Raises:
        InputError: the system refuses; the former file is untouched.
    """
    file = QSaveFile(str(path))
    is_open = file.open(QIODevice.OpenModeFlag.WriteOnly)
    if not is_open or file.write(data) != len(data) or not file.commit():
        raise InputError(
            "The picture {path} cannot be written: {reason}; "
            "choose a folder that exists, may be written to and has room.",
            path=path,
            reason=file.errorString().rstrip(".").lower(),
        )


def _size(stack: PlotStack, legend: Legend) -> QSize:
    width = stack.viewport().width()
    _, height = arranged(legend.entries, legend.font(), width - 2 * _MARGIN)
    return QSize(width, round(height + 2 * _MARGIN) + stack.viewport().height())


def _paint(painter: QPainter, stack: PlotStack, legend: Legend) -> None:
    size = _size(stack, legend)
    palette = legend.palette()
    area = QRectF(0, 0, size.width(), size.height())
    painter.fillRect(area, palette.color(QPalette.ColorRole.Base))
    chips, height = arranged(legend.entries, legend.font(), size.width() - 2 * _MARGIN)
    paint_chips(painter, chips, QPointF(_MARGIN, _MARGIN), palette, legend.font())
    below = area.adjusted(0, height + 2 * _MARGIN, 0, 0)
    with stack.painting_anew():
        stack.scene().render(
            painter, below, stack.mapToScene(stack.viewport().rect()).boundingRect()
        )
