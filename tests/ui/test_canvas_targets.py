"""Selecting, renaming and removing targets on a real canvas, by mouse, keys and menus."""

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.overlay import PALETTE
from app.ui.canvas import Canvas
from app.ui.canvas.rename import RenameEdit
from tests.ui.canvases import BIG, SMALL, ask_menu, at, canvas, click, count, heard, snapshot
from tests.ui.hands import LEFT, SHIFT, Heard, pick, turn

__all__ = ["canvas", "heard"]


class TestSelecting:
    def test_click_selects_the_smallest_box_and_beside_it_none(
        self, canvas: Canvas, heard: Heard
    ) -> None:
        click(canvas, 140, 75)
        assert canvas.selection == 2
        click(canvas, 105, 130)
        assert canvas.selection == 1
        click(canvas, 300, 150)
        assert canvas.selection == -1
        assert [e for e in heard.all if e[0] == "selected"] == [
            ("selected", 2), ("selected", 1), ("selected", -1),
        ]  # fmt: skip
        assert not {"box_changed", "box_drawn"} & set(heard.names)

    def test_selection_from_elsewhere_is_not_sent_back(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        assert canvas.selection == 2
        assert heard.all == []

    def test_tab_goes_through_the_targets_and_on(self, qtbot: QtBot) -> None:
        page = QWidget()
        qtbot.addWidget(page)
        before, canvas, after = QPushButton(page), Canvas(page), QPushButton(page)
        canvas.setGeometry(0, 40, 400, 300)
        page.show()
        qtbot.waitExposed(page)
        canvas.show_snapshot(snapshot(BIG, SMALL))
        page.activateWindow()
        before.setFocus()
        qtbot.waitUntil(before.hasFocus)
        seen: list[tuple[bool, int]] = []
        for _ in range(4):
            QTest.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
            seen.append((canvas.hasFocus(), canvas.selection))
            # neither its frame nor the handles cover the picture
            assert count(canvas, (90, 90, 90)) > 0.4 * canvas.width() * canvas.height()
        assert seen == [(True, -1), (True, 1), (True, 2), (False, 2)]
        assert after.hasFocus()
        for _ in range(3):
            QTest.keyClick(page.focusWidget(), Qt.Key.Key_Backtab, SHIFT)
        assert canvas.selection == 1

    def test_escape_deselects(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(1)
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        assert heard.all == [("selected", -1)]

    def test_target_that_is_gone_is_selected_no_more(self, canvas: Canvas, heard: Heard) -> None:
        canvas.set_selection(2)
        canvas.show_snapshot(snapshot(BIG))
        assert heard.all == [("selected", -1)]

    def test_delete_asks_to_remove_the_selected_target(self, canvas: Canvas, heard: Heard) -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        assert heard.all == []
        canvas.set_selection(2)
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        assert heard.all == [("remove_wanted", 2)]

    def test_description_names_the_selected_target(self, canvas: Canvas) -> None:
        assert canvas.accessibleName()
        before = canvas.accessibleDescription()
        canvas.set_selection(2)
        assert "#2" in canvas.accessibleDescription() != before


class TestMenusAndNames:
    def edit(self, canvas: Canvas) -> QLineEdit:
        editor = canvas.findChild(QLineEdit)
        assert editor is not None
        assert editor.isVisible()
        return editor

    def test_double_click_renames(self, canvas: Canvas, heard: Heard) -> None:
        QTest.mouseDClick(canvas, LEFT, pos=at(canvas, 140, 75))
        QTest.keyClicks(self.edit(canvas), " red car ")
        QTest.keyClick(self.edit(canvas), Qt.Key.Key_Return)
        assert heard.only("rename_wanted") == (2, "red car")
        assert canvas.hasFocus()

    def test_escape_keeps_the_name(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        QTest.keyClick(self.edit(canvas), Qt.Key.Key_Escape)
        assert "rename_wanted" not in heard.names

    def test_click_elsewhere_takes_the_name(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        click(canvas, 300, 150)
        canvas.setFocus()
        assert heard.only("rename_wanted") == (2, "car")

    def test_line_ends_once(self, canvas: Canvas) -> None:
        line = RenameEdit(2, "", canvas)
        ends: list[str | None] = []
        line.ended.connect(ends.append)
        QTest.keyClicks(line, "car")
        QTest.keyClick(line, Qt.Key.Key_Return)
        line.cancel()
        line.take()
        assert ends == ["car"]

    def test_target_that_goes_takes_its_line_along(self, canvas: Canvas, heard: Heard) -> None:
        canvas.rename(2)
        QTest.keyClicks(self.edit(canvas), "car")
        canvas.show_snapshot(snapshot(BIG))
        assert "rename_wanted" not in heard.names
        canvas.show_snapshot(snapshot(BIG, SMALL))

    def test_menu_of_a_target(self, canvas: Canvas, heard: Heard) -> None:
        pick(ask_menu(canvas, 140, 75), "Remove")
        assert heard.only("remove_wanted") == (2,)
        assert canvas.selection == 2
        pick(ask_menu(canvas, 140, 75), "Hide")
        assert heard.only("visible_wanted") == (2, False)
        pick(ask_menu(canvas, 140, 75), "Rename…")
        assert self.edit(canvas)

    def test_menu_of_colours(self, canvas: Canvas, heard: Heard) -> None:
        menu = ask_menu(canvas, 140, 75)
        colours = next(a.menu() for a in menu.actions() if a.menu() is not None)
        assert colours is not None
        assert [a.isChecked() for a in colours.actions()].index(True) == 1, "the colour of id 2"
        assert len(colours.actions()) == len(PALETTE)
        colours.actions()[5].trigger()
        menu.close()
        assert heard.only("colour_wanted") == (2, 5)

    def test_menu_of_the_picture_fits_it(self, canvas: Canvas) -> None:
        turn(canvas, QPoint(400, 300), 5)
        assert not canvas.is_fit
        pick(ask_menu(canvas, 300, 150), "Fit to the window")
        assert canvas.is_fit
