"""Icons of buttons: in the colour of the text, whatever becomes of it."""

from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QPalette, QPixmap
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout
from pytestqt.qtbot import QtBot

from app.ui.application import dress
from app.ui.icon_button import IconButton
from app.ui.theme import apply_theme, contrast
from app.ui.tool_button import ToolButton
from tests.ui.hands import give_keyboard, show


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("strip", ["", "notice-strip", "fault-strip"])
def test_ring_shows_which_button_has_the_keyboard_once_tab_came_to_it(
    qtbot: QtBot, qapp: QApplication, theme: str, strip: str
) -> None:
    dress(qapp)
    apply_theme(qapp, theme)
    window = QFrame()
    window.setObjectName(strip)
    row = QHBoxLayout(window)
    buttons = [ToolButton(), ToolButton()]
    for button in buttons:
        button.setText("Text")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row.addWidget(button)
    show(qtbot, window)
    give_keyboard(qtbot, buttons[0])
    ground = window.grab().toImage().pixelColor(2, 2)

    def edge(button: ToolButton) -> float:
        image, place = window.grab().toImage(), button.geometry()
        line = [image.pixelColor(place.center().x(), place.y() + y) for y in range(4)]
        return max(contrast(colour, ground) for colour in line)

    assert edge(buttons[0]) < 3, "it was not Tab"
    QTest.keyClick(buttons[0], Qt.Key.Key_Tab)
    qtbot.waitUntil(buttons[1].hasFocus)
    assert edge(buttons[1]) >= 3
    assert edge(buttons[0]) < 3
