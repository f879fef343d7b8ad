"""Light and dark: readable, and changed at once."""

from collections.abc import Iterator
from itertools import product

import pytest
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui.application import dress
from app.ui.theme import apply_theme, contrast, is_dark, palette_of, rimmed_palette_of
from tests.ui.hands import give_keyboard, show

Role = QPalette.ColorRole
GROUNDS = {
    Role.WindowText: (Role.Window, Role.Base, Role.AlternateBase),
    Role.Text: (Role.Base, Role.AlternateBase, Role.Window, Role.Button),
    Role.PlaceholderText: (Role.Window, Role.Base, Role.AlternateBase),
    Role.ButtonText: (Role.Button, Role.Midlight),
    Role.HighlightedText: (Role.Highlight,),
    Role.ToolTipText: (Role.ToolTipBase,),
    Role.Link: (Role.Window, Role.Base),
    Role.LinkVisited: (Role.Window, Role.Base),
    Role.BrightText: (Role.Window, Role.Base),
}
PAIRS = [(text, ground) for text, grounds in GROUNDS.items() for ground in grounds]


@pytest.fixture(params=["light", "dark"])
def theme(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[str]:
    """The application in light and in dark."""
    dress(qapp)
    apply_theme(qapp, request.param)
    yield request.param
    apply_theme(qapp, "system")


@pytest.mark.parametrize(("dark", "pair"), list(product((True, False), PAIRS)))
def test_every_text_is_readable_on_its_ground(dark: bool, pair: tuple[Role, Role]) -> None:
    palette = palette_of(dark)
    assert is_dark(palette) is dark
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        text, ground = (palette.color(group, role) for role in pair)
        assert contrast(text, ground) >= 4.5, (text.name(), ground.name())


@pytest.mark.parametrize("dark", [True, False])
def test_disabled_texts_are_fainter_and_can_still_be_made_out(dark: bool) -> None:
    palette = palette_of(dark)
    text = palette.color(QPalette.ColorGroup.Disabled, Role.Text)
    ground = palette.color(QPalette.ColorGroup.Disabled, Role.Base)
    assert 3 <= contrast(text, ground) < contrast(palette.color(Role.Text), ground)


def test_contrast_is_that_of_wcag() -> None:
    black, white = QColor("black"), QColor("white")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(white, white) == pytest.approx(1)
    assert contrast(QColor("#777777"), white) == pytest.approx(4.478, abs=0.001)


def test_theme_changes_widgets_that_are_shown(qtbot: QtBot, qapp: QApplication) -> None:
    dress(qapp)
    label = QLabel("text")
    qtbot.addWidget(label)
    label.show()
    for theme, dark in (("dark", True), ("light", False), ("dark", True)):
        apply_theme(qapp, theme)
        assert is_dark(label.palette()) is dark
        corner = label.grab().toImage().pixelColor(0, 0)
        assert corner == palette_of(dark).color(Role.Window)
    apply_theme(qapp, "system")
    before = label.palette()
    apply_theme(qapp, "system")
    assert label.palette() == before


@pytest.mark.usefixtures("theme")
def test_what_is_chosen_stands_out_as_clearly_as_what_is_not(qtbot: QtBot) -> None:
    radio = QRadioButton()
    radio.setAutoExclusive(False)
    qtbot.addWidget(radio)
    radio.show()
    ground = radio.palette().color(Role.Window)
    strongest = {}
    for is_chosen in (False, True):
        radio.setChecked(is_chosen)
        image = radio.grab().toImage()
        line = [image.pixelColor(x, image.height() // 2) for x in range(image.width())]
        strongest[is_chosen] = [contrast(ground, colour) for colour in line]
    # the ring is there in both, the dot in one
    assert max(strongest[True][:4]) == pytest.approx(max(strongest[False][:4]), rel=0.2)
    assert max(strongest[True]) > 4.5


@pytest.mark.parametrize("has_keyboard", [False, True])
@pytest.mark.parametrize(
    "kind", [QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QPushButton]
)
@pytest.mark.usefixtures("theme")
def test_fields_are_seen_by_their_rims(
    qtbot: QtBot, kind: type[QWidget], has_keyboard: bool
) -> None:
    box = QWidget()
    column = QVBoxLayout(box)
    fields = [kind(), kind()]
    for field in fields:
        column.addWidget(field)
    show(qtbot, box)
    give_keyboard(qtbot, fields[0])
    image, place = box.grab().toImage(), fields[0 if has_keyboard else 1].geometry()
    ground = box.palette().color(Role.Window)
    assert image.pixelColor(place.left() - 3, place.center().y()) == ground
    rim = [image.pixelColor(place.left() + x, place.center().y()) for x in range(-1, 3)]
    assert max(contrast(colour, ground) for colour in rim) >= 3


@pytest.mark.parametrize("dark", [True, False])
def test_texts_of_fields_are_readable(dark: bool) -> None:
    palette = rimmed_palette_of(dark)
    for text, ground in (
        (Role.Text, Role.Base), (Role.PlaceholderText, Role.Base),
        (Role.ButtonText, Role.Button), (Role.HighlightedText, Role.Highlight),
    ):  # fmt: skip
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5


@pytest.mark.usefixtures("theme")
def test_menus_have_edges_and_boxes_that_can_be_ticked(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    action = menu.addAction("text")
    assert action is not None
    action.setCheckable(True)
    show(qtbot, menu)
    image, ground = menu.grab().toImage(), menu.palette().color(Role.Base)
    row = menu.actionGeometry(action).center().y()
    line = [contrast(image.pixelColor(x, row), ground) for x in range(menu.width() // 3)]
    assert line[0] >= 3, "no edge"
    strong = [x for x, value in enumerate(line) if value >= 3]
    assert max(strong) >= 8, "no box"
    assert line[max(strong) - 3] < 1.5, "not ticked"


@pytest.mark.usefixtures("theme")
def test_box_that_is_ticked_is_seen_as_a_box(qtbot: QtBot) -> None:
    box = QCheckBox("text")
    box.setChecked(True)
    show(qtbot, box)
    image, ground = box.grab().toImage(), box.palette().color(Role.Base)
    edges = []
    for lines in (range(3), range(10, 20)):
        column = [image.pixelColor(x, image.height() // 2) for x in lines]
        edges.append(max(contrast(colour, ground) for colour in column))
    assert min(edges) >= 3, "left and right of the tick"


def test_corner_between_scroll_bars_has_the_ground_of_the_window(qtbot: QtBot, theme: str) -> None:
    edit = QPlainTextEdit("\n".join(["long " * 99] * 99))
    edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    show(qtbot, edit, (200, 150))
    image = edit.grab().toImage()
    assert image.pixelColor(image.width() - 7, image.height() - 7) == palette_of(
        theme == "dark"
    ).color(Role.Window)
