"""Texts of classes that others are derived from."""

from PyQt6.QtCore import QCoreApplication, QObject


class InheritedTexts:
    """A mixin for widgets: `tr` finds a text under every class of the object.

    Texts stand in the catalogue under the class that holds them, and PyQt looks for them under the
    name of the object's own class alone.
    """

    def tr(self, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """`text` in the language of the moment."""
        for kind in type(self).__mro__:
            if issubclass(kind, QObject):
                found = QCoreApplication.translate(kind.__name__, text, disambiguation or "", n)
                if found != text:
                    return found
        return text
