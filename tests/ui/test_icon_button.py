"""Icons of buttons: in the colour of the text, whatever becomes of it."""

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QIcon, QPalette, QPixmap
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.icon_button import IconButton
from app.ui.theme import apply_theme


@pytest.fixture(autouse=True)
def former_theme(qapp: QApplication) -> Iterator[None]:
    yield
    apply_theme(qapp, "system")


def ink() -> QColor:
    return QApplication.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)


def test_an_icon_has_the_colour_of_the_text_and_follows_it(
    qtbot: QtBot, qapp: QApplication
) -> None:
    drawn: list[QColor] = []

    def draw(colour: QColor) -> QIcon:
        drawn.append(colour)
        pixmap = QPixmap(16, 16)
        pixmap.fill(colour)
        return QIcon(pixmap)

    apply_theme(qapp, "light")
    button = IconButton(draw, 20)
    qtbot.addWidget(button)
    button.show()
    assert button.iconSize() == QSize(20, 20)
    light = ink()
    assert drawn[-1] == light

    button.setEnabled(False)  # its icon has a fainter form for that
    apply_theme(qapp, "dark")
    qtbot.waitUntil(lambda: drawn[-1] != light)
    assert drawn[-1] == ink()
    button.setEnabled(True)
    image = button.icon().pixmap(16).toImage()
    assert image.pixelColor(8, 8) == ink()
