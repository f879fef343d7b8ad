"""Icons of buttons: in the colour of the text, whatever becomes of it."""

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QIcon, QPalette, QPixmap
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.icon_button import IconButton

INK, NIGHT = QColor("#123456"), QColor("#fedcba")


def test_an_icon_has_the_colour_of_the_text_and_follows_it(qtbot: QtBot) -> None:
    drawn: list[QColor] = []

    def draw(colour: QColor) -> QIcon:
        drawn.append(colour)
        pixmap = QPixmap(16, 16)
        pixmap.fill(colour)
        return QIcon(pixmap)

    bar = QWidget()
    qtbot.addWidget(bar)
    palette = bar.palette()
    palette.setColor(QPalette.ColorRole.WindowText, INK)
    bar.setPalette(palette)
    button = IconButton(draw, 20, bar)
    assert button.iconSize() == QSize(20, 20)
    assert drawn[-1] == INK

    palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText, NIGHT)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, INK)
    bar.setPalette(palette)
    assert drawn[-1] == NIGHT
    assert button.icon().pixmap(16).toImage().pixelColor(8, 8) == NIGHT

    button.setEnabled(False)
    button.redraw()
    assert drawn[-1] == NIGHT
