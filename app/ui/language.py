"""The language of the interface: English in the source, others from Qt Linguist's files."""

from pathlib import Path

from PyQt6.QtCore import QLibraryInfo, QLocale, QTranslator
from PyQt6.QtWidgets import QApplication

FOLDER = Path(__file__).parents[2] / "assets" / "translations"
"""Holds `spacetime-tracker_CODE.ts` and `.qm`."""
_NAME = "spacetime-tracker"


def languages() -> dict[str, str]:
    """Codes of the languages there are, with their names in themselves."""
    return {"en": "English", "zh_CN": "简体中文"}


def set_language(app: QApplication, code: str) -> str:
    """Show all texts in language `code` from now on; empty is that of the system.

    Widgets are told by a `LanguageChange` event.

    Returns:
        The code of the language that is shown.
    """
    code = code or _of_system()
    for old in app.findChildren(QTranslator):
        if old.objectName() == _NAME:
            app.removeTranslator(old)
            old.deleteLater()
            old.setObjectName("")
    QLocale.setDefault(QLocale(code))
    if code == "en":
        return code
    # Qt's own texts: the buttons of its dialogs
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in ((f"qtbase_{code}", qt), (f"{_NAME}_{code}", str(FOLDER))):
        translator = QTranslator(app)
        translator.setObjectName(_NAME)
        if translator.load(name, folder):
            app.installTranslator(translator)
    return code


def _of_system() -> str:
    """The first language of the system's that there is; English if none."""
    for name in QLocale.system().uiLanguages():
        locale = QLocale(name)
        if locale.language() == QLocale.Language.English:
            return "en"
        is_chinese = locale.language() == QLocale.Language.Chinese
        if is_chinese and locale.script() != QLocale.Script.TraditionalChineseScript:
            return "zh_CN"
    return "en"
