"""The Chinese of the interface: complete, in step with the source, and shown at once."""

import re
import shutil
import string
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QLocale
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QGroupBox,
    QLabel,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.recent import Recent
from app.core.recovery import UnfinishedSession
from app.core.settings import Settings
from app.ui.dialogs import (
    CameraDialog,
    ErrorDialog,
    ScreenDialog,
    SettingsDialog,
    ShortcutsDialog,
    StreamDialog,
)
from app.ui.dialogs.base import plain
from app.ui.language import FOLDER, languages, set_language
from app.ui.start import StartPage
from tests.ui.conftest import Drag, choose
from tools.translations import gather, unfinished

if TYPE_CHECKING:
    from app.ui.window import MainWindow

TS = sorted(FOLDER.glob("*.ts"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FULL_WIDTH = ("，", "。", "：", "；")
"""What needs no space after it."""
NAMES = re.compile(
    r"CSV|JSON Lines|MOTChallenge|COCO|OTB|GOT-10k|nano · cpu|square.*Tracker|x .* px"
)
"""Names and values in the window."""
UNSEEN = ("qt_dockwidget_floatbutton", "qt_dockwidget_closebutton")
"""Names of buttons that titles of our own stand in place of."""
SAME = re.compile(
    r"[\W\d_]*|[\w.+-]+://.*|/.*|CPU|b?float\d+|English|m\.mp4|Scroll (Left|Right)|[xy]"
)
"""Names of things that are the same in every language."""


@pytest.fixture(autouse=True)
def english_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dressed: QApplication
) -> Iterator[None]:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    before = QLocale()
    yield
    set_language(dressed, "en")
    QLocale.setDefault(before)


def messages(ts: Path) -> list[tuple[str, str, str]]:
    """Context, text and translation of every message."""
    found = []
    for context in ElementTree.parse(ts).getroot().findall("context"):
        for message in context.findall("message"):
            texts = (message.findtext(tag) or "" for tag in ("source", "translation"))
            found.append((context.findtext("name") or "", *texts))
    return found  # type: ignore[return-value]


def test_there_is_a_file_for_every_language_but_english() -> None:
    codes = {ts.stem.removeprefix("spacetime-tracker_") for ts in TS}
    assert codes == set(languages()) - {"en"}


@pytest.mark.parametrize("ts", TS, ids=lambda ts: ts.stem)
def test_every_text_of_the_interface_is_translated(ts: Path, tmp_path: Path) -> None:
    anew = tmp_path / ts.name
    shutil.copy(ts, anew)
    gather(anew)
    hint = "run tools.translations, translate what it names, and run it again"
    assert unfinished(anew) == [], hint
    assert [m[:2] for m in messages(anew)] == [m[:2] for m in messages(ts)], hint
    assert len(messages(ts)) > 150


@pytest.mark.parametrize("ts", TS, ids=lambda ts: ts.stem)
def test_compiled_file_says_what_the_source_file_says(ts: Path, qapp: QApplication) -> None:
    assert ts.with_suffix(".qm").exists()
    set_language(qapp, ts.stem.removeprefix("spacetime-tracker_"))
    for context, source, translation in messages(ts):
        shown = QCoreApplication.translate(context, source)
        assert shown == translation, "run tools.translations"


def fields(text: str) -> set[tuple[str | None, ...]]:
    """What is filled in, and how it is written."""
    return {tuple(field) for _, *field in string.Formatter().parse(text) if field[0] is not None}


@pytest.mark.parametrize("ts", TS, ids=lambda ts: ts.stem)
def test_translations_keep_what_is_filled_in_and_the_keys(ts: Path) -> None:
    for _, source, translation in messages(ts):
        assert fields(source) == fields(translation), source
        assert key_of(source) == key_of(translation), source
        if not translation.endswith(FULL_WIDTH):
            for space in (str.lstrip, str.rstrip):
                assert (space(source) == source) is (space(translation) == translation), source
        assert source.rstrip(" )&").endswith("…") is translation.endswith("…"), source


def key_of(text: str) -> str:
    """The key that Alt leads to, of texts with a mnemonic."""
    found = re.search(r"&(\w)", text.replace("&&", ""))
    return found[1].upper() if found else ""


def texts_of(widget: QWidget) -> list[str]:
    """Everything that `widget` and what is in it say."""
    found = [widget.windowTitle()]
    for each in (widget, *widget.findChildren(QWidget)):
        if each.objectName() in UNSEEN:
            continue
        found += [each.toolTip(), each.accessibleName(), each.accessibleDescription()]
        if isinstance(each, QLabel | QAbstractButton):
            found.append(each.text())
        elif isinstance(each, QGroupBox):
            found.append(each.title())
        elif isinstance(each, QTabWidget):
            found += [each.tabText(k) for k in range(each.count())]
    return [text for text in found if text]


def make_start() -> QWidget:
    page = StartPage()
    page._background.join()
    QCoreApplication.processEvents()
    page.recents.show_items([Recent("/videos/m.mp4", "video", "", is_missing=True)])
    page.recovery.show_sessions([UnfinishedSession(Path("/s"), "m.mp4", "", 12)])
    return page


MAKERS = {
    "start": make_start,
    "camera": CameraDialog,
    "stream": StreamDialog,
    "screen": ScreenDialog,
    "settings": lambda: SettingsDialog(Settings()),
    "error": lambda: ErrorDialog("错误。", "细节"),
    "shortcuts": lambda: ShortcutsDialog([]),
}


@pytest.mark.parametrize("name", MAKERS)
def test_language_changes_while_a_widget_is_shown(
    qtbot: QtBot, qapp: QApplication, name: str
) -> None:
    set_language(qapp, "en")
    widget = MAKERS[name]()
    qtbot.addWidget(widget)
    widget.show()
    english = texts_of(widget)
    assert not any(CHINESE.search(text) for text in english if text not in ("错误。", "简体中文"))
    assert set_language(qapp, "zh_CN") == "zh_CN"
    qapp.processEvents()
    # rows that were replaced
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [t for t in texts_of(widget) if not CHINESE.search(t) and not SAME.fullmatch(t)]
    assert left == []
    set_language(qapp, "en")
    qapp.processEvents()
    assert texts_of(widget)[0] == english[0]


def test_the_window_at_work_says_nothing_in_english(
    paused: "MainWindow", drag: Drag, qtbot: QtBot
) -> None:
    drag(paused, (30, 60), (80, 110))
    qtbot.waitUntil(lambda: len(paused.snapshot.document.targets) == 1)
    for panel in paused.workspace.panels.values():
        panel.show()
    qtbot.waitUntil(lambda: paused.parts.plots.stack is not None, timeout=20_000)
    paused.banner.say("句子。", detail="细节")
    paused.preferences.change(language="zh_CN")
    choose(paused, "export")
    choose(paused, "shortcuts")
    QApplication.processEvents()
    # what was drawn is painted, which names it
    paused.grab()
    actions = [text for action in paused.findChildren(QAction) for text in texts_of_action(action)]
    lists = [text for box in paused.findChildren(QComboBox) for text in items_of(box)]
    shown = {*texts_of(paused), *actions, *lists}
    assert len(shown) > 200
    left = {text for text in shown if not CHINESE.search(text)}
    assert [t for t in left if not SAME.fullmatch(t) and not NAMES.fullmatch(t)] == []


def texts_of_action(action: QAction) -> list[str]:
    if action.text() == "Export...":
        # pyqtgraph's, in a menu that never opens
        return []
    return [text for text in (action.text(), action.toolTip(), action.statusTip()) if text]


def items_of(box: QComboBox) -> list[str]:
    return [box.itemText(k) for k in range(box.count())]


def test_keys_of_menus_are_left_out_of_lists() -> None:
    assert plain("打开视频(&V)…") == "打开视频…"
    assert plain("Open &video…") == "Open video…"
    assert plain("Save && close (now)") == "Save & close (now)"


def test_buttons_that_qt_names_are_chinese_too(qtbot: QtBot, qapp: QApplication) -> None:
    set_language(qapp, "zh_CN")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    button = box.button(QDialogButtonBox.StandardButton.Cancel)
    assert button is not None
    assert CHINESE.search(button.text())


@pytest.mark.parametrize(
    ("system", "shown"),
    [
        (["zh-Hans-CN", "en-US"], "zh_CN"), (["zh-CN"], "zh_CN"), (["zh-Hant-TW"], "en"),
        (["de-DE", "zh-CN"], "zh_CN"), (["en-GB", "zh-CN"], "en"), (["fr-FR"], "en"), ([], "en"),
    ],
)  # fmt: skip
def test_language_of_the_system_is_taken_where_there_is_one(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, system: list[str], shown: str
) -> None:
    class Locale(QLocale):
        def uiLanguages(self) -> list[str]:  # noqa: N802
            return system

    monkeypatch.setattr(QLocale, "system", staticmethod(Locale))
    assert set_language(qapp, "") == shown
